/** What a search of events asks (contract, section 9): in words of the native search as far as it has them, and as tests of their own. */
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller } from './caller.ts';
import { internal, typeOfKind } from './event-words.ts';
import { listOf } from './fields.ts';
import type { Fields } from './fields.ts';
import { regionsOf } from './regions.ts';
import { tell } from './words.ts';

type Test = (event: Fields) => boolean;

export type Searching = {
  /** Of the native search: it finds all that fit. */
  readonly query: Fields;
  /** It finds nothing else. */
  readonly isWhole: boolean;
  /** What fits. */
  readonly tests: readonly Test[];
};

/** Keyword filters match whole words, the others the whole value. */
const words = ['subjects', 'reasons', 'campaigns', 'campaign_ids', 'sending_domains', 'templates'];
const exact: Readonly<Record<string, string>> = {
  events: 'type',
  event_ids: 'event_id',
  recipients: 'rcpt_to',
  recipient_domains: 'recipient_domain',
  bounce_classes: 'bounce_class',
  subjects: 'subject',
  campaigns: 'campaign_id',
  campaign_ids: 'campaign_id',
  from_addresses: 'friendly_from',
  friendly_froms: 'friendly_from',
  sending_domains: 'sending_domain',
  reasons: 'reason',
  messages: 'message_id',
  message_ids: 'message_id',
  transmissions: 'transmission_id',
  transmission_ids: 'transmission_id',
  templates: 'template_id',
  template_ids: 'template_id',
  ip_pools: 'ip_pool',
  sending_ips: 'sending_ip',
  mailbox_providers: 'mailbox_provider',
  mailbox_provider_regions: 'mailbox_provider_region',
};
/** Of A/B tests, which there are none of here: no event is of one. */
const ofNothing = ['ab_tests', 'ab_test_versions'];

function wantedIn({ query }: Call, name: string): readonly string[] | null {
  return listOf(query[name], query['delimiter'] ?? ',')?.map((each) => each.toLowerCase()) ?? null;
}

function testsOf({ isPrimary }: SparkpostCaller, call: Call): readonly Test[] {
  // Which pool mail leaves from is the account's to know: its words are not in a subaccount's events.
  if (!isPrimary && call.query['ip_pools'] !== undefined)
    throw tell(400, { message: 'ip_pools is not supported', param: 'ip_pools' });
  const tests = Object.entries(exact).flatMap(([name, field]): Test[] => {
    const wanted = wantedIn(call, name);
    if (wanted === null) return [];
    const isKeyword = words.includes(name);
    return [(event) => wanted.some((each) => fits(textOf(event[field]), each, isKeyword))];
  });
  // A subaccount's key sees its own whatever it asks for.
  const owners = isPrimary ? wantedIn(call, 'subaccounts') : null;
  return owners === null
    ? tests
    : [...tests, (event) => owners.includes(textOf(event['subaccount_id']) || '0')];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : '';
}

const separators = /[\s_.-]+/g;

function fits(value: string, wanted: string, isKeyword: boolean): boolean {
  return isKeyword
    ? ` ${value.replaceAll(separators, ' ')} `.includes(` ${wanted.replaceAll(separators, ' ')} `)
    : value === wanted;
}

/** As the native search is asked for it; null: nothing has such a value. */
type Reading = (text: string, caller: SparkpostCaller) => string | number | null;

const isText = /^[^\p{Cc}]*$/u;
const upTo =
  (lengthMax: number): Reading =>
  (text) =>
    text.length <= lengthMax && isText.test(text) ? text : null;
const phrase: Reading = (text, caller) => {
  const plain = text.replaceAll(separators, ' ');
  return plain.trim() === '' ? null : upTo(998)(plain, caller);
};
const number: Reading = (text) => (/^(?:[1-9]\d{0,17}|[1-8]\d{18})$/.test(text) ? text : null);
const owner: Reading = (text, { primaryId }) =>
  text === '0'
    ? primaryId
    : /^[1-9]\d{0,9}$/.test(text) && Number(text) <= 2_147_483_647
      ? Number(text)
      : null;
const eventNumber: Reading = (text, caller) => {
  const found = /^1(\d{16})$/.exec(text)?.[1]?.replace(/^0+/, '');
  return found === undefined ? null : number(found, caller);
};
const messageNumber: Reading = (text, { world }) => world.ids.readId(text, 'message', 'hex20');

/** [the native filter, how it is asked]. Those that come twice are translated once. */
const natives: Readonly<Record<string, readonly [string, Reading]>> = {
  event_ids: ['seq', eventNumber],
  recipients: ['recipient', upTo(320)],
  recipient_domains: ['domain', upTo(253)],
  subjects: ['subjectPhrase', phrase],
  campaigns: ['campaignPhrase', phrase],
  campaign_ids: ['campaignPhrase', phrase],
  from_addresses: ['senderAddress', upTo(320)],
  friendly_froms: ['senderAddress', upTo(320)],
  sending_domains: ['senderDomainPhrase', phrase],
  messages: ['message', messageNumber],
  message_ids: ['message', messageNumber],
  transmissions: ['submission', number],
  transmission_ids: ['submission', number],
  templates: ['templatePhrase', phrase],
  sending_ips: ['source', upTo(64)],
  mailbox_providers: ['site', upTo(253)],
  subaccounts: ['subaccount', owner],
};
/** More are not asked natively. */
const valuesMax = 50;
/** The native search has no word for them. */
const others = ['reasons', 'template_ids', 'ip_pools'];

/** Null: nothing can fit. */
export function searching(caller: SparkpostCaller, call: Call): Searching | null {
  const tests = testsOf(caller, call);
  if (ofNothing.some((name) => wantedIn(call, name) !== null)) return null;
  const query: Record<string, unknown> = {};
  let isWhole = others.every((name) => wantedIn(call, name) === null);
  for (const [name, [native, reading]] of Object.entries(natives)) {
    const wanted = name === 'subaccounts' && !caller.isPrimary ? null : wantedIn(call, name);
    if (wanted === null) continue;
    const values = [...new Set(wanted.map((each) => reading(each, caller)))].filter((each) => each !== null);
    if (values.length === 0) return null;
    if (values.length > valuesMax || native in query) isWhole = false;
    else query[native] = values;
  }
  const regions = regionsOf(wantedIn(call, 'mailbox_provider_regions'), 'mailbox_provider_regions');
  if (regions?.length === 0) return null;
  if (regions !== null) query['region'] = [...new Set(regions)];
  const types = wantedIn(call, 'events');
  const asked = Object.keys(typeOfKind).filter((kind) => types?.includes(typeOfKind[kind] ?? '') ?? true);
  const classes = wantedIn(call, 'bounce_classes');
  const bounced = classes === null ? null : classesOf(classes);
  const kinds = bounced === null ? asked : asked.filter((kind) => bounced.kinds.includes(kind));
  if (kinds.length === 0) return null;
  if (bounced?.classes !== undefined) query['class'] = bounced.classes;
  isWhole &&= bounced?.isWhole ?? true;
  return { query: { ...query, kind: kinds }, isWhole, tests };
}

const failing = ['bounce', 'delay', 'out_of_band', 'generation_failure', 'policy_rejection'];
const classesNamed: Readonly<Record<string, readonly string[]>> = {
  10: ['hard'],
  20: ['soft'],
  50: ['block', 'policy'],
};

/** Kinds and native classes that events of these bounce classes have. */
function classesOf(wanted: readonly string[]): {
  readonly kinds: readonly string[];
  readonly classes?: readonly string[];
  readonly isWhole: boolean;
} {
  const kinds = Object.keys(typeOfKind).filter((kind) => failing.includes(typeOfKind[kind] ?? ''));
  const classes = wanted.flatMap((each) => classesNamed[each] ?? []);
  if (wanted.some((each) => classesNamed[each] === undefined)) return { kinds, isWhole: false };
  // Of these the kind alone decides.
  return { kinds: kinds.filter((kind) => internal[kind] === undefined), classes, isWhole: true };
}
