import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { createTransport } from 'nodemailer';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { SmtpSink } from '../doubles/smtp-sink.ts';
import type { Misbehaviour, Occasion } from '../doubles/smtp-sink.ts';
import { startWorld, testKey } from '../world.ts';
import type { Settled, World } from '../world.ts';

let world: World;
let sink: SmtpSink;
let dns: DnsServerDouble;
const seen = new Map<string, number>();

/** The local part tells the sink how to misbehave. */
function behave({ phase, recipient, connection }: Occasion): Misbehaviour | undefined {
  const local = recipient.split('@')[0] ?? '';
  const times = (): number => {
    const count = (seen.get(recipient) ?? 0) + 1;
    seen.set(recipient, count);
    return count;
  };
  if (phase === 'rcpt' && local === 'hard') return { reply: '550 5.1.1 no such user' };
  if (phase === 'rcpt' && local === 'grey')
    return times() === 1 ? { reply: '451 4.7.1 greylisted, come back' } : undefined;
  if (phase === 'final' && local === 'spam') return { reply: '554 5.7.1 message looks like spam' };
  const cut = /^cut-(rcpt|data|final)$/.exec(local)?.[1];
  if (cut === phase && times() === 1) return { cut: 'close' };
  return connection < 0 ? { silent: true } : undefined;
}

before(async () => {
  sink = await SmtpSink.start({ behave });
  dns = await DnsServerDouble.start({
    'ok.test': { MX: [[10, 'mx.ok.test']] },
    'mx.ok.test': { A: ['127.0.0.1'] },
    'null.test': { MX: [[0, '.']] },
    'nomx.test': { TXT: ['nothing'] },
    'a-only.test': { A: ['127.0.0.1'] },
    'private.test': { MX: [[10, 'mx.private.test']] },
    'mx.private.test': { A: ['10.1.2.3'] },
    'firstdead.test': {
      MX: [
        [10, 'dead.firstdead.test'],
        [20, 'mx.ok.test'],
      ],
    },
    'dead.firstdead.test': { A: ['127.0.0.77'] },
    'six.test': { MX: [[10, 'mx.six.test']] },
    'mx.six.test': { AAAA: ['::1'] },
    'servfail.test': 'servfail',
    'fresh-dead.test': { MX: [[10, 'dead.fresh-dead.test']] },
    'dead.fresh-dead.test': { A: ['127.0.0.78'] },
    'alldead.test': { MX: [[10, 'dead.firstdead.test']] },
    'loop.test': { MX: [[10, 'mx.sender.test']] },
  });
  world = await startWorld({
    LETTERSHOP_OUTBOUND: 'direct',
    LETTERSHOP_DNS_SERVERS: dns.address,
    LETTERSHOP_MX_PORT: String(sink.port),
    LETTERSHOP_NET_ALLOW: '127.0.0.0/8,::1/128',
  });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await dns[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
});

const ended = ['delivered', 'bounced', 'deferred', 'failed', 'undetermined'];

async function deliver(
  to: string,
  more: Record<string, unknown> = {},
): Promise<{ id: string; message: Settled }> {
  const [id = ''] = await world.send(to, more);
  return { id, message: await world.settled(id, ended) };
}

/** State, the last event's phase, and what was said. */
function story({ message }: { message: Settled }): unknown[] {
  const last = message.timeline.findLast(
    ({ kind }) => kind.startsWith('message.') && kind !== 'message.perhaps_delivered',
  );
  const reply = last?.data['reply'] as { code: number; enhanced: string } | undefined;
  return [
    message.state,
    last?.data['class'] ?? null,
    last?.data['phase'] ?? null,
    reply === undefined ? null : `${reply.code} ${reply.enhanced}`,
  ];
}

test('every way that a first attempt can end tells its own story', async () => {
  const cases: Record<string, unknown[]> = {
    'you@ok.test': ['delivered', null, null, '250 2.0.0'],
    'you@a-only.test': ['delivered', null, null, '250 2.0.0'],
    'you@firstdead.test': ['delivered', null, null, '250 2.0.0'],
    'hard@ok.test': ['bounced', 'hard', 'rcpt', '550 5.1.1'],
    'spam@ok.test': ['bounced', 'block', 'final', '554 5.7.1'],
    'you@null.test': ['bounced', 'hard', 'route', '556 5.1.10'],
    'you@nomx.test': ['bounced', 'hard', 'route', '550 5.1.2'],
    'you@nowhere.test': ['bounced', 'hard', 'route', '550 5.1.2'],
    'you@private.test': ['bounced', 'hard', 'route', '550 5.4.4'],
    'you@loop.test': ['bounced', 'admin', 'route', '554 5.4.6'],
    'you@servfail.test': ['deferred', 'undetermined', 'route', null],
    'you@alldead.test': ['deferred', 'undetermined', 'connect', null],
    'grey@ok.test': ['deferred', 'soft', 'rcpt', '451 4.7.1'],
    'cut-rcpt@ok.test': ['deferred', 'undetermined', 'rcpt', null],
    'cut-data@ok.test': ['deferred', 'undetermined', 'data', null],
  };
  const stories = await Promise.all(
    Object.keys(cases).map(async (to) => [to, story(await deliver(to))] as const),
  );
  assert.deepEqual(Object.fromEntries(stories), cases);
});

test('a greylisted mail is delivered at its second attempt, five minutes later', async () => {
  const { id } = await deliver('grey@a-only.test');
  world.clock.move(4 * 60_000 - 5000);
  assert.equal((await world.ok<Settled>('GET', `/messages/${id}`)).state, 'deferred');
  world.clock.move(3 * 60_000);
  const message = await world.settled(id, ['delivered']);
  assert.equal(message.attempts, 2);
});

test('a connection cut after the final dot enters the ledger, and is sent again or not by its terms', async () => {
  const twice = await deliver('cut-final@ok.test');
  const not = await deliver('cut-final@firstdead.test', { unknownOutcome: 'rather_not' });
  assert.equal(twice.message.state, 'deferred');
  assert.equal(not.message.state, 'undetermined');
  world.clock.move(7 * 60_000);
  await world.settled(twice.id, ['delivered']);
  const dots = (to: string): number => sink.finalDots.filter((recipient) => recipient === to).length;
  assert.deepEqual([dots('cut-final@ok.test'), dots('cut-final@firstdead.test')], [2, 1]);
  const rows = await sql<{ cause: string; resolution: string }>`
    select cause, resolution from perhaps_delivered order by message_id`.execute(world.database.db.engine);
  assert.deepEqual(rows.rows, [
    { cause: 'cut_after_dot', resolution: 'sent_again' },
    { cause: 'cut_after_dot', resolution: 'given_up' },
  ]);
});

test('24 hours of retries keep the schedule; what expires says so', async () => {
  const { id } = await deliver('you@servfail.test');
  const gaps: number[] = [];
  let last = world.clock.now();
  for (let attempts = 1; attempts < 11; attempts++) {
    const message = await world.ok<Settled>('GET', `/messages/${id}`);
    const due = Date.parse(String(message.timeline.at(-1)?.data['nextAttemptAt']));
    gaps.push(Math.round((due - last) / 60_000));
    world.clock.move(due - world.clock.now() + 1000);
    last = world.clock.now();
    await world.until(
      () => world.ok<Settled>('GET', `/messages/${id}`),
      (now) => now.attempts > attempts,
    );
  }
  const expected = [5, 10, 20, 40, 80, 160, 240, 240, 240, 240];
  for (const [index, gap] of gaps.entries()) {
    const wanted = expected[index] ?? 0;
    assert.ok(
      gap >= wanted * 0.75 && gap <= wanted * 1.25,
      `gap ${index + 1} is ${gap} min, wanted about ${wanted}`,
    );
  }
  assert.ok(gaps.reduce((sum, gap) => sum + gap, 0) > 15 * 60);
  world.clock.move(72 * 3_600_000);
  const message = await world.settled(id, ['expired']);
  assert.equal(message.timeline.at(-1)?.kind, 'message.expired');
});

test('"why is it here" names the retry time of a deferred mail', async () => {
  const { id } = await deliver('you@servfail.test');
  const why = await world.ok<{ state: string; reasons: { code: string; movesAt: string | null }[] }>(
    'GET',
    `/messages/${id}/why`,
  );
  assert.equal(why.state, 'deferred');
  assert.equal(why.reasons[0]?.code, 'retry');
  assert.ok(Date.parse(why.reasons[0].movesAt ?? '') > world.clock.now());
});

test('a host that has only an IPv6 address gets its mail', async (context) => {
  const six = await SmtpSink.start({ host: '::1', port: sink.port, behave }).catch(() => null);
  if (six === null) {
    context.skip('not run: this machine has no IPv6 loopback');
    return;
  }
  const { message } = await deliver('you@six.test');
  await six[Symbol.asyncDispose]();
  assert.deepEqual([message.state, message.timeline.at(-1)?.data['address']], ['delivered', '::1']);
});

test('what an SMTP client asks of reports reaches the next hop as it was asked', async () => {
  const transport = createTransport({
    host: '127.0.0.1',
    port: world.smtpPort,
    auth: { user: 'lettershop', pass: testKey.secret },
    ignoreTLS: true,
  });
  await transport.sendMail({
    from: 'a@lettershop.test',
    to: 'asks@ok.test',
    subject: 's',
    text: 't',
    dsn: { id: 'order 1', return: 'headers', notify: ['failure', 'delay'], recipient: 'asks@old.test' },
  });
  transport.close();
  await world.until(
    () => Promise.resolve(sink.kept),
    (kept) => kept.some(({ to }) => to === 'asks@ok.test'),
  );
  const rcpt = sink.commands.findIndex((line) => line.startsWith('RCPT TO:<asks@ok.test>'));
  assert.match(
    sink.commands[rcpt - 1] ?? '',
    /^MAIL FROM:<b\+\w{32}@bounce\.lettershop\.test> .*RET=HDRS ENVID=order\+201$/,
  );
  assert.equal(sink.commands[rcpt], 'RCPT TO:<asks@ok.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;asks@old.test');
});

test('what was said in an attempt that failed can be read by whoever may read content, and by no other tenant', async () => {
  type Transcript = { attempt: number | null; text: string | null };
  const read = (id: string, secret?: string): Promise<Transcript> =>
    world.ok('GET', `/messages/${id}/transcript`, secret === undefined ? {} : { secret });
  const { id } = await deliver('spam@ok.test');
  const { attempt, text } = await world.until(
    () => read(id),
    (found) => found.text !== null,
  );
  assert.equal(attempt, 1);
  assert.match(text ?? '', /^C: RCPT TO:<spam@ok\.test>.*\n[^]*S: 554 5\.7\.1 message looks like spam$/m);
  assert.ok(!text?.includes('Hello'), 'not what was written');
  const dead = await deliver('you@fresh-dead.test');
  await world.until(
    () => read(dead.id),
    (found) => found.text?.includes('ECONNREFUSED') === true,
  );
  const fine = await deliver('fine@ok.test');
  assert.deepEqual(await read(fine.id), { messageId: fine.id, attempt: null, at: null, text: null });
  const made = await world.ok<{ key: { secret: string } }>('POST', '/subaccounts', {
    body: { name: 'Other', key: { name: 'k' } },
  });
  const foreign = await world.api('GET', `/messages/${id}/transcript`, { secret: made.key.secret });
  assert.equal(foreign.status, 404);
});
