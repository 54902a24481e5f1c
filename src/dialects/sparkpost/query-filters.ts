/**
 * `query_filters` of metrics (contract, section 11) as native clauses: `{"groupings":[{"OR":{"campaigns":{"like":["sale"]}}}]}`.
 * Groupings hold together; `AND` and `OR` say how the filters of one do. `like` is part of a value, in any case.
 */
import { isObject } from './fields.ts';
import type { Fields } from './fields.ts';
import { regionsOf, regionWords } from './regions.ts';
import { tell } from './words.ts';

/** What filters are called there, and what they are of here. */
const dimensions = {
  subaccounts: 'subaccount',
  domains: 'recipientDomain',
  sending_domains: 'sendingDomain',
  campaigns: 'campaign',
  subject_campaigns: 'subject',
  templates: 'template',
  sending_ips: 'source',
  ip_pools: 'pool',
  mailbox_providers: 'site',
  mailbox_provider_regions: 'region',
} as const;
type Name = keyof typeof dimensions;

const tests = { eq: 'is', notEq: 'isNot', like: 'contains', notLike: 'containsNot' } as const;
type Comparison = keyof typeof tests;

/** What is asked of the caller's world: names of pools and templates by id, and the primary account's subaccount. */
export type Known = {
  readonly primaryId: number | null;
  readonly namesOf: (of: 'pool' | 'template') => Promise<ReadonlyMap<string, string>>;
};

/** What no id and no region of ours is called. */
const nothing = '0';
const clausesBytesMax = 8000;

const wrong = (problem: string): Error =>
  tell(400, { message: `query_filters ${problem}`, param: 'query_filters', value: null });

/** The native `where`; null: nothing is asked for. Refuses what cannot be answered exactly. */
export async function whereOf(text: string | undefined, known: Known): Promise<string | null> {
  if (text === undefined || text === '') return null;
  const groupings = groupingsOf(text);
  const clauses = [];
  for (const grouping of groupings) {
    const [entry, ...others] = isObject(grouping) ? Object.entries(grouping) : [];
    const holds = entry === undefined ? undefined : { AND: 'all', OR: 'any' }[entry[0].toUpperCase()];
    if (entry === undefined || holds === undefined || others.length > 0 || !isObject(entry[1]))
      throw wrong('has a grouping that is neither AND nor OR');
    const conditions = await conditionsOf(entry[1], known);
    if (conditions.length > 0) clauses.push({ holds, conditions });
  }
  if (clauses.length === 0) return null;
  const where = JSON.stringify(clauses);
  if (where.length > clausesBytesMax) throw wrong('has too many values');
  return where;
}

function groupingsOf(text: string): readonly unknown[] {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw wrong('must be JSON');
  }
  const groupings = isObject(read) ? read['groupings'] : null;
  if (!Array.isArray(groupings)) throw wrong('must have groupings, a list');
  if (groupings.length > 10) throw wrong('has more than 10 groupings');
  return groupings;
}

async function conditionsOf(filters: Fields, known: Known): Promise<readonly Fields[]> {
  const conditions: Fields[] = [];
  for (const [name, comparisons] of Object.entries(filters)) {
    if (!Object.hasOwn(dimensions, name)) throw wrong(`cannot ask for ${name.slice(0, 64)}`);
    if (!isObject(comparisons)) throw wrong(`has no comparisons of ${name}`);
    for (const [comparison, list] of Object.entries(comparisons)) {
      if (!Object.hasOwn(tests, comparison)) throw wrong(`does not know ${comparison.slice(0, 64)}`);
      const values = valuesOf(name, list);
      conditions.push(await conditionOf(name as Name, comparison as Comparison, values, known));
    }
  }
  if (conditions.length > 20) throw wrong('has a grouping with more than 20 filters');
  return conditions;
}

function valuesOf(name: string, list: unknown): readonly string[] {
  const given: readonly unknown[] = Array.isArray(list) ? list : [];
  if (given.length === 0 || given.length > 50) throw wrong(`needs 1 to 50 values of ${name}`);
  return given.map((each) => {
    const value = typeof each === 'string' || typeof each === 'number' ? String(each) : '';
    if (value === '' || value.length > 320) throw wrong(`has a wrong value of ${name}`);
    return value;
  });
}

async function conditionOf(
  name: Name,
  comparison: Comparison,
  values: readonly string[],
  known: Known,
): Promise<Fields> {
  const of = dimensions[name];
  const isPart = comparison === 'like' || comparison === 'notLike';
  // Names there, ids or words of ours here: which they are is known, so that none is a part of another.
  const resolved = (ids: readonly string[]): Fields => ({
    of,
    test: comparison === 'eq' || comparison === 'like' ? 'is' : 'isNot',
    values: ids.length === 0 ? [nothing] : ids,
  });
  if (of === 'subaccount') return resolved(subaccountsOf(values, isPart, known));
  if (of === 'pool' || of === 'template') return resolved(idsOf(await known.namesOf(of), values, isPart));
  if (of === 'region')
    return resolved(
      isPart
        ? idsOf(new Map(Object.entries(regionWords)), values, true)
        : (regionsOf(values, 'query_filters') ?? []),
    );
  const isName = of === 'recipientDomain' || of === 'sendingDomain' || of === 'site';
  const asked = isName ? values.map((value) => value.toLowerCase()) : values;
  return { of, test: tests[comparison], values: asked };
}

function subaccountsOf(values: readonly string[], isPart: boolean, { primaryId }: Known): readonly string[] {
  if (isPart) throw wrong('compares subaccounts by eq and notEq only');
  if (values.some((value) => !/^\d{1,9}$/.test(value))) throw wrong('must name subaccounts by number');
  return values.map((value) => (value === '0' ? String(primaryId ?? 0) : value));
}

function idsOf(
  names: ReadonlyMap<string, string>,
  values: readonly string[],
  isPart: boolean,
): readonly string[] {
  const wanted = values.map((value) => value.toLowerCase());
  const ids = [...names].filter(([, name]) => {
    const lower = name.toLowerCase();
    return isPart ? wanted.some((part) => lower.includes(part)) : wanted.includes(lower);
  });
  if (ids.length > 50) throw wrong('finds more than 50 names');
  return ids.map(([id]) => id);
}
