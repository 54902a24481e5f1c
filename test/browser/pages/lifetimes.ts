import assert from 'node:assert/strict';
import { pageTest, twoLooks } from '../ground.ts';

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
    for (const [name, options] of twoLooks) {
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

pageTest(
  'suppressions',
  'shows whose mail an entry stops and until when, and what has expired when asked',
  async (it) => {
    await it.boss.ok('POST', '/suppressions', {
      body: {
        entries: [
          {
            address: 'ended@one-sender.test',
            kind: 'hard_bounce',
            expiresAt: new Date(Date.now() - 86_400_000).toISOString(),
          },
          { address: 'left@one-sender.test', expiresAt: '2090-01-01T00:00:00Z' },
        ],
      },
    });
    for (const [name, options] of twoLooks) {
      await using window = await it.open('owner', options);
      const { page } = window;
      await window.go('/suppressions?search=one-sender.test');
      await page.getByText('left@one-sender.test').waitFor();
      assert.equal(await page.getByText('ended@one-sender.test').count(), 0);
      if (name === 'wide-light') {
        await page.getByRole('button', { name: 'Add addresses' }).click();
        await page.getByRole('textbox', { name: /^Addresses/ }).fill('bye@one-sender.test');
        await page.getByRole('textbox', { name: /^Only mail of this sender/ }).fill('News@Shop.test');
        await page.getByRole('button', { name: 'Add them' }).click();
        await page.getByText('They are not written to from now on').waitFor();
      }
      await page.getByText('all mail from news@shop.test').waitFor();
      const expired = page
        .getByRole('search')
        .locator('input')
        .and(page.getByLabel('Expired', { exact: true }));
      await expired.click();
      await page.getByRole('option', { name: 'Expired, too' }).click();
      await page.getByText('ended@one-sender.test').waitFor();
      await page.getByText('nothing any more').waitFor();
      await window.check();
      await window.picture(`suppressions-${name}`);
      await page.getByLabel('Only of one sender').fill('news@shop.test');
      await page.waitForURL(/sender=news/);
      await page.getByText('left@one-sender.test').waitFor({ state: 'detached' });
      await page.getByText('bye@one-sender.test').waitFor();
    }
  },
);
