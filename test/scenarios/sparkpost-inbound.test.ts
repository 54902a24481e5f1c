import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { IncomingGround } from './incoming-ground.ts';
import { ask, failure, makeSubaccount, sdk } from './sparkpost-calls.ts';

let ground: IncomingGround;
before(async () => {
  ground = await IncomingGround.open();
});
after(() => ground[Symbol.asyncDispose]());

type Relayed = readonly {
  readonly msys: {
    readonly relay_message: {
      readonly webhook_id: string;
      readonly friendly_from: string;
      readonly msg_from: string;
      readonly rcpt_to: string;
      readonly protocol: string;
      readonly content: {
        readonly subject: string;
        readonly text: string;
        readonly to: readonly string[];
        readonly headers: readonly Readonly<Record<string, string>>[];
        readonly email_rfc822: string;
        readonly email_rfc822_is_base64: boolean;
      };
    };
  };
}[];

const mail = (subject: string, body: string): string =>
  ['From: Bob <bob@x.example>', 'To: help@in.kite.example', `Subject: ${subject}`, '', body, ''].join('\r\n');

async function relayed(
  subject: string,
): Promise<Relayed[number]['msys']['relay_message'] & { token: unknown }> {
  const found = await ground.world.until(
    () => Promise.resolve(ground.peer.received.find(({ body }) => body.includes(subject))),
    (each) => each !== undefined,
  );
  const [first] = JSON.parse(found?.body ?? '[]') as Relayed;
  assert.ok(first !== undefined);
  return { ...first.msys.relay_message, token: found?.headers['x-messagesystems-webhook-token'] };
}

test('inbound domains and relay webhooks are kept by the primary account, and mail is relayed in batches of one', async () => {
  const { world, dns, peer } = ground;
  const client = sdk(world);
  const domain = 'in.kite.example';
  assert.deepEqual(await failure(client.inboundDomains.get(domain)), [
    404,
    [{ message: 'resource not found', code: '1600' }],
  ]);
  await client.inboundDomains.create({ domain });
  const { results: found } = await client.inboundDomains.get(domain);
  const { mx_target: target } = found as { mx_target: string };
  assert.deepEqual(found, { domain, mx_target: target });
  assert.deepEqual((await client.inboundDomains.list()).results, [{ domain, mx_target: target }]);
  assert.equal(((await failure(client.inboundDomains.create({ domain }))) as unknown[])[0], 409);
  const hook = {
    name: 'Replies',
    target: peer.url,
    auth_token: 'secret-token',
    match: { domain, protocol: 'SMTP' },
  };
  const unknown = { ...hook, match: { domain: 'in.none.example' } };
  assert.deepEqual(await failure(client.relayWebhooks.create(unknown)), [
    400,
    [{ message: "Domain 'in.none.example' is not a registered inbound domain" }],
  ]);
  const { results: made } = await client.relayWebhooks.create(hook);
  const { id } = made as { id: string };
  assert.match(id, /^\d+$/);
  assert.deepEqual(await failure(client.relayWebhooks.create(hook)), [
    409,
    [{ message: `Domain '${domain}' is already in use` }],
  ]);
  const { results: shown } = await client.relayWebhooks.get(id);
  const { name, target: url, match } = shown as Record<string, unknown>;
  assert.deepEqual([name, url, match], ['Replies', peer.url, { domain, protocol: 'SMTP' }]);
  assert.ok(!JSON.stringify(shown).includes('secret-token'));
  assert.equal(((await client.relayWebhooks.list()).results as readonly unknown[]).length, 1);
  const validated = await ask(world, 'POST', `/api/v1/relay-webhooks/${id}/validate`, { body: {} });
  assert.equal(validated.status, 200);
  dns.zone[domain] = { MX: [[10, target]] };
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', '/inbound-domains');
  await ground.look(items[0]?.id ?? '', {}, 'proven');
  assert.match(await ground.send(`help@${domain}`, mail('first one', 'ok'), 'bounce@x.example'), /^250 /);
  const first = await relayed('first one');
  const { content } = first;
  assert.deepEqual(
    [first.webhook_id, first.friendly_from, first.msg_from, first.rcpt_to, first.protocol, first.token],
    [id, 'bob@x.example', 'bounce@x.example', `help@${domain}`, 'smtp', 'secret-token'],
  );
  assert.deepEqual(
    [content.subject, content.text.trim(), content.to, content.email_rfc822_is_base64],
    ['first one', 'ok', [`help@${domain}`], false],
  );
  assert.ok(content.headers.some((each) => each['Subject'] === 'first one'));
  assert.ok(content.email_rfc822.endsWith(mail('first one', 'ok')));
  const bytes = Buffer.from(mail('second one', 'gr\xfc\xdfe'), 'latin1');
  assert.match(await ground.send(`help@${domain}`, bytes), /^250 /);
  const second = await relayed('second one');
  assert.ok(second.content.email_rfc822_is_base64);
  assert.ok(Buffer.from(second.content.email_rfc822, 'base64').includes(bytes.subarray(-10)));
  const none = await ask(world, 'PUT', `/api/v1/relay-webhooks/${id}`, { body: {} });
  assert.deepEqual(none.body, { errors: [{ message: 'no valid fields in body' }] });
  const changed = await ask(world, 'PUT', `/api/v1/relay-webhooks/${id}`, { body: { name: 'Other' } });
  assert.deepEqual(changed.body, { results: { id } });
  const busy = await ask(world, 'DELETE', `/api/v1/inbound-domains/${domain}`);
  const description = `Domain '${domain}' is in use by a relay webhook`;
  assert.deepEqual(
    [busy.status, busy.body],
    [409, { errors: [{ message: 'resource conflict', description, code: '1602' }] }],
  );
  await client.relayWebhooks.delete(id);
  assert.deepEqual(await failure(client.relayWebhooks.get(id)), [
    404,
    [{ message: 'Resource could not be found' }],
  ]);
  await client.inboundDomains.delete(domain);
  assert.deepEqual((await client.inboundDomains.list()).results, []);
});

test('a subaccount has no inbound domains and no relay webhooks in the words of the dialect', async () => {
  const { key } = await makeSubaccount(ground.world, 'no inbound');
  for (const path of ['/api/v1/inbound-domains', '/api/v1/relay-webhooks'])
    assert.equal((await ask(ground.world, 'GET', path, { key })).status, 403, path);
});
