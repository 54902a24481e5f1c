/**
 * SMTP with the user `SMTP_Injection` (contract, section 14). `X-MSYS-API` becomes the options of a whole message; what it
 * leaves out is as the account says, and where that says nothing not transactional and not tracked. Pure.
 */
import type { Refusal } from '../../base/refusal.ts';
import type { Scope } from '../../base/scope.ts';
import type { RawOptions } from '../../features/messages/index.ts';
import type { RefusalCode } from '../../features/refusals/index.ts';
import { formatMailbox, parseMailbox, parseMailboxList } from '../../mail/address.ts';
import { decodeWords, fieldValues } from '../../mail/headers/index.ts';
import type { Reply } from '../../mail/reply.ts';
import { isObject, typeName } from './fields.ts';
import type { Fields } from './fields.ts';
import { inOneLine, tagsOf } from './recipients.ts';

const sorry: Reply = { code: 535, enhanced: '5.7.8', text: 'Sorry.' };
const campaignBytesMax = 64;
const metadataBytesMax = 10_000;
const copiesMax = 1000;

type Obeyed =
  | { readonly kind: 'options'; readonly options: RawOptions }
  | { readonly kind: 'refused'; readonly reply: Reply };

export const sparkpostSmtp = {
  /** Who may not send is turned away at the login. */
  admit({ grants, canChange }: Scope): Reply | null {
    const maySend = grants.has('smtp:send') || grants.has('messages:send');
    return maySend && canChange ? null : sorry;
  },

  obey(bytes: Buffer): Obeyed {
    try {
      return { kind: 'options', options: readControls(bytes) };
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      return { kind: 'refused', reply: { code: 550, enhanced: '5.6.0', text: error.message } };
    }
  },

  word(refusal: Refusal<RefusalCode>, bytes: Buffer | null): Reply | null {
    if (bytes === null) return ofLogin.has(refusal.code) ? sorry : null;
    if (refusal.code === 'sender.domain_unproven')
      return { code: 550, enhanced: '5.7.1', text: `Unconfigured Sending Domain <${domainOf(bytes)}>` };
    const [fault] = refusal.details.errors ?? [];
    if (fault !== undefined && /^(?:pool|metadata|tags|cc|bcc|archive|to)\b/.test(fault.field))
      return { code: 550, enhanced: '5.6.0', text: `X-MSYS-API '${fault.field}' ${fault.message}` };
    return null;
  },
};

const ofLogin: ReadonlySet<RefusalCode> = new Set([
  'auth.missing',
  'auth.failed',
  'auth.address_not_allowed',
  'auth.grant_missing',
  'subaccount.inactive',
  'not_found',
]);

/** What is wrong with the header, in SparkPost's words. */
class Malformed extends Error {
  override readonly name = 'Malformed';
}

function domainOf(bytes: Buffer): string {
  const [from = ''] = fieldValues(bytes, 'from');
  return parseMailboxList(from)?.[0]?.address.domain ?? '';
}

/** Of a header that stands twice the last counts. */
function readControls(bytes: Buffer): RawOptions {
  const text = fieldValues(bytes, 'x-msys-api').at(-1);
  const fields = text === undefined ? {} : parsed(text.startsWith('=?') ? decodeWords(text) : text);
  const campaign = typed(fields, 'campaign_id', 'string');
  if (campaign !== undefined && Buffer.byteLength(campaign) > campaignBytesMax)
    throw new Malformed(`smtpapi_campaign_id context is limited to ${campaignBytesMax} bytes`);
  const metadata = typed(fields, 'metadata', 'json object') ?? {};
  if (Buffer.byteLength(JSON.stringify(metadata)) > metadataBytesMax)
    throw new Malformed(`X-MSYS-API 'metadata' must be less than ${metadataBytesMax} bytes`);
  const copies = { cc: boxes(fields, 'cc'), bcc: boxes(fields, 'bcc'), archive: boxes(fields, 'archive') };
  if (copies.cc.length + copies.bcc.length + copies.archive.length > copiesMax)
    throw new Malformed(`X-MSYS-API 'cc', 'bcc' and 'archive' are limited to ${copiesMax} addresses`);
  return {
    ...copies,
    metadata,
    tags: tagsOf(typed(fields, 'tags', 'json array')),
    ...(campaign === undefined || campaign === '' ? {} : { campaign: inOneLine(campaign) }),
    overQuota: 'refuse',
    ...switches(typed(fields, 'options', 'json object') ?? {}),
  };
}

function switches(options: Fields): RawOptions {
  const said = (name: string): boolean | undefined => typed(options, name, 'bool', `options.${name}`);
  const pool = typed(options, 'ip_pool', 'string', 'options.ip_pool');
  const [isTransactional, opens, clicks] = [
    said('transactional'),
    said('open_tracking'),
    said('click_tracking'),
  ];
  return {
    ...(isTransactional === undefined ? {} : { lane: isTransactional ? 'transactional' : 'bulk' }),
    defaultLane: 'bulk',
    tracking: { ...(opens === undefined ? {} : { opens }), ...(clicks === undefined ? {} : { clicks }) },
    inlineCss: said('inline_css') ?? false,
    ...(pool === undefined || pool === '' ? {} : { pool }),
  };
}

function parsed(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : '';
    throw new Malformed(`JSON parsing error in X-MSYS-API ${inOneLine(detail)}`);
  }
  if (!isObject(value)) throw new Malformed("X-MSYS-API must be of type 'json object'");
  return value;
}

type Kinds = { string: string; bool: boolean; 'json object': Fields; 'json array': readonly unknown[] };

function typed<K extends keyof Kinds>(
  from: Fields,
  field: string,
  kind: K,
  path = field,
): Kinds[K] | undefined {
  const value = from[field];
  if (value === undefined || value === null) return undefined;
  if (typeName(value) !== kind) throw new Malformed(`X-MSYS-API '${path}' must be of type '${kind}'`);
  return value as Kinds[K];
}

/** Addresses, as text or as objects with a name. */
function boxes(fields: Fields, kind: 'cc' | 'bcc' | 'archive'): readonly string[] {
  return (typed(fields, kind, 'json array') ?? []).map((each, index) => {
    const email = isObject(each) ? each['email'] : each;
    const box = typeof email === 'string' ? parseMailbox(email) : null;
    if (box === null) throw new Malformed(`X-MSYS-API '${kind}[${index}]' is not a valid address`);
    const given = isObject(each) && typeof each['name'] === 'string' ? each['name'] : box.name;
    return formatMailbox(given === undefined ? box : { address: box.address, name: inOneLine(given) });
  });
}
