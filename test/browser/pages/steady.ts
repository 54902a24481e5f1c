/** What makes pages feel steady: nothing jumps while they come, and a long list holds in the page what is seen of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ground } from '../ground.ts';

/** Sums what moved without anybody having touched the page (Layout Instability API). */
const watchShifts = `window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: 'layout-shift', buffered: true });`;

const shiftMax = 0.05;
const push = `document.body.prepend(Object.assign(document.createElement('div'), { textContent: 'pushed' }));
document.body.firstChild.style.height = '400px';`;

test('the main pages come without a jump', async () => {
  const it = await ground();
  await using window = await it.open('owner');
  const { page } = window;
  await page.addInitScript(watchShifts);
  const jumped: string[] = [];
  for (const path of [
    '/',
    '/messages',
    '/queue',
    '/subaccounts',
    '/domains',
    '/templates',
    '/suppressions',
    '/webhooks',
    '/figures',
    '/events',
    '/people',
    '/quota',
  ]) {
    await window.go(path);
    await page.locator('main h1').waitFor();
    await page.locator('[aria-busy]').first().waitFor({ state: 'detached' });
    await page.waitForLoadState('networkidle');
    const shifted = await page.evaluate<number>('window.shifted');
    if (shifted >= shiftMax) jumped.push(`${path}: ${shifted.toFixed(3)}`);
  }
  assert.deepEqual(jumped, []);
  // The measure itself: what pushes the page down is seen.
  await page.evaluate(push);
  await page.waitForFunction(`window.shifted >= ${shiftMax}`);
});

const rows = 3000;
const rowsInPageMax = 80;

test('a list of thousands of rows keeps few of them in the page, wherever it is scrolled to', async () => {
  const it = await ground();
  const { id } = await it.boss.ok<{ id: number }>('POST', '/subaccounts', { body: { name: 'Long list' } });
  const headers = { 'lettershop-subaccount': String(id) };
  for (let from = 0; from < rows; from += 500) {
    const entries = Array.from({ length: 500 }, (_, at) => ({ address: `long-${from + at}@inbox.test` }));
    await it.boss.ok('POST', '/suppressions', { headers, body: { entries } });
  }
  await using window = await it.open('owner');
  const { page } = window;
  await window.go(`/suppressions?subaccount=${id}`);
  const table = page.getByRole('table').first();
  await table.waitFor();
  const inPage = (): Promise<number> => table.locator('[role=row][aria-rowindex]').count();
  let most = 0;
  const last = page.locator(`[aria-rowindex="${rows + 1}"]`);
  for (let tries = 0; (await last.count()) === 0 && tries < 400; tries++) {
    await table.evaluate(
      (node: { scrollTop: number; scrollHeight: number }) => void (node.scrollTop = node.scrollHeight),
    );
    most = Math.max(most, await inPage());
    await page.waitForTimeout(20);
  }
  await last.waitFor();
  assert.ok(most > 10 && most <= rowsInPageMax, `${most} rows were in the page`);
  assert.ok((await inPage()) <= rowsInPageMax);
  await table.evaluate((node: { scrollTop: number }) => void (node.scrollTop = 0));
  await page.locator('[aria-rowindex="2"]').waitFor();
  assert.ok((await inPage()) <= rowsInPageMax);
  await window.check();
});
