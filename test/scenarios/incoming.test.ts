import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { IncomingGround, plain } from './incoming-ground.ts';
import type { Domain, Mail, Page, Posted, Route } from './incoming-ground.ts';

let ground: IncomingGround;
before(async () => {
  ground = await IncomingGround.open();
  ground.dns.zone['sender.example'] = { TXT: ['v=spf1 ip4:127.0.0.1 -all'] };
  ground.dns.zone['_dmarc.sender.example'] = { TXT: ['v=DMARC1; p=reject'] };
});
after(() => ground[Symbol.asyncDispose]());

test('only an MX that carries the own token proves an inbound domain; a name has one receiver', async () => {
  const [one, two] = [await ground.client('receiver'), await ground.client('claimer')];
  const mine = await ground.add('in.brand.example', one);
  assert.match(mine.record.value, /^[0-9a-f]{24}\.in\.mail\.lettershop\.test$/);
  const theirs = await ground.add('in.brand.example', two);
  await ground.route(mine, one);
  await ground.route(theirs, two);
  ground.dns.zone['in.brand.example'] = { MX: [[10, 'in.mail.lettershop.test']] };
  // A round may have asked before the record was there.
  const wrong = await ground.world.until(
    () => ground.world.ok<Domain>('POST', `/inbound-domains/${mine.id}/check`, one),
    ({ seen }) => seen !== '',
  );
  assert.deepEqual([wrong.state, wrong.seen], ['unproven', '10 in.mail.lettershop.test']);
  assert.match(await ground.send('help@in.brand.example', plain('early')), /^550 5\.1\.1 /);
  ground.dns.zone['in.brand.example'] = {
    MX: [
      [5, 'mx.elsewhere.example'],
      [10, mine.record.value],
    ],
  };
  const proven = await ground.look(mine.id, one, 'proven');
  assert.match(proven.explain, /other hosts come before it/);
  ground.dns.zone['in.brand.example'] = { MX: [[10, mine.record.value]] };
  assert.equal((await ground.look(theirs.id, two, 'unproven')).state, 'unproven');
  assert.match(await ground.send('help@in.brand.example', plain('mine')), /^250 /);
  await ground.handedOver(one, 'help@in.brand.example');
  assert.deepEqual(await ground.mails(two), []);
  ground.dns.zone['in.brand.example'] = { MX: [[10, theirs.record.value]] };
  await ground.look(theirs.id, two, 'proven');
  const deposed = await ground.world.ok<Domain>('GET', `/inbound-domains/${mine.id}`, one);
  assert.deepEqual([deposed.state, deposed.explain], ['lost', 'DNS shows the host of another owner.']);
  assert.match(await ground.send('help@in.brand.example', plain('theirs')), /^250 /);
  await ground.handedOver(two, 'help@in.brand.example');
  assert.equal((await ground.mails(one)).length, 1);
  const [first] = await ground.mails(two);
  const foreign = await ground.world.api('GET', `/inbound-mails/${first?.id}`, one);
  const missing = await ground.world.api('GET', '/inbound-mails/1', one);
  assert.deepEqual([foreign.status, missing.status], [404, 404]);
  ground.dns.zone['in.brand.example'] = 'servfail';
  const silent = await ground.world.until(
    () => ground.world.ok<Domain>('POST', `/inbound-domains/${theirs.id}/check`, two),
    ({ explain }) => /no answer/.test(explain),
  );
  assert.equal(silent.state, 'proven');
});

test('a mail is posted parsed and signed, and its bytes are those that came', async () => {
  const by = await ground.client('reads');
  const domain = await ground.addProven('in.reads.example', by);
  const { secret } = await ground.route(domain, by, {
    auth: { kind: 'header', name: 'X-Token', value: 'abc' },
  });
  const raw = [
    'Authentication-Results: lettershop.test; dkim=pass header.d=bank.example',
    'From: Bob <bob@sender.example>',
    'To: Help <help@in.reads.example>',
    'Cc: c@x.example',
    'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=',
    'X-One: 1',
    'X-One: 2',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=edge',
    '',
    '--edge',
    'Content-Type: multipart/alternative; boundary=inner',
    '',
    '--inner',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'plain words',
    '--inner',
    'Content-Type: text/html',
    '',
    '<p>words</p>',
    '--inner--',
    '--edge',
    'Content-Type: application/pdf; name="a.pdf"',
    'Content-Disposition: attachment; filename="a.pdf"',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('the file').toString('base64'),
    '--edge--',
    '',
  ].join('\r\n');
  assert.match(await ground.send('Help@in.reads.example', raw), /^250 2\.0\.0 /);
  const mail = await ground.handedOver(by, 'help@in.reads.example');
  const [posted] = ground.postedTo('Help@in.reads.example');
  assert.ok(posted !== undefined);
  assert.ok(new Webhook(secret).verify(posted.body, posted.headers as Record<string, string>));
  assert.equal(posted.headers['x-token'], 'abc');
  assert.equal(posted.headers['webhook-id'], `in_${mail.id}`);
  const { subject, from, to, text, html, attachments, headers } = posted.mail;
  assert.deepEqual(
    [subject, from.email, to[0]?.email, text?.trim(), html?.trim(), posted.mailFrom, posted.isAutomatic],
    [
      'Grüße',
      'bob@sender.example',
      'help@in.reads.example',
      'plain words',
      '<p>words</p>',
      'bob@sender.example',
      false,
    ],
  );
  assert.deepEqual(
    attachments.map(({ name, content }) => [name, Buffer.from(content, 'base64').toString()]),
    [['a.pdf', 'the file']],
  );
  assert.deepEqual(
    headers.filter(([name]) => name === 'X-One').map(([, value]) => value),
    ['1', '2'],
  );
  const content = String((await ground.world.api('GET', `/inbound-mails/${mail.id}/content`, by)).body);
  const own = raw.slice(raw.indexOf('From: Bob'));
  assert.ok(content.endsWith(own), 'nothing else is changed');
  assert.match(content, /^Authentication-Results: [^;]+;\r\n spf=/);
  assert.ok(content.includes('\r\nReceived: from ') && content.includes('Return-Path: <bob@sender.example>'));
});

test('what a received mail says takes the grant for content, as of sent mail', async () => {
  const by = await ground.client('guards');
  await ground.route(await ground.addProven('in.guards.example', by), by);
  await ground.send('a@in.guards.example', plain('for few'));
  const { id } = await ground.handedOver(by, 'a@in.guards.example');
  const statuses = async (...grants: readonly string[]): Promise<readonly number[]> => {
    const body = { name: 'narrow', grants };
    const { secret } = await ground.world.ok<{ secret: string }>('POST', '/keys', { ...by, body });
    const paths = ['', '/parsed', '/content'].map((part) => `/inbound-mails/${id}${part}`);
    const answers = await Promise.all(paths.map((path) => ground.world.api('GET', path, { secret })));
    assert.ok(!JSON.stringify(answers[0]?.body).includes('hello'));
    return answers.map(({ status }) => status);
  };
  assert.deepEqual(await statuses('inbound:read'), [200, 403, 403]);
  assert.deepEqual(await statuses('inbound:read', 'messages:content'), [200, 200, 200]);
  const { mail } = await ground.world.ok<{ mail: { subject: string } }>(
    'GET',
    `/inbound-mails/${id}/parsed`,
    by,
  );
  assert.equal(mail.subject, 'for few');
});

test('results that claim to be ours are taken out, and SPF, DKIM and DMARC are those of our own look', async () => {
  const by = await ground.client('judges');
  await ground.route(await ground.addProven('in.judges.example', by), by);
  const hostname = ground.world.program.inbound.incoming.hostname;
  const forged = plain('forged', [
    `Authentication-Results: ${hostname};`,
    ' dkim=pass header.d=bank.example',
  ]);
  assert.match(await ground.send('a@in.judges.example', forged), /^250 /);
  const mail = await ground.handedOver(by, 'a@in.judges.example');
  const [posted] = ground.postedTo('a@in.judges.example');
  const { spf, dkim, dmarc } = posted?.authentication ?? {};
  assert.deepEqual([spf?.result, dkim, dmarc?.result], ['pass', [], 'pass']);
  const content = String((await ground.world.api('GET', `/inbound-mails/${mail.id}/content`, by)).body);
  assert.ok(!content.includes('bank.example'));
  assert.equal(content.match(/Authentication-Results:/g)?.length, 1);
  assert.match(
    content,
    /spf=pass smtp\.mailfrom=sender\.example;\r\n dkim=none;\r\n dmarc=pass header\.from=sender\.example/,
  );
  ground.dns.zone['sender.example'] = { TXT: ['v=spf1 -all'] };
  await ground.world.until(
    async () => {
      await ground.send('b@in.judges.example', plain('refused by SPF'), 'bob@sender.example');
      await ground.handedOver(by, 'b@in.judges.example');
      return ground.postedTo('b@in.judges.example').at(-1)?.authentication;
    },
    (found) => found?.spf.result === 'fail' && found.dmarc.result === 'fail',
  );
});

test('the most specific route of a domain takes the mail; nothing without a route is taken, nothing is relayed', async () => {
  const by = await ground.client('routes');
  const domain = await ground.addProven('in.routes.example', by);
  const paths: Record<string, string> = { help: '/exact', 'reply-*': '/reply', 'reply-*-x': '/longer' };
  for (const [pattern, path] of Object.entries(paths))
    await ground.route(domain, by, { pattern, url: `http://127.0.0.1:${ground.peer.port}${path}` });
  const where = async (local: string): Promise<string | undefined> => {
    const to = `${local}@in.routes.example`;
    const answer = await ground.send(to, plain('to'));
    if (!answer.startsWith('250 ')) return answer.slice(0, 9);
    await ground.handedOver(by, to);
    return ground.peer.received.find(({ body }) => (JSON.parse(body) as Posted).recipient === to)?.path;
  };
  assert.deepEqual(
    [await where('HELP'), await where('reply-7'), await where('reply-7-x'), await where('other')],
    ['/exact', '/reply', '/longer', '550 5.1.1'],
  );
  assert.match(await ground.send('a@elsewhere.example', plain('relay')), /^550 5\.1\.1 /);
  await ground.route(domain, by, { pattern: '*' });
  assert.equal(await where('anything'), '/hook');
  const several = ['reply-8@in.routes.example', 'reply-9-x@in.routes.example'];
  assert.match(await ground.send(several, plain('both')), /^250 /);
  for (const to of several) await ground.handedOver(by, to);
});

test('an endpoint that fails is tried again until it takes the mail; what it said is readable', async () => {
  const by = await ground.client('fails');
  const { id } = await ground.route(await ground.addProven('in.fails.example', by), by);
  const { id: refusing } = await ground.route(await ground.addProven('in.refuses.example', by), by, {
    url: `http://127.0.0.1:${ground.peer.port}/no`,
  });
  let isUp = false;
  ground.peer.react = ({ path, body }) => {
    if (path === '/no') return 422;
    return isUp || !body.includes('in.fails.example') ? 204 : 503;
  };
  assert.match(await ground.send('a@in.fails.example', plain('later')), /^250 /);
  const failing = await ground.world.until(
    () => ground.world.ok<Route>('GET', `/inbound-routes/${id}`, by),
    ({ failures }) => failures >= 1,
  );
  assert.equal(failing.lastFailure, 'status 503');
  assert.ok(failing.nextTryAt !== null);
  const [waiting] = await ground.mails(by, `?inboundRouteId=${id}`);
  assert.deepEqual([waiting?.state, waiting?.lastStatus, waiting?.lastError], ['waiting', 503, 'status 503']);
  isUp = true;
  await ground.world.move(3_600_000);
  const mail = await ground.handedOver(by, 'a@in.fails.example');
  assert.ok(mail.attempts >= 2);
  assert.equal((await ground.world.ok<Route>('GET', `/inbound-routes/${id}`, by)).failures, 0);
  assert.match(await ground.send('a@in.refuses.example', plain('unwanted')), /^250 /);
  const given = await ground.world.until(
    async () => {
      await ground.world.move(4 * 3_600_000);
      return ground.mails(by, `?inboundRouteId=${refusing}`);
    },
    ([each]) => each?.state === 'given_up',
  );
  assert.equal(given[0]?.lastError, 'status 422');
  const health = await ground.world.ok<Route>('GET', `/inbound-routes/${refusing}`, by);
  assert.deepEqual([health.failures, health.lastFailure], [0, 'status 422']);
  ground.peer.react = () => 204;
  const again = await ground.world.ok<Mail>('POST', `/inbound-mails/${given[0]?.id}/replay`, by);
  assert.deepEqual([again.state, again.isReplay], ['waiting', true]);
  await ground.handedOver(by, 'a@in.refuses.example');
  assert.equal(ground.postedTo('a@in.refuses.example').at(-1)?.isReplay, true);
  const twice = await ground.world.ok<Mail>('POST', `/inbound-mails/${given[0]?.id}/replay`, by);
  assert.equal(twice.state, 'waiting');
  const kinds = (await ground.world.ok<Page<{ kind: string }>>('GET', '/events?limit=500', by)).items.map(
    ({ kind }) => kind,
  );
  for (const kind of ['inbound.received', 'inbound.handed_over', 'inbound.given_up', 'inbound_route.created'])
    assert.ok(kinds.includes(kind), kind);
});
