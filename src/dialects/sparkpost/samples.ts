/** What events look like, for those who write programs (contract, sections 9 and 10). */
import type { Call } from '../shared/dialect.ts';
import { listOf } from './fields.ts';
import type { Fields } from './fields.ts';
import { tell } from './words.ts';

const common: Readonly<Record<string, readonly [description: string, sample: unknown]>> = {
  event_id: ['number of the event', '10000000000051730'],
  timestamp: ['when it happened, in seconds since 1970', '1932898831'],
  customer_id: ['number of the account', '1'],
  subaccount_id: ['number of the subaccount, of those that have one', '7'],
  transmission_id: ['number of the transmission', '48210773309151217'],
  message_id: ['number of the message', '0007a1b2c3d4e5f60718'],
  rcpt_to: ['who gets the message, in lower case', 'ann@inbox.test'],
  raw_rcpt_to: ['who gets the message, as the call said', 'Ann@inbox.test'],
  recipient_domain: ['domain of the recipient', 'inbox.test'],
  rcpt_meta: ['metadata of the call and of the recipient', { plan: 'pro' }],
  rcpt_tags: ['tags of the recipient', ['t1']],
  subject: ['subject of the message', 'Hello'],
  friendly_from: ['address of the From field', 'hi@news.example.com'],
  num_retries: ['attempts before this one', '0'],
  campaign_id: ['campaign of the call', 'spring-sale'],
  sending_domain: ['domain of the From field', 'news.example.com'],
  msg_size: ['bytes of the message', '1337'],
  recv_method: ['how it came: rest or esmtp', 'rest'],
  transactional: ['1 of a message that is transactional, else 0', '1'],
  open_tracking: ['a pixel stands at the end of the HTML', true],
  initial_pixel: ['a pixel stands at the beginning of the HTML', true],
  click_tracking: ['links of the HTML are tracked', true],
  mailbox_provider: ['whose mail hosts an attempt went to, of events of attempts', 'example.com'],
  mailbox_provider_region: ['where on earth these serve their people', 'Unknown'],
  sending_ip: ['address of a pool that an attempt left from', '192.0.2.1'],
  rcpt_type: ['cc, bcc or archive, of such copies only', 'cc'],
};

const special: typeof common = {
  ip_address: ['address of the server that took it', '192.0.2.9'],
  bounce_class: ['number of the class', '10'],
  error_code: ['code of the answer', '550'],
  reason: ['answer of the server', '550 5.1.1 no such user'],
  raw_reason: ['answer of the server', '550 5.1.1 no such user'],
  user_agent: ['program of who looked', 'Mozilla/5.0'],
  target_link_url: ['where the link leads', 'https://shop.example.com/'],
  target_link_name: ['name of the link', 'Raw URL'],
};

const failure = ['bounce_class', 'error_code', 'reason', 'raw_reason'];
const ownFields: Readonly<Record<string, readonly string[]>> = {
  delivery: ['ip_address'],
  delay: failure,
  bounce: failure,
  out_of_band: failure,
  generation_failure: failure,
  open: ['user_agent'],
  initial_open: ['user_agent'],
  policy_rejection: failure,
  click: ['user_agent', 'target_link_url', 'target_link_name'],
};

/** The types that are made here. */
export const madeTypes = [
  'injection',
  'delivery',
  'delay',
  'bounce',
  'out_of_band',
  'spam_complaint',
  'open',
  'initial_open',
  'click',
  'policy_rejection',
  'generation_failure',
  'list_unsubscribe',
];

function fieldsOf(type: string): readonly (readonly [string, readonly [string, unknown]])[] {
  const own = (ownFields[type] ?? []).flatMap((name) => {
    const words = special[name];
    return words === undefined ? [] : [[name, words] as const];
  });
  return [...Object.entries(common), ...own];
}

/** Each field of a type with what it means. */
export function documented(type: string): Fields {
  const own = fieldsOf(type).map(([field, [description, sampleValue]]) => [
    field,
    { description, sampleValue },
  ]);
  return { type: { description: 'type of the event', sampleValue: type }, ...Object.fromEntries(own) };
}

export function sampleOf(type: string): Fields {
  return { type, ...Object.fromEntries(fieldsOf(type).map(([field, [, sample]]) => [field, sample])) };
}

/** All, or those of `events`. */
export function sampleTypes({ query }: Call): readonly string[] {
  const wanted = listOf(query['events']);
  const unknown = wanted?.find((each) => !madeTypes.includes(each));
  if (unknown !== undefined)
    throw tell(400, { message: `'${unknown.slice(0, 64)}' is not a valid event type`, param: 'events' });
  return wanted ?? madeTypes;
}
