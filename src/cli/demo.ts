import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeLog } from '../base/log.ts';
import { startProgram } from '../main/program.ts';
import type { Command } from './index.ts';

const clients = [
  { name: 'Bakery Sunrise', externalId: 'bakery', perSecond: 8, bad: 0.02 },
  { name: 'Cycle Club', externalId: 'cycle', perSecond: 4, bad: 0.1 },
  { name: 'Harbour Tickets', externalId: 'harbour', perSecond: 15, bad: 0.01 },
  { name: 'Old List Ltd', externalId: 'oldlist', perSecond: 3, bad: 0.4 },
] as const;

type Client = (typeof clients)[number];

/** A seeded account in a folder of its own, a minute of live traffic, a summary per subaccount. */
export const demoCommand: Command = {
  usage: '[SECONDS]',
  does: 'an account with subaccounts and a minute of live traffic, then a summary',
  run: async (words, config) => {
    const seconds = Math.min(Math.max(Number(words[0] ?? 60) || 60, 1), 600);
    const folder = await mkdtemp(join(tmpdir(), 'lettershop-demo-'));
    const program = await startProgram({
      config: {
        ...config,
        LETTERSHOP_DATA_DIR: folder,
        LETTERSHOP_OUTBOUND: 'capture',
        LETTERSHOP_HTTP_PORT: 0,
        LETTERSHOP_SMTP_PORT: 0,
        LETTERSHOP_INBOUND_PORT: 0,
      },
      log: makeLog('error'),
    });
    try {
      const { doors, firstLogin } = program;
      const api = new DemoApi(`${doors.publicUrl}/api/v1`, firstLogin?.key ?? '');
      console.log(`Demo for ${seconds} s. Watch it: ${doors.publicUrl}/login/${firstLogin?.loginToken}`);
      for (const client of clients)
        await api.post('/subaccounts', { name: client.name, externalId: client.externalId });
      const endsAt = Date.now() + seconds * 1000;
      await Promise.all(clients.map((client) => traffic(api, client, endsAt)));
      await settle(api);
      await printSummary(api, seconds);
    } finally {
      await program.stop();
      await rm(folder, { recursive: true, force: true });
    }
    return 0;
  },
};

class DemoApi {
  readonly #base: string;
  readonly #key: string;

  constructor(base: string, key: string) {
    this.#base = base;
    this.#key = key;
  }

  post(path: string, body: unknown, subaccount?: string): Promise<unknown> {
    return this.#call(path, { method: 'POST', body: JSON.stringify(body) }, subaccount);
  }

  get(path: string, subaccount?: string): Promise<unknown> {
    return this.#call(path, { method: 'GET' }, subaccount);
  }

  async #call(path: string, init: RequestInit, subaccount?: string): Promise<unknown> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#key}` };
    if (init.body !== undefined) headers['content-type'] = 'application/json';
    if (subaccount !== undefined) headers['lettershop-subaccount'] = `external:${subaccount}`;
    const response = await fetch(`${this.#base}${path}`, { ...init, headers });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }
}

async function traffic(api: DemoApi, client: Client, endsAt: number): Promise<void> {
  for (let sent = 0; Date.now() < endsAt; sent++) {
    await api.post(
      '/messages',
      {
        from: { email: `news@lettershop.test`, name: client.name },
        to: [{ email: recipient(client, sent) }],
        subject: `Letter ${sent + 1} of ${client.name}`,
        text: 'A letter of the demo.',
        tags: ['demo'],
      },
      client.externalId,
    );
    await new Promise((resolve) => setTimeout(resolve, 1000 / client.perSecond));
  }
}

function recipient(client: Client, number: number): string {
  const dice = Math.random();
  if (dice < client.bad / 2) return `hard+${number}@inbox.test`;
  if (dice < client.bad) return `${number % 2 === 0 ? 'soft' : 'complain'}+${number}@inbox.test`;
  return `reader${number}@inbox.test`;
}

type Items = { readonly items: readonly { readonly state: string }[]; readonly next: string | null };

/** Waits until nothing is on its way any more, at most ten seconds. */
async function settle(api: DemoApi): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    const page = (await api.get('/messages?state=queued&limit=1')) as Items;
    if (page.items.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function printSummary(api: DemoApi, seconds: number): Promise<void> {
  console.log(
    `\n${'subaccount'.padEnd(18)} ${['sent', 'delivered', 'bounced', 'deferred', 'suppressed'].map((word) => word.padStart(11)).join('')}`,
  );
  let total = 0;
  for (const client of clients) {
    const counts: Record<string, number> = {};
    for (let cursor: string | null = ''; cursor !== null;) {
      const after: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = (await api.get(`/messages?limit=500${after}`, client.externalId)) as Items;
      for (const { state } of page.items) counts[state] = (counts[state] ?? 0) + 1;
      cursor = page.next;
    }
    const sent = Object.values(counts).reduce((sum, count) => sum + count, 0);
    total += sent;
    const cells = [sent, counts['delivered'], counts['bounced'], counts['deferred'], counts['suppressed']];
    console.log(`${client.name.padEnd(18)} ${cells.map((cell) => String(cell ?? 0).padStart(11)).join('')}`);
  }
  console.log(`\n${total} messages in ${seconds} s.`);
}
