import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { Webhook } from 'standardwebhooks';
import { WebhookReceiver } from '../../doubles/webhook-receiver.ts';
import { hostile, owner, pageTest } from '../ground.ts';

pageTest(
  'alerts',
  'makes one, objects beside the field, and shows what fired and who was told',
  async (it) => {
    await using receiver = await WebhookReceiver.start();
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/alerts');
    await page.getByRole('button', { name: 'New alert' }).click();
    const dialogue = page.getByRole('dialog', { name: 'New alert' });
    await dialogue.getByRole('textbox', { name: /^Name/ }).fill(`Flood ${hostile}`);
    const line = dialogue.getByRole('textbox', { name: /^Fires above/ });
    await line.fill('150');
    await dialogue.getByRole('button', { name: 'Watch it' }).click();
    await dialogue.getByText('must be a share, 0 to 1').waitFor();
    assert.equal(await line.getAttribute('aria-invalid'), 'true');
    await dialogue.locator('input').and(dialogue.getByLabel('Watches')).click();
    await page.getByRole('option', { name: 'Number of messages accepted' }).click();
    await line.fill('0');
    const over = dialogue.getByRole('textbox', { name: /^Is over at/ });
    await over.fill('2');
    await dialogue.locator('input').and(dialogue.getByLabel('Tells by')).click();
    await page.getByRole('option', { name: 'a signed request' }).click();
    const to = dialogue.getByRole('textbox', { name: /^URL/ });
    await to.fill('ftp://127.0.0.1/x');
    await dialogue.getByRole('button', { name: 'Watch it' }).click();
    await dialogue.getByText('must lie on the good side of the threshold').waitFor();
    await over.fill('0');
    await dialogue.getByRole('button', { name: 'Watch it' }).click();
    await dialogue.locator('[id$=-error]').waitFor();
    assert.equal(await to.getAttribute('aria-invalid'), 'true');
    await to.fill(receiver.url);
    await dialogue.getByRole('button', { name: 'Watch it' }).click();
    await dialogue.getByText('Shown this once').waitFor();
    const secret = String(await dialogue.locator('.mono').textContent());
    await dialogue.getByRole('button', { name: 'Done' }).click();

    const [sent = ''] = await it.world.send('flood@inbox.test');
    await it.world.settled(sent, ['delivered']);
    await it.world.until(
      async () => {
        // Its next look is a minute away; the clock is everybody's here.
        await sql`update alerts set next_at = created_at`.execute(it.world.database.db.engine);
        return receiver.received.length;
      },
      (count) => count > 0,
    );
    const [told] = receiver.received;
    const headers = told?.headers as Record<string, string>;
    const stamp = new Date(Number(headers['webhook-timestamp']) * 1000);
    const signature = new Webhook(secret).sign(headers['webhook-id'] ?? '', stamp, told?.body ?? '');
    assert.equal(signature, headers['webhook-signature']);
    const fired = page
      .getByRole('table', { name: 'What fired' })
      .getByRole('row')
      .filter({ hasText: 'fired' });
    await fired.getByText('told', { exact: true }).waitFor({ timeout: 20_000 });
    await page.getByRole('table', { name: 'Alerts' }).getByText('firing', { exact: true }).waitFor();
    await window.picture('alerts-fired');
    await window.check();
    await fired.getByRole('link', { name: /^Flood <img/ }).click();
    await page.getByRole('heading', { name: /^Flood <img/ }).waitFor();
    await window.check();
  },
);

pageTest(
  'alert',
  'is changed, paused and resumed, tells its target of a test, and is deleted',
  async (it) => {
    const { id } = await it.boss.ok<{ id: string }>('POST', '/alerts', {
      body: {
        name: 'Complaints',
        measure: 'complaint_rate',
        threshold: 0.001,
        target: { kind: 'mail', to: owner.email },
      },
    });
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/alerts/${id}`);
    await page.getByText('complaints above 0.1% within 24 hours').waitFor();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('The target took the test').waitFor();
    await page.getByRole('table', { name: 'What fired' }).getByText('told', { exact: true }).waitFor();
    // The toast lies over the page's end and lets clicks through.
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('A test was sent within the last minute').waitFor();
    await page.getByRole('button', { name: 'Change' }).click();
    const line = page.getByRole('textbox', { name: /^Fires above/ });
    assert.equal(await line.inputValue(), '0.1 %');
    await line.fill('0.3');
    await page.getByRole('textbox', { name: /^Is over at/ }).fill('0.2');
    await page.getByRole('textbox', { name: /^Address/ }).fill('stranger@inbox.test');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('must be the address of a person of the account').waitFor();
    await page.getByRole('textbox', { name: /^Address/ }).fill(owner.email);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('complaints above 0.3% within 24 hours').waitFor();
    const { threshold, clearAt } = await it.boss.ok<{ threshold: number; clearAt: number }>(
      'GET',
      `/alerts/${id}`,
    );
    assert.deepEqual({ threshold, clearAt }, { threshold: 0.003, clearAt: 0.002 });
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.locator('main').getByText('paused', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.locator('main').getByText('ok', { exact: true }).waitFor();
    await window.check();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete it' }).click();
    await page.getByRole('heading', { name: 'Alerts', level: 1 }).waitFor();
    assert.equal((await it.boss.api('GET', `/alerts/${id}`)).status, 404);
    await window.check();
  },
);

pageTest(
  'alerts',
  'are read by a client who may not change them and sees none of the account’s; a reporting user is told that they are closed',
  async (it) => {
    const rule = { measure: 'sent', threshold: 1000, target: { kind: 'mail', to: owner.email } };
    await it.boss.ok('POST', '/alerts', { body: { name: "The account's own", ...rule } });
    const { id } = await it.boss.ok<{ id: string }>('POST', '/alerts', {
      body: { name: 'The bookshop’s', ...rule, target: { kind: 'mail', to: 'reader@inbox.test' } },
      headers: { 'lettershop-subaccount': String(it.subaccountId) },
    });
    await using window = await it.open('reader');
    const { page } = window;
    await window.go('/alerts');
    await page.getByRole('link', { name: 'The bookshop’s' }).waitFor();
    assert.equal(await page.getByText("The account's own").count(), 0);
    const create = page.getByRole('button', { name: 'New alert' });
    assert.equal(await create.getAttribute('aria-disabled'), 'true');
    await window.tabTo(create);
    await page.getByText('You lack the grant monitoring:write').waitFor();
    await window.check();
    await window.go(`/alerts/${id}`);
    await page.getByRole('heading', { name: 'The bookshop’s' }).waitFor();
    for (const name of ['Change', 'Pause', 'Send a test', 'Delete'])
      assert.equal(await page.getByRole('button', { name }).getAttribute('aria-disabled'), 'true', name);
    await using other = await it.open('reporting');
    await other.go('/alerts');
    await other.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
    assert.equal(await other.page.getByRole('link', { name: 'Alerts', exact: true }).count(), 0);
    await other.check();
  },
);
