/** Bytes -> lines, chunk-wise: as much as one chunk and one line is in memory, whatever the file's size. */
import { isUtf8 } from 'node:buffer';

export type Line = {
  /** From 1. */
  readonly number: number;
  /** Without its line end; null: longer than allowed, or not UTF-8. */
  readonly text: string | null;
};

/** A line that is longer is bad, and skipped without being kept. */
export const lineBytesMax = 65_536;

const lineFeed = 0x0a;

/** Lines of each chunk together. When the source breaks, what was read of the last line is left out. */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly Line[]> {
  const splitter = new LineSplitter();
  for await (const chunk of chunks) {
    const lines = splitter.push(chunk);
    if (lines.length > 0) yield lines;
  }
  yield splitter.end();
}

class LineSplitter {
  #rest: Buffer = Buffer.alloc(0);
  #number = 0;
  #isSkipping = false;

  push(chunk: Buffer): readonly Line[] {
    const lines: Line[] = [];
    let from = 0;
    if (this.#isSkipping) {
      from = chunk.indexOf(lineFeed) + 1;
      if (from === 0) return lines;
      this.#isSkipping = false;
    }
    const end = chunk.lastIndexOf(lineFeed) + 1;
    if (end > from) {
      const whole = Buffer.concat([this.#rest, chunk.subarray(from, end)]);
      this.#rest = Buffer.alloc(0);
      this.#split(whole.subarray(0, -1), lines);
      from = end;
    }
    this.#rest = Buffer.concat([this.#rest, chunk.subarray(from)]);
    if (this.#rest.length > lineBytesMax) {
      this.#rest = Buffer.alloc(0);
      this.#isSkipping = true;
      lines.push(this.#line(null));
    }
    return lines;
  }

  end(): readonly Line[] {
    const lines: Line[] = [];
    if (this.#rest.length > 0) this.#split(this.#rest, lines);
    return lines;
  }

  #split(bytes: Buffer, lines: Line[]): void {
    if (isUtf8(bytes)) {
      for (const text of bytes.toString('utf8').split('\n')) lines.push(this.#line(text));
      return;
    }
    // Once in a file: line by line, so that the one with the bad byte is named alone.
    let from = 0;
    while (from <= bytes.length) {
      const found = bytes.indexOf(lineFeed, from);
      const to = found === -1 ? bytes.length : found;
      const line = bytes.subarray(from, to);
      lines.push(this.#line(isUtf8(line) ? line.toString('utf8') : null));
      from = to + 1;
    }
  }

  #line(text: string | null): Line {
    this.#number += 1;
    if (text === null || text.length > lineBytesMax) return { number: this.#number, text: null };
    const plain = this.#number === 1 ? text.replace(/^\ufeff/, '') : text;
    return { number: this.#number, text: plain.endsWith('\r') ? plain.slice(0, -1) : plain };
  }
}
