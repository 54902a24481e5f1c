import assert from 'node:assert/strict';
import { hostile, pageTest } from '../ground.ts';
import type { Ground } from '../ground.ts';

async function client(it: Ground, name: string): Promise<number> {
  return (await it.boss.ok<{ id: number }>('POST', '/subaccounts', { body: { name } })).id;
}

const raise = (it: Ground, id: number, step: string): Promise<unknown> =>
  it.boss.ok('POST', `/subaccounts/${id}/reputation/raise`, {
    body: { step, reason: 'a test of the overview' },
  });

/** The list in the dark and on a phone. */
async function photograph(it: Ground): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const)
    for (const [size, viewport] of Object.entries({
      wide: { width: 1280, height: 860 },
      narrow: { width: 390, height: 844 },
    })) {
      await using window = await it.open('owner', { colorScheme, viewport });
      await window.go('/?search=Quarry');
      const table = window.page.getByRole('table', { name: 'Subaccounts, trouble first' });
      await table.getByText('Quarry paused').waitFor();
      await table.scrollIntoViewIfNeeded();
      await window.picture(`trouble-first-${colorScheme}-${size}`);
      await window.check();
    }
}

pageTest(
  'overview',
  'lists subaccounts with those in trouble first, each with its reasons, narrows them, and leads to one',
  async (it) => {
    const calm = await client(it, 'Quarry calm');
    const slowed = await client(it, `Quarry slowed ${hostile}`);
    const paused = await client(it, 'Quarry paused');
    await raise(it, slowed, 'slow');
    await raise(it, paused, 'pause');
    await it.boss.ok('PATCH', `/subaccounts/${paused}`, { body: { status: 'paused' } });
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/');
    const tiles = page.getByRole('region', { name: 'Subaccounts by status' });
    await tiles.getByText('In trouble').waitFor();
    const table = page.getByRole('table', { name: 'Subaccounts, trouble first' });
    await page.getByLabel('Name or external id').fill('Quarry');
    // Its head and three rows.
    const [, ...shown] = await it.world.until(
      () => table.getByRole('row').allInnerTexts(),
      (rows) => rows.length === 4,
    );
    assert.match(shown[0] ?? '', /Quarry paused[^]*stopped by its figures[^]*stopped by the account/);
    assert.match(shown[1] ?? '', /Quarry slowed[^]*slowed/);
    assert.match(shown[2] ?? '', /Quarry calm/);
    await window.check();
    await table.scrollIntoViewIfNeeded();
    await window.picture('trouble-first');
    await photograph(it);

    const only = page.getByRole('group', { name: 'Trouble' }).getByRole('button', { name: /^slowed/ });
    await only.click();
    await page.waitForURL(/trouble=slowed/);
    await table.getByText('Quarry paused').waitFor({ state: 'detached' });
    assert.equal(await only.getAttribute('aria-pressed'), 'true');
    // It comes to itself: the page asks again.
    await raise(it, calm, 'slow');
    await table.getByText('Quarry calm').waitFor();
    await it.boss.ok('POST', `/subaccounts/${calm}/reputation/reset`, { body: {} });
    await table.getByText('Quarry calm').waitFor({ state: 'detached' });
    await only.click();
    await page.getByRole('combobox', { name: 'Status' }).click();
    await page.getByRole('option', { name: 'Paused' }).click();
    await page.waitForURL(/status=paused/);
    await table.getByText('Quarry slowed').waitFor({ state: 'detached' });
    await table.getByRole('link', { name: 'Quarry paused' }).click();
    await page.getByRole('heading', { name: 'Quarry paused' }).waitFor();
    await window.check();
    for (const id of [slowed, paused])
      await it.boss.ok('POST', `/subaccounts/${id}/reputation/reset`, { body: {} });
  },
);

pageTest('overview', 'shows a client nothing of how others are', async (it) => {
  await using window = await it.open('client');
  const { page } = window;
  await window.go('/');
  await page.getByRole('region', { name: 'Figures of the last 30 days' }).waitFor();
  assert.equal(await page.getByRole('table', { name: 'Subaccounts, trouble first' }).count(), 0);
  assert.equal(await page.getByRole('region', { name: 'Subaccounts by status' }).count(), 0);
  await window.check();
});

pageTest('overview', 'asks what it shows once, before the page itself is drawn', async (it) => {
  await using window = await it.open('owner');
  const { page } = window;
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/v1/')) asked.push(pathname.slice('/api/v1'.length));
  });
  // The answers are held until all of it has been asked for: nothing waits for another.
  const held = Promise.withResolvers<undefined>();
  await page.route(/\/api\/v1\/(?:overview|figures)/, async (route) => {
    await held.promise;
    await route.continue();
  });
  const shown = window.go('/');
  await it.world.until(
    () =>
      Promise.resolve(
        ['/overview', '/overview/subaccounts', '/figures'].filter((path) => !asked.includes(path)),
      ),
    (missing) => missing.length === 0,
  );
  held.resolve(undefined);
  await shown;
  await page.getByRole('table', { name: 'Subaccounts, trouble first' }).waitFor();
  await page.getByRole('region', { name: 'Figures of the last 30 days' }).waitFor();
  for (const path of ['/me', '/brand/shown', '/overview/subaccounts'])
    assert.equal(asked.filter((each) => each === path).length, 1, `${path} in ${asked.join(' ')}`);
  await window.check();
});
