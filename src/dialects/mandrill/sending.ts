/** messages/send, send-template and send-raw (contract, 4.4 and 4.5). */
import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { isRefusal } from '../../features/refusals/index.ts';
import type { Asking } from '../shared/native.ts';
import { scopeOf } from './caller.ts';
import type { MandrillCall, MandrillCaller } from './caller.ts';
import { flag, isObject, list, neededText, nested, flat, text, texts, wholeMail } from './fields.ts';
import type { Body } from './fields.ts';
import { mailOf, rawOf, readMessage, readSendAt, valuesOf } from './mail.ts';
import type { Message, Recipient, Writing } from './mail.ts';
import { brokenTemplate, invalidAddress, outcomeOf, unsigned } from './outcomes.ts';
import type { NativeOutcome, Said } from './outcomes.ts';
import { inject } from './regions.ts';
import { liveVersion, neededTemplate } from './templates.ts';
import type { Head } from './templates.ts';
import { goesAsItIs, messageFrom, readControls, switchesOf } from './x-mc.ts';

const rawMax = 35_000_000;
/** A message of 25 MiB in base64, and its fields. */
export const bodyLimitBytes = 40_000_000;

const example = {
  message: {
    from_email: 'news@primary.test',
    to: [{ email: 'ann@ok.test' }],
    subject: 'Hi',
    text: 'It works.',
  },
} as const;

export const sendingCalls: readonly MandrillCall[] = [
  { call: 'messages/send', example, bodyLimitBytes, run: send },
  {
    call: 'messages/send-template',
    example: { ...example, template_name: 'order-shipped', template_content: [] },
    bodyLimitBytes,
    run: sendTemplate,
  },
  {
    call: 'messages/send-raw',
    example: { raw_message: 'From: news@primary.test\r\nSubject: Hi\r\n\r\nIt works.', to: ['ann@ok.test'] },
    bodyLimitBytes,
    run: sendRaw,
  },
];

function messageOf(body: Body): Message {
  const { message } = body;
  if (!isObject(message)) throw flat('message', 'Please enter a value');
  return readMessage(message);
}

async function send(caller: MandrillCaller, body: Body): Promise<unknown> {
  const message = messageOf(body);
  const options = optionsOf(body);
  const { fromEmail, fromName } = message;
  if (fromEmail === null) throw nested('from_email', 'Please enter a value');
  const asking = await scopeOf(caller, message.subaccount);
  const writing = {
    subject: message.subject ?? '',
    html: message.html,
    text: message.text,
    fromEmail,
    fromName,
  };
  return handIn(caller, asking, { message, writing, options });
}

async function sendTemplate(caller: MandrillCaller, body: Body): Promise<unknown> {
  const name = neededText(body, 'template_name', 200);
  const contents = valuesOf(list(body, 'template_content'));
  return fromTemplate(caller, { name, contents }, messageOf(body), optionsOf(body));
}

type Filled = { readonly name: string; readonly contents: Readonly<Record<string, unknown>> };

async function fromTemplate(
  caller: MandrillCaller,
  { name, contents }: Filled,
  message: Message,
  options: Options,
): Promise<unknown> {
  const head = await neededTemplate(caller, name);
  const template = await liveVersion(caller, head);
  const asking = await scopeOf(caller, message.subaccount);
  const fromEmail = message.fromEmail ?? template.defaults.from?.email ?? null;
  if (fromEmail === null) throw nested('from_email', 'Please enter a value');
  const html = template.html ?? message.html;
  const writing = {
    subject: message.subject ?? template.subject,
    html: html === null ? null : inject(html, contents),
    text: template.text ?? message.text,
    fromEmail,
    fromName: message.fromName ?? template.defaults.from?.name ?? null,
    ...(mayName(asking, head) ? { templateId: head.id } : {}),
  };
  return handIn(caller, asking, { message, writing, options });
}

/** Every subaccount sends from every template of the account; natively its mail belongs to one that it holds or that is shared. */
function mayName({ scope }: Asking, { subaccountId, share }: Head): boolean {
  return share === 'use' || subaccountId === Number(scope.subaccountId);
}

async function sendRaw(caller: MandrillCaller, body: Body): Promise<unknown> {
  return sendWhole(caller, Buffer.from(neededText(body, 'raw_message', rawMax)), body);
}

/** A whole message with its X-MC-* headers; `body` as of messages/send-raw, without the message. */
async function sendWhole(
  caller: MandrillCaller,
  bytes: Buffer,
  body: Body,
  isStrict = false,
): Promise<unknown> {
  const mail = await wholeMail(bytes, 'raw_message');
  const named = texts(body, 'to');
  const inHeader = [...mail.to, ...mail.cc, ...mail.bcc].map(({ email }) => email);
  const recipients = [...new Set(named === null || named.length === 0 ? inHeader : named)];
  if (recipients.length === 0) throw flat('to', 'Please enter an array');
  const controls = readControls(mail);
  const given = { email: text(body, 'from_email', 320), name: text(body, 'from_name', 256) };
  const later = body['send_at'] ?? controls.sendAt;
  const options = {
    ...optionsOf({ ...body, send_at: later, ip_pool: body['ip_pool'] ?? controls.pool }),
    isStrict,
  };
  const asked = readMessage(messageFrom(mail, controls, recipients, given));
  const message = { ...asked, rest: withSwitches(asked.rest, switchesOf(controls)) };
  const isFromItself = given.email === null && given.name === null;
  // A native call is JSON: bytes that are no UTF-8 are written anew.
  if (isFromItself && isUtf8(bytes) && goesAsItIs(controls, recipients.length)) {
    const call = { message, raw: bytes.toString('utf8'), options };
    return handIn(caller, await scopeOf(caller, message.subaccount), call);
  }
  if (controls.template !== null) {
    const { name, region } = controls.template;
    const contents = { [region]: mail.html ?? mail.text ?? '' };
    return fromTemplate(caller, { name, contents }, message, options);
  }
  const { fromEmail, fromName, html, text: plain, subject } = message;
  if (fromEmail === null) throw flat('from_email', 'Please enter a value');
  const asking = await scopeOf(caller, message.subaccount);
  const writing = { subject: subject ?? '', html, text: plain, fromEmail, fromName };
  return handIn(caller, asking, { message, writing, options });
}

/** Both may say something of tracking. */
function withSwitches(rest: Message['rest'], switches: Body): Message['rest'] {
  const [own, more] = [rest['tracking'], switches['tracking']].map((each) => (isObject(each) ? each : {}));
  const tracking = { ...own, ...more };
  return { ...rest, ...switches, ...(Object.keys(tracking).length === 0 ? {} : { tracking }) };
}

type Options = {
  readonly isAsync: boolean;
  readonly sendAt: string | null;
  readonly pool: string | null;
  /** Over SMTP: what refuses the mail as a whole is told as a refusal, or nobody would hear of it. */
  readonly isStrict?: boolean;
};

function optionsOf(body: Body): Options {
  const pool = text(body, 'ip_pool', 64);
  return {
    isAsync: flag(body, 'async') ?? false,
    sendAt: readSendAt(body),
    pool: pool === '' ? null : pool,
  };
}

/** What is said is written by us, or stands in a whole message. */
type Call = { readonly message: Message; readonly options: Options } & (
  | { readonly writing: Writing; readonly raw?: undefined }
  | { readonly raw: string }
);

async function handIn(
  caller: MandrillCaller,
  asking: Asking,
  { message, options, ...said }: Call,
): Promise<readonly unknown[]> {
  const { recipients } = message;
  const valid = recipients.filter(({ fault }) => fault === null);
  const manner = { isAsync: options.isAsync, recipients: valid.length };
  const mail = {
    ...(said.raw === undefined ? mailOf(message, said.writing, valid) : rawOf(message, said.raw, valid)),
    ...(options.sendAt === null ? {} : { sendAt: options.sendAt }),
  };
  const told = valid.length === 0 ? [] : await accept(caller, asking, mail, options);
  if ('status' in told)
    return recipients.map((each) => printOf(caller, each, each.fault === null ? told : invalidAddress, null));
  const left = Map.groupBy(told, ({ to }) => to.toLowerCase());
  return recipients.map((recipient) => {
    if (recipient.fault !== null) return printOf(caller, recipient, invalidAddress, null);
    const own = left.get(recipient.email.toLowerCase());
    // A copy for each recipient; where all are shown, who is named twice has one.
    const outcome = own === undefined || own.length < 2 ? own?.[0] : own.shift();
    if (outcome === undefined) return printOf(caller, recipient, invalidAddress, null);
    return printOf(caller, recipient, outcomeOf(outcome, manner), outcome.id);
  });
}

/** What a recipient is told; one whose mail was not accepted has an id that names nothing. */
function printOf({ world }: MandrillCaller, recipient: Recipient, said: Said, id: string | null): unknown {
  const _id = id === null ? randomBytes(16).toString('hex') : world.ids.printId(id, 'message', 'hex32');
  return { email: recipient.email, ...said, _id };
}

/** The outcomes; or what all recipients are told when the mail as a whole is refused for a reason that Mandrill tells by recipient. */
async function accept(
  caller: MandrillCaller,
  asking: Asking,
  mail: Readonly<Record<string, unknown>>,
  { pool, isStrict = false }: Pick<Options, 'pool' | 'isStrict'>,
): Promise<readonly NativeOutcome[] | Said> {
  const { native } = caller.world;
  const body = { ...mail, ...(pool === null ? {} : { pool }) };
  try {
    const route = 'raw' in mail ? 'POST /messages/raw' : 'POST /messages';
    const { messages } = await native.call<{ messages: readonly NativeOutcome[] }>(asking, route, { body });
    return messages;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // An unknown pool is the default one.
    const isOf = (wanted: string): boolean =>
      error.details.errors?.some(({ field }) => field === wanted) === true;
    if (pool !== null && isOf('pool')) return accept(caller, asking, mail, { pool: null, isStrict });
    // A tracking domain that is not verified is the usual one.
    if (isOf('tracking.domain') && isObject(mail['tracking'])) {
      const { domain: _, ...tracking } = mail['tracking'];
      return accept(caller, asking, { ...mail, tracking }, { pool, isStrict });
    }
    if (isOf('bounceDomain'))
      throw nested('return_path_domain', 'Please enter a domain of yours by which bounces come back');
    if (isStrict) throw error;
    if (error.code === 'sender.domain_unproven') return unsigned;
    if (error.code === 'template.failed') return brokenTemplate;
    throw error;
  }
}

/** Mail that came over SMTP with X-MC-* headers, to the recipients of its envelope. Throws a refusal or a `Told`. */
export async function submitWhole(
  caller: MandrillCaller,
  bytes: Buffer,
  recipients: readonly string[],
): Promise<void> {
  await sendWhole(caller, bytes, { to: recipients }, true);
}
