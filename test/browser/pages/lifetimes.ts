import assert from 'node:assert/strict';
import { pageTest } from '../ground.ts';

type Settings = {
  readonly own: { readonly hardBounceHours: number | null; readonly unsubscribeHoldsFor: string | null };
  readonly effective: { readonly hardBounceHours: number };
};

const title = 'How long suppressions stand';

pageTest(
  'subaccount',
  'says for how long suppressions stand and whose mail an unsubscribe stops, saved together',
  async (it) => {
    const { id } = await it.boss.ok<{ id: number }>('POST', '/subaccounts', { body: { name: 'Lasting' } });
    const headers = { 'lettershop-subaccount': String(id) };
    const told = (): Promise<Settings> => it.boss.ok<Settings>('GET', '/suppression-settings', { headers });
    for (const [name, options] of [
      ['wide-light', { viewport: { width: 1440, height: 1000 }, colorScheme: 'light' }],
      ['narrow-dark', { viewport: { width: 390, height: 900 }, colorScheme: 'dark' }],
    ] as const) {
      await using window = await it.open('owner', options);
      const { page } = window;
      await window.go(`/subaccounts/${id}`);
      const panel = page.getByRole('region', { name: title });
      await panel.scrollIntoViewIfNeeded();
      const hard = panel.getByLabel('Hard bounces');
      if (name === 'wide-light') {
        await panel.getByText('Now: they stay').first().waitFor();
        await hard.fill('9000');
        await panel
          .locator('input')
          .and(panel.getByLabel('An unsubscribe stops', { exact: true }))
          .click();
        await page.getByRole('option', { name: 'mail of the sender that it came from', exact: true }).click();
        await panel.getByRole('button', { name: 'Save the times' }).click();
        // Too long: the field says so, and nothing is saved.
        await it.world.until(
          () => hard.getAttribute('aria-invalid'),
          (state) => state === 'true',
        );
        assert.equal((await told()).own.unsubscribeHoldsFor, null);
        await hard.fill('168');
        await panel.getByRole('button', { name: 'Save the times' }).click();
        await page.getByText('Saved: it counts for what comes from now on').waitFor();
        await it.world.until(told, ({ own }) => own.hardBounceHours === 168);
      }
      await panel.getByText('Now: 168 hours').waitFor();
      await window.check();
      await window.picture(`lifetimes-${name}`);
    }
    const { own } = await told();
    assert.deepEqual([own.hardBounceHours, own.unsubscribeHoldsFor], [168, 'one_sender']);
    // The account's own words are as they were.
    assert.equal((await it.boss.ok<Settings>('GET', '/suppression-settings')).own.hardBounceHours, null);
  },
);
