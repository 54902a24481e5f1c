/**
 * What was said on a connection: its beginning and the transaction that runs. Bounded, without content and secrets, and
 * without a word of earlier transactions, which may be another tenant's. HOT PATH: kept as it is, written out when asked.
 */
import type { Reply } from '../../mail/reply.ts';

const itemsMax = 60;
const charsMax = 4000;
const lineCharsMax = 500;

type Item = Reply | { readonly who: 'C' | '*'; readonly lines: string };

export class Transcript {
  readonly #opening: Item[] = [];
  #transaction: Item[] | null = null;
  /** RFC 4954 4: a 334 is answered with what must not be told. */
  #isSecretNext = false;

  /** What was said before is forgotten but for how the connection began. */
  beginTransaction(): void {
    this.#transaction = [];
  }

  said(lines: string): void {
    const told = this.#isSecretNext ? '***' : lines.replace(/^(AUTH \w+) .*/, '$1 ***');
    this.#isSecretNext = false;
    this.#keep({ who: 'C', lines: told });
  }

  /** Content without its words. */
  wrote(chunks: readonly Buffer[]): void {
    this.#keep({ who: 'C', lines: `(${chunks.reduce((sum, { length }) => sum + length, 0)} bytes)` });
  }

  heard(reply: Reply): void {
    this.#isSecretNext = reply.code === 334;
    this.#keep(reply.text.length > charsMax ? { ...reply, text: reply.text.slice(0, charsMax) } : reply);
  }

  /** What neither side said: a handshake, an end. */
  note(what: string): void {
    this.#keep({ who: '*', lines: what });
  }

  get text(): string {
    return `${written(this.#opening)}${written(this.#transaction ?? [])}`.trimEnd();
  }

  #keep(item: Item): void {
    const part = this.#transaction ?? this.#opening;
    if (part.length < itemsMax) part.push(item);
  }
}

function written(items: readonly Item[]): string {
  let text = '';
  for (const line of items.flatMap(linesOf)) {
    if (text.length + lineCharsMax > charsMax) return `${text}*: (more was said)\n`;
    text += `${line.slice(0, lineCharsMax - 1).toWellFormed()}\n`;
  }
  return text;
}

function linesOf(item: Item): string[] {
  if ('who' in item) {
    const lines = item.lines.split('\r\n').filter((line) => line !== '');
    return lines.map((line) => `${item.who}: ${line}`);
  }
  const lines = item.text.split('\n');
  const enhanced = item.enhanced === null ? '' : `${item.enhanced} `;
  const last = lines.length - 1;
  return lines.map((line, index) => `S: ${item.code}${index === last ? ' ' : '-'}${enhanced}${line}`);
}
