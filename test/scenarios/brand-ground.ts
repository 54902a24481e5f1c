/** What the scenarios of brands share: an installation with a host, a name server and a logged-in owner; calls under a host name of one's own. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { Browser } from '../doubles/browser.ts';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

export const owner = { email: 'owner@lettershop.test', password: 'correct horse battery staple' };

export type BrandGround = {
  readonly world: World;
  readonly dns: DnsServerDouble;
  readonly boss: Browser;
  readonly end: () => Promise<void>;
};

export async function openBrandGround(): Promise<BrandGround> {
  const dns = await DnsServerDouble.start({}, 1);
  const world = await startWorld({
    LETTERSHOP_DNS_SERVERS: dns.address,
    LETTERSHOP_ADMIN_PASSWORD: owner.password,
    LETTERSHOP_TRUSTED_PROXIES: '127.0.0.1',
    LETTERSHOP_PUBLIC_URL: 'http://console.installation.example',
  });
  const boss = new Browser(world);
  assert.equal((await boss.logIn(owner.email, owner.password)).status, 200);
  const end = async (): Promise<void> => {
    await world[Symbol.asyncDispose]();
    await dns[Symbol.asyncDispose]();
  };
  return { world, dns, boss, end };
}

export type HostAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
};

export type AskOptions = { readonly body?: unknown; readonly headers?: Record<string, string> };

/** A request under a host name of its own, which `fetch` does not allow. */
export function askAt(
  url: string,
  host: string,
  method: string,
  path: string,
  options: AskOptions = {},
): Promise<HostAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const headers = {
      host,
      ...(method === 'GET' ? {} : { origin: `http://${host}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    };
    const asked = request({ hostname, port, method, path, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          bytes: Buffer.concat(chunks),
        }),
      );
    });
    asked.once('error', reject);
    asked.end(options.body === undefined ? undefined : JSON.stringify(options.body));
  });
}
