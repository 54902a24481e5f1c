/**
 * Content in memory while copies of it leave: handed over by accept, or read once for all copies that were claimed
 * together. HOT PATH. Bounded: what accept hands over is weighed by the window; what is read is dropped least recently
 * used first.
 */
import { Batcher } from '../../base/batch.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import type { Plan } from '../../mail/tracking/index.ts';
import { TemplateCache } from '../../mail/template/cache.ts';
import type { Parts, SubmissionOptions } from '../messages/index.ts';
import { decodeParts } from '../messages/index.ts';
import type { LeasedMessage } from '../queue/index.ts';
import { readContents } from './sql-content.ts';

export type Content = {
  readonly format: 'raw' | 'parts';
  readonly bytes: Buffer;
  readonly mailFrom: string;
  readonly domainId: string;
  readonly options: SubmissionOptions;
  /** What was made of it once for all copies: split header, body hash, signature. Filled by compose.ts. */
  readonly shared: SharedWork;
};

export type SharedWork = {
  /** Shared by all contents of the node. */
  templates?: TemplateCache;
  parts?: Parts;
  hasLeaveLinks?: boolean;
  /** Where links and pixels go into a message that copies share; null: nowhere. */
  plan?: { readonly url: string; readonly plan: Plan | null };
  raw?: { readonly header: Buffer; readonly body: Buffer; readonly bodyHash: Buffer };
  signature?: { readonly fields: Promise<Buffer>; readonly keyIds: string; readonly atSeconds: number };
};

const readBytesMax = 64 * 1024 * 1024;

type Held = { readonly content: Content; copies: number };

export class ContentStore {
  readonly #handed = new Map<string, Held>();
  readonly #read = new Map<string, Content>();
  readonly #reading = new Map<string, Promise<Content | null>>();
  readonly #batcher: Batcher<LeasedMessage, Content | null>;
  readonly #templates = new TemplateCache();
  #readBytes = 0;

  constructor(connection: HotConnection) {
    this.#batcher = new Batcher({
      run: (messages) => readContents(connection, messages),
      itemsMax: 64,
      weigh: () => 1,
      weightMax: 64,
      isItemFault: () => false,
    });
  }

  /** Keeps what accept has in hand until `copies` copies are done with it. */
  handOver(submissionId: string, content: Omit<Content, 'shared'>, copies: number): void {
    this.#handed.set(submissionId, {
      content: { ...content, shared: { templates: this.#templates } },
      copies,
    });
  }

  /** The content of a copy; null when the store has none (its partition was dropped). */
  async get(message: LeasedMessage): Promise<Content | null> {
    const { submissionId } = message;
    const known = this.#handed.get(submissionId)?.content ?? this.#read.get(submissionId);
    if (known !== undefined) return known;
    let reading = this.#reading.get(submissionId);
    if (reading === undefined) {
      reading = this.#batcher.add(message).finally(() => this.#reading.delete(submissionId));
      this.#reading.set(submissionId, reading);
    }
    const content = await reading;
    if (content !== null) {
      content.shared.templates = this.#templates;
      this.#remember(submissionId, content);
    }
    return content;
  }

  /** One copy is done with it (delivered, or back in the queue). */
  done(submissionId: string): void {
    const held = this.#handed.get(submissionId);
    if (held === undefined) return;
    held.copies -= 1;
    if (held.copies === 0) this.#handed.delete(submissionId);
  }

  #remember(submissionId: string, content: Content): void {
    if (this.#read.has(submissionId)) return;
    this.#read.set(submissionId, content);
    this.#readBytes += content.bytes.length;
    for (const [oldest, { bytes }] of this.#read) {
      if (this.#readBytes <= readBytesMax && this.#read.size <= 2000) break;
      this.#read.delete(oldest);
      this.#readBytes -= bytes.length;
    }
  }
}

/** The parts of a submission, decoded once for all of its copies. */
export function partsOf(content: Content): Parts {
  content.shared.parts ??= decodeParts(content.bytes);
  return content.shared.parts;
}
