import { type ChildProcess, spawn } from 'node:child_process';
import { StartFault } from '../start-fault.ts';
import { childOptions } from './command.ts';
import type { Log } from '../log.ts';
import { type LogLine, isReadyLine, linePrefix, lineSplitter, parseLine } from './log-lines.ts';
import type { Place } from './place.ts';

export type PostgresSettings = {
  readonly sharedBuffersMb?: number;
  readonly connectionsMax?: number;
  /** False only for a test's cluster: a power cut then destroys it. */
  readonly fsync?: boolean;
};

/** How a server ended. `isAsked` when we stopped it. */
export type PostgresExit = {
  readonly isAsked: boolean;
  /** In words, with the signal or code. */
  readonly reason: string;
  readonly lastLines: readonly string[];
};

const limits = {
  /** Recovery reports its progress every 5 s, so silence this long means that nothing moves. */
  startSilenceMs: 60_000,
  fastStopMs: 30_000,
  immediateStopMs: 10_000,
  linesKept: 20,
};

/** The command line's settings, which win over any file in the cluster. */
export function settingsOf(place: Place, settings: PostgresSettings): Readonly<Record<string, string>> {
  return {
    cluster_name: place.tag,
    listen_addresses: '',
    port: '5432',
    unix_socket_directories: place.socketOption,
    unix_socket_permissions: '0700',
    max_connections: String(settings.connectionsMax ?? 60),
    shared_buffers: `${settings.sharedBuffersMb ?? 64}MB`,
    // 64 MB gain nothing from huge pages, and a container's limit on them ends the server with SIGBUS.
    huge_pages: 'off',
    fsync: settings.fsync === false ? 'off' : 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    // The build has no lz4, and pglz costs more CPU than the saved writes are worth.
    wal_compression: 'off',
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    checkpoint_completion_target: '0.9',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    log_destination: 'stderr',
    logging_collector: 'off',
    log_line_prefix: linePrefix,
    log_error_verbosity: 'terse',
    // Statements hold tenants' data: none is ever printed beside its error.
    log_min_error_statement: 'panic',
    log_startup_progress_interval: '5s',
  };
}

/** One run of the server, from ready to exit. */
export class PostgresServer implements AsyncDisposable {
  readonly pid: number;
  /** Never rejects. Resolves once, with or without our asking. */
  readonly exited: Promise<PostgresExit>;
  readonly #child: ChildProcess;
  readonly #asked: { isAsked: boolean };

  private constructor(
    child: ChildProcess,
    pid: number,
    exited: Promise<PostgresExit>,
    asked: { isAsked: boolean },
  ) {
    this.#child = child;
    this.#asked = asked;
    this.pid = pid;
    this.exited = exited;
  }

  /**
   * Starts the server on a prepared place and waits until it takes connections; a recovery after a crash may take as
   * long as it moves on. Throws a StartFault with the server's own last words.
   */
  static async start(place: Place, settings: PostgresSettings, log: Log): Promise<PostgresServer> {
    const [file, ...args] = [...place.runner.wrap, place.binaries.postgres, '-D', place.cluster] as const;
    const options = Object.entries(settingsOf(place, settings)).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    const asked = { isAsked: false };
    const lines: string[] = [];
    // A group of its own: Ctrl-C at our terminal must reach only us, or mail under way loses its database.
    const child = spawn(file ?? place.binaries.postgres, [...args, ...options], {
      ...childOptions(place.runner),
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const exited = exitOf(child, lines, asked);
    const ready = readyOf(child, lines, log);
    const outcome = await Promise.race([ready, exited]);
    if (outcome !== 'ready') {
      child.kill('SIGKILL');
      const why = outcome === 'silent' ? `silent for ${limits.startSilenceMs / 1000} s` : outcome.reason;
      throw new StartFault(`PostgreSQL did not start (${why}): ${lines.slice(-3).join(' / ')}`);
    }
    return new PostgresServer(child, child.pid ?? -1, exited, asked);
  }

  /** Fast shutdown (open transactions are rolled back), then an immediate one, then a kill; each bounded. */
  async stop(): Promise<void> {
    this.#asked.isAsked = true;
    this.ref();
    for (const [signal, patienceMs] of [
      ['SIGINT', limits.fastStopMs],
      ['SIGQUIT', limits.immediateStopMs],
    ] as const) {
      this.#child.kill(signal);
      if (await settlesWithin(this.exited, patienceMs)) return;
    }
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  /** Lets our process end although the server runs (tests); `stop` takes it back. */
  unref(): void {
    this.#child.unref();
    (this.#child.stderr as { unref?: () => void } | null)?.unref?.();
  }

  ref(): void {
    this.#child.ref();
    (this.#child.stderr as { ref?: () => void } | null)?.ref?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Logs every line that may be logged; resolves at readiness or after too long a silence. */
function readyOf(child: ChildProcess, lines: string[], log: Log): Promise<'ready' | 'silent'> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('silent'), limits.startSilenceMs);
    child.once('exit', () => clearTimeout(timer));
    child.once('error', () => clearTimeout(timer));
    let isReady = false;
    const take = (line: LogLine): void => {
      lines.push(line.message);
      if (lines.length > limits.linesKept) lines.shift();
      const fields = { by: line.by, ...(line.sqlState === null ? {} : { sqlState: line.sqlState }) };
      log[line.level](fields, `postgres: ${line.message}`);
      if (isReady) return;
      timer.refresh();
      if (!isReadyLine(line)) return;
      isReady = true;
      clearTimeout(timer);
      resolve('ready');
    };
    const split = lineSplitter((text) => {
      const line = parseLine(text);
      if (line !== null) take(line);
    });
    child.stderr?.setEncoding('utf8').on('data', split);
  });
}

function exitOf(
  child: ChildProcess,
  lines: readonly string[],
  asked: { readonly isAsked: boolean },
): Promise<PostgresExit> {
  return new Promise((resolve) => {
    const finish = (reason: string): void =>
      resolve({ isAsked: asked.isAsked, reason, lastLines: [...lines] });
    child.once('error', (error: NodeJS.ErrnoException) =>
      finish(`it cannot be started: ${error.code ?? error.message}`),
    );
    child.once('exit', (code, signal) => {
      const reason = signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`;
      // Its last words may still be in the pipe; but backends of a killed postmaster hold the pipe open for a while.
      const timer = setTimeout(() => finish(reason), 250);
      child.once('close', () => {
        clearTimeout(timer);
        finish(reason);
      });
    });
  });
}

/** True when the promise settled in time. It must not reject. */
export async function settlesWithin(promise: Promise<unknown>, withinMs: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), withinMs);
  const isInTime = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return isInTime;
}
