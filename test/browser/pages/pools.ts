import assert from 'node:assert/strict';
import { hostile, pageTest } from '../ground.ts';

type Members = {
  readonly items: readonly {
    readonly address: string;
    readonly warmup: { readonly caps: readonly number[]; readonly overflowPoolId: string | null } | null;
  }[];
};

pageTest('pools', 'makes one, says where mail leaves from, and leads to it', async (it) => {
  await it.giveAddress('192.0.2.20');
  // The account's first pool is its default, which all other mail leaves from.
  await it.boss.ok('POST', '/pools', { body: { name: 'first' } });
  await using window = await it.open('owner');
  const { page } = window;
  await window.go('/pools');
  await page.getByRole('button', { name: 'New pool' }).click();
  const name = page.getByRole('textbox', { name: /^Name/ });
  await name.fill('first');
  await page.keyboard.press('Enter');
  await page.getByText('The pool "first" exists already').waitFor();
  await name.fill(hostile);
  await page.keyboard.press('Enter');
  await page.locator('[id$=-error]').waitFor();
  assert.equal(await name.getAttribute('aria-invalid'), 'true');
  await name.fill('news');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'news' }).waitFor();
  await page.getByText('No addresses in it').waitFor();
  await window.check();
  await page.getByRole('link', { name: 'Pools' }).first().click();
  await page.getByRole('table', { name: 'Source addresses' }).getByText('192.0.2.20').waitFor();
  await page.getByRole('link', { name: 'news', exact: true }).waitFor();
  await window.check();
});

pageTest(
  'pool',
  'takes addresses in, warms one up by a plan with an overflow, calls it warm, and is renamed, made the default and deleted',
  async (it) => {
    await it.giveAddress('192.0.2.21');
    await it.boss.ok('POST', '/pools', { body: { name: 'plain' } });
    const { id } = await it.boss.ok<{ id: string }>('POST', '/pools', { body: { name: 'campaigns' } });
    const members = async (): Promise<Members['items']> =>
      (await it.boss.ok<Members>('GET', `/pools/${id}/addresses`)).items;
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/pools/${id}`);
    await page.getByRole('button', { name: 'Put addresses in' }).click();
    await page.locator('input').and(page.getByLabel('Addresses')).fill('192.0.2.21');
    await page.getByRole('option', { name: '192.0.2.21' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Put them in' }).click();
    const row = page.getByRole('row').filter({ hasText: '192.0.2.21' });
    await row.getByText('warm', { exact: true }).waitFor();

    await row.getByRole('button', { name: 'Warm-up' }).click();
    const caps = page.getByRole('textbox', { name: /^Messages on each day/ });
    await caps.fill('50, none');
    await page.getByRole('button', { name: 'Warm it up' }).click();
    await page.locator('[id$=-error]').waitFor();
    assert.equal(await caps.getAttribute('aria-invalid'), 'true');
    await caps.fill('50, 100 200');
    await page.locator('input').and(page.getByLabel('What is over it')).click();
    await page.getByRole('option', { name: 'leaves from plain', exact: true }).click();
    await page.getByRole('button', { name: 'Warm it up' }).click();
    await row.getByText('day 1 of 3').waitFor();
    await row.getByText('0 of 50').waitFor();
    await window.picture('pool-warming');
    await window.check();
    const [warming] = await members();
    assert.deepEqual(warming?.warmup?.caps, [50, 100, 200]);
    assert.notEqual(warming?.warmup?.overflowPoolId, null);

    // Whom somebody else has put in meanwhile is left alone: one address is changed, not the pool.
    await it.giveAddress('192.0.2.22');
    await row.getByRole('button', { name: 'Warm-up' }).click();
    await it.boss.ok('PATCH', '/addresses', { body: { address: '192.0.2.22', poolId: id } });
    await page.getByRole('button', { name: 'It is warm' }).click();
    await row.getByText('warm', { exact: true }).waitFor();
    assert.deepEqual(
      (await members()).map(({ address, warmup }) => [address, warmup]),
      [
        ['192.0.2.21', null],
        ['192.0.2.22', null],
      ],
    );
    await it.boss.ok('PATCH', '/addresses', { body: { address: '192.0.2.22', poolId: null } });
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete it' }).click();
    await page.getByText('1 source addresses are in it or overflow into it').waitFor();
    await row.getByRole('button', { name: 'Take out' }).click();
    await page.getByRole('button', { name: 'Take it out' }).click();
    await page.getByText('No addresses in it').waitFor();
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('textbox', { name: /^Name/ }).fill('seasons');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'seasons', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Make it the default' }).click();
    await page.getByText('Mail leaves from it where nothing else is said.').waitFor();
    await window.check();

    const other = await it.boss.ok<{ id: string }>('POST', '/pools', { body: { name: 'short-lived' } });
    await window.go(`/pools/${other.id}`);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete it' }).click();
    await page.getByRole('heading', { name: 'Pools', level: 1 }).waitFor();
    assert.equal((await it.boss.api('GET', `/pools/${other.id}`)).status, 404);
  },
);

pageTest('pool', 'says which domains sign what leaves by it, and where complaints go', async (it) => {
  const { id } = await it.boss.ok<{ id: string }>('POST', '/pools', { body: { name: 'signed' } });
  const { items } = await it.boss.ok<{ items: { id: string; name: string }[] }>('GET', '/domains');
  const domain = items.find(({ name }) => name === 'lettershop.test');
  type Pool = { readonly signingDomainId: string | null; readonly feedbackDomainId: string | null };
  const signers = async (): Promise<readonly unknown[]> => {
    const pool = await it.boss.ok<Pool>('GET', `/pools/${id}`);
    return [pool.signingDomainId, pool.feedbackDomainId];
  };
  await using window = await it.open('owner');
  const { page } = window;
  await window.go(`/pools/${id}`);
  const choose = async (label: string, option: string): Promise<void> => {
    await page.locator('input').and(page.getByLabel(label)).click();
    const saved = page.waitForResponse((answer) => answer.request().method() === 'PATCH');
    await page.getByRole('option', { name: option, exact: true }).click();
    await saved;
    await page.getByText('What leaves from now on is signed so').first().waitFor();
  };
  await choose('Signs besides', 'lettershop.test');
  await window.check();
  assert.deepEqual(await signers(), [domain?.id, null]);
  await window.go(`/pools/${id}`);
  await choose('Takes complaints', 'lettershop.test');
  await choose('Signs besides', 'nobody else');
  assert.deepEqual(await signers(), [null, domain?.id]);
  await window.go(`/pools/${id}`);
  const shown = (label: string): Promise<string> =>
    page.locator('input').and(page.getByLabel(label)).inputValue();
  assert.deepEqual(
    [await shown('Signs besides'), await shown('Takes complaints')],
    ['nobody else', 'lettershop.test'],
  );
  await window.picture('pool-signers');
  await window.check();
});

pageTest('pools', 'are of the account: no client is shown them, whatever grants they have', async (it) => {
  const { id } = await it.boss.ok<{ id: string }>('POST', '/pools', { body: { name: 'kept-back' } });
  for (const viewer of ['reader', 'reporting'] as const) {
    await using window = await it.open(viewer);
    for (const path of ['/pools', `/pools/${id}`]) {
      await window.go(path);
      await window.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
      await window.check();
    }
    assert.equal(await window.page.getByRole('link', { name: 'Pools' }).count(), 0);
  }
  const headers = { 'lettershop-subaccount': String(it.subaccountId) };
  assert.equal((await it.boss.api('GET', `/pools/${id}`, { headers })).status, 404);
});
