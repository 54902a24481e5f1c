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

export type Seeker = {
  readonly name: string;
  readonly authorization: string;
  readonly actsFor?: string;
  readonly isPerson?: true;
  readonly own: Holder;
};

/** Paging is not a filter: a cursor between two of the seeker's own rows tells where it stands, and nothing else. */
const paging = new Set(['limit', 'cursor']);
const pageMax = 500;

type Query = Readonly<Record<string, unknown>>;
type Searched = { readonly name: string; readonly foreign: unknown; readonly missing: unknown };

export async function searchEverywhere(field: Field, seekers: readonly Seeker[]): Promise<void> {
  for (const route of field.routes.filter(({ method }) => method === 'GET')) {
    for (const seeker of seekers) await search(field, route, seeker);
  }
}

async function search(field: Field, route: Route, seeker: Seeker): Promise<void> {
  const { door, a, judge } = field;
  const params = ownParams(route, seeker.own) ?? {};
  const demanded = demandedQuery(route);
  const ask = async (query: Query, sent: readonly unknown[]): Promise<Asked> => {
    const path = `${pathWith(route, params)}${queryText({ ...demanded, ...query })}`;
    const call: Call = { method: 'GET', path, authorization: seeker.authorization };
    return { reply: await door(headed(call, seeker.actsFor)), sent: sent.map(String) };
  };
  const all = await ask('limit' in (route.query?.properties ?? {}) ? { limit: pageMax } : {}, []);
  judge.answer(routeName(route), seeker.name, all, { kind: 'own' });
  for (const { name, foreign, missing } of searchesFor(route, a)) {
    const where = `${routeName(route)}, ${name}`;
    const found = await ask({ [name]: foreign }, [foreign]);
    if (paging.has(name) || isStream(route)) {
      judge.answer(where, seeker.name, found, { kind: 'own' });
      continue;
    }
    judge.pair(where, seeker.name, found, await ask({ [name]: missing }, [missing]), { kind: 'own' });
  }
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
  const values = [...a.texts, ...ids];
  return Object.entries(route.query?.properties ?? {}).flatMap(([name, schema]) => {
    const checker = Compile(schema);
    return [...new Set([...values, ...ids.map(Number).filter(Number.isFinite)])]
      .filter((value) => checker.Check(value) || checker.Check([value]))
      .map((foreign) => ({ name, foreign, missing: otherValue(foreign, a.word) }))
      .filter(({ missing }) => checker.Check(missing) || checker.Check([missing]));
  });
}

function otherValue(value: string | number, word: string): string | number {
  if (typeof value === 'number') return Number(missingLike(String(value)));
  return value.includes(word) ? value.replaceAll(word, missingLike(word)) : missingLike(value);
}
