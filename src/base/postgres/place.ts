// Where the cluster lies, as whom and with which programs it runs, and how clients reach its socket.
import { randomBytes } from 'node:crypto';
import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { lchown, mkdir, mkdtemp, readFile, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { makeFolderWithMode, writeFileAtomically } from '../data-folder.ts';
import { StartFault, systemCode, systemReason } from '../start-fault.ts';
import { type Binaries, packageFolder, prepareBinaries } from './binaries.ts';
import { clusterOwner, clusterTag, ensureCluster } from './cluster.ts';
import type { Runner } from './command.ts';
import { canEnter, chooseRunner } from './runner.ts';

/** What `pg` takes as its configuration. Valid in this process only, and until the place is closed. */
export type Connection = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
};

export type Place = {
  /** Absolute, links resolved. */
  readonly cluster: string;
  readonly tag: string;
  readonly runner: Runner;
  readonly binaries: Binaries;
  readonly connection: Connection;
  /** As the server names it: `.` is the cluster itself and has no limit of length. */
  readonly socketOption: string;
  readonly socketFolder: string;
  readonly close: () => Promise<void>;
};

export type PlaceOptions = {
  readonly folder: string;
  /** For root only, where the data folder is closed to other uids. */
  readonly sharedFolder?: string | undefined;
  readonly packageRoot?: string | undefined;
  readonly isSynced: boolean;
};

/** Finds or makes everything that a start needs. Idempotent: a kill at any point is mended by the next call. */
export async function preparePlace(options: PlaceOptions): Promise<Place> {
  const sharedFolder = options.sharedFolder ?? '/var/lib/lettershop';
  const folder = await realpath(options.folder);
  const packageRoot = options.packageRoot ?? packageFolder();
  const found = await locate(folder, sharedFolder);
  const copyTo = (await canEnter(found.runner, folder)) ? folder : sharedFolder;
  const binaries = await prepareBinaries(packageRoot, found.runner, copyTo);
  await ensureCluster(found.cluster, binaries, found.runner, options.isSynced);
  if (found.note !== null) await writeFileAtomically(found.note, `${found.cluster}\nmade\n`);
  const cluster = await realpath(found.cluster);
  const socket = await socketOf(cluster, found.runner);
  return {
    cluster,
    tag: await clusterTag(cluster),
    runner: found.runner,
    binaries,
    connection: { host: socket.host, port: 5432, user: 'postgres', database: 'postgres' },
    socketOption: socket.option,
    socketFolder: socket.folder,
    close: socket.close,
  };
}

type Located = {
  readonly cluster: string;
  readonly runner: Runner;
  /** The file that notes a cluster outside the data folder. */
  readonly note: string | null;
};

async function locate(folder: string, sharedFolder: string): Promise<Located> {
  const note = join(folder, 'postgres.location');
  const noted = await readFile(note, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null;
    throw new StartFault(`${note} cannot be read: ${systemReason(error)}`);
  });
  if (noted !== null) return locateNoted(folder, note, noted);
  const inside = join(folder, 'postgres');
  const owner = await clusterOwner(inside);
  const runner = await chooseRunner(owner);
  if (!runner.isOther || (await canEnter(runner, folder))) return { cluster: inside, runner, note: null };
  if (owner !== null) {
    throw new StartFault(
      `PostgreSQL runs as uid ${runner.uid}, which cannot enter ${folder}, where its database is: ` +
        'move the data folder to where every user may pass',
    );
  }
  return locateOutside(folder, note, sharedFolder, runner);
}

/** The note is written before the cluster is made, so that a kill in between never loses sight of a cluster. */
async function locateOutside(
  folder: string,
  note: string,
  sharedFolder: string,
  runner: Runner,
): Promise<Located> {
  const home = join(sharedFolder, randomBytes(8).toString('hex'));
  const cluster = join(home, 'postgres');
  try {
    await mkdir(dirname(sharedFolder), { recursive: true });
    await makeFolderWithMode(sharedFolder, 0o755);
    await makeFolderWithMode(home, 0o711);
    await claimHome(home, folder);
    await writeFileAtomically(note, `${cluster}\n`);
  } catch (error) {
    throw new StartFault(
      `PostgreSQL runs as uid ${runner.uid}, which cannot enter ${folder}, and its database cannot be put in ` +
        `${sharedFolder} instead: ${systemReason(error)}; choose a data folder that every user may enter`,
    );
  }
  return { cluster, runner, note };
}

async function locateNoted(folder: string, note: string, noted: string): Promise<Located> {
  const [cluster = '', state] = noted.split('\n');
  if (!isAbsolute(cluster)) throw new StartFault(`${note} does not name the database's folder`);
  const owner = await clusterOwner(cluster);
  if (owner === null && state === 'made') {
    throw new StartFault(
      `the database of ${folder} should be in ${cluster} but is not: bring it back, or delete ${note} to begin empty`,
    );
  }
  const home = dirname(cluster);
  await makeFolderWithMode(home, 0o711).catch((error: unknown) => {
    throw new StartFault(`the database of ${folder} cannot be put in ${home}: ${systemReason(error)}`);
  });
  await claimHome(home, folder);
  return { cluster, runner: await chooseRunner(owner), note };
}

async function identity(path: string): Promise<string | null> {
  return stat(path, { bigint: true }).then(
    ({ dev, ino }) => `${dev}:${ino}`,
    () => null,
  );
}

/** A copied data folder notes its original's cluster: two programs on one cluster would destroy it. */
async function claimHome(home: string, folder: string): Promise<void> {
  const file = join(home, 'belongs-to');
  const own = await identity(folder);
  const [path, recorded] = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  if (recorded !== undefined && path && recorded !== own && (await identity(path)) === recorded) {
    throw new StartFault(
      `the database in ${home} belongs to data folder ${path}, of which ${folder} is a copy: ` +
        'restore from a backup instead',
    );
  }
  await writeFileAtomically(file, `${folder}\n${own}\n`);
}

type Socket = {
  readonly host: string;
  readonly option: string;
  readonly folder: string;
  readonly close: () => Promise<void>;
};

/** A socket's whole path has at most 103 bytes on macOS, 107 on Linux. */
const socketPathBytesMax = 103;

async function socketOf(cluster: string, runner: Runner): Promise<Socket> {
  const isShort = Buffer.byteLength(join(cluster, '.s.PGSQL.5432.lock')) <= socketPathBytesMax;
  if (isShort) return { host: cluster, option: '.', folder: cluster, close: async () => undefined };
  if (existsSync('/proc/self/fd')) {
    // The server binds a relative name; the client goes through a descriptor of the folder, however long its path.
    const fd = openSync(cluster, constants.O_RDONLY | constants.O_DIRECTORY);
    return {
      host: `/proc/self/fd/${fd}`,
      option: '.',
      folder: cluster,
      close: async () => closeSync(fd),
    };
  }
  const isTmpShort = Buffer.byteLength(tmpdir()) < 60;
  const folder = await mkdtemp(join(isTmpShort ? tmpdir() : '/tmp', 'ls-'));
  if (runner.isOther) await lchown(folder, runner.uid, runner.gid);
  return {
    host: folder,
    option: folder,
    folder,
    close: async () => rm(folder, { recursive: true, force: true }),
  };
}
