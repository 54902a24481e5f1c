import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { installationKeys } from '../../src/features/domains/index.ts';
import { watchPolicies } from '../../src/features/senders/index.ts';
import { mailsTo } from '../doubles/browser.ts';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
let dns: DnsServerDouble;
before(async () => {
  dns = await DnsServerDouble.start({}, 1);
  world = await startWorld({ LETTERSHOP_DNS_SERVERS: dns.address });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await dns[Symbol.asyncDispose]();
});

type Sender = {
  readonly id: string;
  readonly state: string;
  readonly domain: string;
  readonly resends: number;
  readonly dmarc: { readonly policy: string; readonly warning: string | null };
};
type Mail = { readonly id: string; readonly to: string; readonly subject: string };
type Client = { readonly id: number; readonly key: { readonly secret: string } };

function client(externalId: string): Promise<Client> {
  const body = { name: externalId, externalId, key: { name: 'k' } };
  return world.ok<Client>('POST', '/subaccounts', { body });
}

/** The account's own domain, which capture mode has proven, shared for use. */
async function agencyDomain(): Promise<string> {
  const { items } = await world.ok<{ items: { id: string; name: string }[] }>('GET', '/domains');
  return items.find(({ name }) => name === 'lettershop.test')?.id ?? '';
}

/** The newest captured mail to the address, once there are so many. */
async function mailTo(address: string, count = 1): Promise<string> {
  const { items } = await world.until(
    () => world.ok<{ items: Mail[] }>('GET', '/captures?limit=500'),
    (page) => page.items.filter(({ to }) => to === address).length >= count,
  );
  const newest = items.find(({ to }) => to === address);
  return world.ok<string>('GET', `/captures/${newest?.id}/content`);
}

/** Quoted-printable line ends undone, then the link. */
function linkIn(mail: string): string {
  const link = /http:\/\/localhost:\d+(\/sender-proof\/[\w-]{43})/.exec(mail.replaceAll(/=\r\n/g, ''));
  assert.ok(link?.[1] !== undefined, mail);
  return link[1];
}

async function prove(email: string, count = 1): Promise<void> {
  const path = linkIn(await mailTo(email, count));
  const answer = await fetch(`${world.url}${path}`, { method: 'POST' });
  assert.equal(answer.status, 200);
}

/** A little more than so many days. */
const moveDays = (days: number): Promise<void> => world.move(days * 86_400_000 + 1_000_000);

/** What the owner was told of policies, once it is so much: a second mail of the kind waits an hour. */
async function toldLines(count: number): Promise<readonly string[]> {
  const told = async (): Promise<string[]> =>
    (await mailsTo(world, 'owner@lettershop.test'))
      .map((mail) => mail.split(/^Content-Type: text\/html/im)[0] ?? '')
      .flatMap((text) => [...text.matchAll(/^(lea@\S+) \(subaccount \d+\): now (p=\w+)/gm)])
      .map(([, email, policy]) => `${email}: ${policy}`)
      .toSorted();
  await world.until(told, ({ length }) => length > 0);
  await moveDays(1 / 24);
  return world.until(told, ({ length }) => length >= count);
}

const from = (email: string) => ({ from: { email } });

async function sendStatus(email: string, secret: string, more = {}): Promise<number> {
  const body = { to: [{ email: 'you@inbox.test' }], subject: 's', text: 't', ...from(email), ...more };
  return (await world.api('POST', '/messages', { secret, body })).status;
}

test('a sender is used only after somebody at its address has agreed, and a link scanner agrees to nothing', async () => {
  const { key } = await client('agrees');
  const { secret } = key;
  const body = {
    email: 'Ada@client-one.example',
    name: 'Ada',
    replyTo: { email: 'desk@client-one.example', name: 'Desk' },
    note: 'As <b>agreed</b> & signed.',
    domainId: await agencyDomain(),
  };
  const made = await world.ok<Sender>('POST', '/senders', { secret, body });
  assert.deepEqual([made.state, made.domain], ['unproven', 'lettershop.test']);
  assert.equal(await sendStatus('ada@client-one.example', secret), 403);
  const mail = await mailTo('Ada@client-one.example');
  assert.match(mail, /As &lt;b&gt;agreed&lt;\/b&gt; &amp; signed\./);
  const path = linkIn(mail);
  for (const method of ['GET', 'HEAD', 'GET']) {
    const page = await fetch(`${world.url}${path}`, { method });
    assert.equal(page.status, 200);
    assert.match(
      page.headers.get('content-security-policy') ?? '',
      /^default-src 'none'; style-src 'sha256-/,
    );
    if (method === 'GET') assert.doesNotMatch(await page.text(), /<script|agreed/);
  }
  assert.equal((await world.ok<Sender>('GET', `/senders/${made.id}`, { secret })).state, 'unproven');
  assert.equal((await fetch(`${world.url}${path.slice(0, -1)}x`, { method: 'POST' })).status, 404);
  for (const _ of [1, 2]) assert.equal((await fetch(`${world.url}${path}`, { method: 'POST' })).status, 200);
  type Events = { items: { kind: string; data: { senderId: string } }[] };
  const events = await world.ok<Events>('GET', '/events', { secret });
  assert.deepEqual(
    events.items.filter(({ data }) => data.senderId === made.id).map(({ kind }) => kind),
    ['sender.created', 'sender.proven'],
  );
  await world.until(
    () => sendStatus('ada@client-one.example', secret),
    (status) => status === 202,
  );
});

test('mail of a sender is signed by the domain it hangs on, with its name and reply-to where the call names none', async () => {
  const { key } = await client('signed');
  const body = {
    email: 'bo@client-two.example',
    name: 'Bo of Two',
    replyTo: { email: 'desk@client-two.example' },
    domainId: await agencyDomain(),
  };
  await world.ok('POST', '/senders', { secret: key.secret, body });
  await prove('bo@client-two.example');
  const [id = ''] = await world.send('two@inbox.test', from('BO@client-two.example'), key.secret);
  await world.settled(id, ['delivered']);
  const mail = await mailTo('two@inbox.test');
  assert.match(mail, /^From: Bo of Two <BO@client-two\.example>\r$/m);
  assert.match(mail, /^Reply-To: desk@client-two\.example\r$/m);
  const signers = [...mail.matchAll(/\bd=([\w.-]+);/g)].map(([, domain]) => domain);
  assert.deepEqual([...new Set(signers)], ['lettershop.test']);
});

test('a proven sender permits one address of one subaccount, and nothing else of its domain', async () => {
  const one = await client('one-address');
  const other = await client('other-address');
  const domainId = await agencyDomain();
  const create = { secret: one.key.secret, body: { email: 'cy@client-three.example', domainId } };
  const { id } = await world.ok<Sender>('POST', '/senders', create);
  assert.equal((await world.api('POST', '/senders', create)).status, 409);
  await prove('cy@client-three.example');
  const statuses = async (): Promise<number[]> => [
    await sendStatus('cy@client-three.example', one.key.secret),
    await sendStatus('dee@client-three.example', one.key.secret),
    await sendStatus('cy@sub.client-three.example', one.key.secret),
    await sendStatus('cy@client-three.example', other.key.secret),
  ];
  assert.deepEqual(await statuses(), [202, 403, 403, 403]);
  for (const method of ['GET', 'PATCH', 'DELETE'])
    assert.equal(
      (
        await world.api(method, `/senders/${id}`, {
          secret: other.key.secret,
          ...(method === 'PATCH' ? { body: {} } : {}),
        })
      ).status,
      404,
    );
  await world.ok('DELETE', `/senders/${id}`, { secret: one.key.secret });
  await world.until(
    () => sendStatus('cy@client-three.example', one.key.secret),
    (status) => status === 403,
  );
});

test('a sender counts for nothing where its domain is proven by somebody, or when its sending domain is taken away', async () => {
  const { key, id } = await client('overruled');
  const rival = await client('rival');
  const domainId = await agencyDomain();
  const secret = key.secret;
  await world.ok('POST', '/senders', { secret, body: { email: 'eve@client-four.example', domainId } });
  await prove('eve@client-four.example');
  assert.equal(await sendStatus('eve@client-four.example', secret), 202);
  const claimed = await world.ok<{ id: string; records: { type: string; name: string; value: string }[] }>(
    'POST',
    '/domains',
    { secret: rival.key.secret, body: { name: 'client-four.example' } },
  );
  for (const { type, name, value } of claimed.records) if (type === 'TXT') dns.zone[name] = { TXT: [value] };
  await world.ok('POST', `/domains/${claimed.id}/check`, { secret: rival.key.secret });
  await world.until(
    () => sendStatus('eve@client-four.example', secret),
    (status) => status === 403,
  );
  assert.equal(await sendStatus('eve@client-four.example', rival.key.secret), 202);
  await world.ok('POST', '/senders', { secret, body: { email: 'flo@client-five.example', domainId } });
  await prove('flo@client-five.example');
  assert.equal(await sendStatus('flo@client-five.example', secret), 202);
  await world.ok('PATCH', `/domains/${domainId}`, { body: { share: 'read' } });
  await world.until(
    () => sendStatus('flo@client-five.example', secret),
    (status) => status === 403,
  );
  const refused = await world.api('POST', '/senders', {
    secret,
    body: { email: 'gus@client-five.example', domainId },
  });
  assert.equal(refused.status, 400, `${id}: read is not use`);
  await world.ok('PATCH', `/domains/${domainId}`, { body: { share: 'use' } });
});

test('without a sending domain the installation signs; over SMTP the same rules hold', async () => {
  const { key } = await client('installation-signs');
  const made = await world.ok<Sender>('POST', '/senders', {
    secret: key.secret,
    body: { email: 'hal@client-six.example' },
  });
  assert.equal(made.domain, 'mail.lettershop.test');
  await prove('hal@client-six.example');
  const nodemailer = await import('nodemailer');
  const transport = nodemailer.createTransport({
    host: '127.0.0.1',
    port: world.smtpPort,
    auth: { user: 'lettershop', pass: key.secret },
  });
  const mail = { to: 'six@inbox.test', subject: 's', text: 't' };
  await transport.sendMail({ ...mail, from: 'hal@client-six.example' });
  await assert.rejects(transport.sendMail({ ...mail, from: 'ida@client-six.example' }), /550/);
  transport.close();
  const signed = [...(await mailTo('six@inbox.test')).matchAll(/\bd=mail\.lettershop\.test; s=([\w-]+);/g)];
  const keys = await installationKeys(world.database.db.engine, 'mail.lettershop.test');
  assert.deepEqual([signed.length, keys.length], [2, 3]);
  for (const [, selector] of signed)
    assert.ok(
      keys.some((key) => key.selector === selector),
      'the operator is told which keys to publish',
    );
});

test('a resent link replaces the one before, links expire, and nobody is flooded', async () => {
  const { key } = await client('resends');
  const { secret } = key;
  const { id } = await world.ok<Sender>('POST', '/senders', {
    secret,
    body: { email: 'jo@client-seven.example' },
  });
  const first = linkIn(await mailTo('jo@client-seven.example'));
  const again = await world.ok<Sender>('POST', `/senders/${id}/resend`, { secret });
  assert.equal(again.resends, 1);
  assert.equal((await fetch(`${world.url}${first}`, { method: 'POST' })).status, 404);
  const second = linkIn(await mailTo('jo@client-seven.example', 2));
  for (const _ of [3, 4, 5]) await world.ok('POST', `/senders/${id}/resend`, { secret });
  const refused = await world.api('POST', `/senders/${id}/resend`, { secret });
  assert.deepEqual([refused.status, (refused.body as { code: string }).code], [409, 'limit.reached']);
  assert.equal((await fetch(`${world.url}${second}`)).status, 404, 'only the newest link is good');
  const newest = linkIn(await mailTo('jo@client-seven.example', 5));
  await moveDays(7);
  const late = await fetch(`${world.url}${newest}`, { method: 'POST' });
  assert.equal(late.status, 410);
  assert.equal((await world.ok<Sender>('GET', `/senders/${id}`, { secret })).state, 'unproven');
  await world.ok('POST', `/senders/${id}/resend`, { secret });
  await prove('jo@client-seven.example', 6);
  assert.equal((await world.api('POST', `/senders/${id}/resend`, { secret })).status, 409);
});

test('free mailboxes, unproven sending domains and those of others are refused', async () => {
  const { key } = await client('refused');
  const other = await client('refused-other');
  const create = async (body: Record<string, unknown>): Promise<number> =>
    (await world.api('POST', '/senders', { secret: key.secret, body })).status;
  assert.equal(await create({ email: 'ada@gmail.com' }), 400);
  const { id } = await world.ok<{ id: string }>('POST', '/domains', {
    secret: key.secret,
    body: { name: 'unproven.example' },
  });
  assert.equal(await create({ email: 'a@client-eight.example', domainId: id }), 403);
  const foreign = await world.ok<{ id: string }>('POST', '/domains', {
    secret: other.key.secret,
    body: { name: 'foreign.example' },
  });
  const answers = await Promise.all(
    [foreign.id, '999999999'].map((domainId) =>
      world.api('POST', '/senders', {
        secret: key.secret,
        body: { email: 'a@client-eight.example', domainId },
      }),
    ),
  );
  const told = answers.map(({ status, body }) => [status, (body as { detail: string }).detail]);
  assert.deepEqual(told[0], told[1]);
  assert.equal(told[0]?.[0], 400);
});

test("the letter is the tenant's own text with named placeholders, as plain text, the account's for its subaccounts", async () => {
  const { key } = await client('letters');
  const { secret } = key;
  const unknown = { subject: 'Hi {{email}}', body: 'Dear {{secret}}' };
  assert.equal((await world.api('PUT', '/sender-letter', { secret, body: unknown })).status, 400);
  const letter = { subject: 'Hi {{ email }}', body: 'Dear {{name}},\n\n<i>{{note}}</i>' };
  await world.ok('PUT', '/sender-letter', { body: letter });
  const body = { email: 'kim@client-nine.example', name: '{{email}} <x>', note: 'one {{link}} two' };
  await world.ok('POST', '/senders', { secret, body });
  const mail = await mailTo('kim@client-nine.example');
  assert.match(mail, /^Subject: Hi kim@client-nine\.example\r$/m);
  assert.match(mail, /<p>Dear \{\{email\}\} &lt;x&gt;,<\/p>/);
  assert.match(mail, /&lt;i&gt;one \{\{link\}\} two&lt;\/i&gt;/);
  linkIn(mail);
  await world.ok('PUT', '/sender-letter', { secret, body: { subject: 'Ours', body: 'Ours' } });
  await world.ok('DELETE', '/sender-letter');
  const own = await world.ok<{ subject: string; isOwn: boolean }>('GET', '/sender-letter', { secret });
  assert.deepEqual([own.subject, own.isOwn], ['Ours', true]);
  await world.ok('DELETE', '/sender-letter', { secret });
  assert.equal((await world.ok<{ isOwn: boolean }>('GET', '/sender-letter', { secret })).isOwn, false);
});

test('a strict DMARC policy is warned of at creation, and told once a day when it becomes strict later', async () => {
  dns.zone['_dmarc.strict.example'] = { TXT: ['v=DMARC1; p=reject'] };
  dns.zone['_dmarc.soft.example'] = { TXT: ['v=DMARC1; p=quarantine'] };
  dns.zone['_dmarc.mild.example'] = { TXT: ['v=DMARC1; p=none'] };
  dns.zone['_dmarc.also-mild.example'] = { TXT: ['v=DMARC1; p=none'] };
  const { key } = await client('policies');
  const { secret } = key;
  const made = await Promise.all(
    ['strict', 'soft', 'mild', 'also-mild', 'silent'].map((name) =>
      world.ok<Sender>('POST', '/senders', { secret, body: { email: `lea@${name}.example` } }),
    ),
  );
  assert.deepEqual(
    made.map(({ dmarc }) => [dmarc.policy, dmarc.warning === null]),
    [
      ['reject', false],
      ['quarantine', false],
      ['none', true],
      ['none', true],
      ['missing', true],
    ],
  );
  /** Once what was remembered of the old record is too old. */
  const turn = async (policy: string, name: string): Promise<void> => {
    dns.zone[`_dmarc.${name}.example`] = { TXT: [`v=DMARC1; p=${policy}`] };
    await world.until(
      () => world.program.domains.resolve(`_dmarc.${name}.example`, 'TXT'),
      (outcome) => JSON.stringify(outcome).includes(Buffer.from(`p=${policy}`).toJSON().data.join(',')),
    );
  };
  await turn('reject', 'mild');
  await turn('quarantine', 'also-mild');
  type Events = { items: { kind: string; data: { email: string; from: string; to: string } }[] };
  const changes = async (): Promise<string[]> =>
    (await world.ok<Events>('GET', '/events?kind=sender.policy_changed', { secret })).items.map(
      ({ data }) => `${data.email} ${data.from} ${data.to}`,
    );
  const daysLater = async (days: number, count: number): Promise<void> => {
    await moveDays(days);
    await world.until(
      () => watchPolicies(world.program.senders, 100).then(changes),
      (all) => all.length >= count,
    );
  };
  await daysLater(1, 2);
  assert.deepEqual((await changes()).toSorted(), [
    'lea@also-mild.example none quarantine',
    'lea@mild.example none reject',
  ]);
  await toldLines(2);
  await turn('none', 'mild');
  await daysLater(1, 3);
  await turn('reject', 'mild');
  await daysLater(1, 4);
  assert.deepEqual(await toldLines(3), [
    'lea@also-mild.example: p=quarantine',
    'lea@mild.example: p=reject',
    'lea@mild.example: p=reject',
  ]);
});
