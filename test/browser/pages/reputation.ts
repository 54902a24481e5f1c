import assert from 'node:assert/strict';
import { hostile, pageTest } from '../ground.ts';

type State = { readonly step: string; readonly exemptUntil: string | null };
type Limits = Record<string, { readonly warn: number | null; readonly slow: number | null }>;

pageTest(
  'reputation',
  'takes a step with a reason, ends it, and exempts for a time; every step stays in the history',
  async (it) => {
    const { id } = await it.boss.ok<{ id: number }>('POST', '/subaccounts', { body: { name: 'Watched' } });
    const read = (): Promise<State> => it.boss.ok<State>('GET', `/subaccounts/${id}/reputation`);
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/reputation/${id}`);
    await page.getByRole('heading', { name: 'Reputation of Watched' }).waitFor();
    const end = page.getByRole('button', { name: 'End the step' });
    assert.equal(await end.getAttribute('aria-disabled'), 'true');
    await page.getByRole('button', { name: 'Take a step' }).click();
    await page
      .locator('input')
      .and(page.getByLabel('Step', { exact: true }))
      .click();
    await page.getByRole('option', { name: /^review/ }).click();
    await page.getByRole('textbox', { name: /^Why/ }).fill(`A bought list ${hostile}`);
    await page.getByRole('button', { name: 'Take it' }).click();
    await page.getByRole('region', { name: 'What holds' }).getByText(`A bought list ${hostile}`).waitFor();
    assert.equal((await read()).step, 'review');
    await window.picture('reputation-review');
    await window.check();
    await page.getByRole('link', { name: 'Reputation', exact: true }).first().click();
    const row = page.getByRole('row').filter({ hasText: 'Watched' });
    await row.getByText('review', { exact: true }).waitFor();
    await window.check();
    await row.getByRole('link').click();

    await page.getByRole('button', { name: 'End the step' }).click();
    await page.getByRole('button', { name: 'End it' }).click();
    await page.locator('main').getByText('no step holds').waitFor();
    assert.equal((await read()).step, 'none');
    await page.getByRole('button', { name: 'Exempt' }).click();
    await page.getByRole('button', { name: 'Exempt it' }).click();
    await page.getByRole('region', { name: 'What holds' }).getByText('Exempt until').waitFor();
    assert.notEqual((await read()).exemptUntil, null);
    await page.getByRole('button', { name: 'Exempt', exact: true }).click();
    await page.getByRole('button', { name: 'End the exemption' }).click();
    await page.getByRole('region', { name: 'What holds' }).waitFor({ state: 'detached' });
    const taken = page.getByRole('table', { name: 'Steps taken' });
    await taken.getByText('raised by the account').waitFor();
    await taken.getByText('ended by hand').waitFor();
    await window.check();
  },
);

pageTest(
  'reputations',
  'sets from which rates on steps are taken, and objects to ones out of order',
  async (it) => {
    const before = await it.boss.ok<Limits>('GET', '/reputation/limits');
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/reputation');
    const panel = page.getByRole('region', { name: 'From which rates on' });
    await panel.getByRole('button', { name: 'Change' }).click();
    const warn = page.getByRole('textbox', { name: /^warn/ });
    assert.equal(await warn.inputValue(), '5 %');
    await warn.fill('9');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('must not be lower than the rate of a milder step').waitFor();
    await warn.fill('4.5');
    await page.getByRole('button', { name: 'Save' }).click();
    await panel.getByText('4.5%').waitFor();
    const { hard_bounces: bounces, complaints } = await it.boss.ok<Limits>('GET', '/reputation/limits');
    assert.deepEqual([bounces?.warn, bounces?.slow], [0.045, 0.08]);
    assert.deepEqual(complaints, before['complaints']);
    await window.check();
  },
);

pageTest(
  'reputation',
  'is read by a reporting user of their own subaccount, who may not decide on it, and of no other',
  async (it) => {
    const { id } = await it.boss.ok<{ id: number }>('POST', '/subaccounts', { body: { name: 'Foreign' } });
    await it.boss.ok('POST', `/subaccounts/${id}/reputation/raise`, { body: { step: 'warn' } });
    await using window = await it.open('reporting');
    const { page } = window;
    await window.go(`/reputation/${it.subaccountId}`);
    await page.getByRole('heading', { name: 'Reputation of Harbour Books' }).waitFor();
    for (const name of ['Take a step', 'Exempt'])
      assert.equal(await page.getByRole('button', { name }).getAttribute('aria-disabled'), 'true', name);
    await window.check();
    await window.go('/reputation');
    await page.getByRole('region', { name: 'From which rates on' }).waitFor();
    assert.equal(await page.getByText('Foreign').count(), 0);
    await window.check();
    await using other = await it.open('reader');
    await other.go('/reputation');
    await other.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
    await other.check();
  },
);
