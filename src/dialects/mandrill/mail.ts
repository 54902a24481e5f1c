/** The fields of `message` (contract, 4.4) as a native mail: pure. */
import { hasMarks } from '../../mail/template/fields.ts';
import { addressFault, flag, flat, nested, object, objects, spelled, text, texts } from './fields.ts';
import type { Body } from './fields.ts';
import { readTime } from './times.ts';

const unsubscribes = /\*\|\s*UNSUB\s*:|\{\{\{?\s*unsub\s/i;

type Mailbox = { readonly email: string; readonly name?: string };
export type Recipient = Mailbox & { readonly type: 'to' | 'cc' | 'bcc'; readonly fault: string | null };
type Values = Readonly<Record<string, unknown>>;

/** What is said, from wherever: the call itself, a template, a raw message. */
export type Writing = {
  readonly subject: string;
  readonly html: string | null;
  readonly text: string | null;
  readonly fromEmail: string;
  readonly fromName: string | null;
  /** What it was filled in from. */
  readonly templateId?: string;
};

export type Message = {
  readonly subject: string | null;
  readonly html: string | null;
  readonly text: string | null;
  readonly fromEmail: string | null;
  readonly fromName: string | null;
  readonly recipients: readonly Recipient[];
  readonly subaccount: string | null;
  readonly isShown: boolean;
  readonly language: 'merge_tags' | 'handlebars' | 'plain';
  readonly globals: Values;
  /** By recipient, in lower case. */
  readonly vars: ReadonlyMap<string, Values>;
  readonly recipientMetadata: ReadonlyMap<string, Values>;
  readonly bcc: string | null;
  /** Domain of the envelope sender. */
  readonly returnPath: string | null;
  /** Fields of the native call that need nothing else. */
  readonly rest: Readonly<Record<string, unknown>>;
};

export function readMessage(message: Body): Message {
  const fromEmail = text(message, 'from_email', 320, nested);
  const fault = fromEmail === null || fromEmail === '' ? null : addressFault(fromEmail);
  if (fault !== null) throw nested('from_email', fault);
  const globals = varsOf(objects(message, 'global_merge_vars', nested));
  const vars = byRecipient(objects(message, 'merge_vars', nested), ({ vars: own }) =>
    varsOf(Array.isArray(own) ? own : null),
  );
  return {
    subject: text(message, 'subject', 998, nested),
    html: text(message, 'html', Infinity, nested),
    text: text(message, 'text', Infinity, nested),
    fromEmail: fromEmail === '' ? null : fromEmail,
    fromName: text(message, 'from_name', 256, nested),
    returnPath: text(message, 'return_path_domain', 253, nested)?.trim().toLowerCase() ?? null,
    recipients: recipientsOf(message),
    subaccount: text(message, 'subaccount', 255, nested),
    isShown: flag(message, 'preserve_recipients', nested) ?? false,
    language: languageOf(message, Object.keys(globals).length > 0 || vars.size > 0),
    globals,
    vars,
    recipientMetadata: byRecipient(objects(message, 'recipient_metadata', nested), ({ values }) =>
      typeof values === 'object' && values !== null && !Array.isArray(values) ? { ...values } : {},
    ),
    bcc: bccOf(message),
    rest: restOf(message),
  };
}

function recipientsOf(message: Body): readonly Recipient[] {
  const to = objects(message, 'to', nested);
  if (to === null || to.length === 0) throw nested('to', 'Please enter an array');
  return to.map((each) => {
    const email = text(each, 'email', 1000, nested) ?? '';
    const name = text(each, 'name', 256, nested);
    const type = each['type'] ?? 'to';
    if (type !== 'to' && type !== 'cc' && type !== 'bcc')
      throw nested('to', 'Please enter to, cc or bcc as type');
    const mailbox = { email: email.trim(), ...(name === null || name === '' ? {} : { name }) };
    return { ...mailbox, type, fault: addressFault(mailbox.email) };
  });
}

function languageOf(message: Body, hasVars: boolean): Message['language'] {
  const asked = text(message, 'merge_language', 20, nested) ?? 'mailchimp';
  if (asked !== 'mailchimp' && asked !== 'handlebars')
    throw nested('merge_language', 'Please enter mailchimp or handlebars');
  const merges = flag(message, 'merge', nested) === true || hasVars;
  if (!merges) return 'plain';
  return asked === 'mailchimp' ? 'merge_tags' : 'handlebars';
}

/** `[{name, content}]` as an object. */
export function valuesOf(pairs: readonly unknown[] | null): Values {
  const values: [string, unknown][] = [];
  for (const pair of pairs ?? []) {
    if (typeof pair !== 'object' || pair === null) continue;
    const { name, content } = pair as { readonly name?: unknown; readonly content?: unknown };
    if (typeof name === 'string' && name !== '') values.push([name, content ?? '']);
  }
  return Object.fromEntries(values);
}

/** Names of variables do not tell upper from lower case, so a recipient's own stands before a global one of another spelling. */
export function varsOf(pairs: readonly unknown[] | null): Values {
  return Object.fromEntries(
    Object.entries(valuesOf(pairs)).map(([name, value]) => [name.toUpperCase(), value]),
  );
}

function byRecipient(
  entries: readonly Body[] | null,
  read: (entry: Body) => Values,
): ReadonlyMap<string, Values> {
  const all = new Map<string, Values>();
  for (const entry of entries ?? []) {
    const { rcpt } = entry;
    if (typeof rcpt !== 'string') continue;
    const key = rcpt.trim().toLowerCase();
    all.set(key, { ...all.get(key), ...read(entry) });
  }
  return all;
}

function bccOf(message: Body): string | null {
  const bcc = text(message, 'bcc_address', 320, nested);
  if (bcc === null || bcc === '') return null;
  const fault = addressFault(bcc);
  if (fault !== null) throw nested('bcc_address', fault);
  return bcc;
}

/** Written by us, whatever the caller says. */
const ownHeaders =
  /^(?:from|to|cc|bcc|subject|date|sender|return-path|received|message-id|mime-version|content-.*|dkim-.*|x-mc-.*|reply-to)$/i;

function restOf(message: Body): Readonly<Record<string, unknown>> {
  const headers = Object.entries(object(message, 'headers', nested) ?? {});
  const replyTo = headers.find(([name]) => name.toLowerCase() === 'reply-to')?.[1];
  const kept = headers
    .filter(([name]) => !ownHeaders.test(name))
    .map(([name, value]) => [name, spelled(value)]);
  const tags = texts(message, 'tags', nested);
  if (tags?.some((tag) => tag.startsWith('_')) === true)
    throw nested('tags', 'Tags may not begin with an underscore');
  const attachments = [
    ...(objects(message, 'attachments', nested) ?? []).map((each) => attachmentOf(each)),
    ...(objects(message, 'images', nested) ?? []).map((each) => {
      const { filename, ...image } = attachmentOf(each);
      return { ...image, filename, contentId: filename };
    }),
  ];
  return {
    ...(kept.length === 0 ? {} : { headers: Object.fromEntries(kept) }),
    ...(replyTo === undefined ? {} : { replyTo: mailboxesOf(spelled(replyTo).slice(0, 4096)) }),
    ...(tags === null ? {} : { tags: [...new Set(tags)] }),
    ...(attachments.length === 0 ? {} : { attachments }),
    metadata: object(message, 'metadata', nested) ?? {},
    ...switches(message),
  };
}

/** What the message says nothing of is as the switches of domain, subaccount and account say. */
function switches(message: Body): Readonly<Record<string, unknown>> {
  const [opens, clicks] = [flag(message, 'track_opens', nested), flag(message, 'track_clicks', nested)];
  const tracking = { ...(opens === null ? {} : { opens }), ...(clicks === null ? {} : { clicks }) };
  const [autoText, inlineCss] = [flag(message, 'auto_text', nested), flag(message, 'inline_css', nested)];
  const told = { ...tracking, ...linking(message) };
  return {
    ...(Object.keys(told).length === 0 ? {} : { tracking: told }),
    ...(autoText === null ? {} : { autoText }),
    ...(inlineCss === null ? {} : { inlineCss }),
    ...(flag(message, 'auto_html', nested) === true ? { autoHtml: true } : {}),
    ...(flag(message, 'view_content_link', nested) === false ? { hideContent: true } : {}),
    ...analyticsOf(message),
  };
}

function linking(message: Body): Readonly<Record<string, unknown>> {
  const domain = text(message, 'tracking_domain', 253, nested);
  return {
    ...(flag(message, 'url_strip_qs', nested) === true ? { hidesQuery: true } : {}),
    ...(domain === null || domain === '' ? {} : { domain }),
  };
}

/** What Google Analytics is told of links to the named hosts. */
function analyticsOf(message: Body): Readonly<Record<string, unknown>> {
  const hosts = (texts(message, 'google_analytics_domains', nested) ?? []).flatMap(
    (each) => each.trim() || [],
  );
  if (hosts.length === 0) return {};
  const given = message['google_analytics_campaign'];
  const named: unknown = Array.isArray(given) ? given[0] : given;
  const campaign = spelled(named) === '' ? text(message, 'from_email', 320, nested) : spelled(named);
  const parameters = { utm_source: 'mandrill', utm_medium: 'email', utm_campaign: campaign ?? '' };
  return { linkParameters: { hosts, parameters } };
}

function attachmentOf(each: Body): { filename: string; content: string; contentType?: string } {
  const type = text(each, 'type', 255, nested);
  const content = text(each, 'content', Infinity, nested) ?? '';
  const filename = text(each, 'name', 255, nested) ?? '';
  return {
    filename: filename === '' ? 'attachment' : filename,
    content,
    ...(type === null || type === '' ? {} : { contentType: type }),
  };
}

/** `Name <a@b.test>, c@d.test` */
function mailboxesOf(header: string): readonly Mailbox[] {
  return [...header.matchAll(/(?:"([^"]*)"|([^,<"]*))\s*<([^<>]+)>|([^\s,<>]+@[^\s,<>]+)/g)].map(
    ([, quoted, plain, inside, bare]) => {
      const name = (quoted ?? plain ?? '').trim();
      return { email: (inside ?? bare ?? '').trim(), ...(name === '' ? {} : { name }) };
    },
  );
}

/** `send_at` of a call as an instant; refused in the provider's own text. */
export function readSendAt(body: Body): string | null {
  const given = text(body, 'send_at', 40);
  if (given === null || given === '') return null;
  const at = readTime(given);
  if (at === null) throw flat('send_at', 'Please enter a valid date/time');
  return at;
}

/** The native request for the recipients whose addresses can be. */
export function mailOf(
  message: Message,
  writing: Writing,
  recipients: readonly Recipient[],
): Readonly<Record<string, unknown>> {
  const { fromEmail, fromName, subject, html, text: plain, templateId } = writing;
  return {
    from: { email: fromEmail, ...(fromName === null || fromName === '' ? {} : { name: fromName }) },
    subject,
    ...(html === null ? {} : { html }),
    ...(plain === null ? {} : { text: plain }),
    ...(html === null && plain === null ? { text: '' } : {}),
    ...message.rest,
    ...leaving(message, writing),
    ...bouncing(message),
    ...(templateId === undefined ? {} : { template: { id: templateId, filled: true } }),
    ...(message.language === 'plain' ? {} : { language: message.language, data: message.globals }),
    ...(isNameWritten(message, writing) ? { fieldsInLanguage: true } : {}),
    ...(isShared(message) ? shared(message, recipients) : { recipients: separate(message, recipients) }),
  };
}

/** Mail with an address that unsubscribes says in its header how to, too (contract, 7.1). */
function leaving(
  { language, rest }: Message,
  { html, text: plain }: Writing,
): Readonly<Record<string, unknown>> {
  const has = language !== 'plain' && [html, plain].some((each) => each !== null && unsubscribes.test(each));
  return has ? { tracking: { ...(rest['tracking'] as object | undefined), unsubscribe: true } } : {};
}

/**
 * Variables stand in from_name and in no other field (contract, 7): the native call writes all fields in the language or none,
 * so beside another that looks like it the name goes as it stands.
 */
function isNameWritten({ language, rest }: Message, { fromEmail, fromName }: Writing): boolean {
  if (language === 'plain' || fromName === null || !hasMarks(fromName)) return false;
  const { headers, replyTo } = rest;
  return !hasMarks(JSON.stringify([fromEmail, headers, replyTo].map((each) => each ?? null)));
}

/** All in one To field, which a native mail has only when its copies are the same. */
function isShared({ isShown, vars, recipientMetadata }: Message): boolean {
  return isShown && vars.size === 0 && recipientMetadata.size === 0;
}

const plainMailbox = ({ email, name }: Mailbox): Mailbox => ({
  email,
  ...(name === undefined ? {} : { name }),
});

function shared({ bcc }: Message, recipients: readonly Recipient[]): Readonly<Record<string, unknown>> {
  const of = (wanted: Recipient['type']): readonly Mailbox[] =>
    recipients.filter(({ type }) => type === wanted).map(plainMailbox);
  return { to: of('to'), cc: of('cc'), bcc: [...of('bcc'), ...(bcc === null ? [] : [{ email: bcc }])] };
}

function separate(message: Message, recipients: readonly Recipient[]): readonly unknown[] {
  const { bcc, vars, recipientMetadata, language } = message;
  const copies = recipients.map((recipient) => {
    const key = recipient.email.toLowerCase();
    const [data, metadata] = [vars.get(key), recipientMetadata.get(key)];
    return {
      to: plainMailbox(recipient),
      ...(data === undefined || language === 'plain' ? {} : { data }),
      ...(metadata === undefined ? {} : { metadata }),
    };
  });
  const again = bcc === null ? [] : copies.map((copy) => ({ ...copy, to: { email: bcc } }));
  return [...copies, ...again];
}

function bouncing({ returnPath }: Message): { readonly bounceDomain?: string } {
  return returnPath === null || returnPath === '' ? {} : { bounceDomain: returnPath };
}

/** A whole message that goes as it stands. */
export function rawOf(
  message: Message,
  raw: string,
  recipients: readonly Recipient[],
): Readonly<Record<string, unknown>> {
  const { tags, metadata } = message.rest;
  return {
    raw,
    to: recipients.map(({ email }) => email),
    ...(tags === undefined ? {} : { tags }),
    ...bouncing(message),
    metadata,
  };
}
