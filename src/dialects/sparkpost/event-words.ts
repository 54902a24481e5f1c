/** Our events as SparkPost's (contract, section 9): flat objects, all scalars text. Events of no message have no word there. */
import type { IdPrinter } from '../../base/ids.ts';
import { regionOf } from '../../mail/site-regions.ts';
import { isObject } from './fields.ts';
import type { Fields } from './fields.ts';
import { regionWords } from './regions.ts';

export type NativeEvent = {
  readonly seq: string;
  readonly at: string;
  readonly kind: string;
  readonly subaccountId: number;
  readonly messageId: string | null;
  readonly submissionId: string | null;
  readonly recipient: string | null;
  readonly subject: string | null;
  readonly tags: readonly string[];
  readonly metadata: Fields;
  readonly data: Fields;
  readonly mail: MailFacts | null;
};

/** What the native event says of its message and call. */
type MailFacts = {
  readonly from: string | null;
  readonly door: string;
  readonly sizeBytes: number | null;
  readonly campaign: string | null;
  readonly templateSlug: string | null;
  readonly poolId: string | null;
  readonly tracked: Readonly<Record<string, boolean>>;
  /** Null: not known any more. */
  readonly lane: 'transactional' | 'bulk' | null;
  readonly copy: string;
};

/** Several of ours may be one of theirs. */
export const typeOfKind: Readonly<Record<string, string>> = {
  'message.accepted': 'injection',
  'message.delivered': 'delivery',
  'message.deferred': 'delay',
  'message.bounced': 'bounce',
  'message.expired': 'bounce',
  'message.suppressed': 'bounce',
  'message.cancelled': 'bounce',
  'message.dropped': 'bounce',
  'message.undetermined': 'bounce',
  'message.bounced_later': 'out_of_band',
  'message.failed': 'generation_failure',
  'message.rejected': 'policy_rejection',
  'message.complained': 'spam_complaint',
  'message.opened': 'open',
  'message.initially_opened': 'initial_open',
  'message.clicked': 'click',
  'message.unsubscribed': 'list_unsubscribe',
};

const classes: Readonly<Record<string, string>> = {
  hard: '10',
  soft: '20',
  block: '50',
  policy: '50',
  admin: '25',
  undetermined: '1',
};

/** What has no answer of a remote server: its class, and how SparkPost words it. */
export const internal: Readonly<Record<string, readonly [string, string]>> = {
  'message.suppressed': ['25', '554 5.7.1 recipient address was suppressed due to customer policy'],
  'message.cancelled': ['25', '554 5.7.1 [internal] Campaign cancelled'],
  'message.dropped': ['25', '554 5.7.1 [internal] Message dropped'],
  'message.rejected': ['25', '554 5.7.1 [internal] Message rejected by policy'],
};

/** As the remote server said it: `550 5.1.1 no such user`. */
function replyText({ code, enhanced, text }: Fields): string {
  return [code, enhanced, text]
    .map((part) => (part === null || part === undefined ? '' : String(part as string | number)))
    .filter((part) => part !== '')
    .join(' ');
}

function failureOf({ kind, data }: NativeEvent): Fields {
  const own = internal[kind];
  if (own !== undefined)
    return { bounce_class: own[0], error_code: '554', reason: own[1], raw_reason: own[1] };
  const reply = isObject(data['reply']) ? data['reply'] : null;
  const error = typeof data['error'] === 'string' ? data['error'] : '';
  const text = reply === null ? error : replyText(reply);
  const named = classes[String(data['class'])];
  const timedOut = kind === 'message.expired' ? '24' : '1';
  return {
    bounce_class: named ?? timedOut,
    ...(reply === null ? {} : { error_code: String(reply['code']) }),
    reason: text,
    raw_reason: text,
  };
}

function linkName({ name }: Fields): string {
  return typeof name === 'string' && name !== '' ? name : 'Raw URL';
}

const failures = new Set(['bounce', 'delay', 'out_of_band', 'generation_failure', 'policy_rejection']);

/** What SparkPost calls the pool of that id, or the one of mail that has none; null: not told. */
export type PoolName = (id: string | null) => string | null;
const unnamed: PoolName = () => null;

/** Event ids are decimal text of 17 digits. Null: nothing of theirs. */
export function eventOf(
  ids: IdPrinter,
  customerId: number,
  primaryId: number | null,
  event: NativeEvent,
  poolName: PoolName = unnamed,
): Fields | null {
  const type = typeOfKind[event.kind];
  if (type === undefined || event.messageId === null) return null;
  const { data, recipient } = event;
  const attempt = typeof data['attempt'] === 'number' ? data['attempt'] : 1;
  return {
    type,
    event_id: `1${event.seq.padStart(16, '0')}`,
    timestamp: event.at,
    customer_id: String(customerId),
    ...(event.subaccountId === primaryId ? {} : { subaccount_id: String(event.subaccountId) }),
    transmission_id: event.submissionId ?? '',
    message_id: ids.printId(event.messageId, 'message', 'hex20'),
    rcpt_to: (recipient ?? '').toLowerCase(),
    raw_rcpt_to: recipient ?? '',
    recipient_domain: (recipient ?? '').split('@')[1]?.toLowerCase() ?? '',
    rcpt_meta: event.metadata,
    rcpt_tags: event.tags,
    subject: event.subject ?? '',
    num_retries: String(Math.max(0, attempt - 1)),
    ...(typeof data['address'] === 'string' && type === 'delivery' ? { ip_address: data['address'] } : {}),
    ...(typeof data['userAgent'] === 'string' ? { user_agent: data['userAgent'] } : {}),
    ...(typeof data['url'] === 'string'
      ? { target_link_url: data['url'], target_link_name: linkName(data) }
      : {}),
    ...providerWords(data),
    ...(event.mail === null ? {} : mailWords(event.mail, poolName)),
    ...(failures.has(type) ? failureOf(event) : {}),
  };
}

/** Of an attempt: whose hosts it went to, and from where. */
function providerWords({ site, source }: Fields): Fields {
  return {
    ...(typeof site === 'string'
      ? { mailbox_provider: site, mailbox_provider_region: regionWords[regionOf(site)] }
      : {}),
    ...(typeof source === 'string' ? { sending_ip: source } : {}),
  };
}

function mailWords(mail: MailFacts, poolName: PoolName): Fields {
  const { from, door, sizeBytes, campaign, templateSlug, tracked, lane, copy } = mail;
  const pool = poolName(mail.poolId);
  return {
    ...(from === null
      ? {}
      : { friendly_from: from, sending_domain: from.split('@')[1]?.toLowerCase() ?? '' }),
    ...(sizeBytes === null ? {} : { msg_size: String(sizeBytes) }),
    ...(campaign === null ? {} : { campaign_id: campaign }),
    ...(templateSlug === null ? {} : { template_id: templateSlug }),
    ...(pool === null ? {} : { ip_pool: pool }),
    recv_method: door === 'http' ? 'rest' : 'esmtp',
    ...(lane === null ? {} : { transactional: lane === 'transactional' ? '1' : '0' }),
    open_tracking: tracked['opens'] === true,
    initial_pixel: tracked['initialOpens'] === true,
    click_tracking: tracked['clicks'] === true,
    ...(copy === 'to' ? {} : { rcpt_type: copy }),
  };
}
