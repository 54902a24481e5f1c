/**
 * What the browser tests stand on: one program, one Chromium, and people with different grants, made at the first use.
 * Each page that a test opens is watched: a fault, a broken policy, or a call that is not in the OpenAPI fails the test.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page, Request } from 'playwright-core';
import { grantOfCall } from '../../console/api/calls.ts';
import type { PageName } from '../../console/pages.ts';
import { allAccounts } from '../../src/features/accounts/index.ts';
import { addAddress } from '../../src/features/pools/index.ts';
import { Browser as Caller, joinBy, password } from '../doubles/browser.ts';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { auditOf } from './axe.ts';
import type { Rules } from './axe.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

export const owner = { email: 'owner@lettershop.test', password: 'correct horse battery staple' } as const;

/** What tenants write where it might be taken for HTML: `Window.check` fails when any of it was. */
export const hostile = `<img src=x onerror="alert(1)"><script>alert(2)</script>`;

/** Who looks: the owner; a client's own people by chosen grants, one of whom reads all that is set up and changes nothing; somebody who only reads figures of one subaccount. */
export type Viewer = 'owner' | 'client' | 'reader' | 'reporting';

export class Ground implements AsyncDisposable {
  readonly world: World;
  readonly browser: Browser;
  readonly boss: Caller;
  /** What the program sees of the world's DNS. */
  readonly dns: DnsServerDouble;
  /** The subaccount that client and reporting user belong to. */
  readonly subaccountId: number;
  readonly #emails: Readonly<Record<Viewer, string>>;

  constructor(parts: {
    world: World;
    browser: Browser;
    boss: Caller;
    dns: DnsServerDouble;
    subaccountId: number;
    emails: Record<Viewer, string>;
  }) {
    this.world = parts.world;
    this.browser = parts.browser;
    this.boss = parts.boss;
    this.dns = parts.dns;
    this.subaccountId = parts.subaccountId;
    this.#emails = parts.emails;
  }

  /** A window of a browser of its own, logged in by the session's cookie. */
  async open(viewer: Viewer, options: BrowserContextOptions = {}): Promise<Window> {
    const caller = new Caller(this.world);
    const secret = viewer === 'owner' ? owner.password : password;
    const page = await caller.logIn(this.#emails[viewer], secret);
    assert.equal(page.status, 200, page.text);
    return this.openAs(caller, options);
  }

  /** As somebody who has logged in. */
  async openAs(caller: Caller, options: BrowserContextOptions = {}): Promise<Window> {
    const context = await this.newContext(options);
    const cookies = [...caller.cookies].map(([name, value]) => ({
      name,
      value,
      url: this.world.url,
      httpOnly: true,
    }));
    await context.addCookies(cookies);
    return Window.on(context, this.world.url);
  }

  /** One that nobody is logged in with. */
  async openStranger(options: BrowserContextOptions = {}): Promise<Window> {
    return Window.on(await this.newContext(options), this.world.url);
  }

  /** As the operator does: gives the account a source address of a node that does not run here. */
  async giveAddress(address: string): Promise<void> {
    const { database, clock, program } = this.world;
    const [account] = await allAccounts(database.db);
    assert.ok(account !== undefined);
    const scope = program.access.operatorScope(account);
    const given = { address, ehloName: `mx-${address.replaceAll('.', '-')}.test`, node: 'node-2' };
    await addAddress({ db: database.db, clock }, scope, given);
  }

  newContext(options: BrowserContextOptions): Promise<BrowserContext> {
    return this.browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    await this.world[Symbol.asyncDispose]();
    await this.dns[Symbol.asyncDispose]();
  }
}

/** A page that is watched from its first request to its end. */
export class Window implements AsyncDisposable {
  readonly page: Page;
  readonly #url: string;
  /** Faults and broken policies; a test that means to cause one takes it out. */
  readonly problems: string[] = [];
  readonly calls: string[] = [];

  static async on(context: BrowserContext, url: string): Promise<Window> {
    return new Window(await context.newPage(), url);
  }

  constructor(page: Page, url: string) {
    this.page = page;
    this.#url = url;
    page.on('pageerror', (error) => this.problems.push(error.message));
    page.on('dialog', (dialog) => {
      this.problems.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (line) => {
      // What the server refused is told by the page; the browser writes a line of its own.
      if (line.type() === 'error' && !line.text().startsWith('Failed to load resource'))
        this.problems.push(line.text());
    });
    page.on('request', (request) => this.#see(request));
  }

  #see(request: Request): void {
    const url = new URL(request.url());
    if (url.protocol === 'data:' || url.protocol === 'blob:') return;
    if (url.origin !== this.#url) this.problems.push(`asked another host: ${url.origin}`);
    const at = url.pathname.indexOf('/api/v1/');
    if (at === -1) return;
    const path = url.pathname.slice(at + '/api/v1'.length);
    this.calls.push(`${request.method()} ${path}`);
    if (!isDocumented(request.method(), path))
      this.problems.push(`not in the OpenAPI: ${request.method()} ${path}`);
  }

  async go(path: string): Promise<void> {
    await this.page.goto(`${this.#url}${path}`);
  }

  /** Goes to a part as the keyboard does, so that it shows what it shows to whoever has no mouse. */
  async tabTo(part: Locator): Promise<void> {
    await part.focus();
    await this.page.keyboard.press('Shift+Tab');
    await this.page.keyboard.press('Tab');
  }

  /** What every page owes: no fault, no scrolling sideways, a name for all that can be used, nothing that axe finds by `rules`. */
  async check(rules: Rules = 'all'): Promise<void> {
    // A page whose code is still on its way owes nothing yet.
    await this.page.locator('h1').first().waitFor();
    assert.deepEqual(this.problems, []);
    const overflow = await this.page.evaluate('document.documentElement.scrollWidth > window.innerWidth');
    assert.equal(overflow, false, `${this.page.url()} scrolls sideways`);
    assert.equal(await this.page.locator('img[onerror]').count(), 0, `${this.page.url()} holds their HTML`);
    assert.deepEqual(await this.page.evaluate(nameless), [], `${this.page.url()} has parts without a name`);
    assert.deepEqual(await auditOf(this.page, rules), [], `${this.page.url()} breaks rules of axe`);
  }

  /** Photographs what is seen into SCREENSHOTS, if that is set. */
  async picture(name: string): Promise<void> {
    const folder = process.env['SCREENSHOTS'];
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}

const patterns = Object.keys(grantOfCall).map((name) => {
  const [method = '', path = ''] = name.split(' ');
  return { method, path: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`) };
});

function isDocumented(method: string, path: string): boolean {
  return patterns.some((pattern) => pattern.method === method && pattern.path.test(path));
}

/** In the browser: what can be used and has no accessible name, what can be clicked and no key reaches, ids that are there twice, pictures without a text. */
const nameless = `(() => {
  const seen = (node) => node.getClientRects().length > 0 && !node.closest('[aria-hidden=true],[inert]');
  const text = (node) => (node?.textContent ?? '').trim();
  const labelled = (node) => (node.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => text(document.getElementById(id))).join('');
  const nameOf = (node) => node.getAttribute('aria-label') || labelled(node) || [...(node.labels ?? [])].map(text).join('') || node.getAttribute('title') || node.getAttribute('alt') || (/^(A|BUTTON|SUMMARY)$/.test(node.tagName) || node.getAttribute('role') ? text(node) : '');
  const usable = [...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,iframe,img,[role=button],[role=img],[role=table],[role=dialog]')].filter(seen);
  const faults = usable.filter((node) => !nameOf(node)).map((node) => 'no name: ' + node.outerHTML.slice(0, 160));
  const usableBy = 'a[href],button,input,label,select,textarea,summary,[tabindex],[role=option]';
  for (const node of document.querySelectorAll('main *')) if (seen(node) && getComputedStyle(node).cursor === 'pointer' && !node.closest(usableBy)) faults.push('no key reaches: ' + node.outerHTML.slice(0, 160));
  const ids = [...document.querySelectorAll('[id]')].map((node) => node.id);
  for (const id of new Set(ids)) if (ids.filter((each) => each === id).length > 1) faults.push('id twice: ' + id);
  for (const node of document.querySelectorAll('[role=columnheader],.cell:has(> time)')) if (seen(node) && node.scrollWidth > node.clientWidth) faults.push('cut: ' + text(node));
  if (document.querySelectorAll('h1').length !== 1) faults.push(document.querySelectorAll('h1').length + ' headings of the first order');
  if (document.querySelectorAll('main').length !== 1) faults.push('no main part');
  if (!document.documentElement.lang) faults.push('no language');
  return faults;
})()`;

let made: Promise<Ground> | null = null;

export function ground(): Promise<Ground> {
  made ??= makeGround();
  return made;
}

after(async () => {
  if (made !== null) await (await made)[Symbol.asyncDispose]();
});

/** By name, for what is looked at in both: it is worked in in the first. */
export const twoLooks = [
  ['wide-light', { viewport: { width: 1440, height: 1000 }, colorScheme: 'light' }],
  ['narrow-dark', { viewport: { width: 390, height: 900 }, colorScheme: 'dark' }],
] as const;

/** A promise about one page of console/pages.ts; docs/console.md lists them. */
export function pageTest(page: PageName, promise: string, run: (ground: Ground) => Promise<void>): void {
  test(`${page}: ${promise}`, async () => run(await ground()));
}

export type Base = Pick<Ground, 'world' | 'dns' | 'boss'>;

/** A program of its own with its owner logged in, for what the shared one cannot show: mail that leaves, another look. */
export async function startBase(settings: Record<string, string> = {}): Promise<Base> {
  const dns = await DnsServerDouble.start({});
  const world = await startWorld({
    LETTERSHOP_DNS_SERVERS: dns.address,
    LETTERSHOP_BLOCKLISTS: 'bl.test',
    LETTERSHOP_NET_ALLOW: '127.0.0.0/8',
    LETTERSHOP_ADMIN_PASSWORD: owner.password,
    LETTERSHOP_TRUSTED_PROXIES: '127.0.0.1',
    ...settings,
  });
  const boss = new Caller(world);
  await boss.logIn(owner.email, owner.password);
  return { world, dns, boss };
}

/** Hosts of brands that tests ask, all of them here. */
const brandHosts = ['console.quay.example', 'console.wharf.example'];

/** `port`: of a program whose brands' hosts count as safe without TLS, so that they may ask for passkeys. */
export function launchChromium(port?: string): Promise<Browser> {
  const origins = brandHosts.map((host) => `http://${host}:${port ?? ''}`).join(',');
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--host-resolver-rules=${brandHosts.map((host) => `MAP ${host} 127.0.0.1`).join(',')}`,
      ...(port === undefined ? [] : [`--unsafely-treat-insecure-origin-as-secure=${origins}`]),
    ],
  });
}

async function makeGround(): Promise<Ground> {
  const { world, dns, boss } = await startBase();
  const { id: subaccountId } = await boss.ok<{ id: number }>('POST', '/subaccounts', {
    body: { name: 'Harbour Books', externalId: 'harbour', quota: { day: 5000 } },
  });
  const emails = {
    owner: owner.email,
    client: 'client@inbox.test',
    reader: 'reader@inbox.test',
    reporting: 'reporting@inbox.test',
  };
  const grants = ['messages:read', 'messages:content', 'metrics:read', 'subaccounts:read', 'domains:read'];
  await joinBy(world, boss, emails.client, { subaccounts: [{ id: subaccountId, role: 'custom', grants }] });
  const reads = [
    'domains',
    'tracking',
    'senders',
    'keys',
    'suppressions',
    'lists',
    'webhooks',
    'inbound',
    'monitoring',
    'pools',
    'quotas',
  ].map((noun) => `${noun}:read`);
  await joinBy(world, boss, emails.reader, {
    subaccounts: [{ id: subaccountId, role: 'custom', grants: reads }],
  });
  await joinBy(world, boss, emails.reporting, { subaccounts: [{ id: subaccountId, role: 'reporting' }] });
  const browser = await launchChromium(new URL(world.url).port);
  return new Ground({ world, browser, boss, dns, subaccountId, emails });
}
