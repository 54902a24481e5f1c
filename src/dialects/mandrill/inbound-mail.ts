/** A received mail as Mandrill tells of it (contract, section 6): a form of one event, signed as its webhooks are. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMail, MailWording } from '../../features/incoming/index.ts';
import type { ReadMail } from '../../mail/mime/index.ts';
import { formHeaders, formOf } from './events.ts';

export const mandrillMailWording: MailWording = {
  body: (mail, { read, bytes }) =>
    formOf([
      {
        event: 'inbound',
        ts: Math.floor(mail.receivedAt.getTime() / 1000),
        msg: messageOf(mail, read, bytes),
      },
    ]),
  testBody: formOf([]),
  headers: formHeaders,
};

type Part = ReadMail['parts'][number];
type Pair = readonly [string, string | null];

const isImage = ({ type, contentId }: Part): boolean => contentId !== null && type.startsWith('image/');

const pairs = (list: ReadMail['to']): readonly Pair[] =>
  list.map(({ email, name }) => [email, name === '' ? null : name]);

function messageOf(
  mail: IncomingMail,
  read: ReadMail | null,
  bytes: Buffer,
): Readonly<Record<string, unknown>> {
  const [images, attachments] = [
    read?.parts.filter(isImage) ?? [],
    read?.parts.filter((each) => !isImage(each)) ?? [],
  ];
  const headers = headersOf(read);
  const type = headers.find(([name]) => /^content-type$/i.test(name))?.[1] ?? '';
  const { spf, dkim = [] } = mail.authentication ?? {};
  return {
    // A byte of what is no UTF-8 is the character of its number.
    raw_msg: bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1'),
    headers: Object.fromEntries(headers),
    ...(read?.text == null ? {} : { text: read.text, text_flowed: /format="?flowed/i.test(String(type)) }),
    ...(read?.html == null ? {} : { html: read.html }),
    from_email: read?.from?.email ?? mail.mailFrom,
    from_name: read?.from?.name ?? '',
    to: pairs(read?.to ?? []),
    cc: pairs(read?.cc ?? []),
    email: mail.recipient,
    subject: read?.subject ?? mail.subject,
    tags: [],
    sender: null,
    template: null,
    ...(attachments.length === 0 ? {} : { attachments: filesOf(attachments) }),
    ...(images.length === 0 ? {} : { images: filesOf(images) }),
    // No rules are looked at here, so that none has matched.
    spam_report: { score: 0, matched_rules: [] },
    dkim: { signed: dkim.length > 0, valid: dkim.some(({ result }) => result === 'pass') },
    spf: { result: spf?.result ?? 'none', detail: spf?.detail ?? '' },
  };
}

/** By name as first written; what comes again is a list. */
function headersOf(read: ReadMail | null): readonly (readonly [string, string | readonly string[]])[] {
  const found = new Map<string, { readonly name: string; readonly values: string[] }>();
  for (const [name, value] of read?.headers ?? []) {
    const same = found.get(name.toLowerCase());
    if (same === undefined) found.set(name.toLowerCase(), { name, values: [value] });
    else same.values.push(value);
  }
  return [...found.values()].map(({ name, values: [first = '', ...more] }) => [
    name,
    more.length === 0 ? first : [first, ...more],
  ]);
}

/** By their names: a part without one, or with that of another, is told apart by its number. */
function filesOf(parts: readonly Part[]): Readonly<Record<string, unknown>> {
  const files = new Map<string, unknown>();
  for (const [index, { name, type, contentId, bytes }] of parts.entries()) {
    const own = name === '' ? (contentId ?? `part-${index + 1}`) : name;
    const key = files.has(own) ? `${index + 1}-${own}` : own;
    const isText = type.startsWith('text/') && isUtf8(bytes);
    files.set(key, {
      name: own,
      type,
      content: bytes.toString(isText ? 'utf8' : 'base64'),
      base64: !isText,
    });
  }
  return Object.fromEntries(files);
}
