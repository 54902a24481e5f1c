import { statfs } from 'node:fs/promises';

/** Bytes that this process may still write on the file system of `path` (root's reserve not counted). */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

export type DiskState = 'ample' | 'low';

/** Low below the floor, ample again only from `resumeBytes` up, so that a disk at the edge does not flap. Pure. */
export function nextDiskState(
  state: DiskState,
  free: number,
  floor: { readonly floorBytes: number; readonly resumeBytes: number },
): DiskState {
  if (free < floor.floorBytes) return 'low';
  return state === 'low' && free < floor.resumeBytes ? 'low' : 'ample';
}

export type DiskFloorOptions = {
  readonly path: string;
  readonly floorBytes: number;
  /** Free bytes from which accepting goes on again; 10 % over the floor when not given. */
  readonly resumeBytes?: number;
  readonly intervalMs?: number;
  readonly measure?: (path: string) => Promise<number>;
  /** Called on each change, and never for a measurement that failed. */
  readonly tell?: (state: DiskState, freeBytes: number) => void;
};

/**
 * Watches the free space of one file system. A measurement that fails keeps the last state: an unreadable statfs is no
 * reason to refuse mail. The timer does not keep the program alive.
 */
export class DiskFloor implements AsyncDisposable {
  readonly #options: Required<Omit<DiskFloorOptions, 'tell'>> & Pick<DiskFloorOptions, 'tell'>;
  #state: DiskState = 'ample';
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<DiskState> | null = null;

  private constructor(options: DiskFloorOptions) {
    const resumeBytes = Math.ceil(options.floorBytes * 1.1);
    this.#options = { resumeBytes, intervalMs: 2_000, measure: freeBytes, ...options };
  }

  /** Measures once before it returns, so that a start on a full disk accepts nothing. */
  static async watch(options: DiskFloorOptions): Promise<DiskFloor> {
    const floor = new DiskFloor(options);
    await floor.check();
    floor.#timer = setInterval(() => void floor.check(), floor.#options.intervalMs).unref();
    return floor;
  }

  get isLow(): boolean {
    return this.#state === 'low';
  }

  /** Measures now; calls that arrive meanwhile share the running measurement. Never rejects. */
  check(): Promise<DiskState> {
    this.#running ??= this.#measure().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #measure(): Promise<DiskState> {
    const free = await this.#options.measure(this.#options.path).catch(() => null);
    if (free === null) return this.#state;
    const next = nextDiskState(this.#state, free, this.#options);
    const isChange = next !== this.#state;
    this.#state = next;
    if (isChange) this.#options.tell?.(next, free);
    return next;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#running;
  }
}
