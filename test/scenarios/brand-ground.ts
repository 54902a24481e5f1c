/** What the scenarios of brands share: an installation with a host, a name server and a logged-in owner; calls under a host name of one's own. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { request } from 'node:http';
import { Browser, joinBy } from '../doubles/browser.ts';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

export const owner = { email: 'owner@lettershop.test', password: 'correct horse battery staple' };

export const installationHost = 'console.installation.example';

export type BrandGround = {
  readonly world: World;
  readonly dns: DnsServerDouble;
  readonly boss: Browser;
  readonly end: () => Promise<void>;
};

/** `settings` of the program beside those; `ttlSeconds` of all that DNS says. */
export async function openBrandGround(
  settings: Record<string, string> = {},
  ttlSeconds = 1,
): Promise<BrandGround> {
  const dns = await DnsServerDouble.start({}, ttlSeconds);
  const world = await startWorld({
    LETTERSHOP_DNS_SERVERS: dns.address,
    LETTERSHOP_ADMIN_PASSWORD: owner.password,
    LETTERSHOP_TRUSTED_PROXIES: '127.0.0.1',
    LETTERSHOP_PUBLIC_URL: `http://${installationHost}`,
    ...settings,
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

export type Host = {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly checkedAt: string | null;
  readonly record: { readonly name: string; readonly value: string };
};

export type Branded = {
  readonly id: number;
  readonly secret: string;
  readonly host: Host;
  readonly email: string;
};

/** A client with a brand, a proven host and a person of theirs alone. */
export async function branded({ world, dns, boss }: BrandGround, word: string): Promise<Branded> {
  const made = await world.ok<{ id: number; key: { secret: string } }>('POST', '/subaccounts', {
    body: { name: word, externalId: word, key: { name: 'k' } },
  });
  const { id, key } = made;
  const { secret } = key;
  await world.ok('PUT', '/brand', { secret, body: { name: `Letters of ${word}` } });
  const body = { name: `console.${word}.example` };
  const host = await world.ok<Host>('POST', '/brand/hosts', { secret, body });
  const email = `person@${word}.test`;
  await joinBy(world, boss, email, { subaccounts: [{ id, role: 'developer' }] });
  await prove({ world, dns }, { host, secret });
  return { id, secret, host, email };
}

/** Publishes the record, and waits until the program knows the host. */
export async function prove(
  { world, dns }: Pick<BrandGround, 'world' | 'dns'>,
  { host, secret }: Pick<Branded, 'host' | 'secret'>,
): Promise<void> {
  dns.zone[host.record.name] = { CNAME: host.record.value };
  await world.until(
    () => world.ok<Host>('POST', `/brand/hosts/${host.id}/check`, { secret }),
    ({ state }) => state === 'proven',
  );
  await isOpen(world, host.name);
}

/** The program knows the host as a brand's, or no longer; asked by what is not counted as a try at logging in. */
export async function isOpen(world: World, host: string, wanted = true): Promise<void> {
  await world.until(
    () => askAt(world.url, host, 'GET', '/api/brand'),
    ({ bytes }) => (JSON.parse(bytes.toString()) as { isBrandHost: boolean }).isBrandHost === wanted,
  );
}

type HostPage = {
  readonly status: number;
  readonly text: string;
  readonly location: string;
  readonly body: Record<string, unknown>;
};

/** A browser at one host, as far as logging in goes: keeps cookies, follows nothing by itself. */
export class HostBrowser {
  readonly #url: string;
  readonly host: string;
  readonly cookies = new Map<string, string>();
  /** Tries are counted by it. */
  readonly #address = `198.51.100.${randomInt(1, 255)}`;

  constructor(world: World, host: string) {
    this.#url = world.url;
    this.host = host;
  }

  /** One at another host that was planted the cookies of this one. */
  movedTo(world: World, host: string): HostBrowser {
    const moved = new HostBrowser(world, host);
    for (const [name, value] of this.cookies) moved.cookies.set(name, value);
    return moved;
  }

  async request(method: string, path: string, body?: unknown): Promise<HostPage> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await askAt(this.#url, this.host, method, path, {
      headers: { 'x-forwarded-for': this.#address, ...(cookie === '' ? {} : { cookie }) },
      ...(body === undefined ? {} : { body }),
    });
    for (const each of [answer.headers['set-cookie'] ?? []].flat()) this.#keep(each);
    const text = answer.bytes.toString();
    return {
      status: answer.status,
      text,
      location: String(answer.headers['location'] ?? ''),
      body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  }

  #keep(cookie: string): void {
    const [pair = '', ...attributes] = cookie.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    if (attributes.some((attribute) => /^max-age=0$/i.test(attribute)))
      this.cookies.delete(pair.slice(0, at));
    else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }

  /** A call of /api/auth. */
  auth(path: string, body?: unknown): Promise<HostPage> {
    return this.request(body === undefined ? 'GET' : 'POST', `/api/auth${path}`, body);
  }

  logIn(email: string, secret: string): Promise<HostPage> {
    return this.auth('/sign-in/email', { email, password: secret });
  }

  /** 200 with a session that is good here. */
  async me(): Promise<number> {
    return (await this.request('GET', '/api/v1/me')).status;
  }
}
