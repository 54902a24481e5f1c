import assert from 'node:assert/strict';
import { hostile, pageTest } from '../ground.ts';

pageTest('suspensions', 'holds mail with a tag, says so, and lets it go when it is lifted', async (it) => {
  await using window = await it.open('owner');
  const { page } = window;
  await window.go('/suspensions');
  await page.getByRole('button', { name: 'New suspension' }).click();
  const dialogue = page.getByRole('dialog', { name: 'New suspension' });
  await dialogue
    .locator('input')
    .and(dialogue.getByLabel('Mail', { exact: true }))
    .click();
  await page.getByRole('option', { name: 'with a tag' }).click();
  await dialogue.getByRole('textbox', { name: /^Which/ }).fill('wrong-link');
  await dialogue.getByRole('textbox', { name: /^Why/ }).fill(`Wrong ${hostile}`);
  const until = dialogue.getByLabel('Until');
  await until.fill('2020-01-01T10:00');
  await dialogue.getByRole('button', { name: 'Hold it' }).click();
  await dialogue.getByText('must be in the future').waitFor();
  assert.equal(await until.getAttribute('aria-invalid'), 'true');
  await until.fill('');
  await dialogue.getByRole('button', { name: 'Hold it' }).click();
  const row = page.getByRole('row').filter({ hasText: 'wrong-link' });
  await row.getByText(`Wrong ${hostile}`).waitFor();
  await window.check();
  // It counts on every node within two seconds: what is sent from then on is held.
  const held = await it.world.until(
    async () => {
      const [id = ''] = await it.world.send('suspended@inbox.test', { tags: ['wrong-link'] });
      return { id, state: (await it.world.settled(id, ['held', 'delivered'])).state };
    },
    ({ state }) => state === 'held',
  );
  await row.getByRole('button', { name: 'Lift' }).click();
  await page.getByRole('button', { name: 'Lift it' }).click();
  await row.waitFor({ state: 'detached' });
  await it.world.settled(held.id, ['delivered']);
  await window.check();
});

pageTest(
  'suspensions',
  'of their own are read by a client who may not lift them, those of the account are not; without the grant they are closed',
  async (it) => {
    const headers = { 'lettershop-subaccount': String(it.subaccountId) };
    const own = { kind: 'domain', value: 'own.example', reason: 'They asked us to wait' };
    const { id } = await it.boss.ok<{ id: string }>('POST', '/suspensions', { body: own, headers });
    const foreign = { kind: 'domain', value: 'held.example', subaccount: String(it.subaccountId) };
    const above = await it.boss.ok<{ id: string }>('POST', '/suspensions', { body: foreign });
    await using window = await it.open('client');
    const { page } = window;
    await window.go('/suspensions');
    const row = page.getByRole('row').filter({ hasText: 'own.example' });
    await row.getByText('They asked us to wait').waitFor();
    for (const act of [
      row.getByRole('button', { name: 'Lift' }),
      page.getByRole('button', { name: 'New suspension' }),
    ])
      assert.equal(await act.getAttribute('aria-disabled'), 'true');
    assert.equal(await page.getByText('held.example').count(), 0);
    await window.check();
    for (const each of [id, above.id]) await it.boss.ok('DELETE', `/suspensions/${each}`);
    await using other = await it.open('reader');
    await other.go('/suspensions');
    await other.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
    await other.check();
  },
);
