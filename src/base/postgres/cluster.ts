// The cluster (the database's own folder): made whole or not at all, and refused in one line when it is not ours to run.
import { createHash, randomBytes } from 'node:crypto';
import { chmod, lchown, lstat, mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from '../data-folder.ts';
import { StartFault, systemCode, systemReason } from '../start-fault.ts';
import type { Binaries } from './binaries.ts';
import { type CommandResult, type Runner, lastLine, run } from './command.ts';
import { type Owner, passwdOwners } from './runner.ts';

/** Who owns a finished cluster; null when there is none. */
export async function clusterOwner(cluster: string): Promise<Owner | null> {
  if ((await stat(join(cluster, 'PG_VERSION')).catch(() => null)) === null) return null;
  const { uid, gid } = await stat(cluster);
  return { uid, gid };
}

/**
 * Names this very folder in the titles of its processes: device and inode stay when the folder is moved and differ in
 * a copy, so that a copied folder's stale pid never points at the original's processes.
 */
export async function clusterTag(cluster: string): Promise<string> {
  const { dev, ino } = await stat(cluster, { bigint: true });
  return `lettershop-${createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 16)}`;
}

/**
 * A cluster of the right version, owned by the runner: made when missing. It grows under a temporary name and is
 * renamed when complete and synced, so a kill at any point leaves either nothing or all of it.
 */
export async function ensureCluster(
  cluster: string,
  binaries: Binaries,
  runner: Runner,
  isSynced: boolean,
): Promise<void> {
  await removeHalfMade(cluster);
  const version = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null;
    throw new StartFault(`the database in ${cluster} cannot be read: ${systemReason(error)}`);
  });
  if (version === null) {
    await makeCluster(cluster, binaries, runner, isSynced);
    return;
  }
  if (Number(version.trim()) !== binaries.major) {
    throw new StartFault(
      `the database in ${cluster} was made by PostgreSQL ${version.trim()}, this program brings ${binaries.major}: ` +
        `start the version that made it, or move the data over through DATABASE_URL`,
    );
  }
  await takeOver(cluster, runner);
}

const partMark = '.making-';

async function removeHalfMade(cluster: string): Promise<void> {
  const parent = dirname(cluster);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(`${basename(cluster)}${partMark}`)) continue;
    // A killed start's initdb may still be writing; what it leaves then goes at the next start.
    await rm(join(parent, name), { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
  }
}

async function makeCluster(
  cluster: string,
  binaries: Binaries,
  runner: Runner,
  isSynced: boolean,
): Promise<void> {
  const there = await readdir(cluster).catch(() => []);
  if (there.length > 0) {
    throw new StartFault(`${cluster} is in the database's place but holds no database: move it away`);
  }
  const part = `${cluster}${partMark}${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(part, { mode: 0o700 });
    if (runner.isOther) await lchown(part, runner.uid, runner.gid);
    const result = await initdb(part, binaries, runner, isSynced);
    if (result.code !== 0) throw initdbFault(result, cluster, runner);
    await rename(part, cluster);
    await syncFolder(dirname(cluster));
  } catch (error) {
    await rm(part, { recursive: true, force: true, maxRetries: 5 });
    if (error instanceof StartFault || systemCode(error) === '') throw error;
    throw new StartFault(`no database can be made in ${cluster}: ${systemReason(error)}`);
  }
}

async function initdb(
  part: string,
  binaries: Binaries,
  runner: Runner,
  isSynced: boolean,
): Promise<CommandResult> {
  const argv: readonly [string, ...string[]] = [
    binaries.initdb,
    '-D',
    part,
    '-U',
    'postgres',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
    ...(isSynced ? [] : ['--no-sync']),
  ];
  const result = await run(runner, argv);
  if (!isNameless(result)) return result;
  // initdb, alone of all, wants a passwd entry for its uid. A user namespace lends it one; files keep the real uid.
  const lent = (await passwdOwners())[0];
  const options = [`--map-user=${lent?.uid}`, `--map-group=${lent?.gid}`];
  const retried = await run(runner, ['unshare', '--user', ...options, ...argv]);
  return retried.code === 0 ? retried : result;
}

function isNameless(result: CommandResult): boolean {
  return result.code !== 0 && result.stderr.includes('could not look up effective user ID');
}

function initdbFault(result: CommandResult, cluster: string, runner: Runner): StartFault {
  if (isNameless(result)) {
    return new StartFault(
      `uid ${runner.uid} has no entry in /etc/passwd, which making a PostgreSQL database needs: ` +
        'add one, or set DATABASE_URL',
    );
  }
  const lines = result.stderr.split('\n').filter((line) => /error|fatal|could not|denied/i.test(line));
  const why = lines[0] ?? lastLine(result.stderr);
  return new StartFault(
    `no database can be made in ${cluster}: ${why || `initdb ended with ${result.startError ?? `code ${result.code}`}`}`,
  );
}

/** An existing cluster must belong to the runner and be closed to others, or PostgreSQL refuses it. */
async function takeOver(cluster: string, runner: Runner): Promise<void> {
  const { uid, mode } = await stat(cluster);
  if (uid !== runner.uid) {
    if (!runner.isOther) {
      throw new StartFault(
        `the database in ${cluster} belongs to uid ${uid} and this program runs as uid ${runner.uid}: ` +
          `run it as uid ${uid}, or give the whole folder to uid ${runner.uid}`,
      );
    }
    await giveAll(cluster, runner);
  }
  if ((mode & 0o027) !== 0) await chmod(cluster, 0o700);
}

/** Links are changed themselves, never followed: nothing outside the cluster changes hands. */
async function giveAll(folder: string, runner: Runner): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if ((await lstat(path)).uid !== runner.uid) await lchown(path, runner.uid, runner.gid);
  }
  await lchown(folder, runner.uid, runner.gid);
}
