/** The page itself: from the navigation to the first row of the list of subaccounts, in a browser that is logged in. */
import { chromium } from 'playwright-core';
import type { BrowserContext } from 'playwright-core';

export type Loads = { readonly cold: readonly number[]; readonly warm: readonly number[] };

async function sessionOf(url: string, password: string): Promise<readonly (readonly [string, string])[]> {
  const response = await fetch(`${url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email: 'owner@lettershop.test', password }),
  });
  if (!response.ok) throw new Error(`logging in: ${response.status} ${await response.text()}`);
  return response.headers.getSetCookie().map((line) => {
    const pair = line.split(';')[0] ?? '';
    const at = pair.indexOf('=');
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
}

/** Of the frame in which the first subaccount can be seen, in ms since the navigation began. Asked in the page: a look from outside comes up to half a second late. */
const watching = `(() => {
  const look = () => {
    if (document.querySelector('[role=table][aria-label="Subaccounts, trouble first"] a')) window.seenMs = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()`;

/** Chromium loads pages of its own (toolbar, new tab) when it opens a window; somebody who goes to a page has had it open. */
const windowOpensMs = 2000;

async function load(context: BrowserContext, url: string): Promise<number> {
  const page = await context.newPage();
  await page.addInitScript(watching);
  await page.waitForTimeout(windowOpensMs);
  await page.goto(`${url}/`, { waitUntil: 'commit' });
  await page
    .getByRole('table', { name: 'Subaccounts, trouble first' })
    .getByRole('link')
    .first()
    .waitFor({ timeout: 60_000 });
  const took = await page.evaluate<number>('window.seenMs');
  await page.close();
  return took;
}

export async function loadPage(asked: {
  readonly url: string;
  readonly password: string;
  readonly runs: number;
}): Promise<Loads> {
  const { url, password, runs } = asked;
  const cookies = (await sessionOf(url, password)).map(([name, value]) => ({
    name,
    value,
    url,
    httpOnly: true,
  }));
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  const [cold, warm]: [number[], number[]] = [[], []];
  try {
    for (let n = 0; n < runs; n++) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
      await context.addCookies(cookies);
      cold.push(await load(context, url));
      warm.push(await load(context, url));
      await context.close();
    }
  } finally {
    await browser.close();
  }
  return { cold, warm };
}
