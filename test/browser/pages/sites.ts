import assert from 'node:assert/strict';
import { pageTest } from '../ground.ts';

type LimitsList = {
  readonly items: readonly { readonly site: string; readonly messagesPerHour: number | null }[];
};

pageTest('sites', 'shows what waits for a site, and sets and takes back limits of one’s own', async (it) => {
  await using window = await it.open('owner');
  const { page } = window;
  await window.go('/sites');
  await page.getByRole('button', { name: 'New limits' }).click();
  const dialogue = page.getByRole('dialog', { name: 'Limits for a site' });
  await dialogue.getByRole('textbox', { name: /^Site/ }).fill('example.com');
  await dialogue.getByRole('textbox', { name: /^Messages per hour/ }).fill('600');
  await dialogue.getByRole('button', { name: 'Set them' }).click();
  const own = page.getByRole('table', { name: 'Limits of the account' });
  const row = own.getByRole('row').filter({ hasText: 'example.com' });
  await row.getByText('600 an hour').waitFor();
  await window.check();
  await row.getByRole('button', { name: 'Limits' }).click();
  const edited = page.getByRole('dialog', { name: 'Limits for example.com' });
  await edited.getByRole('textbox', { name: /^Messages per hour/ }).fill('');
  await edited.getByRole('textbox', { name: /^Connections at once/ }).fill('2');
  await edited.getByRole('button', { name: 'Set them' }).click();
  await row.getByText('2 at once').waitFor();
  const { items } = await it.boss.ok<LimitsList>('GET', '/site-limits');
  assert.equal(items.find(({ site }) => site === 'example.com')?.messagesPerHour, null);

  const sent = await it.world.send('soft@inbox.test');
  await it.world.settled(sent[0] ?? '', ['deferred']);
  const waiting = page.getByRole('table', { name: 'Sites', exact: true });
  await waiting.getByText('inbox.test').first().waitFor();
  await window.picture('sites-waiting');
  await window.check();
});

pageTest('sites', 'of one’s own mail are seen by a client, who sets no limits', async (it) => {
  await using window = await it.open('client');
  const { page } = window;
  await window.go('/sites');
  await page.getByRole('heading', { name: 'Sites', level: 1 }).waitFor();
  const create = page.getByRole('button', { name: 'New limits' });
  assert.equal(await create.getAttribute('aria-disabled'), 'true');
  await window.tabTo(create);
  await page.getByText('You lack the grant settings:write').waitFor();
  assert.equal(await page.getByText('Limits of the account').count(), 0);
  await window.check();
  await using other = await it.open('reader');
  await other.go('/sites');
  await other.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
  await other.check();
});
