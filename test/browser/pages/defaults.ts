import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { pageTest, twoLooks } from '../ground.ts';

type State = {
  readonly own: {
    readonly opens: boolean | null;
    readonly lane: string | null;
    readonly smtp: { readonly opens: boolean | null };
  };
  readonly effective: { readonly lane: string; readonly smtp: { readonly opens: boolean } };
};

const title = 'What its mail gets';

async function choose(page: Page, label: string, option: string): Promise<void> {
  const panel = page.getByRole('region', { name: title });
  await panel
    .locator('input')
    .and(panel.getByLabel(label, { exact: true }))
    .click();
  await page.getByRole('option', { name: option, exact: true }).click();
  await page.getByText('Saved: it counts for mail from now on').first().waitFor();
}

pageTest(
  'subaccount',
  'says what its mail gets that says nothing itself, by HTTP and by SMTP, beside what comes from the account',
  async (it) => {
    const { id } = await it.boss.ok<{ id: number }>('POST', '/subaccounts', { body: { name: 'Defaultish' } });
    const headers = { 'lettershop-subaccount': String(id) };
    const told = (): Promise<State> => it.boss.ok<State>('GET', '/tracking-settings', { headers });
    for (const [name, options] of twoLooks) {
      await using window = await it.open('owner', options);
      const { page } = window;
      await window.go(`/subaccounts/${id}`);
      await page.getByRole('region', { name: title }).scrollIntoViewIfNeeded();
      if (name === 'wide-light') {
        await choose(page, 'Opens', 'on');
        await choose(page, 'Opens by SMTP', 'off');
        await choose(page, 'Lane', 'bulk');
        await it.world.until(told, (state) => state.own.lane === 'bulk');
      }
      await page.getByRole('region', { name: title }).getByLabel('Lane', { exact: true }).first().waitFor();
      await window.check();
      await window.picture(`defaults-${name}`);
    }
    const { own, effective } = await told();
    assert.deepEqual([own.opens, own.smtp.opens, own.lane], [true, false, 'bulk']);
    assert.deepEqual([effective.smtp.opens, effective.lane], [false, 'bulk']);
    // The account's own words are as they were.
    assert.equal((await it.boss.ok<State>('GET', '/tracking-settings')).own.lane, null);
  },
);

pageTest('subaccount', 'of the account itself says what mail of all subaccounts gets', async (it) => {
  type Said = { own: { transactionalUnsubscribe: boolean | null } };
  const said = (): Promise<Said> => it.boss.ok<Said>('GET', '/account/defaults');
  const { current } = await it.boss.ok<{ current: { subaccountId: number } }>('GET', '/me');
  for (const [name, options] of [
    ['wide-dark', { viewport: { width: 1440, height: 1000 }, colorScheme: 'dark' }],
    ['narrow-light', { viewport: { width: 390, height: 900 }, colorScheme: 'light' }],
  ] as const) {
    await using window = await it.open('owner', options);
    const { page } = window;
    await window.go(`/subaccounts/${current.subaccountId}`);
    const panel = page.getByRole('region', { name: title });
    await panel.scrollIntoViewIfNeeded();
    await panel.getByText(/Of mail of the account, and of its subaccounts/).waitFor();
    if (name === 'wide-dark') {
      await choose(page, 'Unsubscribing from transactional mail', 'on');
      await it.world.until(said, ({ own }) => own.transactionalUnsubscribe === true);
    }
    await window.check();
    await window.picture(`account-defaults-${name}`);
  }
  await it.boss.ok('PUT', '/tracking-settings', { body: {} });
});
