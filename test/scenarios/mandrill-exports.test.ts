import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';
import { fetched } from './export-calls.ts';
import { Sdk } from './mandrill-client.ts';

let world: World;
let sdk: Sdk;
before(async () => {
  world = await startWorld();
  sdk = new Sdk(world);
  await sdk.call('subaccounts.add', { id: 'cust-9', name: 'Nine Ltd' });
});
after(() => world[Symbol.asyncDispose]());

type Export = {
  readonly id: string;
  readonly created_at: string;
  readonly type: string;
  readonly finished_at: string | null;
  readonly state: string;
  readonly result_url: string | null;
};
type Fields = Readonly<Record<string, unknown>>;

function complete(id: string): Promise<Export> {
  return world.until(
    () => sdk.call<Export>('exports.info', { id }),
    ({ state }) => state === 'complete',
  );
}

/** Asked for, waited for, fetched: the file's name and its cells, which hold no commas here. */
async function file(call: string, body: Fields = {}): Promise<readonly [string, ...(readonly string[])[]]> {
  const asked = await sdk.call<Export>(call, body);
  const { result_url: url } = await complete(asked.id);
  const { name, lines } = await fetched(world, url);
  return [name, ...lines.map((line) => line.split(','))];
}

const timePattern = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
const untimed = (cells: readonly string[]): readonly string[] =>
  cells.map((cell) => (timePattern.test(cell) ? 'TIME' : cell));

test('denylists and the allowlist are exported as archives, by mail as well, and listed with their state', async () => {
  await sdk.call('rejects.add', { email: 'gone@inbox.test', comment: 'asked', subaccount: 'cust-9' });
  await sdk.call('allowlists.add', { email: 'vip@inbox.test', comment: 'ours' });
  const asked = await sdk.call<Export>('exports.rejects', { notify_email: 'ops@inbox.test' });
  assert.match(asked.id, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+$/);
  assert.match(asked.created_at, timePattern);
  assert.deepEqual(
    [asked.type, asked.state, asked.finished_at, asked.result_url],
    ['reject', 'waiting', null, null],
  );
  const done = await complete(asked.id);
  assert.match(String(done.finished_at), timePattern);
  const { name, lines } = await fetched(world, done.result_url);
  assert.equal(name, 'rejects.csv');
  assert.deepEqual(
    lines.map((line) => untimed(line.split(','))),
    [
      ['email', 'reason', 'detail', 'created_at', 'expires_at', 'last_event_at', 'subaccount'],
      ['gone@inbox.test', 'custom', 'asked', 'TIME', '', 'TIME', 'cust-9'],
    ],
  );
  const [allowName, header, ...allowed] = await file('exports.allowlist');
  assert.equal(allowName, 'allowlist.csv');
  assert.deepEqual([header?.slice(0, 1), allowed.map((cells) => cells[0])], [['email'], ['vip@inbox.test']]);
  const mailed = await world.until(
    () =>
      sql<{ subject: string }>`select subject from captures where recipient = 'ops@inbox.test'`.execute(
        world.database.db.engine,
      ),
    ({ rows }) => rows.length > 0,
  );
  assert.deepEqual(mailed.rows, [{ subject: 'The export is ready' }]);
  const listed = await sdk.call<Export[]>('exports.list');
  assert.deepEqual(
    listed.map(({ type, state }) => [type, state]),
    [
      ['whitelist', 'complete'],
      ['reject', 'complete'],
    ],
  );
});

test('activity is exported by time, tags, senders and states, bounces with what was said', async () => {
  const send = async (email: string, more: Fields): Promise<string> => {
    const message = {
      from_email: 'news@lettershop.test',
      subject: 'Hi',
      text: 'Hi',
      to: [{ email }],
      ...more,
    };
    const [sent] = await sdk.call<{ _id: string }[]>('messages.send', { message });
    return sent?._id ?? '';
  };
  const state = (id: string, wanted: string): Promise<Fields> =>
    world.until(
      () => sdk.call<Fields>('messages.info', { id }),
      (message) => message['state'] === wanted && (message['smtp_events'] as unknown[]).length > 0,
    );
  await state(await send('you@inbox.test', { tags: ['t1'] }), 'sent');
  await state(await send('hard@inbox.test', { tags: ['t2'], subaccount: 'cust-9' }), 'bounced');
  const [name, header, ...rows] = await file('exports.activity', { date_from: '2000-01-01', date_to: null });
  assert.equal(name, 'activity.csv');
  assert.deepEqual(header?.slice(0, 9), [
    'Date',
    'Email Address',
    'Sender',
    'Subject',
    'Status',
    'Tags',
    'Opens',
    'Clicks',
    'Bounce Detail',
  ]);
  assert.deepEqual(
    rows.map((cells) => [...untimed(cells.slice(0, 8)), cells[8]?.startsWith('bad_mailbox: 550 '), cells[9]]),
    [
      ['TIME', 'you@inbox.test', 'news@lettershop.test', 'Hi', 'sent', 't1', '0', '0', false, ''],
      ['TIME', 'hard@inbox.test', 'news@lettershop.test', 'Hi', 'bounced', 't2', '0', '0', true, 'cust-9'],
    ],
  );
  const emails = async (body: Fields): Promise<readonly (string | undefined)[]> =>
    (await file('exports.activity', body)).slice(2).map((cells) => cells[1]);
  assert.deepEqual(await emails({ states: ['bounced'] }), ['hard@inbox.test']);
  assert.deepEqual(await emails({ tags: ['t1', 'none'], senders: ['News@lettershop.test'] }), [
    'you@inbox.test',
  ]);
  assert.deepEqual(await emails({ date_to: '2001-01-01' }), []);
});

test('an unknown export, wrong fields and too many at once are refused in Mandrill’s words', async () => {
  const id = '2025-08-29 18:48:05.63771';
  assert.deepEqual(await sdk.refused('exports.info', { id }), [
    404,
    9,
    'Unknown_Export',
    `Unknown Export: ${id}`,
  ]);
  const [known] = await sdk.call<Export[]>('exports.list');
  const moved = `2001-01-01 00:00:00.${known?.id.split('.')[1]}`;
  assert.equal((await sdk.refused('exports.info', { id: moved }))[2], 'Unknown_Export');
  const wrong = async (body: Fields): Promise<unknown> =>
    (await sdk.refused('exports.activity', body)).at(-1);
  assert.equal(
    await wrong({ date_from: 'soon' }),
    'Validation error: {"date_from":"Please enter a valid date\\/time"}',
  );
  assert.match(String(await wrong({ states: ['lost'] })), /"states":"Please enter any of sent/);
  assert.match(String(await wrong({ notify_email: 'x' })), /"notify_email":"An email address must/);
  assert.match(String(await wrong({ api_keys: ['k'] })), /"api_keys":"/);
  const answers: (readonly unknown[])[] = [];
  for (let n = 0; n < 60 && answers.at(-1)?.[0] !== 500; n++)
    answers.push(await sdk.refused('exports.rejects'));
  assert.deepEqual(answers.at(-1)?.slice(0, 3), [500, -99, 'UserError']);
});

test('the older names and forms of the path make the same exports', async () => {
  const answer = await world.until(
    () =>
      fetch(`${world.url}/mandrill/api/1.0/exports/whitelist.json`, {
        method: 'POST',
        body: JSON.stringify({ key: testKey.secret }),
      }),
    ({ status }) => status === 200,
  );
  assert.equal(((await answer.json()) as Export).type, 'whitelist');
});
