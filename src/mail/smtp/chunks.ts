/** The message of BDAT commands (RFC 3030 2), chunk by chunk: exact octet counts, no dot-stuffing. Pure. HOT PATH. */
import { hasOnlyCrlf } from './data.ts';

export type ChunksEnd =
  | { readonly kind: 'complete'; readonly bytes: Buffer }
  | { readonly kind: 'tooLarge' | 'shed' | 'nul' | 'bare' };

export class Chunks {
  readonly #sizeMax: number;
  #parts: Buffer[] = [];
  #size = 0;
  #isShed = false;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  /** It will not be taken, whatever comes. */
  get isLost(): boolean {
    return this.#isShed || this.#size > this.#sizeMax;
  }
  /** Bytes held in memory. */
  get heldBytes(): number {
    return this.isLost ? 0 : this.#size;
  }

  add(part: Buffer): void {
    this.#size += part.length;
    if (this.isLost) this.#parts = [];
    else this.#parts.push(part);
  }

  /** Lets go of what is held and keeps nothing more. */
  shed(): void {
    this.#isShed = true;
    this.#parts = [];
  }

  finish(): ChunksEnd {
    if (this.isLost) return { kind: this.#isShed ? 'shed' : 'tooLarge' };
    const bytes = Buffer.concat(this.#parts);
    if (bytes.includes(0)) return { kind: 'nul' };
    return hasOnlyCrlf(bytes) ? { kind: 'complete', bytes } : { kind: 'bare' };
  }
}
