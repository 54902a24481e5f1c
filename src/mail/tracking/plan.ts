/**
 * Where links and pixels go into a message: through its MIME structure to the parts that are shown. Everything else stays
 * byte for byte: attachments, messages within, what is signed or encrypted (RFC 1847, RFC 8551), parts in a charset that is
 * not ASCII below 128. HOT PATH for tracked mail: once for all copies that are the same but for this.
 */
import { encodeWith } from '../mime/encode.ts';
import type { Piece, Plan, Slot, TrackingWishes } from './model.ts';
import { htmlPlaces, pixelFrame, textPlaces } from './places.ts';
import type { Place } from './places.ts';
import { decodeQuotedPrintable, inQuotedPrintable, plainText, softBreaks } from './transfer.ts';
import type { Decoded } from './transfer.ts';

const depthMax = 20;
const partsMax = 500;
/** RFC 5322 2.1.1 */
const lineMax = 998;
/** One octet below 128 is one ASCII character in them. */
const transparent =
  /^(?:utf-?8|us-ascii|ascii|iso-8859-(?:[1-9]|1[013-6])|latin1|windows-125\d|cp125\d|koi8-[ru])$/;

type Edit = { readonly start: number; readonly end: number; readonly pieces: readonly Piece[] };
type Walk = {
  readonly body: Buffer;
  readonly wishes: TrackingWishes;
  readonly url: string;
  readonly edits: Edit[];
  header: Buffer;
  parts: number;
};
type Header = {
  readonly type: string;
  readonly parameters: string;
  readonly encoding: string;
  readonly isShown: boolean;
};
type Range = { readonly from: number; readonly to: number };
/** Where a part's header stands in the body; null for that of the message. */
type HeaderPlace = Range | null;

/** Null when nothing is put into it. `header` and `body` as they leave, with CRLF line ends. */
export function makePlan(header: Buffer, body: Buffer, wishes: TrackingWishes, url: string): Plan | null {
  const walk: Walk = { body, wishes, url, edits: [], header, parts: 0 };
  walkPart(walk, header.toString('latin1'), null, { from: 0, to: body.length }, 0);
  if (walk.edits.length === 0) return null;
  return { header: walk.header, pieces: piecesBetween(body, { from: 0, to: body.length }, walk.edits) };
}

function walkPart(walk: Walk, fields: string, place: HeaderPlace, range: Range, depth: number): void {
  walk.parts += 1;
  const header = readHeader(fields);
  if (header === null || !header.isShown || depth > depthMax || walk.parts > partsMax) return;
  const { type } = header;
  if (type.startsWith('multipart/')) {
    if (type === 'multipart/signed' || type === 'multipart/encrypted' || type === 'multipart/report') return;
    const boundary = parameter(header.parameters, 'boundary');
    if (boundary === null || boundary === '') return;
    for (const part of partsOf(walk.body, range, boundary)) walkInner(walk, part, depth + 1);
    return;
  }
  const isHtml = type === 'text/html';
  if (isHtml || (type === 'text/plain' && walk.wishes.textClicks))
    editPart(walk, header, place, range, fields);
}

function walkInner(walk: Walk, { from, to }: Range, depth: number): void {
  const { body } = walk;
  const isBare = body[from] === 13 && body[from + 1] === 10;
  const blank = isBare ? from - 2 : body.indexOf('\r\n\r\n', from);
  if (!isBare && (blank < 0 || blank + 4 > to)) return;
  const end = isBare ? from : blank + 2;
  walkPart(walk, body.toString('latin1', from, end), { from, to: end }, { from: end + 2, to }, depth);
}

/** Null when it contradicts itself: nobody knows what a reader will make of it. */
function readHeader(fields: string): Header | null {
  const types = valuesOf(fields, 'content-type');
  const encodings = valuesOf(fields, 'content-transfer-encoding');
  if (types.length > 1 || encodings.length > 1) return null;
  const [type = 'text/plain'] = types;
  const [disposition = ''] = valuesOf(fields, 'content-disposition');
  const name = /^\s*([\w.+-]+\/[\w.+-]+)/.exec(type)?.[1]?.toLowerCase();
  if (name === undefined) return null;
  return {
    type: name,
    parameters: type,
    encoding: encodings[0]?.trim().toLowerCase() ?? '7bit',
    isShown: !/^\s*attachment/i.test(disposition) && valuesOf(fields, 'content-md5').length === 0,
  };
}

function valuesOf(fields: string, name: string): string[] {
  const pattern = new RegExp(`^${name}[ \\t]*:([^\\r\\n]*(?:\\r\\n[ \\t][^\\r\\n]*)*)`, 'gim');
  return [...fields.matchAll(pattern)].map((match) => (match[1] ?? '').replaceAll('\r\n', ''));
}

function parameter(value: string, name: string): string | null {
  const match = new RegExp(`;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]+))`, 'i').exec(value);
  return match === null ? null : (match[1]?.replaceAll(/\\(.)/g, '$1') ?? match[2] ?? null);
}

/** RFC 2046 5.1.1: the line end before a delimiter belongs to it. */
function partsOf(body: Buffer, { from, to }: Range, boundary: string): readonly Range[] {
  const mark = Buffer.from(`--${boundary}`, 'latin1');
  const parts: Range[] = [];
  let start: number | null = null;
  for (let at = body.indexOf(mark, from); at >= 0 && at < to; at = body.indexOf(mark, at + 1)) {
    if (at !== from && body[at - 1] !== 10) continue;
    const lineEnd = body.indexOf(10, at);
    const end = lineEnd < 0 || lineEnd >= to ? to : lineEnd + 1;
    const rest = /^(--)?[ \t]*\r?\n?$/.exec(body.toString('latin1', at + mark.length, end));
    if (rest === null) continue;
    if (start !== null) parts.push({ from: start, to: Math.max(start, at - (body[at - 2] === 13 ? 2 : 1)) });
    start = end;
    if (rest[1] !== undefined) return parts;
  }
  if (start !== null && start < to) parts.push({ from: start, to });
  return parts;
}

function editPart(walk: Walk, header: Header, place: HeaderPlace, range: Range, fields: string): void {
  const charset = (parameter(header.parameters, 'charset') ?? 'utf-8').toLowerCase();
  if (!transparent.test(charset)) return;
  const world = { wishes: walk.wishes, url: walk.url, charset };
  const find = (text: string): readonly Place[] =>
    header.type === 'text/html' ? htmlPlaces(text, world) : textPlaces(text, world);
  const source = walk.body.toString('latin1', range.from, range.to);
  switch (header.encoding) {
    case 'quoted-printable': {
      const decoded = decodeQuotedPrintable(source);
      editInPlace(walk, range, source, decoded, find(decoded.text), 'quoted-printable');
      return;
    }
    case 'base64': {
      // Node stops at the first padding: text after it would be lost.
      if (/=[\s=]*[^\s=]/.test(source)) return;
      const bytes = Buffer.from(source, 'base64');
      editWhole(walk, range, bytes, find(bytes.toString('latin1')), 'base64');
      return;
    }
    case '7bit':
    case '8bit':
    case 'binary': {
      const places = find(source);
      if (places.length === 0) return;
      if (!growsTooLong(source, places)) {
        editInPlace(walk, range, source, plainText(source), places, 'plain');
        return;
      }
      sayEncoding(walk, place, fields);
      editWhole(walk, range, walk.body.subarray(range.from, range.to), places, 'quoted-printable');
    }
  }
}

function editInPlace(
  walk: Walk,
  { from }: Range,
  source: string,
  { startOf, endOf }: Decoded,
  places: readonly Place[],
  form: 'plain' | 'quoted-printable',
): void {
  for (const { start, end, slot } of places) {
    const first = startOf(start);
    const last = end > start ? endOf(end - 1) : first;
    const breaks = form === 'plain' ? ([false, false] as const) : softBreaks(source, first, last);
    walk.edits.push({
      start: from + first,
      end: from + last,
      pieces: [{ kind: 'slot', slot, form, breaks }],
    });
  }
}

function editWhole(
  walk: Walk,
  { from, to }: Range,
  text: Buffer,
  places: readonly Place[],
  encoding: 'base64' | 'quoted-printable',
): void {
  if (places.length === 0) return;
  const edits = places.map(({ start, end, slot }): Edit => ({
    start,
    end,
    pieces: [{ kind: 'slot', slot, form: 'plain', breaks: [false, false] }],
  }));
  const pieces = piecesBetween(text, { from: 0, to: text.length }, edits);
  const endsLine = to > from && walk.body[to - 1] === 10;
  walk.edits.push({ start: from, end: to, pieces: [{ kind: 'encoded', encoding, endsLine, pieces }] });
}

/** Whether a line would exceed what a line may have once all is put in. */
function growsTooLong(source: string, places: readonly Place[]): boolean {
  const grown = new Map<number, number>();
  for (const { start, end, length } of places) {
    const lineStart = source.lastIndexOf('\n', start - 1) + 1;
    const lineEnd = source.indexOf('\n', end);
    const before = grown.get(lineStart) ?? (lineEnd < 0 ? source.length : lineEnd) - lineStart;
    grown.set(lineStart, before + length - (end - start));
  }
  return [...grown.values()].some((length) => length > lineMax);
}

/** The part is quoted-printable from now on. */
function sayEncoding(walk: Walk, place: HeaderPlace, fields: string): void {
  const said = 'Content-Transfer-Encoding: quoted-printable\r\n';
  const match = /^content-transfer-encoding[ \t]*:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*\r\n/im.exec(fields);
  const [start, end] =
    match === null ? [fields.length, fields.length] : [match.index, match.index + match[0].length];
  if (place === null) {
    walk.header = Buffer.from(`${fields.slice(0, start)}${said}${fields.slice(end)}`, 'latin1');
    return;
  }
  const bytes = Buffer.from(said, 'latin1');
  walk.edits.push({ start: place.from + start, end: place.from + end, pieces: [{ kind: 'fixed', bytes }] });
}

function piecesBetween(bytes: Buffer, { from, to }: Range, edits: readonly Edit[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = from;
  for (const edit of edits) {
    if (edit.start > at) pieces.push({ kind: 'fixed', bytes: bytes.subarray(at, edit.start) });
    pieces.push(...edit.pieces);
    at = edit.end;
  }
  if (at < to) pieces.push({ kind: 'fixed', bytes: bytes.subarray(at, to) });
  return pieces;
}

/** The body of one copy; `link` makes the address of each slot. */
export function fill(pieces: readonly Piece[], link: (slot: Slot) => string): Buffer {
  const chunks: Buffer[] = [];
  for (const piece of pieces) {
    if (piece.kind === 'fixed') chunks.push(piece.bytes);
    else if (piece.kind === 'encoded') {
      const encoded = encodeWith(piece.encoding, fill(piece.pieces, link));
      const isLong = !piece.endsLine && encoded.at(-1) === 10;
      chunks.push(isLong ? encoded.subarray(0, -2) : encoded);
    } else {
      const { slot, form, breaks } = piece;
      const isPixel = slot.kind === 'open' || slot.kind === 'initial_open';
      const text = isPixel ? pixelFrame.join(link(slot)) : link(slot);
      chunks.push(Buffer.from(form === 'plain' ? text : inQuotedPrintable(text, breaks), 'latin1'));
    }
  }
  return Buffer.concat(chunks);
}
