/**
 * What was said on a connection: its beginning and the transaction that runs. Bounded, without content and secrets, and
 * without a word of earlier transactions, which may be another tenant's.
 */
import type { Reply } from '../../mail/reply.ts';

const charsMax = 4000;
const lineCharsMax = 500;

export class Transcript {
  #opening = '';
  #transaction: string | null = null;
  /** RFC 4954 4: a 334 is answered with what must not be told. */
  #isSecretNext = false;

  /** What was said before is forgotten but for how the connection began. */
  beginTransaction(): void {
    this.#transaction = '';
  }

  said(lines: string): void {
    for (const line of lines.split('\r\n')) {
      if (line === '') continue;
      this.#add('C', this.#isSecretNext ? '***' : line.replace(/^(AUTH \w+) .*/, '$1 ***'));
    }
    this.#isSecretNext = false;
  }

  /** What goes without words: bytes of a body, a handshake. */
  did(what: string): void {
    this.#add('C', `(${what})`);
  }

  heard({ code, enhanced, text }: Reply): void {
    this.#isSecretNext = code === 334;
    const lines = text.split('\n');
    for (const [index, line] of lines.entries()) {
      const mark = index === lines.length - 1 ? ' ' : '-';
      this.#add('S', `${code}${mark}${enhanced === null ? '' : `${enhanced} `}${line}`);
    }
  }

  broke(why: string): void {
    this.#add('*', why);
  }

  get text(): string {
    return `${this.#opening.trimEnd()}\n${this.#transaction ?? ''}`.trim();
  }

  #add(who: 'C' | 'S' | '*', line: string): void {
    const part = this.#transaction ?? this.#opening;
    if (part.length >= charsMax) return;
    const next = `${part}${who}: ${line.slice(0, lineCharsMax).toWellFormed()}\n`;
    const bounded = next.length < charsMax ? next : `${part}* (more was said)\n`.padEnd(charsMax);
    if (this.#transaction === null) this.#opening = bounded;
    else this.#transaction = bounded;
  }
}
