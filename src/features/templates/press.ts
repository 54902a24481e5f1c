/**
 * The press makes markup in a thread of its own, which is stopped when a job takes too long or too much: tenants write it, and
 * the libraries that read it cannot be bounded from inside. One job at a time; the thread goes when nothing is to be done.
 */
import { Worker } from 'node:worker_threads';
import type { MarkupFault, MarkupJob, MarkupResult } from '../../mail/markup/make.ts';
import { refuse } from '../refusals/index.ts';

type Job = {
  readonly job: MarkupJob;
  readonly subaccountId: number;
  readonly resolve: (result: MarkupResult) => void;
};

export type PressOptions = {
  /** Of one job, from when the thread has it. */
  readonly jobMs: number;
  readonly idleMs: number;
};

const jobsMax = 100;
/** One tenant's jobs that wait or are made: others come in between. */
const jobsPerSubaccountMax = 4;
const memoryMb = 256;

export class Press implements AsyncDisposable {
  readonly #options: PressOptions;
  readonly #jobs: Job[] = [];
  #thread: Thread | null = null;
  #idle: NodeJS.Timeout | null = null;
  #isStopped = false;

  constructor(options: PressOptions = { jobMs: 10_000, idleMs: 60_000 }) {
    this.#options = options;
  }

  /** Resolves with what was made, or with what is wrong with it; refuses when too much waits. */
  make(job: MarkupJob, subaccountId: number): Promise<MarkupResult> {
    const own = this.#jobs.filter((each) => each.subaccountId === subaccountId).length;
    if (this.#isStopped || this.#jobs.length >= jobsMax || own >= jobsPerSubaccountMax)
      return Promise.reject(refuse('busy', { retryAfterSeconds: 5 }));
    return new Promise((resolve) => {
      this.#jobs.push({ job, subaccountId, resolve });
      if (this.#jobs.length === 1) this.#next();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    await this.#thread?.stop();
  }

  #next(): void {
    if (this.#isStopped)
      for (const { resolve } of this.#jobs.splice(0)) resolve(tooMuch('the program stops'));
    const [first] = this.#jobs;
    if (this.#idle !== null) clearTimeout(this.#idle);
    if (first === undefined) {
      if (this.#isStopped) return;
      this.#idle = setTimeout(() => {
        void this.#thread?.stop();
        this.#thread = null;
      }, this.#options.idleMs).unref();
      return;
    }
    this.#thread ??= new Thread();
    this.#thread.run(first.job, this.#options.jobMs, (result) => {
      if (!result.ok && result.faults.some(({ kind }) => kind === 'budget')) this.#thread = null;
      this.#jobs.shift();
      first.resolve(result);
      this.#next();
    });
  }
}

/** Nothing of a job that failed is left: its thread goes with it. */
class Thread {
  readonly #worker = new Worker(new URL('press-worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 32 },
    stdout: true,
    stderr: true,
  });
  readonly #ready: Promise<void>;
  #done: ((result: MarkupResult) => void) | null = null;

  constructor() {
    this.#ready = new Promise((resolve) => {
      this.#worker.on('message', (message: 'ready' | MarkupResult | { readonly ok?: undefined }) => {
        if (message === 'ready') resolve();
        // Under `node --watch` (`npm run dev`) Node posts what the thread imports as well.
        else if (message.ok !== undefined) this.#end(message);
      });
    });
    this.#worker.on('error', () => this.#end(tooMuch('the markup asks for too much')));
    this.#worker.on('exit', () => this.#end(tooMuch('the markup asks for too much')));
    this.#worker.unref();
  }

  /** Calls `done` once. */
  run(job: MarkupJob, jobMs: number, done: (result: MarkupResult) => void): void {
    this.#worker.ref();
    let timer: NodeJS.Timeout | null = null;
    this.#done = (result) => {
      if (timer !== null) clearTimeout(timer);
      this.#worker.unref();
      done(result);
    };
    void this.#ready.then(() => {
      if (this.#done === null) return;
      timer = setTimeout(() => {
        this.#end(tooMuch('the markup takes too long'));
        void this.stop();
      }, jobMs);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      this.#worker.postMessage(job);
    });
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #end(result: MarkupResult): void {
    const done = this.#done;
    this.#done = null;
    done?.(result);
  }
}

function tooMuch(message: string): MarkupResult {
  const fault: MarkupFault = { kind: 'budget', message, line: 1, column: 1 };
  return { ok: false, faults: [fault] };
}
