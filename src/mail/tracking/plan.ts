/**
 * Where links and pixels go into a message: through its MIME structure to the parts that are shown. Everything else stays
 * byte for byte: attachments, messages within, what is signed or encrypted (RFC 1847, RFC 8551), parts in a charset that is
 * not ASCII below 128. HOT PATH for tracked mail: once for all copies that are the same but for this.
 */
import { encodeWith } from '../mime/encode.ts';
import { parameter, shownParts } from '../mime/shown.ts';
import type { Range, ShownPart } from '../mime/shown.ts';
import type { Piece, Plan, Slot, TrackingWishes } from './model.ts';
import { htmlPlaces, pixelFrame, textPlaces } from './places.ts';
import type { Place } from './places.ts';
import { decodeQuotedPrintable, inQuotedPrintable, plainText, softBreaks } from './transfer.ts';
import type { Decoded } from './transfer.ts';

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
};
/** Null when nothing is put into it. `header` and `body` as they leave, with CRLF line ends. */
export function makePlan(header: Buffer, body: Buffer, wishes: TrackingWishes, url: string): Plan | null {
  const walk: Walk = { body, wishes, url, edits: [], header };
  for (const part of shownParts(header, body)) {
    const { type } = part;
    if (type === 'text/html' || (type === 'text/plain' && wishes.textClicks)) editPart(walk, part);
  }
  if (walk.edits.length === 0) return null;
  return { header: walk.header, pieces: piecesBetween(body, { from: 0, to: body.length }, walk.edits) };
}

function editPart(walk: Walk, { type, parameters, encoding, fields, place, range }: ShownPart): void {
  const charset = (parameter(parameters, 'charset') ?? 'utf-8').toLowerCase();
  if (!transparent.test(charset)) return;
  const world = { wishes: walk.wishes, url: walk.url, charset };
  const find = (text: string): readonly Place[] =>
    type === 'text/html' ? htmlPlaces(text, world) : textPlaces(text, world);
  const source = walk.body.toString('latin1', range.from, range.to);
  switch (encoding) {
    case 'quoted-printable': {
      const decoded = decodeQuotedPrintable(source);
      editInPlace(walk, range, source, decoded, find(decoded.text), 'quoted-printable');
      return;
    }
    case 'base64': {
      // Node stops at the first padding: text after it would be lost.
      const padding = source.indexOf('=');
      if (padding >= 0 && /[^\s=]/.test(source.slice(padding))) return;
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

/** Whether a line would exceed what a line may have once all is put in. Places stand in order: each line is measured once. */
function growsTooLong(source: string, places: readonly Place[]): boolean {
  let [lineEnd, grown] = [-1, 0];
  for (const { start, end, length } of places) {
    if (start > lineEnd) {
      if (grown > lineMax) return true;
      const next = source.indexOf('\n', end);
      lineEnd = next < 0 ? source.length : next;
      grown = lineEnd - (source.lastIndexOf('\n', start - 1) + 1);
    }
    grown += length - (end - start);
  }
  return grown > lineMax;
}

/** The part is quoted-printable from now on. */
function sayEncoding(walk: Walk, place: Range | null, fields: string): void {
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
