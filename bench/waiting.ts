// `npm run bench:waiting`: how fast the queue answers with a million messages waiting (filled by SQL, due later, three
// subaccounts). Options: --waiting 1000000, --samples 100. Prints p50 and p99 in milliseconds.
import { parseArgs } from 'node:util';
import { ownPeer } from './program.ts';

const { values } = parseArgs({
  options: { waiting: { type: 'string', default: '1000000' }, samples: { type: 'string', default: '100' } },
});

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
