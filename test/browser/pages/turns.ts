import assert from 'node:assert/strict';
import { pageTest } from '../ground.ts';

type Turns = { readonly weight: number };

pageTest(
  'subaccount',
  'has a weight in turn taking that the account sets, which objects beside the field',
  async (it) => {
    const { id } = await it.boss.ok<{ id: number }>('POST', '/subaccounts', { body: { name: 'Weighty' } });
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/subaccounts/${id}`);
    const panel = page.getByRole('region', { name: 'Turns' });
    const weight = panel.getByRole('textbox', { name: /^Weight/ });
    assert.equal(await weight.inputValue(), '1');
    await weight.fill('500');
    await panel.getByRole('button', { name: 'Set it' }).click();
    await panel.locator('[id$=-error]').waitFor();
    assert.equal(await weight.getAttribute('aria-invalid'), 'true');
    assert.equal((await it.boss.ok<Turns>('GET', `/subaccounts/${id}/turns`)).weight, 1);
    await weight.fill('3');
    await page.keyboard.press('Enter');
    await panel.getByText(/has 3 turns where one of weight 1 has one/).waitFor();
    assert.equal((await it.boss.ok<Turns>('GET', `/subaccounts/${id}/turns`)).weight, 3);
    await window.check();
  },
);

pageTest('subaccount', 'shows no weights to people of one subaccount', async (it) => {
  for (const viewer of ['client', 'reporting'] as const) {
    await using window = await it.open(viewer);
    const { page } = window;
    await window.go(`/subaccounts/${it.subaccountId}`);
    await page.getByRole('heading', { name: 'Harbour Books' }).waitFor();
    await page.getByRole('region', { name: 'Facts' }).waitFor();
    assert.equal(await page.getByRole('region', { name: 'Turns' }).count(), 0);
    await window.check();
  }
});
