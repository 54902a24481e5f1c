/**
 * The bytes between DATA and its end (RFC 5321 4.1.1.4, 4.5.2), chunk by chunk: pure. HOT PATH. Only CRLF.CRLF ends it;
 * a bare CR or LF anywhere makes the message broken (RFC 5321 2.3.8: the ground of SMTP smuggling). Views of the chunks are
 * kept, nothing is copied but the one message at its end.
 */

const cr = 13;
const lf = 10;
const dot = 46;

/** line start, inside a line, after CR, after a dot at line start, after dot CR. */
type State = 'start' | 'line' | 'cr' | 'dot' | 'dotCr';

export type DataEnd =
  | { readonly kind: 'complete'; readonly bytes: Buffer }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'shed' }
  | { readonly kind: 'nul' };

export type DataStep =
  | { readonly kind: 'more' }
  /** A bare CR or LF: the connection must be closed, nothing after it may be believed. */
  | { readonly kind: 'bare' }
  | { readonly kind: 'end'; readonly end: DataEnd; readonly next: number };

const crlf = Buffer.from('\r\n');

export class DataReader {
  readonly #sizeMax: number;
  #chunks: Buffer[] = [];
  #size = 0;
  #state: State = 'start';
  #isTooLarge = false;
  #isShed = false;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  /** Bytes held in memory. */
  get heldBytes(): number {
    return this.#isTooLarge || this.#isShed ? 0 : this.#size;
  }

  /** Lets go of what is held and keeps nothing more; the message is read to its end all the same. */
  shed(): void {
    this.#isShed = true;
    this.#chunks = [];
  }

  /** Reads from `from`; `next` is where the command after the end begins. */
  push(chunk: Buffer, from: number): DataStep {
    let keptFrom = from;
    let at = from;
    while (at < chunk.length) {
      switch (this.#state) {
        case 'line': {
          const next = this.#lineEnd(chunk, at);
          if (next === null) return { kind: 'bare' };
          at = next;
          break;
        }
        case 'start':
          if (chunk[at] === dot) {
            this.#keep(chunk, keptFrom, at);
            this.#state = 'dot';
            at += 1;
            keptFrom = at;
          } else this.#state = 'line';
          break;
        case 'cr':
          if (chunk[at] !== lf) return { kind: 'bare' };
          this.#state = 'start';
          at += 1;
          break;
        case 'dot':
          if (chunk[at] === cr) {
            this.#state = 'dotCr';
            at += 1;
          } else this.#state = 'line';
          break;
        case 'dotCr':
          if (chunk[at] !== lf) return { kind: 'bare' };
          return { kind: 'end', end: this.#finish(), next: at + 1 };
      }
    }
    // After "dot CR" nothing is kept: the CR is the end's, or the message is broken.
    if (this.#state !== 'dotCr') this.#keep(chunk, keptFrom, chunk.length);
    return { kind: 'more' };
  }

  /** From inside a line to behind its CRLF (or the chunk's end); null at a bare CR or LF. */
  #lineEnd(chunk: Buffer, from: number): number | null {
    const found = chunk.indexOf(lf, from);
    const end = found < 0 ? chunk.length : found;
    const firstCr = chunk.indexOf(cr, from);
    if (firstCr >= 0 && firstCr < end - 1) return null;
    if (found < 0) {
      this.#state = chunk[chunk.length - 1] === cr ? 'cr' : 'line';
      return chunk.length;
    }
    if (found === from || chunk[found - 1] !== cr) return null;
    this.#state = 'start';
    return found + 1;
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    if (to <= from) return;
    this.#size += to - from;
    if (this.#size > this.#sizeMax) {
      this.#isTooLarge = true;
      this.#chunks = [];
    }
    if (!this.#isTooLarge && !this.#isShed) this.#chunks.push(chunk.subarray(from, to));
  }

  #finish(): DataEnd {
    if (this.#isTooLarge) return { kind: 'tooLarge' };
    if (this.#isShed) return { kind: 'shed' };
    const bytes =
      this.#chunks.length === 1 ? Buffer.from(this.#chunks[0] ?? crlf) : Buffer.concat(this.#chunks);
    return bytes.includes(0) ? { kind: 'nul' } : { kind: 'complete', bytes };
  }
}

/** True when every CR and LF is half of a CRLF: for BDAT, which has no line discipline of its own. */
export function hasOnlyCrlf(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(lf); at >= 0; at = bytes.indexOf(lf, at + 1))
    if (bytes[at - 1] !== cr) return false;
  for (let at = bytes.indexOf(cr); at >= 0; at = bytes.indexOf(cr, at + 1))
    if (bytes[at + 1] !== lf) return false;
  return true;
}
