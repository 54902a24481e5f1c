/**
 * How Mandrill says no (contract, section 2): one body with status, code, name and message; `name` and `code` are what
 * programs look at. The HTTP statuses are those of the newest specification, on every version of the path.
 */
import type { Answer } from '../../base/route.ts';
import type { FieldError, Refusal } from '../../base/refusal.ts';
import type { RefusalCode } from '../../features/refusals/index.ts';
import { Told } from '../shared/dialect.ts';
import type { Asked, RefusalWords } from '../shared/dialect.ts';
import { pathForm } from './paths.ts';

type Words = { readonly status: number; readonly code: number; readonly name: string };

const invalidKey: Words = { status: 401, code: -1, name: 'Invalid_Key' };
const validation: Words = { status: 422, code: -2, name: 'ValidationError' };
const general = (status: number): Words => ({ status, code: -99, name: 'GeneralError' });
const later: Words = { status: 503, code: -2, name: 'ServiceUnavailable' };
const limited: Words = { status: 429, code: 429, name: 'RequestLimitExceeded' };

/** The message is the refusal's own, but for keys and for fields. */
const words: RefusalWords<Words> = {
  'request.invalid': validation,
  'request.unsupported_type': validation,
  'request.too_large': validation,
  'request.header_too_large': general(431),
  'request.method_not_allowed': general(405),
  'request.too_slow': general(408),
  'auth.missing': { status: 422, code: -1, name: 'ValidationError' },
  'auth.failed': invalidKey,
  'auth.throttled': limited,
  'auth.cross_site': invalidKey,
  'auth.grant_missing': invalidKey,
  'auth.address_not_allowed': invalidKey,
  'user.not_below': general(403),
  not_found: general(404),
  'conflict.exists': validation,
  'conflict.state': general(409),
  'idempotency.running': general(409),
  'idempotency.mismatch': validation,
  'sender.domain_unproven': validation,
  'message.invalid': validation,
  'message.loop': validation,
  'template.failed': validation,
  'recipient.invalid': validation,
  'subaccount.inactive': general(403),
  'quota.exceeded': limited,
  'limit.reached': general(409),
  'store.full': later,
  'store.unavailable': later,
  busy: later,
};

const messageFor: Readonly<Partial<Record<RefusalCode, string>>> = {
  'auth.missing': 'You must specify a key value',
  'auth.failed': 'Invalid API key',
  'auth.grant_missing': 'Invalid API key',
  'auth.cross_site': 'Invalid API key',
  'auth.address_not_allowed': 'Invalid API key',
  'auth.throttled': 'Too Many Requests attempted recently',
};

/** What our fields are called here; others by their own first word. */
const fieldNames: Readonly<Record<string, string>> = {
  from: 'from_email',
  cc: 'to',
  bcc: 'to',
  recipients: 'to',
  replyTo: 'headers',
  sendAt: 'send_at',
  externalId: 'id',
  hour: 'custom_quota',
  entries: 'email',
  address: 'email',
  reason: 'comment',
  kinds: 'events',
  slug: 'name',
  raw: 'raw_message',
  mailFrom: 'mail_from',
  remoteAddress: 'client_address',
  notify: 'notify_email',
  until: 'date_to',
  viewTemplate: 'view_template',
};

export function word(refusal: Refusal<RefusalCode> | null, asked: Asked): Answer {
  if (refusal === null) return answer({ ...general(500), message: 'An error of ours; try again' });
  if (!asked.isKnownPath) return unknownPath(asked.path);
  const said = words[refusal.code];
  const { errors = [], retryAfterSeconds } = refusal.details;
  const fields = said.name === 'ValidationError' && said.code === -2;
  const message = fields
    ? validationText(fieldsOf(errors, refusal.message, asked.path))
    : (messageFor[refusal.code] ?? refusal.message);
  const told = answer({ ...said, message });
  return retryAfterSeconds === undefined
    ? told
    : { ...told, headers: { 'retry-after': String(Math.ceil(retryAfterSeconds)) } };
}

const unknownMethod = answer({ ...general(404), code: -1, message: 'Unknown method' });

function unknownPath(path: string): Answer {
  const form = pathForm(path);
  if (form !== null && form.suffix !== '' && form.suffix !== 'json')
    return answer({ ...general(406), message: `Answers are JSON only, not ${form.suffix}` });
  return unknownMethod;
}

type Sentences = { readonly [field: string]: string | Sentences };

function fieldsOf(errors: readonly FieldError[], message: string, path: string): Sentences {
  const named = errors.map(({ field, message: sentence }) => {
    const own = field.split(/[.[]/)[0] ?? field;
    return [fieldNames[own] ?? own, sentence] as const;
  });
  const isOfMessage = /\/messages\/send(?:-template)?(?:\.json)?\/?$/.test(path);
  const top = named.filter(([field]) => !isOfMessage || field === 'send_at' || field === 'ip_pool');
  const nested = named.filter((each) => !top.includes(each));
  if (named.length === 0) return { message };
  return {
    ...Object.fromEntries(top),
    ...(nested.length === 0 ? {} : { message: Object.fromEntries(nested) }),
  };
}

/** The provider escapes slashes in this text, and programs look for parts of it. */
export function validationText(fields: Sentences): string {
  return `Validation error: ${JSON.stringify(fields).replaceAll('/', '\\/')}`;
}

function answer({ status, code, name, message }: Words & { readonly message: string }): Answer {
  return { status, body: { status: 'error', code, name, message } };
}

/** A "no" of Mandrill's own. */
export function tell(status: number, code: number, name: string, message: string): Told {
  return new Told(answer({ status, code, name, message }));
}

export function invalid(fields: Sentences): Told {
  return tell(422, -2, 'ValidationError', validationText(fields));
}

export const unknown = {
  method: () => new Told(unknownMethod),
  subaccount: (id: string) => tell(404, 12, 'Unknown_Subaccount', `No subaccount exists with the id '${id}'`),
  message: (id: string) => tell(404, 11, 'Unknown_Message', `No message exists with the id '${id}'`),
  template: (name: string) => tell(404, 5, 'Unknown_Template', `No such template "${name}"`),
  webhook: (id: string) => tell(404, 3, 'Unknown_Webhook', `Unknown hook ID ${id}`),
  domain: (domain: string) => tell(404, 8, 'Unknown_Domain', `No such domain "${domain}"`),
  inboundDomain: (domain: string) =>
    tell(404, 8, 'Unknown_InboundDomain', `Unknown Inbound Domain: ${domain}`),
  inboundRoute: (id: string) => tell(404, 22, 'Unknown_InboundRoute', `No route exists with the id '${id}'`),
  trackingDomain: (domain: string) =>
    tell(404, 21, 'Unknown_TrackingDomain', `No tracking domain exists with the name '${domain}'`),
  metadataField: (name: string) =>
    tell(404, 24, 'Unknown_MetadataField', `Invalid metadata field name: ${name}`),
  export: (id: string) => tell(404, 9, 'Unknown_Export', `Unknown Export: ${id}`),
  reject: (email: string) => tell(404, 4, 'Invalid_Reject', `The address "${email}" is not on the denylist`),
  pool: (name: string) => tell(404, 15, 'Unknown_Pool', `No pool named ${name}`),
  ip: (ip: string) => tell(404, 13, 'Unknown_IP', `No dedicated IP exists with the address '${ip}'`),
  sender: (address: string) => tell(404, 2, 'Unknown_Sender', `No such sender "${address}"`),
  tag: (tag: string) => tell(400, 1, 'Invalid_Tag_Name', `no such tag "${tag}"`),
} as const;
