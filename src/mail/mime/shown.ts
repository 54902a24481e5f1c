/**
 * The parts of a message that are shown, found through its MIME structure: attachments, messages within, what is signed or
 * encrypted (RFC 1847, RFC 8551) and what contradicts itself are none. HOT PATH for tracked mail.
 */

const depthMax = 20;
const partsMax = 500;

export type Range = { readonly from: number; readonly to: number };

export type ShownPart = {
  /** `text/html` */
  readonly type: string;
  /** The whole Content-Type. */
  readonly parameters: string;
  /** In small letters; `7bit` when nothing is said. */
  readonly encoding: string;
  /** Its header block. */
  readonly fields: string;
  /** Where that stands in the body; null for the header of the message. */
  readonly place: Range | null;
  /** Where its content stands in the body. */
  readonly range: Range;
};

type Walk = { readonly body: Buffer; readonly shown: ShownPart[]; parts: number };
type Header = Pick<ShownPart, 'type' | 'parameters' | 'encoding'> & { readonly isShown: boolean };

/** `header` and `body` with CRLF line ends. In the order of the body. */
export function shownParts(header: Buffer, body: Buffer): readonly ShownPart[] {
  const walk: Walk = { body, shown: [], parts: 0 };
  walkPart(walk, header.toString('latin1'), null, { from: 0, to: body.length }, 0);
  return walk.shown;
}

function walkPart(walk: Walk, fields: string, place: Range | null, range: Range, depth: number): void {
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
  const { parameters, encoding } = header;
  walk.shown.push({ type, parameters, encoding, fields, place, range });
}

function walkInner(walk: Walk, { from, to }: Range, depth: number): void {
  const { body } = walk;
  const isBare = body[from] === 13 && body[from + 1] === 10;
  const blank = isBare ? -2 : body.subarray(from, to).indexOf('\r\n\r\n');
  if (!isBare && blank < 0) return;
  const end = from + blank + 2;
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

export function parameter(value: string, name: string): string | null {
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
