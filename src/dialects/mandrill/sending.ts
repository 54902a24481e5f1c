/** messages/send and messages/send-template (contract, 4.4 and 4.5). */
import { randomBytes } from 'node:crypto';
import { isRefusal } from '../../features/refusals/index.ts';
import type { Asking } from '../shared/native.ts';
import { scopeOf } from './caller.ts';
import type { MandrillCall, MandrillCaller } from './caller.ts';
import { flag, isObject, list, neededText, nested, flat, text } from './fields.ts';
import type { Body } from './fields.ts';
import { mailOf, readMessage, readSendAt, valuesOf } from './mail.ts';
import type { Message, Recipient, Writing } from './mail.ts';
import { brokenTemplate, invalidAddress, outcomeOf, unsigned } from './outcomes.ts';
import type { NativeOutcome, Said } from './outcomes.ts';
import { inject } from './regions.ts';
import { liveVersion, neededTemplate } from './templates.ts';

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
  const message = messageOf(body);
  const options = optionsOf(body);
  const template = await liveVersion(caller, await neededTemplate(caller, name));
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
  };
  return handIn(caller, asking, { message, writing, options });
}

type Options = { readonly isAsync: boolean; readonly sendAt: string | null; readonly pool: string | null };

function optionsOf(body: Body): Options {
  const pool = text(body, 'ip_pool', 64);
  return {
    isAsync: flag(body, 'async') ?? false,
    sendAt: readSendAt(body),
    pool: pool === '' ? null : pool,
  };
}

type Call = { readonly message: Message; readonly writing: Writing; readonly options: Options };

async function handIn(
  caller: MandrillCaller,
  asking: Asking,
  { message, writing, options }: Call,
): Promise<readonly unknown[]> {
  const { recipients } = message;
  const valid = recipients.filter(({ fault }) => fault === null);
  const manner = { isAsync: options.isAsync, recipients: valid.length };
  const mail = {
    ...mailOf(message, writing, valid),
    ...(options.sendAt === null ? {} : { sendAt: options.sendAt }),
  };
  const told = valid.length === 0 ? [] : await accept(caller, asking, mail, options.pool);
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
  pool: string | null,
): Promise<readonly NativeOutcome[] | Said> {
  const { native } = caller.world;
  const body = { ...mail, ...(pool === null ? {} : { pool }) };
  try {
    const { messages } = await native.call<{ messages: readonly NativeOutcome[] }>(asking, 'POST /messages', {
      body,
    });
    return messages;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (error.code === 'sender.domain_unproven') return unsigned;
    if (error.code === 'template.failed') return brokenTemplate;
    // An unknown pool is the default one.
    const isOfPool = error.details.errors?.some(({ field }) => field === 'pool') === true;
    if (pool !== null && isOfPool) return accept(caller, asking, mail, null);
    throw error;
  }
}
