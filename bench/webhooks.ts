// `node bench/webhooks.ts [--messages 20000]`: events told to one healthy endpoint beside the delivery rate, with and without
// the webhook. Everything on one machine, the endpoint in this process. Prints a JSON line per run.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { smtpLoad, startSink } from './load.ts';
import { cpuSeconds } from './proc.ts';
import { ownPeer } from './program.ts';
import type { OwnPeer } from './program.ts';

const { values } = parseArgs({ options: { messages: { type: 'string', default: '20000' } } });
const messages = Number(values.messages);
process.env['LETTERSHOP_NET_ALLOW'] = '127.0.0.0/8';

const received = { events: 0, requests: 0, lastSequence: 0, gaps: 0, lastMs: 0 };
const endpoint = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { events } = JSON.parse(Buffer.concat(chunks).toString()) as { events: { sequence: number }[] };
    for (const { sequence } of events) {
      if (sequence !== received.lastSequence + 1) received.gaps += 1;
      received.lastSequence = sequence;
    }
    received.events += events.length;
    received.requests += 1;
    received.lastMs = performance.timeOrigin + performance.now();
    response.writeHead(204).end();
  });
});
await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));

async function api(peer: OwnPeer, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${peer.httpPort()}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${peer.secret}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

async function run(hasWebhook: boolean): Promise<void> {
  const peer = await ownPeer(false);
  const sink = await startSink(messages);
  const { port, pids } = await peer.start(sink.port);
  const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/`;
  const kinds = ['message.accepted', 'message.delivered'];
  if (hasWebhook) await api(peer, 'POST', '/webhooks', { name: 'bench', url, kinds });
  const awaited = hasWebhook ? messages * 2 : 0;
  const before = cpuSeconds(pids);
  const source = await smtpLoad({
    port,
    messages,
    size: 2048,
    connections: 50,
    from: peer.from,
    auth: peer.auth,
  });
  const arrived = await sink.done;
  const perSecond = (n: number, lastMs: number): number => Math.round(n / ((lastMs - source.firstMs) / 1000));
  while (received.events < awaited) await new Promise((resolve) => setTimeout(resolve, 20));
  console.log(
    JSON.stringify({
      webhook: hasWebhook,
      deliveredPerSecond: perSecond(arrived.messages, arrived.lastMs),
      cpuPer10k: Number((((cpuSeconds(pids) - before) / messages) * 10_000).toFixed(2)),
      ...(hasWebhook
        ? {
            eventsPerSecond: perSecond(received.events, received.lastMs),
            lagMs: Math.round(received.lastMs - arrived.lastMs),
            requests: received.requests,
            gaps: received.gaps,
          }
        : {}),
    }),
  );
  await peer.stop();
  await peer.remove();
}

await run(false);
await run(true);
endpoint.close();
