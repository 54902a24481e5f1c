/** Every page of the list, light and dark, wide and narrow: without a fault, and photographed into SCREENSHOTS. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pages } from '../../../console/pages.ts';
import { ground } from '../ground.ts';
import type { Ground } from '../ground.ts';

const shots = process.env['SCREENSHOTS'];

/** What stands for `$id` in the path of a page. A page with another kind of thing adds a line. */
async function exampleOf(it: Ground, name: string): Promise<string> {
  if (name === 'subaccount') return String(it.subaccountId);
  if (name === 'capture') {
    const [id = ''] = await it.world.send('kept@inbox.test', { subject: 'Kept', html: '<p>Dear reader</p>' });
    await it.world.settled(id, ['delivered']);
    const { items } = await it.boss.ok<{ items: { id: string }[] }>('GET', `/captures?message=${id}`);
    return items[0]?.id ?? '';
  }
  if (name === 'template') {
    const made = await it.boss.ok<{ id: string }>('POST', '/templates/starters/copy', {
      body: { starter: 'welcome', name: 'Welcome', slug: `welcome-${Date.now()}` },
    });
    return made.id;
  }
  if (name === 'figures') {
    const [id = ''] = await it.world.send('counted@inbox.test');
    await it.world.settled(id, ['delivered']);
    await it.world.until(
      () => it.boss.ok<{ total: { delivered: number } }>('GET', '/figures'),
      ({ total }) => total.delivered > 0,
    );
  }
  if (name === 'log') {
    await it.boss.ok('PATCH', '/account', { body: { logRequests: true } });
    await it.world.send('logged@inbox.test');
    const { items } = await it.world.until(
      () => it.boss.ok<{ items: { id: string }[] }>('GET', '/logs?method=POST&limit=1'),
      (found) => found.items.length > 0,
    );
    return items[0]?.id ?? '';
  }
  if (name === 'change') {
    const { items } = await it.boss.ok<{ items: { id: string }[] }>(
      'GET',
      '/audit?subject=subaccount&limit=1',
    );
    return items[0]?.id ?? '';
  }
  if (name === 'person') {
    const { items } = await it.boss.ok<{ items: { id: string; email: string }[] }>('GET', '/users');
    return items.find(({ email }) => email === 'client@inbox.test')?.id ?? '';
  }
  if (name === 'message') {
    const [id = ''] = await it.world.send('picture@inbox.test', {
      subject: 'Your order is on its way',
      html: '<h1>Thank you</h1><p>It leaves today.</p>',
    });
    await it.world.settled(id, ['delivered']);
    return id;
  }
  return '';
}

for (const page of pages) {
  test(`${page.name} is whole in light and dark, wide and narrow`, async () => {
    const it = await ground();
    const path = page.path.replace('$id', await exampleOf(it, page.name));
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const [form, width] of [
        ['wide', 1280],
        ['narrow', 390],
      ] as const) {
        await using window = await it.open('owner', { colorScheme, viewport: { width, height: 860 } });
        await window.go(path);
        await window.page.locator('main h1').waitFor();
        await window.page.locator('[aria-busy]').first().waitFor({ state: 'detached' });
        await window.check();
        if (shots === undefined) continue;
        mkdirSync(shots, { recursive: true });
        await window.page.screenshot({ path: join(shots, `${page.name}-${form}-${colorScheme}.png`) });
      }
    }
  });
}
