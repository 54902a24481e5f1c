/** Content transfer encodings (RFC 2045 6): 7-bit out of anything, lines of at most 76 characters. */

const lineMax = 76;
const hex = Buffer.from('0123456789ABCDEF', 'latin1');

/** CRLF line ends, whatever the caller used; lone CR and LF become line ends. */
export function normaliseLines(text: string): string {
  return text.includes('\n') || text.includes('\r') ? text.replaceAll(/\r\n|\r|\n/g, '\r\n') : text;
}

export type Encoding = '7bit' | 'quoted-printable' | 'base64';

/** 7bit when it is ASCII with short lines; quoted-printable for mostly ASCII text, base64 for the rest. */
export function chooseEncoding(bytes: Buffer): Encoding {
  let wide = 0;
  let line = 0;
  let longest = 0;
  let isOdd = false;
  for (const byte of bytes) {
    if (byte === 10) {
      if (line > longest) longest = line;
      line = 0;
      continue;
    }
    line += 1;
    if (byte >= 128) wide += 1;
    else if (byte < 32 && byte !== 9 && byte !== 13) isOdd = true;
  }
  if (wide === 0 && !isOdd && Math.max(longest, line) <= 998) return '7bit';
  return wide * 3 > bytes.length ? 'base64' : 'quoted-printable';
}

/** Base64 in lines of 76, each with its CRLF. */
export function base64Lines(bytes: Buffer): Buffer {
  const perLine = 57;
  const lines = Math.ceil(bytes.length / perLine);
  const out = Buffer.allocUnsafe(Math.ceil(bytes.length / 3) * 4 + lines * 2);
  let length = 0;
  for (let at = 0; at < bytes.length; at += perLine) {
    length += out.write(bytes.toString('base64', at, Math.min(at + perLine, bytes.length)), length, 'latin1');
    out[length++] = 13;
    out[length++] = 10;
  }
  return out.subarray(0, length);
}

/** Quoted-printable (RFC 2045 6.7) of text with CRLF line ends; ends in CRLF. */
export function quotedPrintable(bytes: Buffer): Buffer {
  const out = Buffer.allocUnsafe(bytes.length * 3 + Math.ceil((bytes.length * 3) / 70) * 3 + 2);
  let length = 0;
  let line = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 13 && bytes[at + 1] === 10) {
      out[length++] = 13;
      out[length++] = 10;
      at += 1;
      line = 0;
      continue;
    }
    const next = bytes[at + 1];
    const endsLine = next === undefined || (next === 13 && bytes[at + 2] === 10);
    const isLiteral =
      (byte >= 33 && byte <= 126 && byte !== 61) || ((byte === 32 || byte === 9) && !endsLine);
    const width = isLiteral ? 1 : 3;
    // A soft line end needs a place of its own.
    if (line + width > lineMax - (endsLine ? 0 : 1)) {
      out[length++] = 61;
      out[length++] = 13;
      out[length++] = 10;
      line = 0;
    }
    if (isLiteral) out[length++] = byte;
    else {
      out[length++] = 61;
      out[length++] = hex[byte >> 4] ?? 0;
      out[length++] = hex[byte & 15] ?? 0;
    }
    line += width;
  }
  if (line > 0) {
    out[length++] = 13;
    out[length++] = 10;
  }
  return Buffer.from(out.subarray(0, length));
}

export function encodeWith(encoding: Encoding, bytes: Buffer): Buffer {
  if (encoding === 'base64') return base64Lines(bytes);
  if (encoding === 'quoted-printable') return quotedPrintable(bytes);
  return bytes.length === 0 || bytes.at(-1) === 10 ? bytes : Buffer.concat([bytes, Buffer.from('\r\n')]);
}
