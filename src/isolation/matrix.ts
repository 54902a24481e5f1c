/** Each route x each credential x {A's thing, one that nobody has}. */
import { Compile } from 'typebox/compile';
import type { TSchema } from 'typebox';
import { present } from '../base/assert.ts';
import type { Route } from '../base/route.ts';
import { missingLike } from './compare.ts';
import type { Credential } from './expected.ts';
import { exampleCall, routeName } from './door.ts';
import type { Call, Door } from './door.ts';
import type { Holder } from './holders.ts';
import type { Asked, Judge } from './judge.ts';
import { nounsOf } from './things.ts';

type Params = Readonly<Record<string, string>>;
type Pair = { readonly foreign: Params; readonly missing: Params };

export type Field = {
  readonly door: Door;
  readonly routes: readonly Route[];
  readonly a: Holder;
  /** Whose things a credential may name as its own, by the credential's name. */
  readonly ownOf: (credential: string) => Holder | null;
  readonly judge: Judge;
};

/** Credentials that attack a route side by side: waiting for answers is most of what the proof does. */
const besideMax = 6;

export async function attackEachRoute(field: Field, credentials: readonly Credential[]): Promise<void> {
  for (const route of field.routes) {
    const siblingStatus = await statusOfSibling(field, route, credentials);
    const waiting = credentials.filter((credential) => credential.skips?.(route) !== true);
    const next = async (): Promise<void> => {
      for (let credential = waiting.shift(); credential !== undefined; credential = waiting.shift())
        await attackRoute(field, route, credential, siblingStatus);
    };
    await Promise.all(Array.from({ length: besideMax }, next));
  }
}

async function attackRoute(
  field: Field,
  route: Route,
  credential: Credential,
  siblingStatus: number | undefined,
): Promise<void> {
  if (credential.actsFor !== undefined) await actForForeign(field, route, credential);
  else if (nounsOf(route).size === 0) await callOnce(field, route, credential, siblingStatus);
  else await nameForeign(field, route, credential);
  await referToForeign(field, route, credential);
}

async function statusOfSibling(
  { door }: Field,
  route: Route,
  credentials: readonly Credential[],
): Promise<number | undefined> {
  if (route.method !== 'GET' || nounsOf(route).size > 0) return undefined;
  const sibling = present(credentials.find(({ name }) => name === 'sibling'));
  return (await door(exampleCall(route, {}, sibling.authorization(route)))).status;
}

/** The route names nothing: the caller gets its own world, or is refused. */
async function callOnce(
  { door, a, judge }: Field,
  route: Route,
  credential: Credential,
  siblingStatus: number | undefined,
): Promise<void> {
  const call = asCredential(exampleCall(route, {}, credential.authorization(route)), credential);
  const asked = { reply: await door(call), sent: sentBy(credential, a) };
  judge.answer(routeName(route), credential.name, asked, credential.expects(route), siblingStatus);
}

async function nameForeign(field: Field, route: Route, credential: Credential): Promise<void> {
  const { door, a, judge, ownOf } = field;
  const pairs = pairsFor(route, a, ownOf(credential.name));
  // Who is refused wherever they knock is so before anything is named: one thing of each noun shows it.
  for (const { foreign, missing } of credential.isNobody === true ? pairs.slice(0, 1) : pairs) {
    const ask = async (params: Params): Promise<Asked> => {
      const call = exampleCall(route, params, credential.authorization(route));
      const sent = [...Object.values(params), ...sentBy(credential, a)];
      return { reply: await door(asCredential(call, credential)), sent };
    };
    const answers = [await ask(foreign), await ask(missing)] as const;
    judge.pair(routeName(route), credential.name, ...answers, credential.expects(route));
  }
}

/** The account's key names A, or nobody, as the subaccount that it acts for. */
async function actForForeign({ door, a, judge }: Field, route: Route, credential: Credential): Promise<void> {
  const { foreign, missing } = present(credential.actsFor);
  const params = pairsFor(route, a, null)[0]?.foreign ?? {};
  const ask = async (subaccount: string): Promise<Asked> => {
    const call = exampleCall(route, params, credential.authorization(route));
    return { reply: await door(headed(call, subaccount)), sent: [...Object.values(params), subaccount] };
  };
  const answers = [await ask(foreign), await ask(missing)] as const;
  judge.pair(routeName(route), credential.name, ...answers, credential.expects(route));
}

/** A field of the body that refers to a thing by id: `poolId`, `listIds`. With A's and with nobody's. */
async function referToForeign(field: Field, route: Route, credential: Credential): Promise<void> {
  const { door, a, judge, ownOf } = field;
  const own = ownOf(credential.name);
  if (own === null || typeof route.example.body !== 'object') return;
  const params = ownParams(route, own);
  if (params === null) return;
  for (const reference of referencesOf(route, a)) {
    const ask = async (id: string): Promise<Asked> => {
      const call = exampleCall(route, params, credential.authorization(route));
      const body = { ...(call.body as object), [reference.name]: reference.shape(id) };
      const sent = [id, ...Object.values(params), ...sentBy(credential, a)];
      return { reply: await door({ ...asCredential(call, credential), body }), sent };
    };
    const where = `${routeName(route)}, ${reference.name}`;
    const answers = [await ask(reference.id), await ask(missingLike(reference.id))] as const;
    judge.pair(where, credential.name, ...answers, { kind: 'own' });
  }
}

type Reference = { readonly name: string; readonly id: string; readonly shape: (id: string) => unknown };

function referencesOf(route: Route, a: Holder): readonly Reference[] {
  const properties = Object.entries(
    (route.body as { properties?: Record<string, TSchema> }).properties ?? {},
  );
  return properties.flatMap(([name, schema]) => {
    const noun = /^(\w+?)Ids?$/.exec(name)?.[1];
    // `trackingDomainId` refers to one of `tracking-domains`.
    const things = noun?.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const id = things === undefined ? undefined : a.things.get(`${things}s`)?.ids[0];
    if (id === undefined) return [];
    const checker = Compile(schema);
    const shapes = [
      (text: string) => text,
      Number,
      (text: string) => [text],
      (text: string) => [Number(text)],
    ];
    const shape = shapes.find((each) => checker.Check(each(id)));
    return shape === undefined ? [] : [{ name, id, shape }];
  });
}

/** With several params: all of A's, A's parent with nobody's child, and the caller's own parent with A's child. */
function pairsFor(route: Route, a: Holder, own: Holder | null): readonly Pair[] {
  const nouns = [...nounsOf(route)];
  const idsOf = (noun: string): readonly string[] => a.things.get(noun)?.ids ?? [];
  if (nouns.some(([, noun]) => idsOf(noun).length === 0)) return [];
  const [only] = nouns;
  if (nouns.length === 1 && only !== undefined) {
    const [param, noun] = only;
    return idsOf(noun).map((id) => ({ foreign: { [param]: id }, missing: { [param]: missingLike(id) } }));
  }
  const foreign = Object.fromEntries(nouns.map(([param, noun]) => [param, present(idsOf(noun)[0])]));
  const missing = Object.fromEntries(Object.entries(foreign).map(([param, id]) => [param, missingLike(id)]));
  const [lastParam = ''] = nouns.at(-1) ?? [];
  const lastOnly = (params: Params, id: string | undefined): Params => ({ ...params, [lastParam]: id ?? '' });
  const pairs = [
    { foreign, missing },
    { foreign, missing: lastOnly(foreign, missing[lastParam]) },
  ];
  const mine = own === null ? null : ownParams(route, own);
  if (mine === null) return pairs;
  return [
    ...pairs,
    { foreign: lastOnly(mine, foreign[lastParam]), missing: lastOnly(mine, missing[lastParam]) },
  ];
}

/** Ids of the holder's own things for every param; null when it has none of a noun. */
export function ownParams(route: Route, own: Holder): Params | null {
  const entries = [...nounsOf(route)].map(([param, noun]) => [param, own.things.get(noun)?.ids[0]] as const);
  return entries.some(([, id]) => id === undefined) ? null : (Object.fromEntries(entries) as Params);
}

function asCredential(call: Call, { alwaysActsFor, headers }: Credential): Call {
  return headed({ ...call, headers: { ...call.headers, ...headers } }, alwaysActsFor);
}

export function headed(call: Call, subaccount: string | undefined): Call {
  if (subaccount === undefined) return call;
  return { ...call, headers: { ...call.headers, 'lettershop-subaccount': subaccount } };
}

function sentBy(credential: Credential, a: Holder): readonly string[] {
  return credential.alwaysActsFor === undefined ? [] : [a.subaccountId];
}
