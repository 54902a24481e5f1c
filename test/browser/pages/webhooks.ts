import assert from 'node:assert/strict';
import { Webhook } from 'standardwebhooks';
import { WebhookReceiver } from '../../doubles/webhook-receiver.ts';
import { hostile, pageTest } from '../ground.ts';
import type { Ground } from '../ground.ts';

async function make(it: Ground, name: string, url: string, kinds = ['message.delivered']): Promise<string> {
  const body = { name, url, kinds };
  return (await it.boss.ok<{ id: string }>('POST', '/webhooks', { body })).id;
}

pageTest('webhooks', 'makes a webhook whose secret is shown once and signs what it is sent', async (it) => {
  await using receiver = await WebhookReceiver.start();
  await using window = await it.open('owner');
  const { page } = window;
  await window.go('/webhooks');
  await page.getByRole('button', { name: 'New webhook' }).click();
  await page.getByRole('textbox', { name: /^Name/ }).fill(`Shop ${hostile}`);
  const address = page.getByRole('textbox', { name: /^Address/ });
  await address.fill('ftp://127.0.0.1/hook');
  await page.getByRole('button', { name: 'Make it' }).click();
  await page.locator('[id$=-error]').waitFor();
  assert.equal(await address.getAttribute('aria-invalid'), 'true');
  await address.fill(receiver.url);
  await page.locator('input').and(page.getByLabel('Kinds of events')).fill('message.deliv');
  await page.getByRole('option', { name: 'message.delivered' }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Make it' }).click();
  const dialogue = page.getByRole('dialog', { name: 'New webhook' });
  await dialogue.getByText('Shown this once').waitFor();
  const secret = String(await dialogue.locator('.mono').textContent());
  await dialogue.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('link', { name: /^Shop <img/ }).click();
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByText('It took the test').waitFor();
  await window.picture('webhook-test');
  const [test] = receiver.received;
  new Webhook(secret).verify(test?.body ?? '', test?.headers as Record<string, string>);
  await window.check();
});

pageTest(
  'webhook',
  'shows request and answer of each delivery as text, and sends its events again',
  async (it) => {
    await using receiver = await WebhookReceiver.start();
    receiver.react = () => (response) => response.writeHead(500, { 'x-said': 'no' }).end(hostile);
    const id = await make(it, 'Refused', receiver.url);
    await it.world.send('webhook@inbox.test', { subject: `Hooked ${hostile}`, tags: ['x'] });
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/webhooks/${id}?taken=false`);
    const table = page.getByRole('table', { name: 'Deliveries' });
    await table.getByRole('button', { name: 'Look' }).first().click();
    await page
      .getByRole('region', { name: /^Request/ })
      .getByText('message.delivered')
      .waitFor();
    await page.getByRole('region', { name: 'Answer' }).getByText(hostile).waitFor();
    await window.check();
    await page.keyboard.press('Escape');
    await page.getByText('It does not take what is sent').waitFor();

    receiver.react = () => 204;
    await page.getByRole('button', { name: 'Change' }).click();
    await page.getByRole('button', { name: 'Try it first' }).click();
    await page.getByText('It took the test').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Resume' }).click();
    await it.world.until(
      () => Promise.resolve(receiver.sequences()),
      (sequences) => sequences.includes(1),
    );
    await page.getByText('Taken', { exact: true }).click();
    await table.getByText('live', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByRole('button', { name: 'Send them' }).click();
    await page.getByRole('list', { name: 'Replays' }).getByText(/done/).waitFor();
    assert.deepEqual(
      receiver.taken(true).map(({ sequence }) => sequence),
      // A test has no number.
      receiver.sequences().filter((sequence) => sequence > 0),
    );
    await table.getByText('replay', { exact: true }).first().waitFor();
    await window.check();
  },
);

pageTest(
  'webhook',
  'is paused and resumed, its secret rotated, and it is deleted by its name',
  async (it) => {
    await using receiver = await WebhookReceiver.start();
    const id = await make(it, 'Ended', receiver.url);
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/webhooks/${id}`);
    await page.getByRole('button', { name: 'Pause' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Paused: its events are kept for it').waitFor();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    await page.getByRole('button', { name: 'Rotate the secret' }).click();
    await page.getByRole('button', { name: 'Rotate it' }).click();
    const dialogue = page.getByRole('dialog', { name: 'The new secret' });
    assert.match(String(await dialogue.locator('.mono').textContent()), /^whsec_/);
    await dialogue.getByRole('button', { name: 'Done' }).click();
    await page.getByText('Old secret signs until').waitFor();
    await window.check();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByLabel('Type Ended to go on').fill('Ended');
    await page.getByRole('button', { name: 'Delete it' }).click();
    await page.getByRole('heading', { name: 'Webhooks' }).waitFor();
    await window.check();
  },
);

pageTest('webhooks', 'are not open to a client who was given none of them', async (it) => {
  await using window = await it.open('client');
  await window.go('/webhooks');
  await window.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
  await window.check();
});
