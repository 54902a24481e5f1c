import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { allAccounts } from '../../src/features/accounts/index.ts';
import { Gate, importEntries } from '../../src/features/suppressions/index.ts';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';
import { add, asKey, client, send, told } from './suppression-calls.ts';
import type { Page } from './suppression-calls.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Report = {
  readonly id: string;
  readonly state: string;
  readonly read: number;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly bad: number;
  readonly badLines: readonly { readonly line: number; readonly field: string; readonly rule: string }[];
};

async function importFile(
  text: string,
  more: { readonly secret?: string; readonly query?: string; readonly type?: string } = {},
): Promise<Report> {
  const { secret = testKey.secret, query = '', type = 'text/csv' } = more;
  const response = await fetch(`${world.url}/api/v1/suppressions/imports${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': type },
    body: text,
  });
  const body: unknown = await response.json();
  if (response.status !== 200) throw new Error(`${response.status} ${JSON.stringify(body)}`);
  return body as Report;
}

async function exportFile(secret: string, format: string): Promise<string> {
  const response = await fetch(`${world.url}/api/v1/suppressions/export?format=${format}`, {
    headers: { authorization: `Bearer ${secret}` },
  });
  assert.equal(response.status, 200);
  return response.text();
}

const counts = ({ read, added, changed, unchanged, bad }: Report): readonly number[] => [
  read,
  added,
  changed,
  unchanged,
  bad,
];

test('a file is imported with a report of its bad lines, which is there afterwards', async () => {
  const importer = await client(world, 'importer');
  const file = [
    'email,kind,reason',
    'a@list.test,unsubscribe,',
    'nobody,,',
    'b@list.test,hard_bounce,"no such, ""mailbox"""',
    'c@list.test,liked,',
    'A@list.test,unsubscribe,',
    '*@all.test,pattern,',
  ].join('\r\n');
  const report = await importFile(file, { secret: importer.secret });
  assert.deepEqual([report.state, counts(report)], ['finished', [6, 3, 0, 1, 2]]);
  assert.deepEqual(
    report.badLines.map(({ line, field, rule }) => `${line} ${field} ${rule}`),
    ['3 address format', '5 kind enum'],
  );
  const read = await world.ok<Report>('GET', `/suppressions/imports/${report.id}`, {
    secret: importer.secret,
  });
  assert.deepEqual(read, report);
  const again = await importFile(file.replace('no such', 'not known'), { secret: importer.secret });
  assert.deepEqual(counts(again), [6, 0, 1, 3, 2]);
  assert.deepEqual((await send(world, ['b@list.test', 'x@all.test'], importer.secret)).map(told), [
    'b suppressed subaccount hard_bounce',
    'x suppressed subaccount pattern',
  ]);
  type Events = { items: readonly { kind: string; data: Record<string, unknown> }[] };
  const { items } = await world.ok<Events>('GET', '/events', { secret: importer.secret });
  assert.deepEqual(
    items
      .filter(({ kind }) => kind.startsWith('suppression.'))
      .map(({ kind, data }) => [kind, data['importId'], data['added'], data['changed']]),
    [
      ['suppression.imported', report.id, 3, 0],
      ['suppression.imported', again.id, 0, 1],
    ],
  );
});

test('patterns beyond the thousand of a list are bad lines of an import', async () => {
  const { secret } = await client(world, 'patterns');
  const file = Array.from({ length: 1002 }, (_, n) => `*@p${n}.test\n`).join('');
  const report = await importFile(file, { secret, query: '?kind=pattern' });
  assert.deepEqual(counts(report), [1002, 1000, 0, 0, 2]);
  assert.deepEqual(
    report.badLines.map(({ line, rule }) => `${line} ${rule}`),
    ['1001 limit', '1002 limit'],
  );
});

test('JSON lines go to the list of the account, and an import is one thing in the audit log', async () => {
  const lines = ['{"address":"one@json.test","kind":"complaint"}', '{"address":7}', ''].join('\n');
  const type = 'application/x-ndjson';
  const report = await importFile(lines, { query: '?layer=account', type });
  assert.deepEqual(counts(report), [2, 1, 0, 0, 1]);
  const sender = await client(world, 'json');
  assert.deepEqual((await send(world, ['one@json.test'], sender.secret)).map(told), [
    'one suppressed account',
  ]);
  type Entries = { items: readonly { subject: string; subjectId: string; action: string }[] };
  const { items } = await world.ok<Entries>('GET', '/audit?limit=500');
  const seen = items.filter(({ subject }) => subject.startsWith('suppression'));
  assert.deepEqual(
    seen
      .filter(({ subjectId }) => subjectId === report.id)
      .map(({ action }) => action)
      .sort(),
    ['changed', 'created'],
  );
  assert.deepEqual([...new Set(seen.map(({ subject }) => subject))], ['suppression_import']);
});

test('a subaccount imports into its own list only', async () => {
  const fixed = await client(world, 'fixed');
  await assert.rejects(
    importFile('a@fixed.test\n', { secret: fixed.secret, query: '?layer=account' }),
    /400 .*"layer"/,
  );
});

test('a body that is cut keeps the whole lines before, and says so', async () => {
  const cut = await client(world, 'cut');
  const socket = connect(world.program.doors.httpPort, '127.0.0.1');
  socket.on('error', () => undefined);
  const head = [
    'POST /api/v1/suppressions/imports HTTP/1.1',
    'host: x',
    `authorization: Bearer ${cut.secret}`,
    'content-type: text/csv',
    'content-length: 10000000',
  ].join('\r\n');
  const rows = Array.from({ length: 2500 }, (_, n) => `r${n}@cut.test\n`).join('');
  socket.write(`${head}\r\n\r\n${rows}half@cut.te`);
  const reports = (): Promise<{ items: readonly Report[] }> =>
    world.ok('GET', '/suppressions/imports', { secret: cut.secret });
  await world.until(reports, ({ items }) => (items[0]?.read ?? 0) >= 2000);
  socket.destroy();
  const { items } = await world.until(reports, (page) => page.items[0]?.state === 'cut');
  const [report] = items;
  assert.ok(report !== undefined && report.read >= 2000 && report.read <= 2500);
  assert.deepEqual(counts(report), [report.read, report.read, 0, 0, 0]);
  const half = await world.ok<Page>('GET', '/suppressions?address=half', { secret: cut.secret });
  assert.deepEqual(half.items, []);
});

test('a stop of the subaccount ends its import before the next batch', async () => {
  const stopped = await client(world, 'stopped');
  const { promise: goOn, resolve: letGo } = Promise.withResolvers<void>();
  const rows = (from: number): string =>
    Array.from({ length: 1000 }, (_, n) => `s${from + n}@stop.test\n`).join('');
  async function* body(): AsyncGenerator<string> {
    yield rows(0);
    await goOn;
    yield rows(1000);
  }
  const answer = fetch(`${world.url}/api/v1/suppressions/imports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stopped.secret}`, 'content-type': 'text/csv' },
    body: Readable.toWeb(Readable.from(body())),
    duplex: 'half',
  });
  const reports = (): Promise<{ items: readonly Report[] }> =>
    world.ok('GET', '/suppressions/imports', { secret: stopped.secret });
  await world.until(reports, ({ items }) => items[0]?.read === 1000);
  await world.ok('PATCH', `/subaccounts/${stopped.id}`, { body: { status: 'suspended' } });
  letGo();
  assert.equal((await answer).status, 403);
  const { items } = await reports();
  assert.deepEqual([items[0]?.state, counts(items[0] as Report)], ['cut', [1000, 1000, 0, 0, 0]]);
});

test('nobody else learns of an import that is under way, nor is kept from one', async () => {
  const [busy, other] = [await client(world, 'busy'), await client(world, 'idle')];
  const head = [
    'POST /api/v1/suppressions/imports HTTP/1.1',
    'host: x',
    `authorization: Bearer ${busy.secret}`,
    'content-type: text/csv',
    'content-length: 1000',
  ].join('\r\n');
  const sockets = [0, 1].map(() => {
    const socket = connect(world.program.doors.httpPort, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`${head}\r\n\r\na@busy.test\n`);
    return socket;
  });
  const reports = (secret?: string): Promise<{ items: readonly Report[] }> =>
    world.ok('GET', '/suppressions/imports?limit=5', asKey(secret));
  await world.until(
    () => reports(busy.secret),
    ({ items }) => items.length === 2,
  );
  await assert.rejects(importFile('b@busy.test\n', { secret: busy.secret }), /409 .*limit\.reached/);
  assert.deepEqual((await reports(other.secret)).items, []);
  assert.deepEqual(counts(await importFile('a@busy.test\n', { secret: other.secret })), [1, 1, 0, 0, 0]);
  const [first] = (await reports(busy.secret)).items;
  const foreign = await world.api('GET', `/suppressions/imports/${first?.id}`, { secret: other.secret });
  assert.equal(foreign.status, 404);
  for (const socket of sockets) socket.destroy();
  await world.until(
    () => reports(busy.secret),
    ({ items }) => items.every(({ state }) => state === 'cut'),
  );
});

test('what is exported can be imported elsewhere, and is the same there', async () => {
  const [from, ...targets] = [
    await client(world, 'from'),
    await client(world, 'csv'),
    await client(world, 'ndjson'),
  ];
  const expiresAt = '2090-01-01T00:00:00.000Z';
  await add(
    world,
    [
      { address: '=cmd@trip.test', reason: '=HYPERLINK("x")', list: 'a, "b"' },
      { address: "'+49@trip.test", kind: 'complaint', expiresAt },
      { address: 'both@trip.test', kind: 'allow' },
      { address: 'both@trip.test', kind: 'hard_bounce', stopsBulk: false },
      { address: 'in?@*.trip.test', kind: 'pattern', sender: '@me' },
    ],
    from.secret,
  );
  const list = async (secret: string): Promise<unknown> => {
    const page = await world.ok<Page>('GET', '/suppressions', { secret });
    const passing = { id: '', subaccountId: 0, source: '', updatedAt: '' };
    return page.items.map((item) => ({ ...item, ...passing }));
  };
  const original = await list(from.secret);
  for (const [index, format] of ['csv', 'ndjson'].entries()) {
    const file = await exportFile(from.secret, format);
    if (format === 'csv') assert.match(file, /^'=cmd@trip.test,.*"'=HYPERLINK\(""x""\)"/m);
    const { secret = '' } = targets[index] ?? {};
    const type = format === 'csv' ? 'text/csv' : 'application/x-ndjson';
    assert.deepEqual(counts(await importFile(file, { secret, type })), [5, 5, 0, 0, 0]);
    assert.deepEqual(sorted(await list(secret)), sorted(original), format);
  }
});

function sorted(items: unknown): unknown[] {
  return (items as object[]).map((item) => JSON.stringify(item)).sort();
}

test('fifty thousand rows are never further in memory than a batch, and are stored in fifty transactions', async () => {
  const [account] = await allAccounts(world.database.db);
  assert.ok(account !== undefined);
  const { db } = world.database;
  const scope = world.program.access.operatorScope(account);
  const rowsPerChunk = 500;
  const stored = async (): Promise<number> => {
    const rows = await sql<{ read: number }>`
      select read from suppression_imports where account_id = ${account.id} order by id desc limit 1`.execute(
      db.engine,
    );
    return rows.rows[0]?.read ?? 0;
  };
  let given = 0;
  let most = 0;
  async function* body(): AsyncGenerator<Buffer> {
    for (let chunk = 0; chunk < 100; chunk++) {
      yield Buffer.from(Array.from({ length: rowsPerChunk }, (_, n) => `r${chunk}.${n}@big.test\n`).join(''));
      given += rowsPerChunk;
      most = Math.max(most, given - (await stored()));
    }
  }
  const parts = { db, clock: world.clock, erasedForms: () => [], gate: new Gate() };
  const { report } = await importEntries(parts, scope, {
    layer: 'account',
    format: 'csv',
    kind: 'manual',
    body: body(),
  });
  assert.deepEqual([report.state, report.read, report.added], ['finished', 50_000, 50_000]);
  assert.ok(most <= 1000 + rowsPerChunk, `${most} rows were in memory`);
  const batches = await sql<{ n: number }>`
    select count(*)::int as n from events where kind = 'suppression.imported' and data ->> 'importId' = ${report.id}`.execute(
    db.engine,
  );
  assert.equal(batches.rows[0]?.n, 50);
});
