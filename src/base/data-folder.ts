import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, open, readFile, readdir, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { assert } from './assert.ts';
import { type FolderLock, lockFolder } from './data-folder-lock.ts';
import { StartFault, systemCode, systemReason } from './start-fault.ts';

const lockName = 'LOCK';
const formatName = 'FORMAT';
const partSuffix = '.part';

/** The folder that holds everything kept on disk, locked for this process until disposed. */
export class DataFolder implements AsyncDisposable {
  /** Absolute, links resolved. */
  readonly path: string;
  /** The format that the folder had before this start; null when it is new or was never finished. */
  readonly formatBefore: number | null;
  readonly #lock: FolderLock;
  #isOpen = true;

  constructor(path: string, formatBefore: number | null, lock: FolderLock) {
    this.path = path;
    this.formatBefore = formatBefore;
    this.#lock = lock;
  }

  /** Writes one of our own files, whole or not at all, mode 0600. `name` has no folders in it. */
  async write(name: string, content: string | Uint8Array): Promise<void> {
    assert(name === basename(name), `not a plain file name: ${name}`);
    await writeFileAtomically(join(this.path, name), content);
  }

  /** Gives the folder free for the next start. Whoever writes into it must have stopped before. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#lock.release();
  }
}

/**
 * Writes beside the target, syncs, renames and syncs the folder: after a kill or a power cut there is the old file or
 * the new one. Mode 0600 whatever the umask. The folder must exist; system errors pass through.
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const part = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}${partSuffix}`);
  try {
    const file = await open(part, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes renames inside a folder survive a power cut. Some network file systems refuse it: then it is their affair. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if (systemCode(error) !== 'EINVAL' && systemCode(error) !== 'ENOTSUP') throw error;
  } finally {
    await folder.close();
  }
}

/**
 * Makes, checks and locks the data folder. `version` is the format that this program writes, a number that grows only
 * when older programs could not read the folder. Every failure that an operator can mend is a StartFault of one line.
 */
export async function openDataFolder(
  path: string,
  { version }: { readonly version: number },
): Promise<DataFolder> {
  const folder = await makeFolder(resolve(path));
  for (const name of [lockName, formatName]) await checkOwner(folder, join(folder, name));
  const lock = await lockFolder(folder, join(folder, lockName)).catch((error: unknown) =>
    rethrow(error, folder),
  );
  try {
    const before = await readFormat(folder);
    if (before !== null && before > version) {
      throw new StartFault(
        `data folder ${folder} has format ${before}, this program knows up to ${version}: ` +
          'it was written by a newer version, start that one',
      );
    }
    await removeParts(folder);
    // Written at each start, so that a folder that has become read-only or full is found now and not at the first mail.
    await writeFileAtomically(join(folder, formatName), `lettershop data folder\nformat ${version}\n`);
    return new DataFolder(folder, before, lock);
  } catch (error) {
    lock.release();
    return rethrow(error, folder);
  }
}

function rethrow(error: unknown, folder: string): never {
  if (error instanceof StartFault || systemCode(error) === '') throw error;
  throw new StartFault(
    `data folder ${folder} cannot be used: ${systemReason(error)} (running as uid ${process.geteuid?.()})`,
  );
}

/** A folder with exactly this mode, whatever the umask; one that is already there is left as it is. */
export async function makeFolderWithMode(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    return;
  }
  await chmod(path, mode);
}

/**
 * 0700 for an ordinary user. Root gets 0711: PostgreSQL, which refuses to run as root, must pass through as another
 * uid; the names cannot be listed and every file inside is 0600. A folder that is already there keeps its mode.
 */
async function makeFolder(path: string): Promise<string> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await makeFolderWithMode(path, process.geteuid?.() === 0 ? 0o711 : 0o700);
    const real = await realpath(path);
    await readdir(real);
    return real;
  } catch (error) {
    return rethrow(error, path);
  }
}

function nameOf(uid: number | undefined): string {
  return uid === 0 ? 'root' : `uid ${uid}`;
}

async function checkOwner(folder: string, file: string): Promise<void> {
  const found = await lstat(file).catch((error: unknown) =>
    systemCode(error) === 'ENOENT' ? null : rethrow(error, folder),
  );
  const own = process.geteuid?.();
  if (found === null || found.uid === own) return;
  throw new StartFault(
    `data folder ${folder} was made by ${nameOf(found.uid)} and this program runs as ${nameOf(own)}: ` +
      `run it as ${nameOf(found.uid)}, or give all of the folder to ${nameOf(own)}`,
  );
}

async function readFormat(folder: string): Promise<number | null> {
  const path = join(folder, formatName);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const match = /^format (\d{1,9})$/m.exec(text);
  if (match === null) throw new StartFault(`${path} does not say a format: is this folder Lettershop's?`);
  return Number(match[1]);
}

/** What a kill between write and rename left behind. */
async function removeParts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith('.') && name.endsWith(partSuffix)) await rm(join(folder, name), { force: true });
  }
}
