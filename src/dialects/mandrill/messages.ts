/** Looking at messages (contract, 4.5): info, content, parse. */
import { idTime } from '../../base/ids.ts';
import type { ReadMail } from '../../mail/mime/index.ts';
import { orNull, printSubaccount } from './caller.ts';
import type { MandrillCall, MandrillCaller, NativeSubaccount } from './caller.ts';
import { neededText, wholeMail } from './fields.ts';
import type { Body } from './fields.ts';
import { printMessage } from './states.ts';
import type { NativeMessage, Printed, TimelineEvent } from './states.ts';
import { unknown } from './words.ts';

const rawMax = 35_000_000;

export const messageCalls: readonly MandrillCall[] = [
  { call: 'messages/info', example: { id: '0c5d1f0a9b3e4c7d8e6f7a8b9c0d1e2f' }, run: info },
  { call: 'messages/content', example: { id: '0c5d1f0a9b3e4c7d8e6f7a8b9c0d1e2f' }, run: content },
  {
    call: 'messages/parse',
    example: { raw_message: 'From: a@primary.test\nSubject: Hi\n\nIt works.' },
    bodyLimitBytes: 40_000_000,
    run: parse,
  },
];

type Shown = NativeMessage & { readonly timeline: readonly TimelineEvent[] };

/** The number behind a printed id; refused when it names no message. */
export function messageId({ world }: MandrillCaller, body: Body): string {
  const id = neededText(body, 'id', 200);
  const found = world.ids.readId(id, 'message', 'hex32');
  if (found === null) throw unknown.message(id);
  return found;
}

/** Names of subaccounts as they are printed; the account itself has none. Asked once for each in a call. */
export function namesFor(caller: MandrillCaller): (subaccountId: number) => Promise<string | null> {
  const known = new Map<number, Promise<string | null>>();
  const ask = async (id: number): Promise<string | null> => {
    const params = { id: String(id) };
    const found = await orNull(
      caller.world.native.call<NativeSubaccount>(caller.all, 'GET /subaccounts/:id', { params }),
    );
    return found === null || found.isOwn ? null : printSubaccount(found);
  };
  return (id) => {
    const name = known.get(id) ?? ask(id);
    known.set(id, name);
    return name;
  };
}

async function find(caller: MandrillCaller, id: string): Promise<Shown | null> {
  return orNull(caller.world.native.call<Shown>(caller.all, 'GET /messages/:id', { params: { id } }));
}

const idsAtOnce = 500;

/** By id, of at most as many as a native page has; those that are not found are left out. */
export async function findAll(
  { world, all }: MandrillCaller,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Shown>> {
  if (ids.length === 0) return new Map();
  const query = { id: ids, timeline: true, limit: idsAtOnce };
  const { items } = await world.native.call<{ items: readonly Shown[] }>(all, 'GET /messages', { query });
  return new Map(items.map((each) => [each.id, each]));
}

async function info(caller: MandrillCaller, body: Body): Promise<unknown> {
  const found = await find(caller, messageId(caller, body));
  if (found === null) throw unknown.message(String(body['id']));
  return print(caller, found, await namesFor(caller)(found.subaccountId));
}

export function print({ world }: MandrillCaller, message: Shown, subaccount: string | null): Printed {
  const id = world.ids.printId(message.id, 'message', 'hex32');
  return printMessage(message, message.timeline, { id, subaccount });
}

async function content(caller: MandrillCaller, body: Body): Promise<unknown> {
  const id = messageId(caller, body);
  const params = { id };
  const { native } = caller.world;
  const [message, raw] = await Promise.all([
    find(caller, id),
    orNull(native.call<Buffer>(caller.all, 'GET /messages/:id/content', { params })),
  ]);
  if (message === null || raw === null) throw unknown.message(String(body['id']));
  const mail = await wholeMail(raw, 'id');
  const parts = mail.parts.map(({ name, type, bytes }) => ({
    name,
    type,
    content: bytes.toString('base64'),
  }));
  return {
    ts: Math.floor(idTime(id) / 1000),
    _id: body['id'],
    from_email: mail.from?.email ?? message.from,
    from_name: mail.from?.name ?? '',
    subject: mail.subject,
    to: { email: message.to, name: nameIn(mail, message.to) },
    tags: message.tags,
    headers: headersOf(mail),
    text: mail.text,
    html: mail.html,
    attachments: parts,
  };
}

function nameIn({ to, cc }: ReadMail, email: string): string {
  return [...to, ...cc].find((each) => each.email.toLowerCase() === email.toLowerCase())?.name ?? '';
}

/** A header that comes again has a list of its values. */
function headersOf({ headers }: ReadMail): Readonly<Record<string, unknown>> {
  const grouped = Map.groupBy(headers, ([name]) => name.toLowerCase());
  return Object.fromEntries(
    [...grouped.values()].map((fields) => {
      const values = fields.map(([, value]) => value);
      return [fields[0]?.[0] ?? '', values.length === 1 ? values[0] : values];
    }),
  );
}

function isImage({ type, contentId }: ReadMail['parts'][number]): boolean {
  return contentId !== null && type.startsWith('image/');
}

async function parse(_caller: MandrillCaller, body: Body): Promise<unknown> {
  const mail = await wholeMail(Buffer.from(neededText(body, 'raw_message', rawMax)), 'raw_message');
  const images = mail.parts.filter(isImage);
  const attachments = mail.parts.filter((each) => !isImage(each));
  return {
    subject: mail.subject,
    from_email: mail.from?.email ?? '',
    from_name: mail.from?.name ?? '',
    to: mail.to,
    headers: headersOf(mail),
    text: mail.text ?? '',
    text_flowed: false,
    html: mail.html ?? '',
    attachments: attachments.map(({ name, type, bytes }) => ({
      name,
      type,
      binary: !type.startsWith('text/'),
      content: type.startsWith('text/') ? bytes.toString('utf8') : bytes.toString('base64'),
    })),
    images: images.map(({ contentId, type, bytes }) => ({
      name: contentId,
      type,
      content: bytes.toString('base64'),
    })),
  };
}
