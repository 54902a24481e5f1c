/** Text of tenants and strangers, wherever it is kept and shown: it is text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Request } from 'playwright-core';
import { launchChromium, Window } from '../ground.ts';
import { evil, Stored } from '../stored.ts';

type Seen = { readonly ran: unknown; readonly broken: readonly string[]; readonly made: readonly string[] };

/** Before anything of the page: what became an element, if only for a moment, and what the policy had to stop. */
const watching = `if (top === window) {
  const seen = { broken: [], made: [] };
  const isTheirs = (node) => node.matches('img[src=x],img[onerror],a[href^="javascript:" i],script:not([src]):not([type])');
  const look = (node) => {
    if (node.nodeType !== 1) return;
    for (const each of [node, ...node.querySelectorAll('*')]) if (isTheirs(each)) seen.made.push(each.outerHTML.slice(0, 200));
  };
  Object.defineProperty(window, 'seen', { value: seen });
  addEventListener('securitypolicyviolation', (event) => seen.broken.push(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample));
  new MutationObserver((changes) => { for (const { addedNodes } of changes) addedNodes.forEach(look); })
    .observe(document, { childList: true, subtree: true });
}`;

/** Of text and of fields, as a reader sees both. */
const shownText = `[document.body.innerText, document.title, ...[...document.querySelectorAll('input,textarea')].map(({ value }) => value), ...[...document.querySelectorAll('[title]')].map(({ title }) => title)].join('\\n')`;

test('markup in any text of a tenant or a stranger is shown as it was written: nothing of it runs, is fetched or leads away', async () => {
  await using stored = await Stored.start();
  const { world, boss } = stored.base;
  const browser = await launchChromium();
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
    await context.addInitScript(watching);
    const cookies = [...boss.cookies].map(([name, value]) => ({ name, value, url: world.url }));
    await context.addCookies(cookies);
    await using window = await Window.on(context, world.url);
    const { page } = window;
    // A mail's own picture may be wanted by the frame that shows the mail, where the policy keeps it from being asked for.
    const isTheirs = (request: Request): boolean => new URL(request.url()).pathname.endsWith('/x');
    const fetched: string[] = [];
    page.on('request', (request) => {
      if (isTheirs(request) && request.frame() === page.mainFrame()) fetched.push(`wanted at ${page.url()}`);
    });
    page.on('response', (response) => {
      if (isTheirs(response.request())) fetched.push(`answered at ${page.url()}`);
    });
    const missing: string[] = [];
    for (const { path, places, click = [] } of stored.shown) {
      const wanted = `${world.url}${path}`;
      await page.goto(wanted);
      await page.locator('main h1').waitFor();
      await page.locator('[aria-busy]').first().waitFor({ state: 'detached' });
      for (const name of click) await page.getByRole('button', { name, exact: true }).first().click();
      const see = async (): Promise<readonly string[]> => {
        const text = await page.evaluate<string>(shownText);
        // In JSON a quote has a stroke before it.
        const plain = text.replaceAll('\\', '');
        return places.filter((place) => !plain.includes(`${place}"'><img src=x onerror`));
      };
      const from = performance.now();
      const absent = await world.until(see, ({ length }) => length === 0 || performance.now() - from > 8000);
      missing.push(...absent.map((place) => `${path}: ${place}`));
      const { ran, broken, made } = await page.evaluate<Seen>('({ ran: window.ran, ...window.seen })');
      assert.equal(ran, undefined, path);
      assert.deepEqual(broken, [], path);
      assert.deepEqual(made, [], path);
      assert.equal(page.url().replace(/[?#].*/, ''), wanted.replace(/[?#].*/, ''), path);
      const picture = path.replace(/\W+/g, '-');
      await window.picture(`stored${picture}`);
    }
    assert.deepEqual(fetched, []);
    // A tenant's HTML is in a frame of its own, where the policy has to stop it: those lines are meant.
    const faults = window.problems.filter((line) => !/Blocked script execution|Content Security/.test(line));
    assert.deepEqual(faults, []);
    assert.deepEqual(missing, []);
  } finally {
    await browser.close();
  }
});

test('the watch sees markup that becomes an element', async () => {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.addInitScript(watching);
    await page.goto('data:text/html,<main></main>');
    await page.evaluate((text) => {
      const main = (
        globalThis as unknown as { document: { querySelector(name: string): { innerHTML: string } } }
      ).document;
      main.querySelector('main').innerHTML = text;
    }, evil('proof'));
    const { made } = await page.evaluate<Seen>('new Promise((done) => setTimeout(() => done(window.seen)))');
    assert.match(made.join(), /img src="x"/);
    assert.match(made.join(), /javascript:/);
  } finally {
    await browser.close();
  }
});
