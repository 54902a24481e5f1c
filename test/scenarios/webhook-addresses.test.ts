import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { WebhookReceiver } from '../doubles/webhook-receiver.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

type Tested = { isTaken: boolean; status: number | null; error: string | null; response: string };

async function faultOf(world: World, url: string): Promise<string> {
  const { status, body } = await world.api('POST', '/webhooks', { body: { name: 'h', url } });
  const { errors = [] } = body as { errors?: { field: string; rule: string }[] };
  return status === 201 ? 'made' : `${errors[0]?.field} ${errors[0]?.rule}`;
}

async function hookAt(world: World, url: string): Promise<string> {
  const body = { name: 'h', url, kinds: ['domain.created'] };
  return (await world.ok<{ id: string }>('POST', '/webhooks', { body })).id;
}

const tested = (world: World, id: string): Promise<Tested> =>
  world.ok<Tested>('POST', `/webhooks/${id}/test`);

test('addresses inside are refused when they are saved, however they are written', async () => {
  await using dns = await DnsServerDouble.start({
    'private.example.com': { A: ['10.0.0.1'] },
    'mixed.example.com': { A: ['93.184.216.34', '192.168.0.1'] },
    'six.example.com': { AAAA: ['fd00::1'] },
    'mapped.example.com': { AAAA: ['::ffff:169.254.169.254'] },
    'alias.example.com': { CNAME: 'private.example.com' },
  });
  await using world = await startWorld({ LETTERSHOP_DNS_SERVERS: dns.address });
  const urls = {
    'http://127.0.0.1/': 'url address',
    'http://127.1/': 'url address',
    'http://2130706433/': 'url address',
    'http://0x7f.0.0.1/': 'url address',
    'http://0.0.0.0/': 'url address',
    'http://169.254.169.254/latest/meta-data': 'url address',
    'http://100.64.0.1/': 'url address',
    'http://[::1]/': 'url address',
    'http://[::ffff:10.0.0.1]/': 'url address',
    'http://[64:ff9b::a00:1]/': 'url address',
    'http://[2002:a00:1::]/': 'url address',
    'http://[fe80::1]/': 'url address',
    'http://private.example.com/': 'url address',
    'http://mixed.example.com/': 'url address',
    'http://six.example.com/': 'url address',
    'http://mapped.example.com/': 'url address',
    'http://alias.example.com/': 'url address',
    'http://user:pass@93.184.216.34/': 'url userinfo',
    'http://user@93.184.216.34/': 'url userinfo',
    'http://93.184.216.34:25/': 'url port',
    'http://93.184.216.34:6379/': 'url port',
    'ftp://93.184.216.34/': 'url scheme',
    'file:///etc/passwd': 'url scheme',
    nonsense: 'url format',
  };
  const found: Record<string, string> = {};
  for (const url of Object.keys(urls)) found[url] = await faultOf(world, url);
  assert.deepEqual(found, urls);
});

test('a name that changes its mind after it was saved is refused at the connect, and nothing arrives', async () => {
  await using receiver = await WebhookReceiver.start();
  await using dns = await DnsServerDouble.start({ 'rebind.example.com': { A: ['127.0.0.1'] } });
  await using world = await startWorld({
    LETTERSHOP_DNS_SERVERS: dns.address,
    LETTERSHOP_NET_ALLOW: '127.0.0.1/32',
  });
  const id = await hookAt(world, `http://rebind.example.com:${receiver.port}/`);
  assert.equal((await tested(world, id)).isTaken, true);
  assert.equal(receiver.received[0]?.headers.host, `rebind.example.com:${receiver.port}`);
  // Connections are kept, so the receiver ends its own; what is connected anew is looked up anew.
  for (const address of ['127.0.0.2', '10.0.0.1', '::ffff:127.0.0.2']) {
    dns.zone = { 'rebind.example.com': address.includes(':') ? { AAAA: [address] } : { A: [address] } };
    receiver.dropConnections();
    const refused = await world.until(
      () => {
        receiver.dropConnections();
        return tested(world, id);
      },
      ({ error }) => error !== null && error.includes('not public'),
    );
    assert.equal(refused.isTaken, false);
    assert.doesNotMatch(refused.error ?? '', /\d+\.\d+/, 'the address itself is not told');
  }
});

test('a redirect is a failure and is not followed', async () => {
  await using target = await WebhookReceiver.start();
  await using receiver = await WebhookReceiver.start();
  await using world = await startWorld({ LETTERSHOP_NET_ALLOW: '127.0.0.1/32' });
  const id = await hookAt(world, receiver.url);
  for (const status of [301, 302, 307, 308]) {
    receiver.react = () => (response) => response.writeHead(status, { location: target.url }).end();
    const answer = await tested(world, id);
    assert.deepEqual([answer.isTaken, answer.status], [false, status]);
  }
  assert.deepEqual(target.received, []);
});

test('of an answer that is huge or never ends only the beginning is read', async () => {
  await using receiver = await WebhookReceiver.start();
  await using world = await startWorld({ LETTERSHOP_NET_ALLOW: '127.0.0.1/32' });
  const id = await hookAt(world, receiver.url);
  let written = 0;
  const fill = 'x'.repeat(65_536);
  receiver.react = () => (response) => {
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && written < 1_000_000_000 && response.write(fill)) written += fill.length;
    };
    response.on('drain', more);
    more();
  };
  const huge = await tested(world, id);
  assert.deepEqual([huge.isTaken, huge.response], [true, 'x'.repeat(1024)]);
  assert.ok(written < 100_000_000, `${written} bytes`);
  receiver.react = () => (response) => {
    response.writeHead(200);
    response.write('begun');
  };
  const endless = await tested(world, id);
  assert.deepEqual([endless.isTaken, endless.response], [true, 'begun']);
  receiver.react = () => (response) => {
    response.writeHead(200, { 'x-large': 'y'.repeat(100_000) }).end();
  };
  const headers = await tested(world, id);
  assert.equal(headers.isTaken, false);
});
