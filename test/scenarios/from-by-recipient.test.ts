import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { SmtpSink } from '../doubles/smtp-sink.ts';
import { countedQuery } from '../kills/recount.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import type { FigureAnswer } from './figure-answer.ts';

let dns: DnsServerDouble;
let sink: SmtpSink;
let world: World;
before(async () => {
  dns = await DnsServerDouble.start({}, 1);
  sink = await SmtpSink.start();
  world = await startWorld({
    LETTERSHOP_DNS_SERVERS: dns.address,
    LETTERSHOP_OUTBOUND: 'relay',
    LETTERSHOP_RELAY_URL: `smtp://127.0.0.1:${sink.port}`,
  });
  await prove('second.example');
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
  await dns[Symbol.asyncDispose]();
});

type Domain = {
  readonly id: string;
  readonly state: string;
  readonly records: readonly { purpose: string; type: string; name: string; value: string }[];
};
type Accepted = { readonly id: string; readonly messages: readonly { id: string; to: string }[] };

async function prove(name: string, secret?: string): Promise<void> {
  const by = secret === undefined ? {} : { secret };
  const made = await world.ok<Domain>('POST', '/domains', { ...by, body: { name } });
  for (const { type, name: at, value } of made.records) if (type === 'TXT') dns.zone[at] = { TXT: [value] };
  await world.until(
    () => world.ok<Domain>('POST', `/domains/${made.id}/check`, by),
    ({ state }) => state === 'proven',
  );
}

const to = (name: string, manager: string): object => ({
  to: { email: `${name}@inbox.test` },
  data: { manager },
});
const call = (recipients: readonly object[], more: object = {}): Record<string, unknown> => ({
  from: { email: '{{ manager }}', name: 'Your manager' },
  subject: 's',
  text: 'x',
  fieldsInLanguage: true,
  recipients,
  ...more,
});

async function arrived(name: string): Promise<string> {
  const kept = await world.until(
    () => Promise.resolve(sink.kept.find((each) => each.to === `${name}@inbox.test`)),
    (each) => each !== undefined,
  );
  return kept?.bytes.toString('latin1') ?? '';
}

test('each recipient’s mail is from its own address, and signed by the domain of that', async () => {
  const accepted = await world.ok<Accepted>('POST', '/messages', {
    body: call([
      to('one', 'ann@lettershop.test'),
      to('two', 'bob@lettershop.test'),
      to('three', 'cy@second.example'),
    ]),
  });
  const wanted = {
    one: ['ann@lettershop.test', 'lettershop.test'],
    two: ['bob@lettershop.test', 'lettershop.test'],
    three: ['cy@second.example', 'second.example'],
  };
  for (const [name, [address = '', domain = '']] of Object.entries(wanted)) {
    const mail = await arrived(name);
    assert.match(mail, new RegExp(`^From: Your manager <${address}>\\r$`, 'm'));
    assert.equal(mail.match(/^From:/gm)?.length, 1);
    const signers = [...mail.matchAll(/\bd=([^;\s]+)/g)].map(([, signer]) => signer);
    assert.ok(signers.length > 0 && signers.every((signer) => signer === domain), signers.join(' '));
    const { id = '' } = accepted.messages.find((each) => each.to === `${name}@inbox.test`) ?? {};
    assert.equal((await world.ok<{ from: string }>('GET', `/messages/${id}`)).from, address);
    assert.match(await world.ok<string>('GET', `/messages/${id}/content`), new RegExp(`<${address}>`));
  }
});

test('an address that is none, is not proven, or is proven by another subaccount is refused by its recipient', async () => {
  const refusal = async (body: object, secret?: string): Promise<unknown[]> => {
    const by = secret === undefined ? {} : { secret };
    const { status, body: told } = await world.api('POST', '/messages', { ...by, body });
    const { code, errors } = told as { code: string; errors: { field: string; rule: string }[] };
    return [status, code, errors[0]?.field, errors[0]?.rule];
  };
  const good = to('good', 'ann@lettershop.test');
  const bad = (manager: string): Promise<unknown[]> => refusal(call([good, to('bad', manager)]));
  assert.deepEqual(await bad('a@x.test, b'), [400, 'request.invalid', 'recipients[1].from', 'format']);
  const unproven = [403, 'sender.domain_unproven', 'recipients[1].from', 'proven_domain'];
  assert.deepEqual(await bad('a@nobody.example'), unproven);
  const made = { name: 'other', key: { name: 'k' } };
  const { key } = await world.ok<{ key: { secret: string } }>('POST', '/subaccounts', { body: made });
  await prove('third.example', key.secret);
  assert.deepEqual(await bad('a@third.example'), unproven);
  const theirs = call([to('good', 'a@third.example'), to('bad', 'a@second.example')]);
  assert.deepEqual(await refusal(theirs, key.secret), unproven);
  assert.ok(!sink.kept.some((each) => each.to === 'good@inbox.test'), 'nothing of it was sent');
});

test('a template that is resolved late is from what it says by then, for each recipient', async () => {
  const defaults = { from: { email: '{{ manager }}' }, fieldsInLanguage: true };
  const made = await world.ok<{ id: string }>('POST', '/templates', {
    body: { name: 'Late', subject: 's', text: 'x', defaults },
  });
  const publish = (): Promise<unknown> => world.ok('POST', `/templates/${made.id}/publish`, { body: {} });
  await publish();
  const recipients = [to('late-one', 'ann@lettershop.test'), to('late-two', 'cy@second.example')];
  const sendAt = new Date(world.clock.now() + 3_600_000).toISOString();
  const template = { id: made.id, resolve: 'departure' };
  await world.ok('POST', '/messages', { body: { recipients, sendAt, template } });
  const next = { ...defaults, from: { email: '{{ manager }}', name: 'Now for {{ manager }}' } };
  await world.ok('PATCH', `/templates/${made.id}`, { body: { defaults: next } });
  await publish();
  const single = { recipients: [to('late-three', 'x')], sendAt, template };
  const refused = await world.api('POST', '/messages', { body: single });
  assert.equal(refused.status, 400);
  await world.move(3_600_000);
  assert.match(await arrived('late-one'), /^From: .*ann@lettershop\.test.* <ann@lettershop\.test>\r$/m);
  assert.match(await arrived('late-two'), /^From: .*cy@second\.example.* <cy@second\.example>\r$/m);
});

test('addresses at domains of which not the same is tracked do not go together', async () => {
  const { items } = await world.ok<{ items: { id: string; name: string }[] }>('GET', '/domains');
  const domainId = items.find(({ name }) => name === 'second.example')?.id;
  const mixed = call([to('four', 'ann@lettershop.test'), to('five', 'cy@second.example')]);
  await world.ok('PUT', '/tracking-settings', { body: { domainId, opens: true } });
  const refused = await world.until(
    () => world.api('POST', '/messages', { body: mixed }),
    ({ status }) => status === 400,
  );
  assert.partialDeepStrictEqual(refused.body, { errors: [{ field: 'from.email', rule: 'tracked_alike' }] });
  await world.ok('POST', '/messages', { body: { ...mixed, tracking: { opens: false } } });
});

test('figures count each message under its own sender and domain, by the hour and by the minute', async () => {
  const made = { name: 'counted', key: { name: 'k' } };
  const { key } = await world.ok<{ key: { secret: string } }>('POST', '/subaccounts', { body: made });
  const { secret } = key;
  const { items } = await world.ok<{ items: { id: string; name: string }[] }>('GET', '/domains');
  for (const { id, name } of items)
    if (name === 'lettershop.test' || name === 'second.example')
      await world.ok('PATCH', `/domains/${id}`, { body: { share: 'use' } });
  const recipients = ['ann@lettershop.test', 'BOB@lettershop.test', 'cy@second.example', 'cy@second.example'];
  const body = call(
    recipients.map((manager, index) => to(`counted-${index}`, manager)),
    {
      tracking: { opens: false },
    },
  );
  // What is shared is known within a second.
  const { body: accepted } = await world.until(
    () => world.api('POST', '/messages', { secret, body }),
    ({ status }) => status === 202,
  );
  const { messages } = accepted as Accepted;
  for (const { id } of messages) await world.settled(id, ['delivered']);
  await world.until(
    () => sql.raw<{ is_through: boolean }>(countedQuery).execute(world.database.db.engine),
    ({ rows }) => rows[0]?.is_through === true,
  );
  const by = async (query: string): Promise<object> => {
    const answer = await world.ok<FigureAnswer>('GET', `/figures?${query}`, { secret });
    const counts = answer.items.map(({ value, figures: { accepted, delivered } }) => {
      return [value ?? '', `${accepted} ${delivered}`] as const;
    });
    return Object.fromEntries(counts);
  };
  assert.deepEqual(await by('by=senderAddress'), {
    'ann@lettershop.test': '1 1',
    'bob@lettershop.test': '1 1',
    'cy@second.example': '2 2',
  });
  assert.deepEqual(await by('by=sendingDomain'), { 'lettershop.test': '2 2', 'second.example': '2 2' });
  const now = world.clock.now();
  const range = `from=${new Date(now - 3_600_000).toISOString()}&until=${new Date(now + 3_600_000).toISOString()}`;
  const minutes = await world.ok<FigureAnswer>(
    'GET',
    `/figures?step=15_minutes&senderAddress=cy@second.example&${range}`,
    { secret },
  );
  assert.equal(
    minutes.items.reduce((sum, { figures }) => sum + figures.accepted, 0),
    2,
  );
});
