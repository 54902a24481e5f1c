/** The content of transmissions, templates and previews (contract, sections 5 and 6) in native fields. */
import { parseMailbox, parseMailboxList } from '../../mail/address.ts';
import { hasMarks } from '../../mail/template/fields.ts';
import { classic, invalidFormat, isObject, missing, read, tooLong } from './fields.ts';
import type { Fields } from './fields.ts';
import { boxOf, inOneLine } from './recipients.ts';
import type { NativeMailbox } from './recipients.ts';

export const language = 'sparkpost';

/** `"Name <a@b>"`, `"a@b"` or `{name, email}`, any of them with marks of the language; null when it is none. */
export function senderOf(given: unknown): NativeMailbox | null {
  if (typeof given === 'string') return boxIn(given);
  if (!isObject(given) || typeof given['email'] !== 'string') return null;
  const box = boxIn(given['email']);
  if (box === null) return null;
  const { name } = given;
  return typeof name === 'string' && name !== '' ? { email: box.email, name: inOneLine(name) } : box;
}

/** What the language writes is an address only when it has written it. */
function boxIn(text: string): NativeMailbox | null {
  if (!hasMarks(text)) {
    const box = parseMailbox(text);
    return box === null ? null : boxOf(box);
  }
  const [, name = '', angled] = /^([\s\S]*)<([^<>]*)>\s*$/.exec(text) ?? [];
  const email = inOneLine(angled ?? text).trim();
  const bare = inOneLine(name)
    .trim()
    .replace(/^"(.*)"$/, '$1');
  if (email === '') return null;
  return bare === '' ? { email } : { email, name: bare };
}

/** The same for readers, with nothing that the language would write. */
export function unmarked(text: string): string {
  return text.replaceAll('{{', '{{opening_double_curly()}}');
}

export type Inline = {
  readonly from: NativeMailbox;
  readonly replyTo: readonly NativeMailbox[];
  readonly subject: string;
  readonly text: string | null;
  readonly html: string | null;
  readonly amp: string | null;
  /** A CC header only shows who else gets the mail. */
  readonly shownCc: readonly NativeMailbox[];
  readonly headers: Readonly<Record<string, string>>;
  readonly attachments: readonly Fields[];
};

/** What is required is asked for before anything is looked at. */
export function inlineOf(content: Fields): Inline {
  if (content['from'] === undefined) throw missing('content.from is a required field');
  const subject = read(content, 'subject', 'string', 'content.subject');
  if (subject === undefined || subject === '') throw missing('content.subject is a required field');
  const [text = '', html = '', amp = ''] = [
    read(content, 'text', 'string', 'content.text'),
    read(content, 'html', 'string', 'content.html'),
    read(content, 'amp_html', 'string', 'content.amp_html'),
  ];
  if (text === '' && html === '')
    throw missing("At least one of 'text' or 'html' needs to exist in 'content'");
  const from = senderOf(content['from']);
  if (from === null) throw noDomain(content['from']);
  const headers = read(content, 'headers', 'json object', 'content.headers') ?? {};
  return {
    from,
    shownCc: ccOf(headers),
    replyTo: replyToOf(read(content, 'reply_to', 'string', 'content.reply_to')),
    subject: inOneLineOf(subject),
    text: text === '' ? null : text,
    html: html === '' ? null : html,
    amp: amp === '' ? null : amp,
    headers: headersOf(headers),
    attachments: [
      ...filesOf(read(content, 'attachments', 'json array', 'content.attachments') ?? [], false),
      ...filesOf(read(content, 'inline_images', 'json array', 'content.inline_images') ?? [], true),
    ],
  };
}

/** A subject has one line, of at most 998 characters. */
export function inOneLineOf(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ').slice(0, 998);
}

function noDomain(from: unknown): Error {
  const email = isObject(from) ? from['email'] : from;
  const description =
    typeof email === 'string' && !email.includes('@') ? 'No sending domain specified' : undefined;
  if (description !== undefined) return classic(400, '7001', 'Invalid domain', description);
  return invalidFormat(
    `content.from.email: "${typeof email === 'string' ? email : ''}" isn't a valid email format.`,
  );
}

export function replyToOf(given: string | undefined): readonly NativeMailbox[] {
  if (given === undefined || given.trim() === '') return [];
  const box = boxIn(given);
  if (box === null) throw invalidFormat(`content.reply_to: "${given}" isn't a valid email format.`);
  return [box];
}

const ownFields = new Set(['subject', 'from', 'to', 'reply-to', 'content-type', 'content-transfer-encoding']);

/** Fields that the content has of its own are passed over; CC is a convention that names the others. */
export function headersOf(given: Fields): Readonly<Record<string, string>> {
  const entries = Object.entries(given).filter(([name]) => !ownFields.has(name.toLowerCase()));
  for (const [name, value] of entries)
    if (typeof value !== 'string')
      throw invalidFormat(`field 'content.headers.${name}' needs to be of type 'string'`);
  const named = entries.filter(([name]) => name.toLowerCase() !== 'cc');
  return Object.fromEntries(named.map(([name, value]) => [name, String(value)]));
}

function ccOf(headers: Fields): readonly NativeMailbox[] {
  const [, value] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'cc') ?? [];
  if (typeof value !== 'string' || value.trim() === '') return [];
  const boxes = parseMailboxList(value);
  if (boxes === null || boxes.length > 100)
    throw invalidFormat(`content.headers.CC: "${value}" is no list of addresses`);
  return boxes.map(boxOf);
}

function filesOf(given: readonly unknown[], isInline: boolean): readonly Fields[] {
  const where = isInline ? 'content.inline_images' : 'content.attachments';
  return given.map((each) => {
    if (!isObject(each)) throw invalidFormat(`field '${where}' needs to hold objects`);
    for (const field of ['name', 'type', 'data'])
      if (typeof each[field] !== 'string' || each[field] === '')
        throw missing(`${where}.${field} is a required field`);
    const [name, type, data] = [String(each['name']), String(each['type']), String(each['data'])];
    if (name.length > 255) throw tooLong(`${where}.name`, name.length, 255);
    if (/[\r\n]/.test(data)) throw invalidFormat(`field '${where}.data' must be base64 without line breaks`);
    return {
      filename: name,
      content: data,
      // Parameters of the type are not kept.
      contentType: type.split(';')[0]?.trim(),
      ...(isInline ? { contentId: name } : {}),
    };
  });
}
