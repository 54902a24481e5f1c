import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';

type Event = {
  readonly seq: string;
  readonly kind: string;
  readonly messageId: string | null;
  readonly recipient: string | null;
  readonly tags: readonly string[];
};
type Page = { readonly items: readonly Event[]; readonly next: string | null };

let world: World;
let child: { id: number; key: { secret: string } };
let ids: readonly string[];
before(async () => {
  world = await startWorld();
  child = await world.ok('POST', '/subaccounts', { body: { name: 'Child', key: { name: 'k' } } });
  const [one = ''] = await world.send('Ada@inbox.test', { tags: ['welcome'], subject: 'Your invoice 7' });
  const [two = ''] = await world.send('hard@inbox.test', { tags: ['news'], subject: 'Hello' });
  const [three = ''] = await world.send('ada@inbox.test', { tags: ['news'] }, child.key.secret);
  ids = [one, two, three];
  await world.settled(one, ['delivered']);
  await world.settled(two, ['bounced']);
  await world.settled(three, ['delivered']);
});
after(() => world[Symbol.asyncDispose]());

const search = async (query: string, secret?: string): Promise<readonly string[]> => {
  const page = await world.ok<Page>(
    'GET',
    `/events?limit=500&${query}`,
    secret === undefined ? {} : { secret },
  );
  return page.items.map(({ kind, messageId }) => `${kind.slice(8)} ${ids.indexOf(messageId ?? '')}`);
};

test('events are found by recipient, message, submission, tag, subject, domain, class, kind and time', async () => {
  const { submission_id: submission } =
    (
      await sql<{ submission_id: string }>`select submission_id from messages where id = ${ids[0]}`.execute(
        world.database.db.engine,
      )
    ).rows[0] ?? assert.fail();
  const later = encodeURIComponent(new Date(Date.now() + 60_000).toISOString());
  const found: Record<string, readonly string[]> = {};
  for (const query of [
    'recipient=ada@inbox.test',
    `message=${ids[0]}`,
    `submission=${submission}`,
    'tag=welcome',
    'subject=INVOICE',
    'class=hard',
    'kind=message.bounced&kind=message.accepted',
    'domain=inbox.test&kind=message.delivered',
    'domain=elsewhere.test',
    `from=${later}`,
  ])
    found[query.replace(/=\d{8,}/, '=N')] = (await search(query)).toSorted();
  assert.deepEqual(found, {
    'recipient=ada@inbox.test': ['accepted 0', 'accepted 2', 'delivered 0', 'delivered 2'],
    'message=N': ['accepted 0', 'delivered 0'],
    'submission=N': ['accepted 0', 'delivered 0'],
    'tag=welcome': ['accepted 0', 'delivered 0'],
    'subject=INVOICE': ['accepted 0', 'delivered 0'],
    'class=hard': ['bounced 1'],
    'kind=message.bounced&kind=message.accepted': ['accepted 0', 'accepted 1', 'accepted 2', 'bounced 1'],
    'domain=inbox.test&kind=message.delivered': ['delivered 0', 'delivered 2'],
    'domain=elsewhere.test': [],
    [`from=${later}`]: [],
  });
});

test('a subaccount finds its own only, whatever it asks for', async () => {
  const { secret } = child.key;
  for (const query of [
    'recipient=ada@inbox.test',
    'tag=news',
    'kind=message.accepted&kind=message.delivered',
  ])
    assert.deepEqual((await search(query, secret)).toSorted(), ['accepted 2', 'delivered 2'], query);
  assert.deepEqual(await search(`message=${ids[0]}`, secret), []);
});

test('pages join to the whole log without a gap, in either order', async () => {
  const walk = async (order: string): Promise<readonly string[]> => {
    const seqs: string[] = [];
    let cursor = '';
    for (;;) {
      const page = await world.ok<Page>('GET', `/events?order=${order}&limit=3${cursor}`);
      seqs.push(...page.items.map(({ seq }) => seq));
      if (page.next === null || page.items.length === 0) return seqs;
      cursor = `&cursor=${page.next}`;
    }
  };
  const oldest = await walk('oldest');
  assert.deepEqual((await walk('newest')).toReversed(), oldest);
  const whole = await world.ok<Page>('GET', '/events?limit=500');
  assert.deepEqual(
    oldest,
    whole.items.map(({ seq }) => seq),
  );
  assert.ok(oldest.length > 10);
});

type Tail = AsyncDisposable & {
  readonly events: readonly Event[];
  readonly ended: Promise<void>;
  readonly status: number;
};

async function openTail(secret: string, headers: Record<string, string> = {}): Promise<Tail> {
  const cut = new AbortController();
  const response = await fetch(`${world.url}/api/v1/events/tail?seconds=60`, {
    headers: { authorization: `Bearer ${secret}`, ...headers },
    signal: cut.signal,
  });
  const events: Event[] = [];
  const read = async (): Promise<void> => {
    let rest = '';
    for await (const chunk of response.body ?? []) {
      rest += Buffer.from(chunk).toString();
      const blocks = rest.split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const text = /^data: (.*)$/m.exec(block)?.[1];
        if (text !== undefined) events.push(JSON.parse(text) as Event);
      }
    }
  };
  const ended = read().catch(() => undefined);
  return {
    events,
    ended,
    status: response.status,
    [Symbol.asyncDispose]: async () => {
      cut.abort();
      await ended;
    },
  };
}

test('a tail shows what happens as it happens, goes on from Last-Event-ID, and shows a subaccount its own only', async () => {
  await using whole = await openTail(testKey.secret);
  await using own = await openTail(child.key.secret);
  const [mine = ''] = await world.send('tail@inbox.test');
  const [theirs = ''] = await world.send('tail2@inbox.test', {}, child.key.secret);
  const of = (tail: Tail, id: string): string[] =>
    tail.events.filter(({ messageId }) => messageId === id).map(({ kind }) => kind);
  const both = ['message.accepted', 'message.delivered'];
  await world.until(
    () => Promise.resolve([of(whole, mine), of(whole, theirs), of(own, theirs)]),
    (kinds) => kinds.every(({ length }) => length === 2),
  );
  assert.deepEqual([of(whole, mine), of(own, theirs), of(own, mine)], [both, both, []]);
  const [first] = whole.events;
  assert.ok(first !== undefined);
  await using again = await openTail(testKey.secret, { 'last-event-id': first.seq });
  await world.until(
    () => Promise.resolve(again.events.length),
    (n) => n >= whole.events.length - 1,
  );
  assert.deepEqual(
    again.events.slice(0, whole.events.length - 1).map(({ seq }) => seq),
    whole.events.slice(1).map(({ seq }) => seq),
  );
});

test('a tail ends with its key, and a key has at most five', async () => {
  const made = await world.ok<{ id: string; secret: string }>('POST', '/keys', { body: { name: 'watcher' } });
  const tails = await Promise.all([1, 2, 3, 4, 5].map(() => openTail(made.secret)));
  const sixth = await world.api('GET', '/events/tail?seconds=60', { secret: made.secret });
  assert.deepEqual([sixth.status, (sixth.body as { code: string }).code], [409, 'limit.reached']);
  await world.ok('DELETE', `/keys/${made.id}`);
  await Promise.all(tails.map(({ ended }) => ended));
});

test('lettershop tail prints events as lines of JSON', async () => {
  const tail = spawn(process.execPath, ['src/main.ts', 'tail', '--key', testKey.secret, '--once'], {
    env: { ...process.env, LETTERSHOP_DATA_DIR: world.program.store.folder.path },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  tail.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise((resolve) => tail.once('exit', resolve));
  let isEnded = false;
  void ended.then(() => (isEnded = true));
  // It begins with what happens from now on: something happens until it has seen it.
  await world.until(
    async () => {
      await world.send('printed@inbox.test');
      return isEnded;
    },
    (done) => done,
  );
  assert.equal(await ended, 0);
  assert.match((JSON.parse(text) as Event).kind, /^message\./);
});

test('events end with their retention: partitions are dropped when their class is over, and not before', async () => {
  const { owner, engine } = world.database.db;
  const count = async (): Promise<number> =>
    (await sql<{ n: number }>`select count(*)::int as n from events`.execute(engine)).rows[0]?.n ?? 0;
  const before = await count();
  const at = (days: number): Date => new Date(Date.now() + days * 86_400_000);
  await sql`call drop_old_partitions(${at(29)})`.execute(owner);
  assert.ok(before > 0 && (await count()) >= before, 'thirty days are kept');
  // What is being read at that moment is left to the next round.
  const dropAndCount = async (): Promise<number | undefined> => {
    await sql`call drop_old_partitions(${at(36)})`.execute(owner);
    const left = sql<{ n: number }>`select count(*)::int as n from events where retention_days = 30`;
    return (await left.execute(engine)).rows[0]?.n;
  };
  await world.until(dropAndCount, (left) => left === 0);
});
