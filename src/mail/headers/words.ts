/** Encoded words (RFC 2047): non-ASCII text in unstructured fields and phrases. */

/** 75 characters at most with `=?utf-8?B?` and `?=`: 63 of base64, so 45 bytes of text. */
const chunkBytesMax = 45;

const isPlain = (text: string): boolean => /^[\u0020-\u007e\t]*$/.test(text);

/** Whole characters only: no word ends in the middle of one. */
function chunks(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  let bytes = 0;
  for (const char of text) {
    const size = Buffer.byteLength(char);
    if (bytes + size > chunkBytesMax) {
      parts.push(part);
      part = '';
      bytes = 0;
    }
    part += char;
    bytes += size;
  }
  if (part !== '') parts.push(part);
  return parts;
}

function encodeAll(text: string): string {
  return chunks(text.toWellFormed())
    .map((part) => `=?utf-8?B?${Buffer.from(part, 'utf8').toString('base64')}?=`)
    .join(' ');
}

/** A value for Subject and the like; no line ends come out, whatever went in. Folding is `headerBlock`'s. */
export function encodeUnstructured(text: string): string {
  const single = text.replaceAll(/[\r\n\0]+/g, ' ');
  // What looks like an encoded word already, or cannot be folded below the limit, is encoded as well.
  if (isPlain(single) && !single.includes('=?') && !/\S{900}/.test(single)) return single;
  return encodeAll(single);
}

/** A display name: as it is, quoted, or encoded. */
export function encodePhrase(name: string): string {
  const single = name.replaceAll(/[\r\n\0]+/g, ' ').trim();
  if (!isPlain(single) || single.includes('=?')) return encodeAll(single);
  if (/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*$/.test(single)) return single;
  return `"${single.replaceAll(/["\\]/g, '\\$&')}"`;
}

const word = /=\?([\w-]+)(?:\*[\w-]+)?\?([bq])\?([^?\s]*)\?=/gi;

/** Text for people: encoded words decoded; what cannot be decoded stays as it stands. */
export function decodeWords(text: string): string {
  // White space between two encoded words is not part of the text (RFC 2047 6.2).
  const joined = text.replaceAll(/(\?=)\s+(?==\?[\w-]+(?:\*[\w-]+)?\?[bq]\?)/gi, '$1');
  const parts: string[] = [];
  let at = 0;
  let held: { charset: string; bytes: Buffer[] } | null = null;
  const flush = (): void => {
    if (held !== null) parts.push(decodeBytes(Buffer.concat(held.bytes), held.charset));
    held = null;
  };
  for (const match of joined.matchAll(word)) {
    const [all, charset = '', encoding = '', body = ''] = match;
    if (match.index > at) flush();
    parts.push(joined.slice(at, match.index));
    at = match.index + all.length;
    const bytes = encoding.toLowerCase() === 'b' ? Buffer.from(body, 'base64') : decodeQ(body);
    const known: { charset: string; bytes: Buffer[] } | null = held;
    if (known !== null && (known as { charset: string }).charset === charset.toLowerCase())
      (known as { bytes: Buffer[] }).bytes.push(bytes);
    else {
      flush();
      held = { charset: charset.toLowerCase(), bytes: [bytes] };
    }
  }
  flush();
  return parts.join('') + joined.slice(at);
}

function decodeQ(text: string): Buffer {
  const plain = text
    .replaceAll('_', ' ')
    .replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(plain, 'latin1');
}

function decodeBytes(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
