/** Holders: subaccounts of the throw-away accounts, each with one thing of every noun. */
import { assert, present } from '../base/assert.ts';
import { bearer, session, succeed } from './door.ts';
import type { Call, Door } from './door.ts';
import type { Operator, ThrowAwayAccount, ThrowAwayPerson } from './operator.ts';
import type { Answered, Thing } from './things.ts';

export type Made = { readonly ids: readonly string[]; readonly alsoSecret: readonly string[] };

export type Holder = {
  readonly account: ThrowAwayAccount;
  readonly subaccountId: string;
  /** Of a key that is fixed to the subaccount and holds every grant that such a key may. */
  readonly secret: string;
  readonly keyId: string;
  /** Stands in every text of its things. */
  readonly word: string;
  readonly things: ReadonlyMap<string, Made>;
  /** Who works in the subaccount; with the right to give others access. */
  readonly person: ThrowAwayPerson;
  /** Who only reads in it. */
  readonly reader: ThrowAwayPerson;
  /** Who owns its account. */
  readonly owner: ThrowAwayPerson;
  /** Every text that was given away with the things: what a search could look for. */
  readonly texts: readonly string[];
};

export type Workshop = {
  readonly door: Door;
  readonly operator: Operator;
  readonly things: readonly Thing[];
};

const tries = 100;
const betweenTriesMs = 100;

type Making = {
  readonly workshop: Workshop;
  readonly account: ThrowAwayAccount;
  readonly word: string;
  readonly made: Map<string, Made>;
  readonly texts: Set<string>;
};

/** Makes a subaccount of the account with a key and one of everything. */
export async function makeHolder(
  workshop: Workshop,
  account: ThrowAwayAccount,
  word: string,
): Promise<Holder> {
  const [subaccount, ...others] = workshop.things;
  assert(subaccount?.noun === 'subaccounts', 'the first thing is the subaccount itself');
  const making: Making = { workshop, account, word, made: new Map(), texts: new Set() };
  await make(making, subaccount, bearer(account.secret));
  const subaccountId = present(making.made.get('subaccounts')?.ids[0]);
  const key = await makeKey(workshop.door, account.secret, subaccountId, {});
  const { makePerson } = workshop.operator;
  const person = await makePerson(account.id, subaccountId, 'manager', `${word}@people.test`);
  const reader = await makePerson(account.id, subaccountId, 'reporting', `${word}-reader@people.test`);
  const owner = await makePerson(account.id, null, 'owner', `${word}-owner@people.test`);
  making.texts.add(`${word}@people.test`);
  for (const thing of others) {
    if (thing.needsCapture === true && !workshop.operator.captures) continue;
    if (thing.ofPerson !== undefined) {
      making.made.set(thing.noun, { ids: [thing.ofPerson(person)], alsoSecret: [] });
      continue;
    }
    const makers = {
      account: bearer(account.secret),
      subaccount: bearer(key.secret),
      person: session(person.token),
    };
    await make(making, thing, makers[thing.by]);
  }
  return {
    account,
    subaccountId,
    secret: key.secret,
    keyId: key.id,
    word,
    person,
    reader,
    owner,
    things: making.made,
    texts: [...making.texts],
  };
}

export type MadeKey = { readonly id: string; readonly publicId: string; readonly secret: string };

/** A key of the account, or of the subaccount when one is given, as its account makes it. */
export function makeKey(
  door: Door,
  accountSecret: string,
  subaccount: string | null,
  more: Readonly<Record<string, unknown>>,
): Promise<MadeKey> {
  return succeed<MadeKey>(door, {
    method: 'POST',
    path: '/keys',
    authorization: bearer(accountSecret),
    ...(subaccount === null ? {} : { headers: { 'lettershop-subaccount': subaccount } }),
    body: { name: 'proof', ...more },
  });
}

async function make(making: Making, thing: Thing, authorization: string): Promise<void> {
  const { workshop, word, made, texts, account } = making;
  const { door, operator } = workshop;
  const own = (noun: string): string => present(made.get(noun)?.ids[0], `${thing.noun} needs one of ${noun}`);
  const body = thing.body(word, own);
  for (const text of textsIn(body)) if (text.includes(word)) texts.add(text);
  const headers = { 'idempotency-key': idempotencyKey(word, thing) };
  const call = {
    method: 'POST',
    path: thing.path(own),
    authorization,
    headers,
    ...sentFor(thing, word, body),
  };
  await turn(door, account, thing, true);
  const answer = await patiently(() => succeed<Answered>(door, call));
  const place = typeof thing.appearsIn === 'function' ? thing.appearsIn(own) : thing.appearsIn;
  const found = place === undefined ? answer : await appearance(door, place, authorization);
  await turn(door, account, thing, false);
  const ids =
    thing.appearsIn === undefined && thing.ids !== undefined ? thing.ids(answer) : [String(found['id'])];
  made.set(thing.noun, { ids, alsoSecret: thing.alsoSecret?.(answer) ?? [] });
  if (thing.isSendingDomain === true) await operator.proveDomain(account.id, String(answer['id']));
}

/** The body of the call that makes it. */
export function sentFor({ raw }: Thing, word: string, body: unknown): Pick<Call, 'body' | 'raw'> {
  return raw === undefined ? { body } : { raw: raw(word) };
}

async function turn(
  door: Door,
  { secret }: ThrowAwayAccount,
  { accountSwitch }: Thing,
  isOn: boolean,
): Promise<void> {
  if (accountSwitch === undefined) return;
  const body = { [accountSwitch]: isOn };
  await succeed(door, { method: 'PATCH', path: '/account', authorization: bearer(secret), body });
}

/** Quoted, as the header wants it; each holder's own as long as nobody copies its word. */
export function idempotencyKey(word: string, { noun }: Thing): string {
  return `"${word}-${noun}"`;
}

/** A look at the domain that was under way may have unproven it again, and what was seen is remembered for a second. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let left = tries; ; left--) {
    try {
      return await call();
    } catch (error) {
      const mayPass = error instanceof Error && error.message.includes('"sender.domain_unproven"');
      if (!mayPass || left === 0) throw error;
      await pause();
    }
  }
}

async function appearance(door: Door, path: string, authorization: string): Promise<Answered> {
  for (let left = tries; left > 0; left--) {
    const page = await succeed<{ items: readonly Answered[] }>(door, { method: 'GET', path, authorization });
    if (page.items[0] !== undefined) return page.items[0];
    await pause();
  }
  throw new Error(`nothing appeared in ${path}`);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, betweenTriesMs));
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
