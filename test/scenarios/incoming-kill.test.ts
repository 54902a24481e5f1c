import assert from 'node:assert/strict';
import { chmodSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { bring } from '../doubles/reports.ts';
import { seeded } from '../doubles/receivers.ts';
import { WebhookReceiver } from '../doubles/webhook-receiver.ts';
import { killKey, NodeProcess } from '../kills/node.ts';
import { newFolder } from '../folder.ts';

const mails = 120;
const kills = 3;

test('what was answered for after the final dot is handed over, whenever the program is killed', async (t) => {
  const seed = Math.floor(Math.random() * 1e9);
  t.diagnostic(`seed ${seed}`);
  const random = seeded(seed);
  const folder = newFolder('lettershop-incoming');
  chmodSync(folder, 0o711);
  const dns = await DnsServerDouble.start({}, 1);
  const peer = await WebhookReceiver.start();
  const node = new NodeProcess(folder, {
    LETTERSHOP_DNS_SERVERS: dns.address,
    LETTERSHOP_NET_ALLOW: '127.0.0.0/8',
  });
  const call = async <T>(path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${node.ports.http}/api/v1${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${killKey.secret}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    assert.ok(response.status < 300, `${path} ${response.status}`);
    return (await response.json()) as T;
  };
  const recipients = (): ReadonlySet<string> =>
    new Set(peer.received.filter(({ isTaken }) => isTaken).map(({ body }) => recipientOf(body)));
  const recipientOf = (body: string): string => (JSON.parse(body) as { recipient: string }).recipient;
  try {
    await node.start();
    const domain = await call<{ id: string; record: { value: string } }>('/inbound-domains', {
      name: 'in.kill.example',
    });
    dns.zone['in.kill.example'] = { MX: [[10, domain.record.value]] };
    const checked = await call<{ state: string }>(`/inbound-domains/${domain.id}/check`, {});
    assert.equal(checked.state, 'proven');
    await call('/inbound-routes', { inboundDomainId: domain.id, url: peer.url });
    const answered = new Set<string>();
    const bringAll = async (from: number, until: number): Promise<void> => {
      const waiting = Array.from({ length: until - from }, (_, n) => `k${from + n}@in.kill.example`);
      const worker = async (): Promise<void> => {
        for (let to = waiting.pop(); to !== undefined; to = waiting.pop()) {
          const raw = `From: a@b.example\r\nSubject: ${to}\r\n\r\nhello\r\n`;
          if ((await bring(node.ports.inbound, to, raw)).startsWith('250 ')) answered.add(to);
        }
      };
      await Promise.all(Array.from({ length: 6 }, worker));
    };
    const each = mails / kills;
    for (let kill = 0; kill < kills; kill++) {
      const progress = { isOver: false };
      const bringing = bringAll(kill * each, (kill + 1) * each).finally(() => (progress.isOver = true));
      const wanted = answered.size + 1 + Math.floor(random() * 20);
      while (answered.size < wanted && !progress.isOver)
        await new Promise((resolve) => setImmediate(resolve));
      await node.kill();
      await bringing;
      await node.start();
    }
    assert.ok(answered.size >= kills, `${answered.size} answered`);
    const endsAt = performance.now() + 60_000;
    while ([...answered].some((to) => !recipients().has(to))) {
      const lost = [...answered].filter((to) => !recipients().has(to));
      assert.ok(performance.now() < endsAt, `seed ${seed}: ${lost.length} of ${answered.size} are not there`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    await node.stop();
    await peer[Symbol.asyncDispose]();
    await dns[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }
});
