/** A remote server's replies, chunk by chunk (RFC 5321 4.2, RFC 2034): tolerant of bare LF and missing text, bounded. */
import type { Reply } from '../reply.ts';

const lineBytesMax = 8192;
const replyBytesMax = 65_536;

export type ReplyEvent =
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'garbage'; readonly text: string };

export class ReplyParser {
  #rest = '';
  #lines: string[] = [];
  #code = '';
  #bytes = 0;

  /** Replies that this chunk completed; garbage ends the connection. */
  push(chunk: Buffer): ReplyEvent[] {
    const text = this.#rest + chunk.toString('latin1');
    const events: ReplyEvent[] = [];
    let at = 0;
    for (let end = text.indexOf('\n', at); end >= 0; end = text.indexOf('\n', at)) {
      const line = text.slice(at, text[end - 1] === '\r' && end > at ? end - 1 : end);
      at = end + 1;
      const event = this.#line(line);
      if (event === null) continue;
      events.push(event);
      if (event.kind === 'garbage') return events;
    }
    this.#rest = text.slice(at);
    if (this.#rest.length > lineBytesMax) events.push({ kind: 'garbage', text: 'a reply line is too long' });
    return events;
  }

  #line(line: string): ReplyEvent | null {
    const code = line.slice(0, 3);
    const mark = line[3] ?? ' ';
    if (!/^[2-5]\d\d$/.test(code) || (mark !== ' ' && mark !== '-') || line.length > lineBytesMax) {
      return { kind: 'garbage', text: `not a reply: ${clean(line.slice(0, 200))}` };
    }
    if (this.#lines.length > 0 && code !== this.#code)
      return { kind: 'garbage', text: 'the code changes inside a reply' };
    this.#code = code;
    this.#bytes += line.length;
    if (this.#bytes > replyBytesMax) return { kind: 'garbage', text: 'a reply is too long' };
    this.#lines.push(line.slice(4));
    if (mark === '-') return null;
    const lines = this.#lines;
    this.#lines = [];
    this.#bytes = 0;
    return { kind: 'reply', reply: toReply(Number(code), lines) };
  }
}

function toReply(code: number, lines: readonly string[]): Reply {
  const first = lines[0] ?? '';
  const match = /^([245]\.\d{1,3}\.\d{1,3})(?: |$)/.exec(first);
  if (match === null) return { code, enhanced: null, text: clean(lines.join('\n')) };
  const enhanced = match[1] ?? null;
  const prefix = `${enhanced} `;
  const texts = lines.map((line) =>
    line.startsWith(prefix) ? line.slice(prefix.length) : line === enhanced ? '' : line,
  );
  return { code, enhanced, text: clean(texts.join('\n')) };
}

/** UTF-8 where it is valid; no control characters but line ends, no lone surrogates. */
function clean(latin1: string): string {
  if (/^[\u0020-\u007e\n]*$/.test(latin1)) return latin1;
  return Buffer.from(latin1, 'latin1')
    .toString('utf8')
    .replaceAll(/[^\P{Cc}\n]/gu, ' ')
    .toWellFormed();
}

/** What a server said after EHLO. */
export type Capabilities = {
  readonly pipelining: boolean;
  readonly eightBitMime: boolean;
  readonly smtputf8: boolean;
  readonly startTls: boolean;
  readonly dsn: boolean;
  readonly requireTls: boolean;
  readonly chunking: boolean;
  /** Largest message in bytes, null when not said. */
  readonly sizeMax: number | null;
  /** RFC 9422: transactions that one connection may have, null when not said. */
  readonly mailMax: number | null;
  readonly auth: readonly string[];
};

export const noCapabilities: Capabilities = {
  pipelining: false,
  eightBitMime: false,
  smtputf8: false,
  startTls: false,
  dsn: false,
  requireTls: false,
  chunking: false,
  sizeMax: null,
  mailMax: null,
  auth: [],
};

export function parseCapabilities(reply: Reply): Capabilities {
  const words = new Map<string, string>();
  for (const line of reply.text.split('\n').slice(1)) {
    const [word = '', ...rest] = line.trim().split(/[ =]+/);
    words.set(word.toUpperCase(), rest.join(' '));
  }
  const size = words.get('SIZE');
  const mailMax = /\bMAILMAX ([1-9]\d{0,5})\b/i.exec(words.get('LIMITS') ?? '');
  return {
    pipelining: words.has('PIPELINING'),
    eightBitMime: words.has('8BITMIME'),
    smtputf8: words.has('SMTPUTF8'),
    startTls: words.has('STARTTLS'),
    dsn: words.has('DSN'),
    requireTls: words.has('REQUIRETLS'),
    chunking: words.has('CHUNKING'),
    sizeMax: size !== undefined && /^[1-9]\d*$/.test(size) ? Number(size) : null,
    mailMax: mailMax === null ? null : Number(mailMax[1]),
    auth: (words.get('AUTH') ?? '').toUpperCase().split(' ').filter(Boolean),
  };
}
