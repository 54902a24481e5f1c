import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createTransport } from 'nodemailer';
import { sql } from 'kysely';
import { StartFault } from '../../src/base/start-fault.ts';
import { allAccounts } from '../../src/features/accounts/index.ts';
import type { Submission } from '../../src/features/messages/index.ts';
import { bring, plainMail } from '../doubles/reports.ts';
import { startWorld, testKey } from '../world.ts';

const mail = {
  from: { email: 'a@lettershop.test' },
  to: [{ email: 'you@inbox.test' }],
  subject: 's',
  text: 't',
};

test('a port that another program has is told in one line that names the setting', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  for (const name of ['LETTERSHOP_HTTP_PORT', 'LETTERSHOP_SMTP_PORT', 'LETTERSHOP_INBOUND_PORT']) {
    await assert.rejects(
      startWorld({ [name]: String(port) }),
      (error) => error instanceof StartFault && error.message.startsWith(`${name}: the port is taken`),
    );
  }
  await new Promise((resolve) => server.close(resolve));
});

test('below the floor of free disk every door says so and takes nothing', async () => {
  await using world = await startWorld({ LETTERSHOP_MIN_FREE_BYTES: String(2 ** 50) });
  const answer = await world.api('POST', '/messages', { body: mail });
  assert.deepEqual(
    [answer.status, (answer.body as { code: string }).code, answer.headers.get('retry-after')],
    [503, 'store.full', '60'],
  );
  const transport = createTransport({
    host: '127.0.0.1',
    port: world.smtpPort,
    auth: { user: 'lettershop', pass: testKey.secret },
    ignoreTLS: true,
  });
  await assert.rejects(
    transport.sendMail({ from: 'a@lettershop.test', to: 'you@inbox.test', subject: 's', text: 't' }),
    /452 4\.3\.1/,
  );
  const back = await bring(world.inboundPort, 'postmaster@mail.lettershop.test', plainMail('x@y.test', 's'));
  assert.match(back, /^452 4\.3\.1 /);
  assert.deepEqual((await world.ok<{ items: unknown[] }>('GET', '/messages')).items, []);
});

test("a row that cannot be stored fails alone: its neighbours' mail in the same batch is kept", async () => {
  await using world = await startWorld();
  const [account] = await allAccounts(world.database.db);
  assert.ok(account !== undefined);
  const { acceptor } = world.program.delivery;
  const domain = await sql<{ id: string }>`select id from domains where name = 'lettershop.test'`.execute(
    world.database.db.engine,
  );
  const submission = (subject: string): Submission => ({
    accountId: account.id,
    subaccountId: account.ownSubaccountId,
    keyId: '0',
    door: 'test',
    format: 'raw',
    mailFrom: 'a@lettershop.test',
    fromAddress: 'a@lettershop.test',
    domainId: domain.rows[0]?.id ?? '0',
    subject,
    options: {
      tags: [],
      metadata: {},
      terms: { unknownOutcome: 'rather_twice', overQuota: 'hold' },
      poolId: null,
      needs: { eightBit: false, smtputf8: false, requireTls: false },
    },
    content: Buffer.from('From: a@lettershop.test\r\nSubject: x\r\n\r\nx\r\n'),
    lane: 0,
    sendAt: null,
    copies: [{ address: 'you@inbox.test', domain: 'inbox.test', data: null }],
    idempotency: null,
    rejection: null,
  });
  // A NUL never passes a door: here it stands for whatever nobody has thought of.
  const subjects = Array.from({ length: 60 }, (_, index) =>
    index % 20 === 7 ? 'bad \0 row' : `good ${index}`,
  );
  const outcomes = await Promise.allSettled(
    subjects.map((subject) =>
      acceptor.accept(
        submission(subject),
        Promise.resolve({ at: 0, hits: { all: new Map(), bound: new Map() } }),
      ),
    ),
  );
  for (const [index, outcome] of outcomes.entries()) {
    assert.equal(outcome.status, subjects[index]?.startsWith('good') === true ? 'fulfilled' : 'rejected');
  }
  const kept = await sql<{ n: number }>`select count(*)::int as n from submissions`.execute(
    world.database.db.engine,
  );
  assert.equal(kept.rows[0]?.n, 57);
});
