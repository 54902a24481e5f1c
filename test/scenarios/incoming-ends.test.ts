import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RawSmtp } from '../doubles/raw-smtp.ts';
import { IncomingGround, plain } from './incoming-ground.ts';
import type { Mail, Page } from './incoming-ground.ts';

let ground: IncomingGround;
before(async () => {
  ground = await IncomingGround.open();
});
after(() => ground[Symbol.asyncDispose]());

test('a paused tenant receives and is told on resume; a suspended one takes no mail', async () => {
  const by = await ground.client('stops');
  await ground.route(await ground.addProven('in.stops.example', by), by);
  const status = (to: string) => ground.world.ok('PATCH', `/subaccounts/${by.id}`, { body: { status: to } });
  await status('paused');
  assert.match(await ground.send('a@in.stops.example', plain('held')), /^250 /);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  assert.deepEqual(
    (await ground.mails(by)).map(({ state, attempts }) => [state, attempts]),
    [['waiting', 0]],
  );
  await status('active');
  await ground.handedOver(by, 'a@in.stops.example');
  await status('suspended');
  assert.match(await ground.send('a@in.stops.example', plain('refused')), /^550 5\.2\.1 /);
  await status('active');
  assert.match(await ground.send('a@in.stops.example', plain('again')), /^250 /);
});

test('broken MIME, loops and mail of machines: nothing is lost, nothing goes round', async () => {
  const by = await ground.client('broken');
  await ground.route(await ground.addProven('in.broken.example', by), by);
  const broken = Buffer.from('no header at all \xff\xfe\r\n\r\n--edge\r\nContent-Type: ;;;\r\n', 'latin1');
  assert.match(await ground.send('a@in.broken.example', broken), /^250 /);
  const mail = await ground.handedOver(by, 'a@in.broken.example');
  const response = await fetch(`${ground.world.url}/api/v1/inbound-mails/${mail.id}/content`, {
    headers: { authorization: `Bearer ${by.secret}` },
  });
  assert.ok(Buffer.from(await response.arrayBuffer()).includes(broken.subarray(0, 20)));
  const loop = plain(
    'loop',
    Array.from({ length: 101 }, (_, n) => `Received: from a by b${n}; now`),
  );
  assert.match(await ground.send('a@in.broken.example', loop), /^554 5\.4\.6 /);
  assert.match(
    await ground.send('b@in.broken.example', plain('auto', ['Auto-Submitted: auto-replied'])),
    /^250 /,
  );
  await ground.handedOver(by, 'b@in.broken.example');
  assert.equal(ground.postedTo('b@in.broken.example')[0]?.isAutomatic, true);
  const smtp = new RawSmtp(ground.world.inboundPort);
  await smtp.replies(1);
  assert.match(await smtp.say('EHLO x.example'), /^250/);
  assert.match(await smtp.say('MAIL FROM:<>'), /^250/);
  assert.match(await smtp.say('RCPT TO:<c@in.broken.example>'), /^250/);
  assert.match(await smtp.say('DATA'), /^354/);
  assert.match(await smtp.say('Subject: bounce\r\n\r\nx\r\n.'), /^250/);
  smtp.end();
  await ground.handedOver(by, 'c@in.broken.example');
  assert.equal(ground.postedTo('c@in.broken.example')[0]?.mailFrom, '');
});

test('what is deleted is gone: a mail, a route with what waits for it, a domain, and what is too old', async () => {
  const by = await ground.client('ends');
  const domain = await ground.addProven('in.ends.example', by);
  const { id } = await ground.route(domain, by, { status: 'paused' });
  assert.match(await ground.send('a@in.ends.example', plain('first')), /^250 /);
  assert.match(await ground.send('b@in.ends.example', plain('second')), /^250 /);
  const [second] = await ground.mails(by);
  await ground.world.ok('DELETE', `/inbound-mails/${second?.id}`, by);
  assert.deepEqual(
    (await ground.mails(by)).map(({ subject, state }) => [subject, state]),
    [['first', 'waiting']],
  );
  await ground.world.ok('DELETE', `/inbound-routes/${id}`, by);
  const [given] = await ground.mails(by);
  assert.deepEqual([given?.state, given?.lastError], ['given_up', 'its route is gone']);
  assert.equal((await ground.world.api('POST', `/inbound-mails/${given?.id}/replay`, by)).status, 409);
  assert.match(await ground.send('a@in.ends.example', plain('none')), /^550 5\.1\.1 /);
  await ground.world.ok('DELETE', `/inbound-domains/${domain.id}`, by);
  assert.equal((await ground.world.api('GET', `/inbound-domains/${domain.id}`, by)).status, 404);
  assert.equal((await ground.mails(by)).length, 1);
});

test('wrong inputs name the field and the rule', async () => {
  const [by, other] = [await ground.client('wrong'), await ground.client('not theirs')];
  const domain = await ground.add('in.wrong.example', by);
  const foreign = await ground.add('in.foreign.example', other);
  const fault = async (path: string, body: unknown): Promise<unknown> => {
    const answer = await ground.world.api('POST', path, { ...by, body });
    const [error] = (answer.body as { errors?: { field: string; rule: string }[] }).errors ?? [];
    return [answer.status, error?.field, error?.rule];
  };
  const routeFault = (more: Record<string, unknown>): Promise<unknown> =>
    fault('/inbound-routes', { inboundDomainId: domain.id, url: ground.peer.url, ...more });
  assert.deepEqual(await fault('/inbound-domains', { name: 'not a domain' }), [400, 'name', 'format']);
  assert.deepEqual(await fault('/inbound-domains', { name: 'x.mail.lettershop.test' }), [400, 'name', 'own']);
  assert.equal(
    (await ground.world.api('POST', '/inbound-domains', { ...by, body: { name: domain.name } })).status,
    409,
  );
  assert.deepEqual(await routeFault({ inboundDomainId: foreign.id }), [400, 'inboundDomainId', 'known']);
  assert.deepEqual(await routeFault({ pattern: 'a b' }), [400, 'pattern', 'format']);
  assert.deepEqual(await routeFault({ pattern: 'a**' }), [400, 'pattern', 'format']);
  assert.deepEqual(await routeFault({ url: 'ftp://x.example/' }), [400, 'url', 'scheme']);
  assert.deepEqual(await routeFault({ url: 'http://10.0.0.1/' }), [400, 'url', 'address']);
  const auth = { kind: 'header', name: 'Host', value: 'x' };
  assert.deepEqual(await routeFault({ auth }), [400, 'auth.name', 'taken']);
  await ground.route(domain, by, { pattern: 'a' });
  assert.equal(((await routeFault({ pattern: 'A' })) as unknown[])[0], 409);
});

test('a tenant hands a mail in by HTTP for its own domains alone', async () => {
  const [by, other] = [await ground.client('hands in'), await ground.client('foreign')];
  const domain = await ground.add('in.hands.example', by);
  await ground.route(domain, by);
  const body = {
    raw: plain('by hand'),
    to: ['x@in.hands.example', 'x@in.none.example'],
    mailFrom: 'a@b.example',
  };
  const made = await ground.world.ok<Page<Mail>>('POST', '/inbound-mails', { ...by, body });
  assert.deepEqual(
    made.items.map(({ recipient }) => recipient),
    ['x@in.hands.example'],
  );
  await ground.handedOver(by, 'x@in.hands.example');
  const theirs = await ground.world.ok<Page<Mail>>('POST', '/inbound-mails', { secret: other.secret, body });
  assert.deepEqual(theirs.items, []);
});
