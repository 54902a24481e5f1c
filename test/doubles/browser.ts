/** A browser as far as logging in goes: keeps cookies, says where it comes from, follows nothing by itself. */
import { randomInt } from 'node:crypto';
import { sql } from 'kysely';
import type { World } from '../world.ts';

export type Page = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
};

export class Browser {
  readonly #world: World;
  readonly cookies = new Map<string, string>();

  /** Each from an address of its own, for a program that trusts the proxy. */
  readonly #address = `192.0.2.${randomInt(1, 255)}`;

  constructor(world: World) {
    this.#world = world;
  }

  async request(
    method: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Page> {
    const headers: Record<string, string> = {
      'x-forwarded-for': this.#address,
      ...(method === 'GET' ? {} : { origin: this.#world.url }),
      ...options.headers,
    };
    if (this.cookies.size > 0)
      headers['cookie'] = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    if (options.body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(`${this.#world.url}${path}`, {
      method,
      headers,
      redirect: 'manual',
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? ((JSON.parse(text) as Record<string, unknown>) ?? {}) : {},
    };
  }

  #keep(cookie: string): void {
    const [pair = '', ...attributes] = cookie.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const isOver = attributes.some((attribute) => /^max-age=0$/i.test(attribute));
    if (isOver) this.cookies.delete(pair.slice(0, at));
    else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }

  /** A call of /api/auth. */
  auth(path: string, body?: unknown): Promise<Page> {
    return body === undefined
      ? this.request('GET', `/api/auth${path}`)
      : this.request('POST', `/api/auth${path}`, { body });
  }

  /** A call of the native API by the session. */
  api(
    method: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Page> {
    return this.request(method, `/api/v1${path}`, options);
  }

  /** As `api`, and throws unless it succeeds. */
  async ok<T>(method: string, path: string, options: Parameters<Browser['api']>[2] = {}): Promise<T> {
    const page = await this.api(method, path, options);
    if (page.status >= 300) throw new Error(`${method} ${path}: ${page.status} ${page.text}`);
    return page.body as T;
  }

  async logIn(email: string, password: string): Promise<Page> {
    return this.auth('/sign-in/email', { email, password });
  }
}

/** The address that the newest mail to somebody leads to, asked until there are `count` mails to them. */
export async function linkTo(world: World, email: string, count = 1): Promise<string> {
  // The installation's own mail is in no account's mailbox.
  const mails = await world.until(
    () => mailsTo(world, email),
    ({ length }) => length >= count,
  );
  const raw = mails.at(-1) ?? '';
  const url = /^(https?:\/\/\S+\/(?:reset|invitation)\/\S+)\r?$/m.exec(raw)?.[1];
  if (url === undefined) throw new Error(`no link in ${raw}`);
  return url;
}

export async function mailsTo(world: World, email: string): Promise<readonly string[]> {
  const { rows } = await sql<{ content: Buffer }>`
    select content from captures where recipient = ${email} order by id`.execute(world.database.db.engine);
  return rows.map(({ content }) => content.toString('utf8'));
}

export function tokenOf(url: string): string {
  return url.split('/').at(-1) ?? '';
}

export const password = 'a long enough password';

/** Somebody invited by `boss` accepts by the link of the mail, and logs in. */
export async function joinBy(
  world: World,
  boss: Browser,
  email: string,
  offer: Record<string, unknown>,
): Promise<Browser> {
  const mails = (await mailsTo(world, email)).length;
  await boss.ok('POST', '/invitations', { body: { email, ...offer } });
  const token = tokenOf(await linkTo(world, email, mails + 1));
  const browser = new Browser(world);
  const accepted = await browser.auth('/invitation/accept', { token, name: 'Somebody', password });
  if (accepted.status !== 200) throw new Error(`accepting: ${accepted.status} ${accepted.text}`);
  const loggedIn = await browser.logIn(email, password);
  if (loggedIn.status !== 200) throw new Error(`logging in: ${loggedIn.status} ${loggedIn.text}`);
  return browser;
}

/** The status of a call that begins two seconds from now: whoever was shut out by then fails, on any machine. */
export async function twoSecondsLater(world: World, call: () => Promise<Page>): Promise<number> {
  const from = performance.now();
  await world.until(call, () => performance.now() - from >= 2000);
  return (await call()).status;
}
