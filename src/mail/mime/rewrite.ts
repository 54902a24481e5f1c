/** HTML of a whole message written anew, part by part; what is not shown, or not understood, stays byte for byte. */
import { chooseEncoding, encodeWith, normaliseLines } from './encode.ts';
import { parameter, shownParts } from './shown.ts';
import type { ShownPart } from './shown.ts';

type Edit = { readonly start: number; readonly end: number; readonly bytes: Buffer };

/** `bytes` with CRLF line ends; the same when it has no HTML that `make` changes. */
export async function rewriteHtml(bytes: Buffer, make: (html: string) => Promise<string>): Promise<Buffer> {
  const blank = bytes.indexOf('\r\n\r\n');
  if (blank < 0) return bytes;
  const [header, body] = [bytes.subarray(0, blank + 2), bytes.subarray(blank + 4)];
  const edits: Edit[] = [];
  for (const part of shownParts(header, body)) {
    if (part.type !== 'text/html') continue;
    const charset = (parameter(part.parameters, 'charset') ?? 'us-ascii').toLowerCase();
    const html = textOf(part, body, charset);
    const made = html === null ? null : await make(html);
    if (made === null || made === html) continue;
    const text = Buffer.from(normaliseLines(/^utf-?8$/.test(charset) ? made : withReferences(made)));
    edits.push(...editsFor(part, text, { body, bodyAt: blank + 4 }));
  }
  return edited(bytes, edits);
}

/** Null when its charset or encoding is none that we know. */
function textOf({ encoding, range }: ShownPart, body: Buffer, charset: string): string | null {
  const bytes = decoded(body.subarray(range.from, range.to), encoding);
  try {
    return bytes === null ? null : new TextDecoder(charset).decode(bytes);
  } catch {
    return null;
  }
}

function decoded(bytes: Buffer, encoding: string): Buffer | null {
  if (encoding === 'base64') return Buffer.from(bytes.toString('latin1'), 'base64');
  if (encoding === 'quoted-printable')
    return Buffer.from(
      bytes
        .toString('latin1')
        .replaceAll(/=[ \t]*\r?\n/g, '')
        .replaceAll(/=([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16))),
      'latin1',
    );
  return /^(?:7bit|8bit|binary)$/.test(encoding) ? bytes : null;
}

/** Every charset that mail has knows the numbers of HTML. */
function withReferences(html: string): string {
  return html.replaceAll(/[^\p{ASCII}]/gu, (char) => `&#${char.codePointAt(0)};`);
}

const said = /^content-transfer-encoding[ \t]*:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*\r\n/im;

function editsFor(
  { fields, place, range }: ShownPart,
  text: Buffer,
  { body, bodyAt }: { readonly body: Buffer; readonly bodyAt: number },
): readonly Edit[] {
  const encoding = chooseEncoding(text);
  const encoded = encodeWith(encoding, text);
  const endsLine = range.to > range.from && body[range.to - 1] === 10;
  const match = said.exec(fields);
  const at = (place === null ? 0 : bodyAt + place.from) + (match?.index ?? fields.length);
  return [
    {
      start: at,
      end: at + (match?.[0].length ?? 0),
      bytes: Buffer.from(`Content-Transfer-Encoding: ${encoding}\r\n`, 'latin1'),
    },
    {
      start: bodyAt + range.from,
      end: bodyAt + range.to,
      bytes: endsLine ? encoded : encoded.subarray(0, -2),
    },
  ];
}

function edited(bytes: Buffer, edits: readonly Edit[]): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { start, end, bytes: piece } of edits.toSorted((a, b) => a.start - b.start)) {
    pieces.push(bytes.subarray(at, start), piece);
    at = end;
  }
  return edits.length === 0 ? bytes : Buffer.concat([...pieces, bytes.subarray(at)]);
}
