/** The whole program in the test's process, on a database of its own, with real sockets and a movable clock. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Clock } from '../src/base/clock.ts';
import { readConfig } from '../src/base/config.ts';
import { makeLog, silentLog } from '../src/base/log.ts';
import type { Log } from '../src/base/log.ts';
import { startProgram } from '../src/main/program.ts';
import type { Program, ProgramOptions } from '../src/main/program.ts';
import { openTestDatabase } from './database.ts';
import type { TestDatabase } from './database.ts';
import { newFolder } from './folder.ts';

/** `TEST_LOG=warn npm test ...` shows what the program logs. A background round that fails fails the test, as does a broken reply. */
function watchingLog(failed: string[]): Log {
  const shown = process.env['TEST_LOG'] === undefined ? silentLog : makeLog(process.env['TEST_LOG']);
  return {
    ...shown,
    warn: (fields, message) => {
      if (message === 'a background round failed') failed.push(JSON.stringify(fields));
      shown.warn(fields, message);
    },
    error: (fields, message) => {
      if (message.includes('broke its declared reply')) failed.push(message);
      // Whoever meets a 500 once in many runs wants to know of what.
      if (message === 'a request failed') console.error(message, fields);
      shown.error(fields, message);
    },
  };
}

export const testKey = { publicId: 'lk_test', secret: 'ls_testtesttesttesttesttesttesttest' } as const;

/** Real time plus what the test has added; timers run in real time. */
export class MovableClock implements Clock {
  #addedMs = 0;
  now = (): number => Date.now() + this.#addedMs;
  monotonicMs = (): number => performance.now();
  move(ms: number): void {
    this.#addedMs += ms;
  }
}

export type ApiAnswer = { readonly status: number; readonly body: unknown; readonly headers: Headers };

export class World implements AsyncDisposable {
  program: Program;
  readonly database: TestDatabase;
  readonly clock: MovableClock;
  readonly #folder: string;
  readonly #failed: readonly string[];
  readonly #brought: RegExp[] = [];
  readonly #start: (own: Record<string, string>) => Promise<Program>;
  readonly #folders: string[] = [];
  readonly #others: Program[] = [];

  constructor(
    program: Program,
    parts: {
      readonly database: TestDatabase;
      readonly clock: MovableClock;
      readonly folder: string;
      readonly failed: readonly string[];
      readonly start: (own: Record<string, string>) => Promise<Program>;
    },
  ) {
    this.program = program;
    this.database = parts.database;
    this.clock = parts.clock;
    this.#folder = parts.folder;
    this.#failed = parts.failed;
    this.#start = parts.start;
  }

  /** Stops in good order and starts again, on the same folder. */
  async restart(): Promise<void> {
    await this.program.stop();
    this.program = await this.#start({});
  }

  /** One more node on the same database, with a folder of its own; stopped with the world. */
  async another(settings: Record<string, string> = {}): Promise<Program> {
    const folder = newFolder('lettershop-world');
    this.#folders.push(folder);
    const key = readFileSync(join(this.#folder, 'master-key'), 'utf8').trim();
    const program = await this.#start({
      ...settings,
      LETTERSHOP_DATA_DIR: folder,
      LETTERSHOP_MASTER_KEY: key,
    });
    this.#others.push(program);
    return program;
  }

  /** Rounds of the background that fail so are the test's own doing. */
  expectFailures(pattern: RegExp): void {
    this.#brought.push(pattern);
  }

  /** The clock goes on by so much; the partitions of that time are there first, as an installation that runs on has them. */
  async move(ms: number): Promise<void> {
    const then = new Date(this.clock.now() + ms);
    await sql`call make_partitions(${then})`.execute(this.database.db.owner);
    this.clock.move(ms);
  }

  get url(): string {
    return `http://127.0.0.1:${this.program.doors.httpPort}`;
  }
  get smtpPort(): number {
    return this.program.doors.smtpPort;
  }
  get inboundPort(): number {
    return this.program.doors.inboundPort;
  }

  /** One call of the native API, by the account's key unless another secret is given. */
  async api(
    method: string,
    path: string,
    options: { body?: unknown; secret?: string; headers?: Record<string, string> } = {},
  ): Promise<ApiAnswer> {
    const headers: Record<string, string> = {
      authorization: `Bearer ${options.secret ?? testKey.secret}`,
      ...options.headers,
    };
    if (options.body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers,
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    const bytes = await response.text();
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, body: isJson ? JSON.parse(bytes) : bytes, headers: response.headers };
  }

  /** As `api`, and throws unless it succeeds. */
  async ok<T>(method: string, path: string, options: Parameters<World['api']>[2] = {}): Promise<T> {
    const answer = await this.api(method, path, options);
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as T;
  }

  /** Sends one text mail; its message ids. */
  async send(
    to: string | readonly string[],
    more: Record<string, unknown> = {},
    secret?: string,
  ): Promise<readonly string[]> {
    const list = typeof to === 'string' ? [to] : to;
    const body = {
      from: { email: 'a@lettershop.test' },
      to: list.map((email) => ({ email })),
      subject: 'Hello',
      text: 'Hi.',
      ...more,
    };
    const accepted = await this.ok<{ messages: { id: string }[] }>('POST', '/messages', {
      body,
      ...(secret === undefined ? {} : { secret }),
    });
    return accepted.messages.map(({ id }) => id);
  }

  /**
   * Asks until the answer is the wanted one, at most forty seconds: a loaded machine is slow, not wrong. `eachSecond` moves the
   * clock for what comes again after a time: it may have looked just before there was something to see.
   */
  async until<T>(
    ask: () => Promise<T>,
    isRight: (value: T) => boolean,
    eachSecond?: () => Promise<void> | void,
  ): Promise<T> {
    const startedAt = performance.now();
    let seconds = 0;
    // The program works in this process: asking without a pause would keep it from what is waited for.
    for (let pauseMs = 5; ; pauseMs = Math.min(25, pauseMs * 1.5)) {
      const value = await ask();
      if (isRight(value)) return value;
      const waitedMs = performance.now() - startedAt;
      if (waitedMs > 40_000) throw new Error(`waited in vain; last: ${JSON.stringify(value)}`);
      if (waitedMs > (seconds + 1) * 1000) {
        seconds += 1;
        await eachSecond?.();
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  /** The message once it is in one of the states, with the kinds and data of its timeline. */
  async settled(id: string, states: readonly string[]): Promise<Settled> {
    return this.until(
      () => this.ok<Settled>('GET', `/messages/${id}`),
      ({ state }) => states.includes(state),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#others) await each.stop();
    await this.program.stop();
    await this.database[Symbol.asyncDispose]();
    for (const each of [this.#folder, ...this.#folders]) rmSync(each, { recursive: true, force: true });
    const failed = this.#failed.find((text) => !this.#brought.some((pattern) => pattern.test(text)));
    if (failed !== undefined) throw new Error(`the program failed unseen: ${failed}`);
  }
}

export type TimelineEvent = { readonly kind: string; readonly data: Readonly<Record<string, unknown>> };
export type Settled = {
  readonly state: string;
  readonly attempts: number;
  readonly timeline: readonly TimelineEvent[];
};

export function databaseUrl({ target }: TestDatabase): string {
  const query = new URLSearchParams({ host: target.host ?? '', options: target.options ?? '' });
  return `postgres://${target.user}@localhost/${target.database}?${query.toString().replaceAll('+', '%20')}`;
}

/** Starts in capture mode; with `direct` or `relay` settings it starts once more, so that lettershop.test is proven. */
export async function startWorld(
  settings: Record<string, string> = {},
  openDatabase: () => Promise<TestDatabase> = openTestDatabase,
  more: Pick<ProgramOptions, 'httpsPort'> = {},
): Promise<World> {
  const database = await openDatabase();
  const clock = new MovableClock();
  const failed: string[] = [];
  const folder = newFolder('lettershop-world');
  const base = {
    DATABASE_URL: databaseUrl(database),
    LETTERSHOP_DATA_DIR: folder,
    LETTERSHOP_HTTP_PORT: '0',
    LETTERSHOP_SMTP_PORT: '0',
    LETTERSHOP_INBOUND_PORT: '0',
    LETTERSHOP_MIN_FREE_BYTES: '0',
    LETTERSHOP_HOSTNAME: 'mx.sender.test',
    LETTERSHOP_BOOTSTRAP_KEY: `${testKey.publicId}:${testKey.secret}`,
  };
  const start = (own: Record<string, string>): Promise<Program> =>
    startProgram({ config: readConfig({ ...base, ...own }), log: watchingLog(failed), clock, ...more });
  const outbound = settings['LETTERSHOP_OUTBOUND'] ?? 'capture';
  if (outbound !== 'capture') {
    const { LETTERSHOP_ADMIN_PASSWORD: secret } = settings;
    const first = await start(secret === undefined ? {} : { LETTERSHOP_ADMIN_PASSWORD: secret });
    await first.stop();
  }
  const again = (own: Record<string, string>): Promise<Program> => start({ ...settings, ...own });
  return new World(await again({}), { database, clock, folder, failed, start: again });
}
