/**
 * A long run of webhooks: tenants send over both doors, three subscribers are told of everything: one is healthy, one flaps
 * (errors, hangs, resets, slow answers), one is dead for a long part and then comes back. Nodes are killed meanwhile, some
 * for good, and the database crashes and restarts. Seeded: the same seed gives the same order of faults.
 *
 * Afterwards: every number from 1 came to every subscriber, in order once doubles are removed; everything answered was told
 * of as accepted and as delivered; what each has by kind is what its certificates and the log say, and by subaccount what
 * the figures say; and the figures equal a recount of the log, taken right after one more crash of the database.
 */
import { chmodSync, rmSync } from 'node:fs';
import type { Client } from 'pg';
import { seeded } from '../doubles/receivers.ts';
import { Bits } from './bits.ts';
import { CountingSink } from './counting-sink.ts';
import { Fleet } from './fleet.ts';
import { drain, halfStored, wait, waitingWhere } from './judge.ts';
import type { Waiting } from './judge.ts';
import { countedQuery, miscountedQuery } from './recount.ts';
import { numberOf, Subscriber } from './subscriber.ts';
import type { Mood } from './subscriber.ts';
import { Tenants } from './tenants.ts';
import type { Tenant } from './tenants.ts';
import { newFolder } from '../folder.ts';

export type WebhookPlan = {
  readonly messages: number;
  readonly faults: number;
  readonly seed: number;
  readonly clients: number;
};

const names = ['healthy', 'flapping', 'revived'] as const;
type Name = (typeof names)[number];
const faultKinds = ['node killed', 'node never back', 'database crashed', 'database restarted'] as const;
type FaultKind = (typeof faultKinds)[number];

export type WebhookResult = {
  readonly seed: number;
  readonly minutes: number;
  readonly faults: Readonly<Record<FaultKind, number>>;
  /** Nodes that ended by themselves and were started again. */
  readonly nodesEnded: number;
  readonly answered: number;
  readonly stored: number;
  readonly stuck: number;
  /** What holds what is stuck. */
  readonly stuckWhere: readonly Waiting[];
  readonly half: number;
  /** Answered, and never at the relay. */
  readonly lost: number;
  readonly subscribers: Readonly<Record<Name, SubscriberResult>>;
  /** By subaccount: [the healthy subscriber's count of accepted, the figures']. */
  readonly accepted: readonly (readonly [number, number])[];
  readonly miscounted: number;
  readonly recounted: number;
  readonly databaseMiB: number;
  /** Most that this process had. */
  readonly residentMiB: number;
  /** In words; none when all is right. */
  readonly wrong: readonly string[];
};

type SubscriberResult = {
  readonly events: number;
  readonly doubles: number;
  readonly requests: number;
  readonly moods: Readonly<Record<string, number>>;
  readonly kinds: Readonly<Record<string, number>>;
};

/** Where in the run the third subscriber goes and comes back, as shares of what is accepted. */
const diesAt = 0.1;
const revivesAt = 0.7;

type Hook = {
  readonly id: string;
  readonly lastSequence: number;
  readonly sentSequence: number;
  readonly state: string;
};
type Field = {
  readonly plan: WebhookPlan;
  readonly random: () => number;
  readonly fleet: Fleet;
  readonly subscribers: Readonly<Record<Name, Subscriber>>;
  readonly hooks: Readonly<Record<Name, string>>;
  readonly tenants: readonly Tenant[];
  readonly arrived: Bits;
};

export async function webhookRun(plan: WebhookPlan): Promise<WebhookResult> {
  const started = performance.now();
  const base = newFolder('lettershop-webhooks');
  chmodSync(base, 0o711);
  const random = seeded(plan.seed);
  const arrived = new Bits();
  await using sink = await CountingSink.start(random, (recipient) => arrived.add(numberOf(recipient) ?? 0));
  await using healthy = await Subscriber.start();
  await using flapping = await Subscriber.start();
  await using revived = await Subscriber.start();
  const subscribers = { healthy, flapping, revived };
  flapping.mood = flaps(random);
  const fleet = await Fleet.start(base, 2, {
    LETTERSHOP_OUTBOUND: 'relay',
    LETTERSHOP_RELAY_URL: `smtp://127.0.0.1:${sink.port}`,
    LETTERSHOP_NET_ALLOW: '127.0.0.0/8',
  });
  let resident = 0;
  const watch = setInterval(() => (resident = Math.max(resident, process.memoryUsage.rss())), 1000);
  try {
    const hooks = await makeHooks(fleet, subscribers, plan);
    const field: Field = {
      plan,
      random,
      fleet,
      subscribers,
      hooks,
      tenants: await makeTenants(fleet),
      arrived,
    };
    const { answered, faults } = await traffic(field);
    return {
      seed: plan.seed,
      faults,
      ...(await judge(field, answered)),
      nodesEnded: fleet.ended,
      residentMiB: Math.round(resident / 2 ** 20),
      minutes: Math.round((performance.now() - started) / 6000) / 10,
    };
  } finally {
    clearInterval(watch);
    await fleet.stop();
    rmSync(base, { recursive: true, force: true });
  }
}

/** Now and then a few requests in a row go wrong in one way; hanging ones, which take long, come alone. */
function flaps(random: () => number): () => Mood {
  let left = 0;
  let mood: Mood = 'take';
  return () => {
    if (left > 0) {
      left -= 1;
      return mood;
    }
    if (random() > 0.06) return 'take';
    mood = (['error', 'error', 'reset', 'slow', 'hang'] as const)[Math.floor(random() * 5)] ?? 'error';
    left = mood === 'hang' ? 0 : Math.floor(random() * 3);
    return mood;
  };
}

async function makeHooks(
  fleet: Fleet,
  subscribers: Readonly<Record<Name, Subscriber>>,
  { messages }: WebhookPlan,
): Promise<Readonly<Record<Name, string>>> {
  const batchMax = Math.min(1000, Math.max(20, Math.round(messages / 50)));
  const ids: [Name, string][] = [];
  for (const name of names) {
    const body = { name, url: subscribers[name].url, told: 'all', kinds: kindsOf(name), batchMax };
    ids.push([name, (await fleet.call<Hook>('POST', '/webhooks', body)).id]);
  }
  return Object.fromEntries(ids) as Record<Name, string>;
}

/** The healthy one is told of everything that there is. */
function kindsOf(name: Name): readonly string[] | null {
  return name === 'healthy' ? null : ['message.accepted', 'message.delivered', 'message.deferred'];
}

async function makeTenants(fleet: Fleet): Promise<readonly Tenant[]> {
  const tenants: Tenant[] = [];
  for (const name of ['one', 'two', 'three']) {
    const body = { name, key: { name: 'k' } };
    const { id, key } = await fleet.call<{ id: number; key: { secret: string } }>(
      'POST',
      '/subaccounts',
      body,
    );
    tenants.push({ id, secret: key.secret, answered: 0 });
  }
  return tenants;
}

type Traffic = { readonly answered: Bits; readonly faults: Record<FaultKind, number> };

async function traffic({
  plan,
  random,
  fleet,
  subscribers,
  hooks,
  tenants,
  arrived,
}: Field): Promise<Traffic> {
  const clients = new Tenants(tenants, () => fleet.up, { delivered: arrived, wanted: plan.messages });
  const faults = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  const running = clients.run(plan.clients);
  const reached = async (share: number): Promise<void> => {
    while (clients.answered.size < share * plan.messages) await wait(5);
  };
  const strike = async (): Promise<void> => {
    for (let fault = 0; fault < plan.faults; fault++) {
      await reached((fault + random()) / plan.faults);
      // Of ten faults six are kills; the first four are one of each kind.
      const kind =
        faultKinds[fault < 4 ? fault : Math.max(0, Math.floor(random() * 10) - 6)] ?? 'node killed';
      faults[kind] += 1;
      if (kind === 'node killed' || kind === 'node never back')
        await fleet.kill(Math.floor(random() * 2), kind === 'node never back');
      else fleet.endDatabase(kind === 'database crashed' ? 'SIGQUIT' : 'SIGINT');
    }
  };
  const dieAndRevive = async (): Promise<void> => {
    await reached(diesAt);
    await subscribers.revived.close();
    await reached(revivesAt);
    const read = (): Promise<Hook> => fleet.call<Hook>('GET', `/webhooks/${hooks.revived}`);
    while ((await read()).state !== 'failing') await wait(200);
    await subscribers.revived.open();
    // What its owner does once it is well again; it would be probed within half an hour as well.
    await fleet.call('PATCH', `/webhooks/${hooks.revived}`, { status: 'active' });
  };
  await Promise.all([running, strike(), dieAndRevive()]);
  return { answered: clients.answered, faults };
}

type Judged = Omit<WebhookResult, 'seed' | 'minutes' | 'faults' | 'nodesEnded' | 'residentMiB'>;

async function judge(field: Field, answered: Bits): Promise<Judged> {
  const { fleet, subscribers, hooks, arrived } = field;
  await fleet.calm();
  subscribers.flapping.mood = () => 'take';
  await fleet.call('PATCH', `/webhooks/${hooks.flapping}`, { status: 'active' });
  const before = await fleet.connect();
  const stuck = await drain(before, 240_000);
  const stuckWhere = await waitingWhere(before);
  const half = await halfStored(before);
  await caughtUp(field, before);
  await before.end();
  // Counters must be right as soon as a crashed database is back.
  fleet.endDatabase('SIGQUIT');
  await wait(200);
  const db = await fleet.connect();
  // The judge reads millions of rows; the engine's bounds and pinned plans are for its own statements.
  for (const name of ['statement_timeout', 'idle_in_transaction_session_timeout'])
    await db.query(`set ${name} = 0`);
  for (const name of ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin'])
    await db.query(`set ${name} = on`);
  try {
    const { n: miscounted, looked: recounted } = await recount(db);
    const stored = await one(db, `select count(*) as n from messages where recipient ~ '^m[0-9]+@inbox'`);
    const wrong: string[] = [];
    for (const name of names) wrong.push(...(await wrongOf(name, field, db, answered)));
    const accepted = await acceptedBy(field);
    for (const [told, counted] of accepted)
      if (told !== counted) wrong.push(`figures: ${counted} accepted, told ${told}`);
    const lost = answered.without(arrived);
    for (const [what, n] of Object.entries({ stuck, half, lost, miscounted }))
      if (n !== 0) wrong.push(`${what} ${n}`);
    const databaseMiB = Math.round(
      (await one(db, 'select pg_database_size(current_database()) as n')) / 2 ** 20,
    );
    const results = Object.fromEntries(names.map((name) => [name, resultOf(subscribers[name])]));
    return {
      answered: answered.size,
      stored,
      stuck,
      stuckWhere,
      half,
      lost,
      subscribers: results as Record<Name, SubscriberResult>,
      accepted,
      miscounted,
      recounted,
      databaseMiB,
      wrong,
    };
  } finally {
    await db.end();
  }
}

async function one(db: Client, query: string, values: unknown[] = []): Promise<number> {
  return Number((await db.query<{ n: string }>(query, values)).rows[0]?.n ?? 0);
}

/** Until the log has numbers to its end and all of them were taken; gives up when nobody gets on any more. */
async function caughtUp({ fleet, hooks, subscribers }: Field, db: Client): Promise<void> {
  const handedOut = `select (select seq from event_cursors where consumer = 'webhooks') >= (select coalesce(max(seq), 0) from events) as is_through`;
  let moved = { sum: -1, at: performance.now() };
  for (;;) {
    const { rows } = await db.query<{ is_through: boolean }>(handedOut);
    let isThrough = rows[0]?.is_through === true;
    for (const name of names) {
      const hook = await fleet.call<Hook>('GET', `/webhooks/${hooks[name]}`);
      isThrough &&= hook.lastSequence === hook.sentSequence;
    }
    if (isThrough) return;
    const sum = names.reduce((all, name) => all + subscribers[name].next, 0);
    if (sum !== moved.sum) moved = { sum, at: performance.now() };
    if (performance.now() - moved.at > 120_000) return;
    await wait(200);
  }
}

/** In one snapshot in which the counters have come to the end of the log. */
async function recount(db: Client): Promise<{ readonly n: number; readonly looked: number }> {
  const endsAt = performance.now() + 120_000;
  for (;;) {
    await db.query('begin isolation level repeatable read');
    const { rows } = await db.query<{ is_through: boolean }>(countedQuery);
    const isThrough = rows[0]?.is_through === true || performance.now() > endsAt;
    const found = isThrough ? await db.query<{ n: number; looked: number }>(miscountedQuery) : null;
    await db.query('commit');
    if (found !== null) return found.rows[0] ?? { n: -1, looked: 0 };
    await wait(50);
  }
}

async function wrongOf(name: Name, field: Field, db: Client, answered: Bits): Promise<readonly string[]> {
  const subscriber = field.subscribers[name];
  const id = field.hooks[name];
  const { rows } = await db.query<{ kind: string; n: string }>(
    `select e.kind, count(*) as n from webhooks w join events e on e.account_id = w.account_id and e.at >= w.created_at
       and (w.kinds is null or e.kind = any(w.kinds)) where w.id = $1 group by 1`,
    [id],
  );
  type Day = { readonly count: number; readonly kinds: Readonly<Record<string, number>> };
  const { items } = await field.fleet.call<{ items: readonly Day[] }>('GET', `/webhooks/${id}/certificates`);
  const certified = new Map<string, number>();
  for (const [kind, n] of items.flatMap(({ kinds }) => Object.entries(kinds)))
    certified.set(kind, (certified.get(kind) ?? 0) + n);
  const logged = new Map(rows.map(({ kind, n }) => [kind, Number(n)]));
  const all = new Set([...logged.keys(), ...certified.keys(), ...subscriber.kinds.keys()]);
  const counts = [...all].flatMap((kind) => {
    const three = [subscriber.kinds, certified, logged].map((each) => each.get(kind) ?? 0);
    return new Set(three).size === 1 ? [] : [`${name}: ${kind} told, certified, logged: ${three.join(', ')}`];
  });
  const certifiedAll = items.reduce((sum, { count }) => sum + count, 0);
  const numbers = {
    gaps: subscriber.gaps,
    repeated: subscriber.repeated,
    'not certified': subscriber.next - 1 - certifiedAll,
    'accepted untold': answered.without(subscriber.accepted),
    'delivered untold': answered.without(subscriber.delivered),
  };
  const uneven = Object.entries(numbers).filter(([, n]) => n !== 0);
  return [...counts, ...uneven.map(([what, n]) => `${name}: ${what} ${n}`)];
}

/** Of each subaccount that sent: what the healthy one was told, and what the figures say. */
async function acceptedBy({
  fleet,
  tenants,
  subscribers,
}: Field): Promise<readonly (readonly [number, number])[]> {
  type Figures = { readonly total: { readonly accepted: number } };
  const both: (readonly [number, number])[] = [];
  for (const { id } of tenants) {
    const { total } = await fleet.call<Figures>('GET', `/figures?subaccount=${id}`);
    both.push([subscribers.healthy.acceptedBy.get(id) ?? 0, total.accepted]);
  }
  return both;
}

function resultOf({ next, doubles, requests, moods, kinds }: Subscriber): SubscriberResult {
  return {
    events: next - 1,
    doubles,
    requests,
    moods: Object.fromEntries(moods),
    kinds: Object.fromEntries(kinds),
  };
}
