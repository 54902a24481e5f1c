import { present } from '../base/assert.ts';
import type { Route } from '../base/route.ts';
import { randomWord } from './compare.ts';
import { tryAsOwner } from './controls.ts';
import { makeCredentials, unreachedStatuses } from './credentials.ts';
import type { Credential } from './expected.ts';
import { bearer, loopbackSources, openDoor, session } from './door.ts';
import type { Target } from './door.ts';
import { makeHolder } from './holders.ts';
import type { Holder, Workshop } from './holders.ts';
import { Judge } from './judge.ts';
import type { Leak } from './judge.ts';
import { attackEachRoute } from './matrix.ts';
import type { Field } from './matrix.ts';
import { tryNames } from './names.ts';
import type { Operator, ThrowAwayAccount } from './operator.ts';
import { searchEverywhere } from './search.ts';
import { attackSmtp } from './smtp.ts';
import { openSmtpDoor } from './smtp-door.ts';
import { takeDown } from './tidy.ts';
import { things as allThings, unknownNouns, withoutMailing } from './things.ts';
import type { Thing } from './things.ts';

export type Report = {
  readonly routes: number;
  readonly credentials: number;
  /** Answers that were judged. */
  readonly cases: number;
  readonly leaks: readonly Leak[];
  /** Where nothing was proven: a noun that nobody knows how to make, a thing that its owner does not reach either. */
  readonly blind: readonly string[];
  /** What this installation cannot have now: nouns that need the built-in mailbox, statuses that nothing leads to. */
  readonly untried: readonly string[];
  /** Answers that only said "too many failed logins". */
  readonly throttled: number;
  readonly byCredential: readonly { readonly name: string; readonly cases: number; readonly leaks: number }[];
};

export type Ground = {
  readonly target: Target;
  readonly operator: Operator;
  /** What each holder gets one of; everything when left out. */
  readonly things?: readonly Thing[];
};

/** The route table, or the part of it that is attacked. */
export type Proof = Ground & { readonly routes: readonly Route[] };

/** A is attacked; B is its sibling; the stranger's holder is a subaccount of the other account. */
export type Stage = { readonly a: Holder; readonly b: Holder; readonly stranger: Holder };

/** Sets the stage with throw-away tenants, attacks from every side, takes the tenants down, tells what came out. */
export function proveIsolation(proof: Proof): Promise<Report> {
  const { target, things = allThings } = proof;
  const { tried: routes, untried } = withoutMailing(proof.routes, proof.operator.captures);
  const door = openDoor(target);
  return withStage(proof, async (stage, operator) => {
    const { a, b, stranger } = stage;
    const accounts = { victim: a.account, stranger: stranger.account };
    const outside = openDoor(target, '');
    const parties = { door, outside, operator, routes, a, b, outsider: stranger, ...accounts };
    const credentials = await makeCredentials(parties);
    const judge = new Judge(secretsOf(a));
    const field: Field = { door, routes, a, ownOf: ownership(stage), judge };
    const seekers = seekersOf(stage);
    await attackEachRoute(field, credentials);
    await searchEverywhere(field, seekers);
    const smtp = openSmtpDoor(target, loopbackSources(target.smtp.host));
    await attackSmtp({ door: smtp, a, judge }, credentials);
    const blind = [...unknownNouns(routes, things), ...(await tryAsOwner(field))];
    // People make things in a place whose key has made them already.
    const namers = seekers.filter(({ actsFor, isPerson }) => actsFor === undefined && isPerson !== true);
    await tryNames({ door, a, judge }, things, namers);
    return report(field, credentials, { blind, untried }, things);
  });
}

/** Two throw-away accounts with their holders for as long as `run` takes; they are taken down whatever comes. */
export async function withStage<T>(
  ground: Ground,
  run: (stage: Stage, operator: Operator) => Promise<T>,
): Promise<T> {
  const { target, things = allThings } = ground;
  const people: string[] = [];
  const operator = noting(ground.operator, people);
  const workshop: Workshop = { door: openDoor(target), operator, things };
  const accounts: ThrowAwayAccount[] = [];
  try {
    for (const name of ['victim', 'stranger'])
      accounts.push(await operator.makeAccount(`proof of isolation: ${name}`));
    const [victim, outsider] = accounts;
    return await run(await setStage(workshop, present(victim), present(outsider)), operator);
  } finally {
    for (const id of new Set(people)) await operator.endPerson(id);
    for (const account of accounts) {
      await takeDown(workshop.door, account);
      await operator.endAccount(account.id);
    }
  }
}

/** The operator, with a list of whom it makes: they are taken down whatever comes. */
function noting(operator: Operator, people: string[]): Operator {
  return {
    ...operator,
    makePerson: async (...asked) => {
      const person = await operator.makePerson(...asked);
      people.push(person.id);
      return person;
    },
  };
}

async function setStage(
  workshop: Workshop,
  victim: ThrowAwayAccount,
  outsider: ThrowAwayAccount,
): Promise<Stage> {
  const a = await makeHolder(workshop, victim, randomWord('canary'));
  const b = await makeHolder(workshop, victim, randomWord('sibling'));
  const stranger = await makeHolder(workshop, outsider, randomWord('stranger'));
  return { a, b, stranger };
}

function secretsOf({ word, subaccountId, keyId, secret, things }: Holder): { canary: string; ids: string[] } {
  const made = [...things.values()].flatMap(({ ids, alsoSecret }) => [...ids, ...alsoSecret]);
  return { canary: word, ids: [...new Set([subaccountId, keyId, secret, ...made])] };
}

function ownership({ b, stranger }: Stage): Field['ownOf'] {
  return (credential) => {
    if (credential === 'foreign account' || credential === 'foreign owner' || credential === 'foreign person')
      return stranger;
    return credential.startsWith('sibling') ? b : null;
  };
}

function seekersOf({ a, b, stranger }: Stage): Parameters<typeof searchEverywhere>[1] {
  return [
    { name: 'sibling', authorization: bearer(b.secret), own: b, asksAll: true },
    { name: 'sibling that names A', authorization: bearer(b.secret), own: b, actsFor: a.subaccountId },
    { name: 'foreign account', authorization: bearer(stranger.account.secret), own: stranger, asksAll: true },
    { name: 'foreign subaccount', authorization: bearer(stranger.secret), own: stranger },
    { name: 'sibling person', authorization: session(b.person.token), own: b, isPerson: true },
    { name: 'foreign owner', authorization: session(stranger.owner.token), own: stranger, isPerson: true },
  ];
}

function report(
  { routes, judge, a }: Field,
  credentials: readonly Credential[],
  { blind, untried }: Pick<Report, 'blind' | 'untried'>,
  things: readonly Thing[],
): Report {
  return {
    routes: routes.length,
    credentials: credentials.length,
    cases: judge.cases,
    leaks: judge.leaks,
    blind,
    untried: [
      ...untried,
      ...things.map(({ noun }) => noun).filter((noun) => !a.things.has(noun)),
      ...unreachedStatuses(credentials).map((status) => `keys of a ${status} subaccount`),
    ],
    throttled: judge.throttled,
    byCredential: [...judge.counts].map(([name, cases]) => ({
      name,
      cases,
      leaks: judge.leaks.filter(({ who }) => who === name).length,
    })),
  };
}
