import assert from 'node:assert/strict';
import { joinBy } from '../../doubles/browser.ts';
import { pageTest } from '../ground.ts';

pageTest(
  'profile',
  'makes a key of one’s own that is shown once and does what its person may do, and deletes it',
  async (it) => {
    const email = 'scripting@inbox.test';
    const caller = await joinBy(it.world, it.boss, email, {
      subaccounts: [{ id: it.subaccountId, role: 'custom', grants: ['messages:read', 'domains:read'] }],
    });
    await using window = await it.openAs(caller);
    const { page } = window;
    await window.go('/profile');
    const panel = page.getByRole('region', { name: 'Your keys' });
    await panel.getByText(/A key of your own lets your scripts/).waitFor();
    await panel.getByRole('button', { name: 'New key' }).click();
    const dialogue = page.getByRole('dialog', { name: 'New key of your own' });
    await dialogue.getByRole('textbox', { name: 'Name' }).fill('Nightly');
    await dialogue.getByRole('checkbox', { name: 'domains:read' }).uncheck();
    const addresses = dialogue.getByRole('textbox', { name: 'Only from these addresses' });
    await addresses.fill('nowhere');
    await dialogue.getByRole('button', { name: 'Make it' }).click();
    await dialogue.locator('[id$=-error]').waitFor();
    assert.equal(await addresses.getAttribute('aria-invalid'), 'true');
    await addresses.fill('');
    await dialogue.getByRole('button', { name: 'Make it' }).click();
    await dialogue.getByText('Shown this once').waitFor();
    const secret = (await dialogue.locator('.mono').first().textContent()) ?? '';
    await dialogue.getByRole('button', { name: 'Done' }).click();
    await dialogue.waitFor({ state: 'detached' });
    const line = panel.getByRole('group', { name: 'Nightly' });
    await line.getByText('1 grant, never used').waitFor();
    assert.equal(await page.getByText(secret).count(), 0);
    const read = (path: string): Promise<Response> =>
      fetch(`${it.world.url}/api/v1${path}`, { headers: { authorization: `Bearer ${secret}` } });
    assert.equal((await read('/messages')).status, 200);
    assert.equal((await read('/domains')).status, 403);
    await window.picture('own-keys');
    await window.check();
    await line.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete it' }).click();
    await line.waitFor({ state: 'detached' });
    // Within a second.
    await it.world.until(
      () => read('/messages'),
      ({ status }) => status === 401,
    );
    await window.check();
  },
);

pageTest(
  'profile',
  'says of which accounts and subaccounts notices are mailed, and ends them',
  async (it) => {
    const email = 'told@inbox.test';
    const caller = await joinBy(it.world, it.boss, email, {
      subaccounts: [{ id: it.subaccountId, role: 'reporting' }],
    });
    await using window = await it.openAs(caller);
    const { page } = window;
    await window.go('/profile');
    const told = page.getByRole('switch', { name: 'Of the subaccount Harbour Books' });
    const before = await told.isChecked();
    await told.click();
    await page
      .getByText(before ? 'No more notices are mailed to you' : 'Notices are mailed to you', { exact: true })
      .waitFor();
    const me = await caller.ok<{ accounts: { subaccounts: { isTold: boolean }[] }[] }>('GET', '/me');
    assert.equal(me.accounts[0]?.subaccounts[0]?.isTold, !before);
    await window.check();
  },
);
