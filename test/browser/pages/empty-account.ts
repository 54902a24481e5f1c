/** What only an account without anything shows, and one with very much: a program of their own. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { Browser as Caller, joinBy } from '../../doubles/browser.ts';
import { startWorld } from '../../world.ts';
import { Ground, owner, pageTest } from '../ground.ts';

let made: Ground | null = null;

/** A fresh program, looked at by the shared browser. */
async function fresh({ browser, dns }: Ground): Promise<Ground> {
  if (made !== null) return made;
  const world = await startWorld({
    LETTERSHOP_DNS_SERVERS: dns.address,
    LETTERSHOP_ADMIN_PASSWORD: owner.password,
    LETTERSHOP_TRUSTED_PROXIES: '127.0.0.1',
  });
  const boss = new Caller(world);
  await boss.logIn(owner.email, owner.password);
  const emails = { owner: owner.email, client: '', reader: '', reporting: '' };
  made = new Ground({ world, browser, boss, dns, subaccountId: 0, emails });
  return made;
}

after(async () => {
  if (made !== null) await made.world[Symbol.asyncDispose]();
});

pageTest(
  'overview',
  'of an empty account leads to the first mail, subaccount and domain, until it is put away',
  async (shared) => {
    const it = await fresh(shared);
    await using window = await it.openAs(it.boss);
    const { page } = window;
    await window.go('/');
    const path = page.getByRole('region', { name: 'First steps' });
    const steps = path.getByRole('listitem');
    await steps.nth(0).getByText('A first mail').waitFor();
    assert.equal(await path.getByText('– done').count(), 0);
    await window.picture('first-path');
    await path.getByRole('button', { name: 'Send the first mail' }).click();
    await steps.nth(0).getByText('– done').waitFor();
    await steps.nth(0).getByRole('link', { name: 'read it' }).click();
    await page.getByRole('heading', { name: 'First letter' }).waitFor();
    await it.boss.ok('POST', '/subaccounts', { body: { name: 'Harbour Books' } });
    await it.boss.ok('POST', '/domains', { body: { name: 'first.example.com' } });
    await window.go('/');
    await steps.nth(1).getByText('– done').waitFor();
    await steps.nth(2).getByText('first.example.com waits for its DNS records').waitFor();
    assert.equal(await steps.nth(2).getAttribute('aria-current'), 'step');
    await window.check();

    const accountant = await joinBy(it.world, it.boss, 'accountant@inbox.test', { role: 'accountant' });
    await using other = await it.openAs(accountant);
    await other.go('/');
    await other.page.getByRole('heading', { level: 1 }).waitFor();
    await other.page.locator('[aria-busy]').first().waitFor({ state: 'detached' });
    assert.equal(await other.page.getByRole('region', { name: 'First steps' }).count(), 0);
    await other.check();

    await path.getByRole('button', { name: 'Put it away' }).click();
    await path.waitFor({ state: 'detached' });
    await window.go('/');
    await page.getByRole('region', { name: 'Figures of the last 30 days' }).waitFor();
    assert.equal(await path.count(), 0);
  },
);

const pagesOfRows = 50;
const rowsMax = 60;

pageTest(
  'suppressions',
  'are scrolled through by thousands with a few dozen rows in the page, each under its number',
  async (shared) => {
    const it = await fresh(shared);
    for (let block = 0; block < pagesOfRows / 10; block += 1) {
      const entries = Array.from({ length: 1000 }, (_, at) => ({
        address: `reader-${block}-${at}@inbox.test`,
      }));
      await it.boss.ok('POST', '/suppressions', { body: { entries } });
    }
    await using window = await it.openAs(it.boss);
    const { page } = window;
    await window.go('/suppressions');
    const table = page.getByRole('table', { name: 'Suppressions' });
    await table.waitFor();
    await page.evaluate(`(() => {
      window.longFrames = [];
      new PerformanceObserver((list) => window.longFrames.push(...list.getEntries().map(({ duration }) => duration)))
        .observe({ type: 'long-animation-frame' });
    })()`);
    await table.focus();
    let most = 0;
    const last = pagesOfRows * 100 + 1;
    await it.world.until(
      async () => {
        await page.keyboard.press('End');
        most = Math.max(most, await table.getByRole('row').count());
        return table.getAttribute('aria-rowcount');
      },
      (rows) => rows === String(last),
    );
    await page.keyboard.press('End');
    await table.locator(`[aria-rowindex="${last}"]`).waitFor();
    assert.ok(most <= rowsMax, `${most} rows were in the page`);
    await page.keyboard.press('Home');
    await table.locator('[aria-rowindex="2"]').waitFor();
    const frames = await page.evaluate<number[]>('window.longFrames');
    process.stdout.write(
      `frames over 50 ms while ${last - 1} rows were read: ${frames.length}, the longest ${Math.round(Math.max(0, ...frames))} ms\n`,
    );
    await window.check();
  },
);
