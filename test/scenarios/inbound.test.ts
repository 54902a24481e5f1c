import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { endOldReports, findUnread, listUnread } from '../../src/features/inbound/index.ts';
import { makeReturnPath } from '../../src/mail/verp.ts';
import { bounce, bring, complaint, plainMail } from '../doubles/reports.ts';
import { startWorld } from '../world.ts';
import type { Settled, World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

const feedback = 'fbl@mail.lettershop.test';
const dayMs = 86_400_000;

type Sent = { readonly id: string; readonly to: string; readonly path: string; readonly secret?: string };

/** A delivered mail and its return path, as its recipient's server knows it. */
async function delivered(to: string, secret?: string): Promise<Sent> {
  const [id = ''] = await world.send(to, {}, secret);
  const given = secret === undefined ? {} : { secret };
  await world.until(
    () => world.ok<Settled>('GET', `/messages/${id}`, given),
    ({ state }) => state === 'delivered',
  );
  const page = await world.ok<{ items: { mailFrom: string }[] }>('GET', `/captures?message=${id}`, given);
  return { id, to, path: page.items[0]?.mailFrom ?? '', ...given };
}

/** State, kinds of events after the delivery, and whether the address is now suppressed. */
async function story({ id, to, secret }: Sent): Promise<unknown[]> {
  const given = secret === undefined ? {} : { secret };
  const { state, timeline } = await world.ok<Settled>('GET', `/messages/${id}`, given);
  const list = await world.ok<{ items: { address: string; kind: string }[] }>('GET', '/suppressions', given);
  const kinds = timeline.map(({ kind }) => kind);
  assert.deepEqual(kinds.slice(0, 2), ['message.accepted', 'message.delivered']);
  return [state, kinds.slice(2), list.items.filter(({ address }) => address === to).map(({ kind }) => kind)];
}

async function unread(): Promise<{ why: string; mailbox: string; recipient: string }[]> {
  const rows = await sql<{ why: string; mailbox: string; recipient: string }>`
    select why, mailbox, recipient from inbound_unread order by id`.execute(world.database.db.engine);
  return rows.rows;
}

async function subaccount(name: string): Promise<{ id: number; secret: string }> {
  const made = await world.ok<{ id: number; key: { secret: string } }>('POST', '/subaccounts', {
    body: { name, key: { name } },
  });
  return { id: made.id, secret: made.key.secret };
}

test('the listener is where listening.json says', async () => {
  const text = readFileSync(join(world.program.store.folder.path, 'listening.json'), 'utf8');
  const { inbound } = JSON.parse(text) as { inbound: unknown };
  assert.deepEqual(inbound, { host: '127.0.0.1', port: world.inboundPort });
});

test('a bounce that comes after the delivery ends it, suppresses the address, and counts once', async () => {
  const sent = await delivered('gone@inbox.test');
  const raw = bounce({ recipient: sent.to });
  const expected = ['bounced', ['message.bounced_later', 'suppression.added'], ['hard_bounce']];
  assert.match(await bring(world.inboundPort, sent.path, raw), /^250 2\.0\.0 /);
  assert.deepEqual(await story(sent), expected);
  const again = await Promise.all(Array.from({ length: 5 }, () => bring(world.inboundPort, sent.path, raw)));
  assert.ok(again.every((answer) => answer.startsWith('250 ')));
  assert.deepEqual(await story(sent), expected);
  const { timeline } = await world.ok<Settled>('GET', `/messages/${sent.id}`);
  assert.deepEqual(timeline[2]?.data, {
    recipient: sent.to,
    class: 'hard',
    rule: 'enhanced.5.1.1',
    reply: { code: 550, enhanced: '5.1.1', text: 'no such user here' },
    reportedRecipient: sent.to,
  });
  const next = await world.ok<{ messages: { state: string }[] }>('POST', '/messages', {
    body: { from: { email: 'a@lettershop.test' }, to: [{ email: sent.to }], subject: 's', text: 't' },
  });
  assert.equal(next.messages[0]?.state, 'suppressed');
});

test('full mailboxes, blocks and expiry end the delivery and suppress nobody', async () => {
  const cases: Record<string, readonly [status: string, diagnostic: string, found: string]> = {
    'full@inbox.test': ['5.2.2', 'smtp; 552 5.2.2 mailbox full', 'soft'],
    'block@inbox.test': ['5.7.1', 'smtp; 554 5.7.1 message looks like spam', 'block'],
    'late@inbox.test': ['4.4.7', 'smtp; delivery time expired', 'soft'],
  };
  for (const [to, [status, diagnostic, found]] of Object.entries(cases)) {
    const sent = await delivered(to);
    await bring(world.inboundPort, sent.path, bounce({ recipient: to, status, diagnostic }));
    assert.deepEqual(await story(sent), ['bounced', ['message.bounced_later'], []], to);
    const { timeline } = await world.ok<Settled>('GET', `/messages/${sent.id}`);
    assert.equal(timeline[2]?.data['class'], found, to);
  }
});

test('soft bounces that come later put the address on hold once they go on for as long as the account says', async () => {
  const { secret } = await subaccount('later');
  const to = 'overfull@inbox.test';
  const full = { recipient: to, status: '5.2.2', diagnostic: 'smtp; 552 5.2.2 mailbox full' };
  const bounceLater = async (): Promise<unknown> => {
    const sent = await delivered(to, secret);
    await bring(world.inboundPort, sent.path, bounce(full));
    await bring(world.inboundPort, sent.path, bounce(full));
    const [state, kinds, listed] = await story(sent);
    assert.equal(state, 'bounced');
    return [kinds, listed];
  };
  const counted = [['message.bounced_later'], []];
  const account = await world.ok<{ softBounces: unknown }>('PATCH', '/account', {
    body: { softBounces: { count: 3 } },
  });
  assert.deepEqual(account.softBounces, { count: 3, days: 30, spanHours: 72, holdHours: 72 });
  // Three within moments are one bad moment of the mailbox.
  for (let times = 0; times < 3; times++) assert.deepEqual(await bounceLater(), counted);
  await world.move(3 * dayMs + 60_000);
  assert.deepEqual(await bounceLater(), [['message.bounced_later', 'suppression.added'], ['on_hold']]);
  const [held] = (
    await world.ok<{ items: { source: string; expiresAt: string }[] }>('GET', '/suppressions', {
      secret,
    })
  ).items;
  assert.equal(held?.source, 'report');
  const hours = (Date.parse(held?.expiresAt ?? '') - world.clock.now()) / 3_600_000;
  assert.ok(hours > 71 && hours <= 72, `${hours} hours`);
  const other = await subaccount('not held');
  assert.equal((await delivered(to, other.secret)).to, to);
  await world.ok('PATCH', '/account', { body: { softBounces: { count: 5 } } });
});

test('delays, good news and automatic answers are told and do no harm; challenges are not even told', async () => {
  const sent = await delivered('patient@inbox.test');
  const note = (action: string, status: string): string =>
    bounce({ recipient: sent.to, action, status, diagnostic: 'smtp; 451 4.4.1 later' });
  const answers = [
    note('delayed', '4.4.1'),
    note('delayed', '4.4.1'),
    note('relayed', '2.0.0'),
    plainMail('patient@inbox.test', 'Out of office: Hello', 'Auto-Submitted: auto-replied'),
    plainMail('filter@inbox.test', 'Please confirm your message'),
  ];
  for (const raw of answers) assert.match(await bring(world.inboundPort, sent.path, raw), /^250 /);
  const told = ['message.notified', 'message.notified', 'message.auto_replied'];
  assert.deepEqual(await story(sent), ['delivered', told, []]);
});

test('a complaint finds its mail by our mark when all else is cut out, in every form of report', async () => {
  const [first, second, third] = [
    await delivered('angry@inbox.test'),
    await delivered('angrier@inbox.test'),
    await delivered('quiet@inbox.test'),
  ];
  const markOf = ({ path }: Sent): string => `X-Lettershop-Mark: ${path.split('@')[0]}`;
  const head = ['To: redacted', 'Message-ID: <other@sender.test>'];
  await bring(world.inboundPort, feedback, complaint([markOf(first), ...head]), 'feedback@recv.test');
  await bring(world.inboundPort, feedback, complaint([markOf(first), ...head]), 'feedback@recv.test');
  const expected = ['delivered', ['message.complained', 'suppression.added'], ['complaint']];
  assert.deepEqual(await story(first), expected);
  // Without a feedback part, and to the return path itself.
  await bring(world.inboundPort, feedback, complaint([`Return-Path: <${second.path}>`, ...head], null));
  assert.deepEqual(await story(second), expected);
  await bring(world.inboundPort, third.path, complaint(head, 'not-spam'));
  assert.deepEqual(await story(third), ['delivered', ['message.feedback'], []]);
  await bring(world.inboundPort, third.path, complaint(head, 'opt-out'));
  assert.deepEqual((await story(third)).at(-1), ['unsubscribe']);
});

test('the mark that complaints need stands in every copy as it arrived', async () => {
  const sent = await delivered('marked@inbox.test');
  const page = await world.ok<{ items: { id: string }[] }>('GET', `/captures?message=${sent.id}`);
  const { body } = await world.api('GET', `/captures/${page.items[0]?.id}/content`);
  assert.ok(String(body).startsWith(`X-Lettershop-Mark: ${sent.path.split('@')[0]}\r\n`), String(body));
});

test('whoever is not ours is told so; forged and aged return paths are nobody', async () => {
  const sent = await delivered('watched@inbox.test');
  const { ring } = world.program.store;
  const now = world.clock.now();
  const forged = sent.path.replace(/.(?=@)/, (digit) => (digit === 'a' ? 'b' : 'a'));
  const strangers = [
    forged,
    sent.path.replace(/(?<=^b\+.{5})./, (digit) => (digit === 'a' ? 'b' : 'a')),
    makeReturnPath(sent.id, now - 31 * dayMs, 'bounce.lettershop.test', ring),
    'b+short@bounce.lettershop.test',
    'somebody@mail.lettershop.test',
    'postmaster@elsewhere.test',
    'abuse@elsewhere.test',
    'victim@example.com',
  ];
  for (const to of strangers) {
    const answer = await bring(world.inboundPort, to, bounce({ recipient: sent.to }));
    assert.match(answer, /^550 5\.1\.1 there is no such mailbox here/, to);
  }
  assert.deepEqual(await story(sent), ['delivered', [], []]);
  const old = makeReturnPath(sent.id, now - 29 * dayMs, 'bounce.lettershop.test', ring);
  assert.match(await bring(world.inboundPort, old, bounce({ recipient: sent.to })), /^250 /);
  assert.equal((await story(sent))[0], 'bounced');
});

test('a complaint with a forged mark, and one that names a recipient or a Message-ID alone, changes nothing', async () => {
  const sent = await delivered('innocent@inbox.test');
  const forged = sent.path.replace(/.(?=@)/, (digit) => (digit === 'a' ? 'b' : 'a'));
  const before = (await unread()).length;
  for (const header of [
    [`X-Lettershop-Mark: ${forged.split('@')[0]}`, `Return-Path: <${forged}>`],
    [`To: ${sent.to}`, `Message-ID: <${sent.id}@lettershop.test>`],
  ]) {
    assert.match(await bring(world.inboundPort, feedback, complaint(header)), /^250 /);
  }
  assert.deepEqual(await story(sent), ['delivered', [], []]);
  const kept = (await unread()).slice(before);
  assert.deepEqual(
    kept.map(({ why }) => why),
    ['names no mail of ours', 'names no mail of ours'],
  );
});

test("a report that names another tenant's message in every way touches only its own path's", async () => {
  const [a, b] = [await subaccount('Tenant A'), await subaccount('Tenant B')];
  const mine = await delivered('shared@inbox.test', a.secret);
  const theirs = await delivered('shared@inbox.test', b.secret);
  const markOf = ({ path }: Sent): string => `X-Lettershop-Mark: ${path.split('@')[0]}`;
  const original = [`Return-Path: <${mine.path}>`, markOf(mine), `Message-ID: <${mine.id}@lettershop.test>`];
  await bring(world.inboundPort, theirs.path, bounce({ recipient: mine.to, original }));
  await bring(world.inboundPort, theirs.path, complaint(original));
  assert.deepEqual(await story(mine), ['delivered', [], []]);
  assert.deepEqual((await story(theirs)).slice(1), [
    ['message.bounced_later', 'suppression.added', 'message.complained', 'suppression.added'],
    ['hard_bounce', 'complaint'],
  ]);
  type Summary = { today: { delivered: number; hardBounces: number; complaints: number } };
  const counts = async (id: number): Promise<number[]> => {
    const { today } = await world.ok<Summary>('GET', `/subaccounts/${id}/summary`);
    return [today.delivered, today.hardBounces, today.complaints];
  };
  await world.until(
    () => counts(b.id),
    (seen) => JSON.stringify(seen) === '[1,1,1]',
  );
  assert.deepEqual(await counts(a.id), [1, 0, 0]);
  const own = await world.ok<{ items: { subaccountId: number }[] }>('GET', '/events?limit=500', {
    secret: a.secret,
  });
  assert.ok(own.items.every(({ subaccountId }) => subaccountId === a.id));
});

test('one mail to several return paths does to each what it does to one', async () => {
  const sent = [await delivered('many1@inbox.test'), await delivered('many2@inbox.test')];
  const raw = plainMail('MAILER-DAEMON@recv.test', 'Undeliverable', 'X-Note: none').replace(
    'Hello.',
    '550 5.1.1 user unknown',
  );
  await bring(
    world.inboundPort,
    sent.map(({ path }) => path),
    raw,
  );
  for (const each of sent) assert.equal((await story(each))[0], 'bounced', each.to);
});

test('what nobody can make anything of is kept for the operator, and no more than a thousand of each mailbox', async () => {
  const sent = await delivered('writes-back@inbox.test');
  const before = (await unread()).length;
  await bring(world.inboundPort, sent.path, plainMail('ada@inbox.test', 'Re: Hello'), 'ada@inbox.test');
  await bring(world.inboundPort, sent.path, bounce({ recipient: sent.to }), 'ada@inbox.test');
  await bring(world.inboundPort, 'PostMaster@mail.lettershop.test', plainMail('x@y.test', 'A question'));
  await bring(world.inboundPort, 'abuse@bounce.lettershop.test', plainMail('x@y.test', 'Stop it'));
  assert.deepEqual(await story(sent), ['delivered', [], []]);
  assert.deepEqual(
    (await unread()).slice(before).map(({ mailbox, why }) => [mailbox, why]),
    [
      ['return_path', 'no report'],
      ['return_path', 'a bounce with a sender'],
      ['operator', 'for the operator'],
      ['feedback', 'names no mail of ours'],
    ],
  );
  const { engine } = world.database.db;
  const [newest] = await listUnread(engine, 1);
  assert.deepEqual([newest?.mailFrom, newest?.recipient], ['', 'abuse@bounce.lettershop.test']);
  const content = await findUnread(engine, newest?.id ?? '');
  assert.equal(content?.toString(), plainMail('x@y.test', 'Stop it'));
  await sql`insert into inbound_unread (at, mailbox, why, remote_address, mail_from, recipient, size_bytes, content)
    select now(), 'operator', 'x', '::1', '', '', 1, 'x' from generate_series(1, 1500)`.execute(
    world.database.db.engine,
  );
  await bring(world.inboundPort, 'postmaster@mail.lettershop.test', plainMail('x@y.test', 'Newest'));
  const rows = await unread();
  assert.equal(rows.filter(({ mailbox }) => mailbox === 'operator').length, 1000);
  assert.equal(rows.at(-1)?.recipient, 'postmaster@mail.lettershop.test');
  assert.ok(rows.some(({ mailbox }) => mailbox === 'return_path'));
});

test('a report that is ahead of our own record of the delivery is asked to come again', async () => {
  const sendAt = new Date(world.clock.now() + 3_600_000).toISOString();
  const [id = ''] = await world.send('early@inbox.test', { sendAt });
  await sql`update queue set hold = null, hold_until = null, held_at = null, leased_by = (select number from nodes)
    where message_id = ${id}`.execute(world.database.db.engine);
  const path = makeReturnPath(id, world.clock.now(), 'bounce.lettershop.test', world.program.store.ring);
  assert.match(
    await bring(world.inboundPort, path, bounce({ recipient: 'early@inbox.test' })),
    /^451 4\.3\.0 /,
  );
  const { timeline } = await world.ok<Settled>('GET', `/messages/${id}`);
  assert.deepEqual(
    timeline.map(({ kind }) => kind),
    ['message.accepted', 'message.held'],
  );
});

test('marks of reports and unread mail end by age', async () => {
  const sent = await delivered('ages@inbox.test');
  await bring(world.inboundPort, sent.path, bounce({ recipient: sent.to }));
  const { db } = world.database;
  const later = { now: () => world.clock.now() + 92 * dayMs, monotonicMs: world.clock.monotonicMs };
  assert.ok((await endOldReports(db, later)) >= 2);
  const left = await sql<{ n: number }>`
    select ((select count(*) from inbound_reports) + (select count(*) from inbound_unread))::int as n`.execute(
    db.engine,
  );
  assert.equal(left.rows[0]?.n, 0);
});
