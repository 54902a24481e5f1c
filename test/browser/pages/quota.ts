import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { pageTest } from '../ground.ts';

type Limits = { readonly max: number | null };
type Quota = {
  readonly automatic: boolean;
  readonly hour: Limits;
  readonly day: Limits;
  readonly month: Limits;
};

pageTest(
  'quota',
  'of the account is read and set, with what each subaccount used of a month as a list and as CSV',
  async (it) => {
    const [id = ''] = await it.world.send('used@inbox.test');
    await it.world.settled(id, ['delivered']);
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/quota');
    const panel = page.getByRole('region', { name: 'Of the account' });
    await panel.getByText(/this month, no limit/).waitFor();
    await panel.getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Messages per month' }).fill('2000000');
    await page.getByRole('button', { name: 'Change it' }).click();
    await panel.getByText('of 2M this month').waitFor();
    const { month } = await it.boss.ok<Quota>('GET', '/quota');
    assert.equal(month.max, 2_000_000);
    const usage = page.getByRole('table', { name: 'Usage of a month' });
    await usage.getByRole('link').first().waitFor();
    await window.picture('quota-account');
    await window.check();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV' }).click(),
    ]);
    assert.match(await readFile((await download.path()) ?? '', 'utf8'), /^subaccount,external_id,name/);
    await page.getByLabel('Month', { exact: true }).fill('2024-02');
    await page.getByText('Nothing was admitted in 2024-02.').waitFor();
    await window.check();
    await it.boss.ok('PUT', '/quota', { body: {} });
  },
);

pageTest(
  'quota',
  'of a subaccount follows its reputation when that is chosen, objects beside the field, and keeps what was not changed',
  async (it) => {
    const { id } = await it.boss.ok<{ id: number }>('POST', '/subaccounts', { body: { name: 'Metered' } });
    await it.boss.ok('PUT', '/quota', { body: { day: 10_000 } });
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/subaccounts/${id}`);
    const panel = page.getByRole('region', { name: 'Quota' });
    await panel.getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Messages per hour' }).fill('500');
    const day = page.getByRole('textbox', { name: 'Messages per day' });
    await day.fill('20000');
    await page.getByLabel("The hour's limit follows the reputation").check({ force: true });
    await page.getByRole('button', { name: 'Change it' }).click();
    await page.getByText("must not exceed the account's 10000").waitFor();
    assert.equal(await day.getAttribute('aria-invalid'), 'true');
    await day.fill('9000');
    await page.getByRole('button', { name: 'Change it' }).click();
    await panel.getByText('The limit of the hour follows the reputation.').waitFor();
    await window.check();
    await panel.getByRole('button', { name: 'Change' }).click();
    await page.getByRole('textbox', { name: 'Messages per month' }).fill('90000');
    await page.getByRole('button', { name: 'Change it' }).click();
    await page.getByText('of 90,000 this month').waitFor();
    await window.go(`/quota?subaccount=${id}`);
    const own = page.getByRole('region', { name: 'Of the subaccount' });
    await own.getByText('The limit of the hour follows the reputation.').waitFor();
    await window.check();
    const { automatic, ...quota } = await it.boss.ok<Quota>('GET', `/subaccounts/${id}/quota`);
    assert.deepEqual([automatic, quota.day.max, quota.month.max], [true, 9000, 90_000]);
    await it.boss.ok('PUT', '/quota', { body: {} });
  },
);

pageTest('quota', 'is read by a client who may not set it, and closed to a reporting user', async (it) => {
  await using window = await it.open('reader');
  const { page } = window;
  await window.go('/quota');
  const panel = page.getByRole('region', { name: 'Of the subaccount' });
  await panel.getByText('of 5,000 this day').waitFor();
  assert.equal(await panel.getByRole('button', { name: 'Change' }).getAttribute('aria-disabled'), 'true');
  assert.equal(await page.getByText('Usage of a month').count(), 0);
  await window.check();
  await using other = await it.open('reporting');
  await other.go('/quota');
  await other.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
  await other.check();
});
