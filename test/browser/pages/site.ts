import assert from 'node:assert/strict';
import { hostile, pageTest } from '../ground.ts';

// All mail of the capture mode goes to one receiver of this name.
const site = 'capture';

pageTest(
  'site',
  'tells what waits for a receiver and how fast it is met, is limited, suspended and let go, and counts before it acts',
  async (it) => {
    const [id = ''] = await it.world.send('soft@one-site.test');
    await it.world.settled(id, ['deferred']);
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/messages/${id}`);
    await page.getByRole('link', { name: site, exact: true }).click();
    await page.getByRole('heading', { name: site, level: 1 }).waitFor();
    await page.getByRole('table', { name: 'Waiting mail' }).getByText('soft@one-site.test').waitFor();
    const speed = page.getByRole('table', { name: 'How fast it is met' });
    await speed.getByText('as the profile says').first().waitFor();

    const limit = async (connections: string): Promise<void> => {
      await page.getByRole('button', { name: 'Limits', exact: true }).click();
      const limits = page.getByRole('dialog', { name: `Limits for ${site}` });
      const field = limits.getByRole('textbox', { name: /^Connections at once/ });
      await field.fill('990');
      await limits.getByRole('button', { name: 'Set them' }).click();
      await limits.locator('[id$=-error]').waitFor();
      await field.fill(connections);
      await limits.getByRole('button', { name: 'Set them' }).click();
      await limits.waitFor({ state: 'detached' });
    };
    await limit('1');
    const line = speed.getByRole('row', { name: /^Connections at once/ });
    await line.getByRole('cell', { name: '1', exact: true }).waitFor();

    await page.getByRole('button', { name: 'Suspend it' }).click();
    const suspend = page.getByRole('dialog', { name: `Suspend mail to ${site}` });
    await suspend.getByRole('textbox', { name: /^Why/ }).fill(`They asked ${hostile}`);
    await suspend.getByRole('button', { name: 'Hold it' }).click();
    const told = page.getByRole('alert').filter({ hasText: 'Suspended' });
    await told.getByText(/Mail to it is held, of the whole account, by the account: They asked/).waitFor();
    await window.picture('site-suspended');
    await window.check();
    await told.getByRole('button', { name: 'Lift' }).click();
    await page.getByRole('button', { name: 'Lift it' }).click();
    await told.waitFor({ state: 'detached' });
    await limit('');
    await line.getByText('as the profile says').waitFor();

    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    const dialogue = page.getByRole('dialog', { name: 'Cancel' });
    await dialogue.getByText(/It meets \d+ messages?\. Nothing was changed yet\./).waitFor();
    await page.keyboard.press('Escape');
    await dialogue.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'In the queue' }).click();
    await page.waitForURL(/\/queue\?site=capture/);
    await page.getByRole('table', { name: 'Waiting mail' }).getByText('soft@one-site.test').waitFor();
    await window.check();
  },
);

pageTest(
  'site',
  'shows a client their own mail there and nothing of others, sets nothing for them, and is closed without the grant',
  async (it) => {
    const [theirs = ''] = await it.world.send('soft@of-the-account.test');
    await it.world.settled(theirs, ['deferred']);
    const { messages } = await it.boss.ok<{ messages: { id: string }[] }>('POST', '/messages', {
      headers: { 'lettershop-subaccount': String(it.subaccountId) },
      body: {
        from: { email: 'a@lettershop.test' },
        to: [{ email: 'soft@of-the-client.test' }],
        subject: 'x',
        text: 'x',
      },
    });
    await it.world.settled(messages[0]?.id ?? '', ['deferred']);
    await using window = await it.open('client');
    const { page } = window;
    await window.go(`/sites/${site}`);
    await page.getByRole('table', { name: 'Waiting mail' }).getByText('soft@of-the-client.test').waitFor();
    assert.equal(await page.getByText('of-the-account.test').count(), 0);
    const limits = page.getByRole('button', { name: 'Limits', exact: true });
    assert.equal(await limits.getAttribute('aria-disabled'), 'true');
    await window.check();
    await window.go('/sites/nobody-writes-there.test');
    await page.getByRole('heading', { name: 'No mail of yours waits for it' }).waitFor();
    await window.check();
    await using other = await it.open('reader');
    await other.go(`/sites/${site}`);
    await other.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
    await other.check();
  },
);
