import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { IncomingGround } from './incoming-ground.ts';
import { Sdk } from './mandrill-client.ts';

let ground: IncomingGround;
before(async () => {
  ground = await IncomingGround.open();
});
after(() => ground[Symbol.asyncDispose]());

type Domain = { readonly domain: string; readonly valid_mx: boolean; readonly mx_target: string };
type Route = {
  readonly id: string;
  readonly pattern: string;
  readonly url: string;
  readonly auth_key?: string;
};
type File = {
  readonly name: string;
  readonly type: string;
  readonly content: string;
  readonly base64: boolean;
};
type Told = {
  readonly event: string;
  readonly ts: number;
  readonly msg: Readonly<Record<string, unknown>> & {
    readonly headers: Readonly<Record<string, unknown>>;
    readonly attachments?: Readonly<Record<string, File>>;
    readonly images?: Readonly<Record<string, File>>;
  };
};

/** A domain of the account's own that mail comes to, made through the SDK. */
async function receiving(sdk: Sdk, domain: string): Promise<void> {
  const added = await sdk.call<Domain>('inbound.addDomain', { domain });
  ground.dns.zone[domain] = { MX: [[10, added.mx_target]] };
  await ground.world.until(
    () => sdk.call<Domain>('inbound.checkDomain', { domain }),
    (looked) => looked.valid_mx,
  );
}

async function postedWith(
  subject: string,
): Promise<{ told: Told; headers: Record<string, unknown>; json: string }> {
  const found = await ground.world.until(
    () =>
      Promise.resolve(
        ground.peer.received.find(({ body }) => decodeURIComponent(body).includes(`"subject":"${subject}"`)),
      ),
    (each) => each !== undefined,
  );
  const json = new URLSearchParams(found?.body).get('mandrill_events') ?? '';
  const [told] = JSON.parse(json) as readonly Told[];
  assert.ok(told !== undefined);
  return { told, headers: found?.headers ?? {}, json };
}

test('inbound domains and routes are added, looked at, changed and deleted; what is not there is unknown', async () => {
  const sdk = new Sdk(ground.world);
  const domain = 'in.kept.example';
  const unknown = [404, 8, 'Unknown_InboundDomain', `Unknown Inbound Domain: ${domain}`];
  for (const call of ['checkDomain', 'deleteDomain', 'routes'])
    assert.deepEqual(await sdk.refused(`inbound.${call}`, { domain }), unknown, call);
  const added = await sdk.call<Domain>('inbound.addDomain', { domain });
  assert.deepEqual([added.domain, added.valid_mx], [domain, false]);
  assert.deepEqual(await sdk.call('inbound.addDomain', { domain }), added, 'one that is there stays');
  ground.dns.zone[domain] = { MX: [[10, added.mx_target]] };
  await ground.world.until(
    () => sdk.call<Domain>('inbound.checkDomain', { domain }),
    (looked) => looked.valid_mx,
  );
  assert.deepEqual(
    (await sdk.call<Domain[]>('inbound.domains')).map((each) => [each.domain, each.valid_mx]),
    [[domain, true]],
  );
  const wish = { domain, pattern: 'help-*', url: ground.peer.url };
  const made = await sdk.call<Route>('inbound.addRoute', wish);
  assert.ok((made.auth_key ?? '').length > 20);
  const shown = { id: made.id, pattern: 'help-*', url: ground.peer.url };
  assert.deepEqual(await sdk.call('inbound.routes', { domain }), [shown]);
  const changed = await sdk.call('inbound.updateRoute', { id: made.id, pattern: 'help' });
  assert.deepEqual(changed, { ...shown, pattern: 'help' });
  const wrong = await sdk.refused('inbound.addRoute', { ...wish, url: 'nowhere' });
  assert.deepEqual(wrong.slice(0, 3), [422, -2, 'ValidationError']);
  assert.match(String(wrong[3]), /"url"/);
  const strange = await sdk.refused('inbound.addRoute', { ...wish, pattern: 'two words' });
  assert.match(String(strange[3]), /"pattern"/);
  const nameless = await sdk.refused('inbound.addDomain', { domain: 'not a name' });
  assert.match(String(nameless[3]), /"domain"/);
  const gone = [404, 22, 'Unknown_InboundRoute', "No route exists with the id '999999'"];
  assert.deepEqual(await sdk.refused('inbound.updateRoute', { id: '999999', pattern: 'x' }), gone);
  const { secret } = await ground.client('other');
  const other = new Sdk(ground.world, secret);
  assert.deepEqual(await other.call('inbound.domains'), []);
  assert.deepEqual(
    (await other.refused('inbound.deleteRoute', { id: made.id })).slice(0, 3),
    gone.slice(0, 3),
  );
  assert.deepEqual(await sdk.call('inbound.deleteRoute', { id: made.id }), { ...shown, pattern: 'help' });
  assert.deepEqual(await sdk.call('inbound.routes', { domain }), []);
  assert.equal((await sdk.call<Domain>('inbound.deleteDomain', { domain })).domain, domain);
  assert.deepEqual(await sdk.call('inbound.domains'), []);
});

test('a mail that comes is told as a signed form, with its attachments, images and results', async () => {
  const sdk = new Sdk(ground.world);
  const domain = 'in.told.example';
  await receiving(sdk, domain);
  const { auth_key: key = '' } = await sdk.call<Route>('inbound.addRoute', {
    domain,
    pattern: '*',
    url: ground.peer.url,
  });
  const raw = [
    'From: Bob <bob@sender.example>',
    `To: Help <help@${domain}>, two@x.example`,
    'Cc: c@x.example',
    'Subject: told one',
    'X-Two: 1',
    'X-Two: 2',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=edge',
    '',
    '--edge',
    'Content-Type: multipart/related; boundary=inner',
    '',
    '--inner',
    'Content-Type: text/html',
    '',
    '<p>words</p><img src="cid:dot">',
    '--inner',
    'Content-Type: image/png; name="dot.png"',
    'Content-ID: <dot>',
    'Content-Disposition: inline; filename="dot.png"',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('an image').toString('base64'),
    '--inner--',
    '--edge',
    'Content-Type: text/csv; name="a.csv"',
    'Content-Disposition: attachment; filename="a.csv"',
    '',
    'a,b',
    '--edge--',
    '',
  ].join('\r\n');
  assert.match(await ground.send(`help@${domain}`, raw), /^250 /);
  const { told, headers, json } = await postedWith('told one');
  const signed = createHmac('sha1', key).update(`${ground.peer.url}mandrill_events${json}`, 'utf8');
  assert.equal(headers['x-mandrill-signature'], signed.digest('base64'));
  assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
  const { msg } = told;
  assert.deepEqual(
    [
      told.event,
      msg['email'],
      msg['from_email'],
      msg['from_name'],
      msg['subject'],
      msg['sender'],
      msg['tags'],
    ],
    ['inbound', `help@${domain}`, 'bob@sender.example', 'Bob', 'told one', null, []],
  );
  assert.ok(Math.abs(told.ts - ground.world.clock.now() / 1000) < 600);
  assert.deepEqual(msg['to'], [
    [`help@${domain}`, 'Help'],
    ['two@x.example', null],
  ]);
  assert.deepEqual(msg['cc'], [['c@x.example', null]]);
  assert.deepEqual(msg.headers['X-Two'], ['1', '2']);
  assert.ok(String(msg['raw_msg']).endsWith(raw));
  assert.match(String(msg['html']), /words/);
  const csv = msg.attachments?.['a.csv'];
  assert.deepEqual([csv?.type, csv?.content.trim(), csv?.base64], ['text/csv', 'a,b', false]);
  const dot = msg.images?.['dot.png'];
  assert.deepEqual(
    [dot?.type, Buffer.from(dot?.content ?? '', 'base64').toString(), dot?.base64],
    ['image/png', 'an image', true],
  );
  assert.deepEqual(msg['dkim'], { signed: false, valid: false });
  assert.equal((msg['spf'] as { result: string }).result, 'none');
});

test('a raw message is handed in for those it names, and the routes that take it are told', async () => {
  const sdk = new Sdk(ground.world);
  const domain = 'in.handed.example';
  await receiving(sdk, domain);
  await sdk.call('inbound.addRoute', { domain, pattern: 'help', url: ground.peer.url });
  const raw = `From: a@b.example\nTo: help@${domain}, none@${domain}\nSubject: handed in\n\nwords\n`;
  const taken = { email: `help@${domain}`, pattern: 'help', url: ground.peer.url };
  assert.deepEqual(await sdk.call('inbound.sendRaw', { raw_message: raw }), [taken]);
  const { told } = await postedWith('handed in');
  assert.deepEqual([told.msg['email'], String(told.msg['text']).trim()], [`help@${domain}`, 'words']);
  assert.ok(!('attachments' in told.msg) && !('images' in told.msg));
  const named = await sdk.call('inbound.sendRaw', {
    raw_message: raw,
    to: [`none@${domain}`],
    mail_from: 'a@b.example',
    helo: 'mx.b.example',
    client_address: '192.0.2.7',
  });
  assert.deepEqual(named, []);
  const { items } = await ground.world.ok<{ items: { id: string; name: string }[] }>(
    'GET',
    '/inbound-domains',
  );
  const inboundDomainId = items.find(({ name }) => name === domain)?.id;
  await ground.world.ok('POST', '/inbound-routes', {
    body: { inboundDomainId, pattern: 'native', url: ground.peer.url },
  });
  const elsewhere = [`native@${domain}`, `help@${domain}`];
  assert.deepEqual(await sdk.call('inbound.sendRaw', { raw_message: raw, to: elsewhere }), [taken]);
  const { items: mails } = await ground.world.ok<{ items: unknown[] }>(
    'GET',
    `/inbound-mails?recipient=native@${domain}`,
  );
  assert.equal(mails.length, 1, 'it goes where it would by SMTP');
  const nowhere = await sdk.refused('inbound.sendRaw', { raw_message: raw, client_address: 'here' });
  assert.match(String(nowhere[3]), /"client_address"/);
  const nobody = await sdk.refused('inbound.sendRaw', { raw_message: 'Subject: x\n\nx\n' });
  assert.match(String(nobody[3]), /"to"/);
  const crowd = Array.from({ length: 101 }, (_, n) => `n${n}@${domain}`).join(', ');
  const many = await sdk.refused('inbound.sendRaw', { raw_message: `To: ${crowd}\n\nx\n` });
  assert.match(String(many[3]), /"to"/, 'nobody is left out without a word');
  const { secret } = await ground.client('hands in');
  const other = new Sdk(ground.world, secret);
  assert.deepEqual(await other.call('inbound.sendRaw', { raw_message: raw }), []);
});
