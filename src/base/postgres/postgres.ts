// PostgreSQL as a part of our own program: started from the packaged binaries in the data folder, stopped with us.
import { clearLeftovers } from './leftovers.ts';
import type { Log } from '../log.ts';
import { type Connection, type Place, preparePlace } from './place.ts';
import { type PostgresExit, PostgresServer, type PostgresSettings } from './server.ts';

export type PostgresOptions = {
  /** The data folder, locked by the caller (`openDataFolder`): two starts on one folder must not meet here. */
  readonly folder: string;
  readonly log: Log;
  readonly settings?: PostgresSettings;
  /** Root of the platform package; the installed one when not given. */
  readonly packageRoot?: string;
  /** Where root keeps programs and cluster if the data folder is closed to other uids; /var/lib/lettershop. */
  readonly sharedFolder?: string;
};

export type RunningPostgres = AsyncDisposable & {
  readonly connection: Connection;
  readonly pid: number;
  readonly exited: Promise<PostgresExit>;
  readonly stop: () => Promise<void>;
  /** Lets our process end although the database runs. */
  readonly unref: () => void;
};

export async function placeOf(options: PostgresOptions): Promise<Place> {
  return preparePlace({
    folder: options.folder,
    sharedFolder: options.sharedFolder,
    packageRoot: options.packageRoot,
    isSynced: options.settings?.fsync !== false,
  });
}

/** Frees the place of what an earlier run left, then starts. */
export async function launch(place: Place, options: PostgresOptions): Promise<PostgresServer> {
  await clearLeftovers(place.cluster, place.tag, place.socketFolder, options.log);
  return PostgresServer.start(place, options.settings ?? {}, options.log);
}

/**
 * Starts the database (making it first, about 1 s, in a new folder) and resolves when it takes connections. Throws a
 * StartFault of one line. When it dies unasked, `exited` says why; `keepPostgres` is for those who want it back.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const place = await placeOf(options);
  let server: PostgresServer;
  try {
    server = await launch(place, options);
  } catch (error) {
    await place.close();
    throw error;
  }
  let closing: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    closing ??= server.stop().then(() => place.close());
    return closing;
  };
  return {
    connection: place.connection,
    pid: server.pid,
    exited: server.exited,
    stop,
    unref: () => server.unref(),
    [Symbol.asyncDispose]: stop,
  };
}
