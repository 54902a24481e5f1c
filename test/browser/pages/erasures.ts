import assert from 'node:assert/strict';
import { pageTest } from '../ground.ts';

const person = 'forget-me@inbox.test';

pageTest(
  'erasures',
  'erases a person once their address was written twice, and leads to how far it is',
  async (it) => {
    const [id = ''] = await it.world.send(person);
    await it.world.settled(id, ['delivered']);
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/erasures');
    await page.getByRole('button', { name: 'Erase a person' }).click();
    const dialogue = page.getByRole('dialog', { name: 'Erase a person' });
    const address = dialogue.getByRole('textbox', { name: /^Address of the person/ });
    const again = dialogue.getByRole('textbox', { name: /^The same address again/ });
    const act = dialogue.getByRole('button', { name: 'Erase this person' });
    await address.fill('nobody');
    assert.equal(await act.getAttribute('aria-disabled'), 'true');
    await again.fill('nobody');
    await act.click();
    await dialogue.locator('[id$=-error]').waitFor();
    assert.equal(await address.getAttribute('aria-invalid'), 'true');
    await address.fill(person);
    assert.equal(await act.getAttribute('aria-disabled'), 'true');
    await again.fill(person);
    await window.picture('erasure-ask');
    await act.click();
    await page.getByRole('heading', { name: /^Erasure \d+$/, level: 1 }).waitFor();
    await page.getByText('It is done.').waitFor();
    await page
      .getByRole('table', { name: 'What held the address' })
      .getByRole('row', { name: /^Messages/ })
      .waitFor();
    await window.picture('erasure-done');
    await window.check();
    const { to } = await it.boss.ok<{ to: string }>('GET', `/messages/${id}`);
    assert.notEqual(to, person);
    await page.getByRole('main').getByRole('link', { name: 'Erasures' }).click();
    await page.getByRole('table', { name: 'Erasures' }).getByText('the whole account').first().waitFor();
    assert.equal(await page.getByText(person).count(), 0);
    await window.check();
  },
);

pageTest('erasure', 'of a subaccount says so, and that of another is not there', async (it) => {
  const { id } = await it.boss.ok<{ id: string }>('POST', '/erasures', {
    headers: { 'lettershop-subaccount': String(it.subaccountId) },
    body: { address: 'nobody-known@inbox.test' },
  });
  await using window = await it.open('owner');
  const { page } = window;
  await window.go(`/erasures/${id}?subaccount=${it.subaccountId}`);
  await page.getByText('It is done.').waitFor();
  await page.getByText('Harbour Books').first().waitFor();
  await page.getByText('Nothing held the address so far.').waitFor();
  await window.check();
  await window.go('/erasures/1');
  await page.getByRole('heading', { name: /not here|not found|nothing/i }).waitFor();
});

pageTest('erasures', 'are not open to a client who was given none of them', async (it) => {
  await using window = await it.open('client');
  await window.go('/erasures');
  await window.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
  await window.check();
});
