/**
 * What is done to a message that came over SMTP, byte for byte otherwise (contract smtp-and-standards 1.4, RFC 6409 8):
 * Received and missing fields on top; Bcc, Return-Path and control headers out; the body is a view of the same bytes.
 * HOT PATH.
 */
import { formatMailbox, parseMailboxList } from '../address.ts';
import type { NamedAddress } from '../address.ts';
import { decodeWords } from './words.ts';

export type Additions = {
  /** A whole Received field with its CRLF. */
  readonly received: Buffer;
  /** Value of Date when it is missing. */
  readonly date: string;
  /** Value of Message-ID when it is missing. */
  readonly messageId: (fromDomain: string) => string;
  /** Whom Cc shows besides those that stand in it. */
  readonly cc: readonly NamedAddress[];
};

export type Prepared =
  | {
      readonly ok: true;
      readonly chunks: readonly Buffer[];
      readonly from: string;
      readonly subject: string;
      /** `TLS-Required: No` (RFC 8689 5). */
      readonly isTlsOptional: boolean;
      /** Values of our own control fields, which do not leave; of one that stands twice the last. */
      readonly controls: ReadonlyMap<string, string>;
    }
  | { readonly ok: false; readonly field: string; readonly rule: string; readonly message: string };

const headerBytesMax = 256 * 1024;
const fieldsMax = 2000;
const receivedMax = 100;

/** The control headers of all five providers, ours, and what must not travel. */
const removed =
  /^(?:bcc|return-path|x-msys-.*|x-mc-.*|x-mailersend-.*|x-mj-.*|x-mailjet-.*|x-emma-.*|x-lettershop-.*)$/;

/** RFC 5322 3.6: at most once each. Two of them, and reader and filter may believe different ones. */
const single = new Set([
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'subject',
]);

type Field = {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly isReplaced?: boolean;
};

function problem(field: string, rule: string, message: string): Prepared {
  return { ok: false, field, rule, message };
}

/** Fields of the block as ranges; null when a line is no field. */
function readFields(bytes: Buffer, end: number): Field[] | null {
  const fields: Field[] = [];
  let at = 0;
  while (at < end) {
    let next = bytes.indexOf(10, at);
    next = next < 0 || next >= end ? end : next + 1;
    const first = bytes[at];
    const isFolded = first === 32 || first === 9;
    const last = fields.at(-1);
    if (isFolded) {
      if (last === undefined) return null;
      fields[fields.length - 1] = { ...last, end: next };
    } else {
      const colon = bytes.indexOf(58, at);
      if (colon <= at || colon >= next || fields.length >= fieldsMax) return null;
      const name = bytes.toString('latin1', at, colon).trimEnd().toLowerCase();
      if (!/^[\u0021-\u0039\u003b-\u007e]+$/.test(name)) return null;
      fields.push({ start: at, end: next, name });
    }
    at = next;
  }
  return fields;
}

function valueOf(bytes: Buffer, { start, end }: Field): string {
  const text = bytes.toString('utf8', start, end);
  return text
    .slice(text.indexOf(':') + 1)
    .replaceAll(/\r\n(?=[ \t])/g, '')
    .trim();
}

export function prepareSubmission(bytes: Buffer, additions: Additions): Prepared {
  const blank = bytes.indexOf('\r\n\r\n');
  const headerEnd = bytes[0] === 13 ? 0 : blank < 0 ? bytes.length : blank + 2;
  if (headerEnd > headerBytesMax)
    return problem('message', 'header_size', `the header must not exceed ${headerBytesMax} bytes`);
  const fields = readFields(bytes, headerEnd);
  if (fields === null)
    return problem('message', 'header', 'the header has a line that is no field, or too many fields');
  if (fields.filter(({ name }) => name === 'received').length > receivedMax) {
    return problem('Received', 'loop', 'the message has passed more than 100 servers');
  }
  const known = new Map<string, Field>();
  for (const field of fields) {
    if (!single.has(field.name)) continue;
    if (known.has(field.name))
      return problem(field.name, 'single', `the message must have at most one ${field.name} field`);
    known.set(field.name, field);
  }
  const fromField = known.get('from');
  if (fromField === undefined) return problem('from', 'required', 'the message must have a From field');
  const boxes = parseMailboxList(valueOf(bytes, fromField));
  const [author] = boxes ?? [];
  if (author === undefined || boxes?.length !== 1)
    return problem('From', 'format', 'From must be exactly one valid address');
  const subject = known.get('subject');
  const tlsRequired = fields.find(({ name }) => name === 'tls-required');
  const own = fields.filter(({ name }) => name.startsWith('x-lettershop-'));
  const added = [additions.received];
  if (!known.has('date')) added.push(Buffer.from(`Date: ${additions.date}\r\n`, 'latin1'));
  if (!known.has('message-id'))
    added.push(Buffer.from(`Message-ID: ${additions.messageId(author.address.domain)}\r\n`, 'latin1'));
  const cc = ccField(bytes, known.get('cc'), additions.cc);
  if (cc !== null) added.push(cc);
  const left = cc === null ? fields : fields.map((field) => ({ ...field, isReplaced: field.name === 'cc' }));
  return {
    ok: true,
    chunks: [...added, ...keptRanges(bytes, left, headerEnd)],
    from: author.address.text,
    subject:
      subject === undefined
        ? ''
        : decodeWords(valueOf(bytes, subject)).replaceAll('\0', '').toWellFormed().slice(0, 998),
    isTlsOptional: tlsRequired !== undefined && valueOf(bytes, tlsRequired).toLowerCase() === 'no',
    controls: new Map(own.map((field) => [field.name, valueOf(bytes, field)])),
  };
}

/** The Cc field with whom it shows besides, as it stands otherwise; null when nobody is added. */
function ccField(bytes: Buffer, known: Field | undefined, more: readonly NamedAddress[]): Buffer | null {
  const shown = new Set(
    known === undefined ? [] : parseMailboxList(valueOf(bytes, known))?.map(({ address }) => address.text),
  );
  const added = more.flatMap((box) => {
    if (shown.has(box.address.text)) return [];
    shown.add(box.address.text);
    return [formatMailbox(box)];
  });
  if (added.length === 0) return null;
  const text = known === undefined ? '' : bytes.toString('latin1', known.start, known.end);
  const before = text.slice(text.indexOf(':') + 1).trim();
  const list = Buffer.from(`${added.join(',\r\n ')}\r\n`, 'utf8');
  return Buffer.concat([Buffer.from(`Cc: ${before === '' ? '' : `${before},\r\n `}`, 'latin1'), list]);
}

/** Values of the fields of this name, in order; each fold is one space. */
export function fieldValues(bytes: Buffer, name: string): readonly string[] {
  const blank = bytes.indexOf('\r\n\r\n');
  const block = bytes.toString('latin1', 0, Math.min(blank < 0 ? bytes.length : blank + 2, headerBytesMax));
  const pattern = new RegExp(`^${name}[ \\t]*:([^\\r\\n]*(?:\\r\\n[ \\t][^\\r\\n]*)*)`, 'gim');
  return [...block.matchAll(pattern)].map((match) =>
    Buffer.from((match[1] ?? '').replaceAll(/\r\n[ \t]+/g, ' ').trim(), 'latin1').toString('utf8'),
  );
}

/** Views of everything but the removed fields; without removals the whole message is one view. */
function keptRanges(bytes: Buffer, fields: readonly Field[], headerEnd: number): Buffer[] {
  const kept: Buffer[] = [];
  let from = 0;
  for (const field of fields) {
    if (field.isReplaced !== true && !removed.test(field.name)) continue;
    if (field.start > from) kept.push(bytes.subarray(from, field.start));
    from = field.end;
  }
  kept.push(bytes.subarray(from));
  // A message of headers only still needs the empty line and an end.
  if (headerEnd === bytes.length && headerEnd > 0)
    kept.push(Buffer.from(bytes.at(-1) === 10 ? '\r\n' : '\r\n\r\n'));
  return kept;
}
