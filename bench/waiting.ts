// `npm run bench:waiting`: how fast the queue answers with a million messages waiting (filled by SQL, due later, three
// subaccounts). Options: --waiting 1000000, --samples 100. Prints p50 and p99 in milliseconds, and what survey and claim read
// of the queue as generic plans; fails when they read it otherwise than by the due index.
import { parseArgs } from 'node:util';
import type { Client } from 'pg';
import { claimText, surveyText } from '../src/features/queue/sql-claim.ts';
import { ownPeer } from './program.ts';

const { values } = parseArgs({
  options: { waiting: { type: 'string', default: '1000000' }, samples: { type: 'string', default: '100' } },
});

type Plan = {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly Plan[];
};

function readsOfQueue(plan: Plan): readonly string[] {
  const below = (plan.Plans ?? []).flatMap(readsOfQueue);
  if (plan['Relation Name'] !== 'queue' || plan['Node Type'] === 'ModifyTable') return below;
  return [`${plan['Node Type']} ${plan['Index Name'] ?? ''}`.trim(), ...below];
}

/** Survey and claim, as if all of it were due, under the settings of a hot connection; nothing stays. */
async function explainTurns(db: Client, waiting: number): Promise<void> {
  // As autovacuum does within a minute of so much mail; only the owner may.
  await db.query('set role none');
  await db.query('analyze queue, messages, submissions');
  await db.query('set role lettershop_engine');
  for (const setting of ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin'])
    await db.query(`set ${setting} = off`);
  await db.query('set plan_cache_mode = force_generic_plan');
  const { rows: tenants } = await db.query<{ id: number }>('select id from subaccounts where not is_own');
  const ids = tenants.map(({ id }) => id).join(',');
  const later = `now() + interval '400 days'`;
  const most = tenants.map(() => 500).join(',');
  for (const [name, types, text, call] of [
    ['survey', 'timestamptz, int, int, bigint[]', surveyText, `${later}, 1000, 0, '{}'`],
    [
      'claim',
      'smallint, timestamptz, bigint[], int[], int[]',
      claimText,
      `1::smallint, ${later}, '{}', '{${ids}}', '{${most}}'`,
    ],
  ] as const) {
    await db.query('begin');
    await db.query(`prepare ${name} (${types}) as ${text}`);
    const { rows } = await db.query<{
      'QUERY PLAN': readonly { readonly Plan: Plan; readonly 'Execution Time': number }[];
    }>(`explain (analyze, format json) execute ${name} (${call})`);
    await db.query('rollback');
    const explained = rows[0]?.['QUERY PLAN'][0];
    if (explained === undefined) throw new Error('no plan');
    const reads = [...new Set(readsOfQueue(explained.Plan))];
    const ms = explained['Execution Time'].toFixed(1);
    console.log(`${name}, ${waiting} due of ${tenants.length} subaccounts: ${ms} ms, by ${reads.join(', ')}`);
    if (
      !reads.some((read) => read.includes('queue_due')) ||
      reads.some((read) => read.startsWith('Seq Scan'))
    )
      throw new Error(`${name} does not read the queue by its index`);
  }
}

const peer = await ownPeer(true);
try {
  await peer.start(9);
  const call = async (method: string, path: string, secret: string, body?: object): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${peer.httpPort()}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const db = await peer.database();
  const likes: string[] = [];
  for (const name of ['A', 'B', 'C']) {
    const made = (await call('POST', '/subaccounts', peer.secret, { name, key: { name: 'k' } })) as {
      key: { secret: string };
    };
    const sendAt = new Date(Date.now() + 86_400_000).toISOString();
    const mail = { from: { email: peer.from }, to: [{ email: 'x@y.test' }], subject: 's', text: 't', sendAt };
    const sent = (await call('POST', '/messages', made.key.secret, mail)) as { messages: { id: string }[] };
    likes.push(sent.messages[0]?.id ?? '');
  }
  const each = Math.floor(Number(values.waiting) / likes.length);
  await db.query('set statement_timeout = 0');
  for (const like of likes) {
    await db.query(
      `insert into messages (account_id, subaccount_id, id, retention_days, submission_id, recipient, state, state_at)
       select account_id, subaccount_id, id + n, retention_days, submission_id, 'r' || n || '@d' || n % 1000 || '.test', 'queued', state_at
       from messages, generate_series(1, $2::int) n where id = $1`,
      [like, each],
    );
    await db.query(
      `insert into queue (account_id, subaccount_id, message_id, submission_id, retention_days, lane, domain, due_at, began_at, tags)
       select account_id, subaccount_id, id + n, submission_id, retention_days, 0, 'd' || n % 1000 || '.test',
         now() + make_interval(secs => 3600 + n), now(), case when n % 5000 = 0 then '{rare}'::text[] end
       from messages, generate_series(1, $2::int) n where id = $1`,
      [like, each],
    );
  }
  await explainTurns(db, Number(values.waiting));
  await db.end();
  const last = String(BigInt(likes[1] ?? '0') + BigInt(each));
  const paths = [
    '/queue?limit=50',
    '/queue?tag=rare',
    '/queue?domain=d7.test',
    '/queue?hold=scheduled',
    '/queue?attemptsMin=3',
    `/messages/${last}/why`,
    '/why',
    '/sites/d7.test',
  ];
  for (const path of paths) {
    const taken: number[] = [];
    for (let n = 0; n < Number(values.samples); n++) {
      const began = performance.now();
      await call('GET', path, peer.secret);
      taken.push(performance.now() - began);
    }
    taken.sort((a, b) => a - b);
    const at = (part: number): string => (taken[Math.floor(taken.length * part)] ?? 0).toFixed(1);
    console.log(`${path.padEnd(40)} p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
  }
} finally {
  await peer.remove();
}
