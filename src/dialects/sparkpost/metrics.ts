/** Figures (contract, section 11): counted natively, under SparkPost's names. Of the primary account's keys only. */
import type { Answer } from '../../base/route.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { everything, instantOf, listOf } from './fields.ts';
import type { Fields } from './fields.ts';
import { classWords, tabled, tables } from './metric-reasons.ts';
import type { Row as ReasonRow } from './metric-reasons.ts';
import { metricNames, metricsOf } from './metric-words.ts';
import type { NativeFigures } from './metric-words.ts';
import { poolsOf } from './pools.ts';
import { whereOf } from './query-filters.ts';
import { regionsOf, regionWords } from './regions.ts';
import { tell } from './words.ts';

const base = '/api/v1/metrics';
const example = { query: { from: '2031-04-02T00:00', metrics: 'count_injected' } };
const route = { method: 'GET', grant: 'metrics:read', isPrimaryOnly: true } as const;

/** What SparkPost groups by, what we do, and what the member of a row is called. */
const groupings = {
  domain: ['recipientDomain', 'domain'],
  'watched-domain': ['recipientDomain', 'watched_domain'],
  'sending-domain': ['sendingDomain', 'sending_domain'],
  'sending-ip': ['source', 'sending_ip'],
  'ip-pool': ['pool', 'ip_pool'],
  subaccount: ['subaccount', 'subaccount_id'],
  campaign: ['campaign', 'campaign_id'],
  template: ['template', 'template_id'],
  'mailbox-provider': ['site', 'mailbox_provider'],
  'mailbox-provider-region': ['region', 'mailbox_provider_region'],
  'subject-campaign': ['subject', 'subject_campaign'],
} as const;
type Grouping = keyof typeof groupings;
type By = (typeof groupings)[Grouping][0];

/** Lists of values that were met, and what they are grouped by. */
const lists = {
  campaigns: 'campaign',
  domains: 'domain',
  templates: 'template',
  'sending-ips': 'sending-ip',
  'ip-pools': 'ip-pool',
  'sending-domains': 'sending-domain',
  'mailbox-providers': 'mailbox-provider',
  'subject-campaigns': 'subject-campaign',
} as const satisfies Readonly<Record<string, Grouping>>;

export function metricRoutes(): readonly SparkpostRoute[] {
  return [
    { ...route, path: base, example: {}, run: async () => ({ status: 200, body: { results: {}, links } }) },
    { ...route, path: `${base}/deliverability`, example, run: total },
    { ...route, path: `${base}/deliverability/time-series`, example, run: series },
    { ...route, path: `${base}/deliverability/bounce-classification`, example, run: classification },
    ...(Object.keys(groupings) as Grouping[]).map((name) => ({
      ...route,
      path: `${base}/deliverability/${name}`,
      example,
      run: (caller: SparkpostCaller, call: Call) => grouped(caller, call, name),
    })),
    ...tables.map((table) => ({
      ...route,
      path: `${base}/deliverability/${table.path}`,
      example,
      run: (caller: SparkpostCaller, call: Call) => tabled(table, rowsOf, caller, call),
    })),
    ...Object.entries(lists).map(([name, grouping]) => ({
      ...route,
      path: `${base}/${name}`,
      example: {},
      run: (caller: SparkpostCaller, call: Call) => met(caller, call, name, grouping),
    })),
  ];
}

const links = ['deliverability', 'deliverability/time-series', ...Object.keys(lists)].map((name) => ({
  href: `/sparkpost${base}/${name}`,
  rel: `urn.msys.metrics.${name}`,
  method: ['GET'],
}));

type Row = {
  readonly at: string | null;
  readonly value: string | null;
  readonly isOther: boolean;
  readonly and: ReasonRow['and'];
  readonly figures: NativeFigures;
};
type Told = { readonly total: NativeFigures; readonly items: readonly Row[] };

const bad = (message: string, param: string, value: unknown): Error =>
  tell(400, { message, param, value: value ?? null });

function metricsAsked({ query }: Call): readonly string[] {
  const names = listOf(query['metrics'], query['delimiter'] ?? ',');
  if (names === null || names.length === 0)
    throw bad('metrics is a required field', 'metrics', query['metrics']);
  const unknown = names.find((name) => !metricNames.has(name));
  if (unknown !== undefined) throw bad(`${unknown.slice(0, 64)} is not supported`, 'metrics', unknown);
  return names;
}

/** `from` must be there, but for the lists of values. */
function rangeOf({ query }: Call, mustBegin: boolean): Fields {
  const read = (name: 'from' | 'to'): string | undefined => {
    const text = query[name];
    if (text === undefined) {
      if (name === 'from' && mustBegin) throw bad('from is a required field', 'from', null);
      return undefined;
    }
    const at = instantOf(text);
    if (at === null) throw bad(`${name} must be a valid date`, name, text);
    return at;
  };
  const [from, until] = [read('from'), read('to')];
  return { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
}

const unsupported = ['bounces'];

function filter(name: string, list: readonly unknown[] | null): Fields {
  return list === null || list.length === 0 ? {} : { [name]: list };
}

/** Filters hold together. Names that are nothing here match no mail: `0` is no id of ours. */
async function filtersOf(caller: SparkpostCaller, { query }: Call): Promise<Fields> {
  const { delimiter = ',' } = query;
  const refused = unsupported.find((name) => query[name] !== undefined);
  if (refused !== undefined) throw bad(`${refused} is not supported`, refused, query[refused]);
  const values = (name: string): readonly string[] | null => listOf(query[name], delimiter);
  const subaccounts = values('subaccounts')?.map((each) => {
    if (!/^\d{1,9}$/.test(each)) throw bad('subaccounts must be numbers', 'subaccounts', each);
    return each === '0' ? (caller.primaryId ?? 0) : Number(each);
  });
  const [pools, templates] = [values('ip_pools'), values('templates')];
  const where = await whereOf(query['query_filters'], {
    primaryId: caller.primaryId,
    namesOf: (of) => namesBy(caller, of),
  });
  return {
    ...(where === null ? {} : { where }),
    ...filter('recipientDomain', values('domains')),
    ...filter('sendingDomain', values('sending_domains')),
    ...filter('campaign', values('campaigns')),
    ...filter('subject', values('subject_campaigns')),
    ...filter('source', values('sending_ips')),
    ...filter('site', values('mailbox_providers')),
    ...filter('region', regionsOf(values('mailbox_provider_regions'))),
    ...filter('subaccount', subaccounts ?? null),
    ...filter('pool', pools === null ? null : idsOf(pools, await namesBy(caller, 'pool'))),
    ...filter('template', templates === null ? null : idsOf(templates, await namesBy(caller, 'template'))),
  };
}

function idsOf(names: readonly string[], known: ReadonlyMap<string, string>): readonly string[] {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const ids = [...known].filter(([, name]) => wanted.has(name.toLowerCase())).map(([id]) => id);
  return ids.length === 0 ? ['0'] : ids;
}

/** What ids of ours are called there. */
async function namesBy(caller: SparkpostCaller, by: By): Promise<ReadonlyMap<string, string>> {
  if (by === 'region') return new Map(Object.entries(regionWords));
  if (by === 'pool') return new Map((await poolsOf(caller)).map(({ id, name }) => [id, name]));
  if (by !== 'template') return new Map();
  type Template = { readonly id: string; readonly slug: string };
  const found = await everything<Template>(caller.world.native, caller.account, 'GET /templates');
  return new Map(found.map(({ id, slug }) => [id, slug]));
}

async function figures(caller: SparkpostCaller, call: Call, more: Fields, mustBegin = true): Promise<Told> {
  const query = { ...rangeOf(call, mustBegin), ...(await filtersOf(caller, call)), ...more };
  const { timezone } = call.query;
  return caller.world.native.call<Told>(caller.account, 'GET /figures', {
    query: { ...query, ...(timezone === undefined ? {} : { timeZone: timezone }) },
  });
}

async function total(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const asked = metricsAsked(call);
  const told = await figures(caller, call, {});
  return { status: 200, body: { results: [metricsOf(told.total, asked)], links: linksHere } };
}

const linksHere = [{ href: `/sparkpost${base}/deliverability`, rel: 'deliverability', method: ['GET'] }];

const stepOf: Readonly<Record<string, string>> = {
  '1min': 'minute',
  '5min': '5_minutes',
  '15min': '15_minutes',
  hour: 'hour',
  '12hr': '12_hours',
  day: 'day',
  week: 'week',
  month: 'month',
};

async function series(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const asked = metricsAsked(call);
  const { precision = 'hour' } = call.query;
  const step = stepOf[precision];
  if (step === undefined)
    throw bad(`precision must be one of: ${Object.keys(stepOf).join(', ')}`, 'precision', precision);
  const { items } = await figures(caller, call, { step });
  const results = items.map(({ at, figures: counted }) => ({
    ts: at === null ? null : at.replace(/\.\d{3}Z$/, '+00:00'),
    ...metricsOf(counted, asked),
  }));
  return { status: 200, body: { results } };
}

function limitOf({ query }: Call): number {
  const text = query['limit'] ?? '1000';
  const limit = Number(text);
  if (!/^\d{1,5}$/.test(text) || limit < 1 || limit > 10_000)
    throw bad('limit must be between 1 and 10000', 'limit', text);
  return Math.min(limit, 1000);
}

async function grouped(caller: SparkpostCaller, call: Call, name: Grouping): Promise<Answer> {
  const asked = metricsAsked(call);
  const { order_by: order } = call.query;
  if (order !== undefined && !asked.includes(order))
    throw bad('order_by must be one of the metrics', 'order_by', order);
  const [by, key] = groupings[name];
  const { items } = await figures(caller, call, { by, limit: limitOf(call) });
  const names = await namesBy(caller, by);
  const results: Fields[] = items.map((row) => ({
    ...metricsOf(row.figures, asked),
    [key]: valueOf(caller, by, row, names),
  }));
  if (order !== undefined) results.sort((a, b) => Number(b[order]) - Number(a[order]));
  return { status: 200, body: { results } };
}

/** The primary account is number 0; what mail has none of is empty. */
function valueOf(
  { primaryId }: SparkpostCaller,
  by: By,
  { value, isOther }: Row,
  names: ReadonlyMap<string, string>,
): string | number {
  if (isOther) return 'Other';
  if (by === 'subaccount') return Number(value) === primaryId ? 0 : Number(value);
  return names.get(value ?? '') ?? value ?? '';
}

async function met(caller: SparkpostCaller, call: Call, name: string, grouping: Grouping): Promise<Answer> {
  const [by] = groupings[grouping];
  const { match = '' } = call.query;
  const { items } = await figures(caller, call, { by, limit: 1000 }, false);
  const names = await namesBy(caller, by);
  const values = items
    .filter(({ value, isOther }) => value !== null && !isOther)
    .map((row) => String(valueOf(caller, by, row, names)))
    .filter((value) => value.toLowerCase().includes(match.toLowerCase()));
  return { status: 200, body: { results: { [name]: values.slice(0, limitOf(call)) } } };
}

const summed = ['hard', 'soft', 'admin', 'block', 'undetermined'] as const;

async function classification(caller: SparkpostCaller, call: Call): Promise<Answer> {
  metricsAsked(call);
  const told = await figures(caller, call, {});
  const results = summed
    .map((name) => ({
      ...classWords(name),
      count_bounce: metricsOf(told.total, [`count_${name}_bounce`])[`count_${name}_bounce`] ?? 0,
    }))
    .filter(({ count_bounce: count }) => count > 0);
  return { status: 200, body: { results } };
}

/** The rows of a table; `metrics` says which there are, and need not be given. */
async function rowsOf(caller: SparkpostCaller, call: Call, more: Fields): Promise<readonly ReasonRow[]> {
  if (call.query['metrics'] !== undefined) metricsAsked(call);
  return (await figures(caller, call, { ...more, limit: limitOf(call) })).items;
}
