import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Command } from './index.ts';

const seconds = 3600;
const againMs = 1000;

/** Prints events of the running program as they happen, one line of JSON each; goes on by itself where a stream ended. */
export const tailCommand: Command = {
  usage: '--key K [--subaccount S] [--kind message.bounced]... [--once]',
  does: 'follow the event log live',
  run: async (words, config) => {
    const { values } = parseArgs({
      args: [...words],
      options: {
        key: { type: 'string' },
        subaccount: { type: 'string' },
        kind: { type: 'string', multiple: true, default: [] },
        once: { type: 'boolean', default: false },
      },
    });
    if (values.key === undefined) {
      console.error('lettershop tail: --key is needed');
      return 1;
    }
    const path = join(config.LETTERSHOP_DATA_DIR, 'listening.json');
    const headers: Record<string, string> = { authorization: `Bearer ${values.key}` };
    if (values.subaccount !== undefined) headers['lettershop-subaccount'] = values.subaccount;
    const query = [`seconds=${seconds}`, ...values.kind.map((kind) => `kind=${encodeURIComponent(kind)}`)];
    for (;;) {
      const listening = JSON.parse(await readFile(path, 'utf8').catch(() => 'null')) as {
        http: { host: string; port: number };
      } | null;
      if (listening !== null) {
        const url = `http://${listening.http.host}:${listening.http.port}/api/v1/events/tail?${query.join('&')}`;
        const response = await fetch(url, { headers }).catch(() => null);
        if (response !== null && !response.ok) {
          console.error(`lettershop tail: ${response.status} ${await response.text()}`);
          return 1;
        }
        const last = response?.body == null ? null : await printEvents(response.body, values.once);
        if (last !== null) headers['last-event-id'] = last;
        if (values.once && last !== null) return 0;
      }
      await new Promise((resolve) => setTimeout(resolve, againMs));
    }
  },
};

/** Where to go on: the last number that was seen; null when nothing came. A cut stream is an end like any other. */
async function printEvents(body: ReadableStream<Uint8Array>, isOnce: boolean): Promise<string | null> {
  let last: string | null = null;
  let rest = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of body) {
      rest += decoder.decode(chunk, { stream: true });
      const blocks = rest.split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        last = /^(?:id: |: from )(\d+)$/m.exec(block)?.[1] ?? last;
        const event = /^data: (.*)$/m.exec(block)?.[1];
        if (event === undefined) continue;
        console.log(event);
        if (isOnce) return last;
      }
    }
  } catch {
    return last;
  }
  return last;
}
