/**
 * Outcome journal. Before a final dot leaves, an intent is appended; the moment its answer comes, the outcome; the
 * outcome is then committed to the store in a batch. What is appended survives a kill of this process at any instant
 * (it is in the kernel before the call returns) and is synced to disk in groups right after. A restarting node replays
 * outcomes that were not committed, and knows which dots were sent whose answer it never saw.
 *
 * Segments: a file per 8 MiB, deleted when each of its attempts is committed. One line per record: CRC-32, space, JSON.
 * A line that does not check is set aside and counted, never fatal (a torn last line is what a power cut leaves).
 */
import { closeSync, fdatasync, openSync, readdirSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import type { Completion } from './model.ts';

const segmentBytesMax = 8 * 1024 * 1024;

/** An attempt whose final dot was about to be sent. */
export type Intent = {
  readonly accountId: number;
  readonly subaccountId: number;
  readonly messageId: string;
  readonly submissionId: string;
  readonly retentionDays: number;
  readonly recipient: string;
  readonly attempts: number;
  readonly ratherNot: boolean;
};

type JournalRecord = { readonly dot: Intent } | { readonly outcome: Completion };

export type Replay = {
  readonly outcomes: readonly Completion[];
  /** Dots whose answer was never journaled. */
  readonly unanswered: readonly Intent[];
  readonly brokenLines: number;
};

type Segment = { readonly path: string; readonly fd: number; bytes: number; open: number; isSealed: boolean };

/** What the caller holds between an attempt's first record and its commit. */
export type JournalEntry = { readonly segment: Segment };

export class Journal implements Disposable {
  readonly #folder: string;
  readonly #log: Log;
  #segment: Segment;
  #number: number;
  #syncing = false;
  #isDirty = false;

  private constructor(folder: string, log: Log, number: number) {
    this.#folder = folder;
    this.#log = log;
    this.#number = number;
    this.#segment = this.#openSegment();
  }

  /** Opens a new segment beside what an earlier process left; `replay` of that comes first. */
  static open(folder: string, log: Log): { journal: Journal; replay: Replay; forget: () => void } {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const names = readdirSync(folder)
      .filter((name) => /^\d+\.journal$/.test(name))
      .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
    const replay = readSegments(names.map((name) => join(folder, name)));
    const last = Number.parseInt(names.at(-1) ?? '0', 10);
    if (replay.brokenLines > 0) log.warn({ lines: replay.brokenLines }, 'journal lines were set aside');
    const forget = (): void => {
      for (const name of names) unlinkSync(join(folder, name));
    };
    return { journal: new Journal(folder, log, last), replay, forget };
  }

  /** To be called right before the final dot is written; costs one write, about 4 us. */
  dot(intent: Intent): JournalEntry {
    const segment = this.#segmentFor();
    segment.open += 1;
    this.#append(segment, { dot: intent });
    return { segment };
  }

  /** To be called the moment the answer is there. `entry` is what `dot` gave, null when no dot was sent. */
  outcome(completion: Completion, entry: JournalEntry | null): JournalEntry {
    const segment = entry?.segment ?? this.#segmentFor();
    if (entry === null) segment.open += 1;
    this.#append(segment, { outcome: completion });
    return { segment };
  }

  /** The outcome is in the store: its records are no longer needed. */
  committed(entry: JournalEntry): void {
    const { segment } = entry;
    segment.open -= 1;
    if (segment.isSealed && segment.open === 0) this.#remove(segment);
  }

  [Symbol.dispose](): void {
    if (this.#segment.open === 0) this.#remove(this.#segment);
    else closeSync(this.#segment.fd);
  }

  #append(segment: Segment, record: JournalRecord): void {
    const json = JSON.stringify(record);
    const line = `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
    segment.bytes += writeSync(segment.fd, line);
    this.#isDirty = true;
    this.#sync();
  }

  /** Group sync: one runs at a time, and whatever was appended meanwhile is in the next. */
  #sync(): void {
    if (this.#syncing) return;
    this.#syncing = true;
    this.#isDirty = false;
    fdatasync(this.#segment.fd, (error) => {
      this.#syncing = false;
      if (error !== null && error.code !== 'EBADF') {
        this.#log.error({ error: errorText(error) }, 'the journal could not be synced');
      }
      if (this.#isDirty) this.#sync();
    });
  }

  #segmentFor(): Segment {
    if (this.#segment.bytes < segmentBytesMax) return this.#segment;
    const full = this.#segment;
    full.isSealed = true;
    this.#segment = this.#openSegment();
    if (full.open === 0) this.#remove(full);
    return this.#segment;
  }

  #openSegment(): Segment {
    this.#number += 1;
    const path = join(this.#folder, `${this.#number}.journal`);
    return { path, fd: openSync(path, 'ax', 0o600), bytes: 0, open: 0, isSealed: false };
  }

  #remove(segment: Segment): void {
    closeSync(segment.fd);
    unlinkSync(segment.path);
  }
}

function readSegments(paths: readonly string[]): Replay {
  const outcomes = new Map<string, Completion>();
  const dots = new Map<string, Intent>();
  let brokenLines = 0;
  for (const path of paths) {
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      if (line === '') continue;
      const record = readLine(line);
      if (record === null) {
        brokenLines += 1;
      } else if ('dot' in record) {
        dots.set(`${record.dot.messageId}/${record.dot.attempts}`, record.dot);
      } else {
        outcomes.set(`${record.outcome.messageId}/${record.outcome.attempts}`, record.outcome);
      }
    }
  }
  const unanswered = [...dots].filter(([key]) => !outcomes.has(key)).map(([, intent]) => intent);
  return { outcomes: [...outcomes.values()], unanswered, brokenLines };
}

function readLine(line: string): JournalRecord | null {
  const json = line.slice(9);
  if (crc32(json).toString(16).padStart(8, '0') !== line.slice(0, 8)) return null;
  return JSON.parse(json) as JournalRecord;
}
