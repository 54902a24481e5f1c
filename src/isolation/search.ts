/** Everything that can be read, asked for A's words: no answer may hold one. */
import { Compile } from 'typebox/compile';
import { isRawReply } from '../base/route.ts';
import type { Route } from '../base/route.ts';
import { missingLike } from './compare.ts';
import { pathWith, queryText, routeName } from './door.ts';
import type { Call } from './door.ts';
import { headed, ownParams } from './matrix.ts';
import type { Field } from './matrix.ts';
import type { Holder } from './holders.ts';
import type { Asked } from './judge.ts';

/** `asksAll`: each of A's values; the others share them out, so that each value is asked by one of them too. */
export type Seeker = {
  readonly name: string;
  readonly asksAll?: true;
  readonly authorization: string;
  readonly actsFor?: string;
  readonly isPerson?: true;
  readonly own: Holder;
};

/** Paging is not a filter: a cursor between two of the seeker's own rows tells where it stands, and nothing else. */
const paging = new Set(['limit', 'cursor']);
const pageMax = 500;

type Query = Readonly<Record<string, unknown>>;
type Value = string | number;
/** A filter, one of A's values for it and one that nobody has; lists where the filter takes several at once. */
type Searched = {
  readonly name: string;
  readonly foreign: readonly Value[];
  readonly missing: readonly Value[];
};

/** How many of A's values one search names: the others must not come back in its answer. */
const valuesPerSearch = 12;

export async function searchEverywhere(field: Field, seekers: readonly Seeker[]): Promise<void> {
  const sharing = seekers.filter(({ asksAll }) => asksAll !== true);
  for (const route of field.routes.filter(({ method }) => method === 'GET')) {
    const searches = searchesFor(route, field.a);
    const shareOf = (seeker: Seeker): readonly Searched[] =>
      seeker.asksAll === true
        ? searches
        : searches.filter((_, at) => at % sharing.length === sharing.indexOf(seeker));
    await Promise.all(seekers.map((seeker) => search(field, route, seeker, shareOf(seeker))));
  }
}

async function search(
  { door, judge }: Field,
  route: Route,
  seeker: Seeker,
  searches: readonly Searched[],
): Promise<void> {
  const params = ownParams(route, seeker.own) ?? {};
  const demanded = demandedQuery(route);
  const ask = async (query: Query, sent: readonly unknown[]): Promise<Asked> => {
    const path = `${pathWith(route, params)}${queryText({ ...demanded, ...query })}`;
    const call: Call = { method: 'GET', path, authorization: seeker.authorization };
    return { reply: await door(headed(call, seeker.actsFor)), sent: sent.map(String) };
  };
  const all = await ask('limit' in (route.query?.properties ?? {}) ? { limit: pageMax } : {}, []);
  judge.answer(routeName(route), seeker.name, all, { kind: 'own' });
  const both = async ({ name, foreign, missing }: Searched): Promise<readonly [Asked, Asked]> => [
    await ask({ [name]: foreign }, foreign),
    await ask({ [name]: missing }, missing),
  ];
  // A period that ends now moves on with the hour: what differs by itself differs twice.
  const look = async (searched: Searched): Promise<readonly [Asked, Asked]> => {
    const pair = await both(searched);
    return judge.areAlike(...pair) ? pair : both(searched);
  };
  for (const searched of searches) {
    const { name, foreign } = searched;
    const where = `${routeName(route)}, ${name}`;
    if (paging.has(name) || isStream(route)) {
      judge.answer(where, seeker.name, await ask({ [name]: foreign }, foreign), { kind: 'own' });
      continue;
    }
    const pair = await look(searched);
    // What refuses one value of several would hide what it does with the others.
    const isRefused = pair[0].reply.status >= 400 && foreign.length > 1;
    const pairs = isRefused ? await Promise.all(oneByOne(searched).map(look)) : [pair];
    for (const each of pairs) judge.pair(where, seeker.name, ...each, { kind: 'own' });
  }
}

function oneByOne({ name, foreign, missing }: Searched): readonly Searched[] {
  return foreign.map((value, at) => ({ name, foreign: [value], missing: missing.slice(at, at + 1) }));
}

/** Exports name their files by time. */
function isStream({ replies }: Route): boolean {
  return Object.values(replies).some(isRawReply);
}

function demandedQuery({ query, example }: Route): Query {
  const required = new Set(query?.required);
  return Object.fromEntries(Object.entries(example.query ?? {}).filter(([name]) => required.has(name)));
}

/** Each filter with each of A's texts and ids that its schema lets through. */
function searchesFor(route: Route, a: Holder): readonly Searched[] {
  const ids = [...a.things.values()].flatMap((made) => [...made.ids, ...made.alsoSecret]);
  const values = new Set([...a.texts, ...ids, ...ids.map(Number).filter(Number.isFinite)]);
  return Object.entries(route.query?.properties ?? {}).flatMap(([name, schema]) => {
    const checker = Compile(schema);
    const passes = (value: Value): boolean => checker.Check(value) || checker.Check([value]);
    const pairs = [...values]
      .map((foreign) => ({ foreign, missing: otherValue(foreign, a.word) }))
      .filter(({ foreign, missing }) => passes(foreign) && passes(missing));
    const isList = pairs.some(({ foreign }) => checker.Check([foreign]));
    return inParts(pairs, isList ? valuesPerSearch : 1).map((part) => ({
      name,
      foreign: part.map(({ foreign }) => foreign),
      missing: part.map(({ missing }) => missing),
    }));
  });
}

function inParts<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, part) =>
    all.slice(part * size, (part + 1) * size),
  );
}

function otherValue(value: Value, word: string): Value {
  if (typeof value === 'number') return Number(missingLike(String(value)));
  return value.includes(word) ? value.replaceAll(word, missingLike(word)) : missingLike(value);
}
