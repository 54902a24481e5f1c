import assert from 'node:assert/strict';
import { pageTest } from '../ground.ts';
import type { Ground } from '../ground.ts';

const hostile = '<img src=x onerror=alert(1)>';

/** Mail that waits in the subaccount of the client; what it does not say is of a plain mail. */
async function leave(it: Ground, to: string, more: Record<string, unknown> = {}): Promise<string> {
  const { messages } = await it.boss.ok<{ messages: { id: string }[] }>('POST', '/messages', {
    headers: { 'lettershop-subaccount': String(it.subaccountId) },
    body: {
      from: { email: 'a@lettershop.test' },
      to: [{ email: to }],
      subject: hostile,
      text: 'x',
      ...more,
    },
  });
  return messages[0]?.id ?? '';
}

const nextWeek = (): string => new Date(Date.now() + 7 * 86_400_000).toISOString();

pageTest(
  'queue',
  'says why mail waits, narrows it, counts an act before it is done, and does it to all that match and nothing else',
  async (it) => {
    // The mailbox of the capture mode puts these off.
    const soft = [await leave(it, 'soft@putoff.test'), await leave(it, 'soft@putoff.test')];
    for (const id of soft) await it.world.settled(id, ['deferred']);
    await leave(it, 'other@else.test', { sendAt: nextWeek(), tags: [hostile] });
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/queue');
    await page.getByText(/scheduled for later/).waitFor();
    const table = page.getByRole('table', { name: 'Waiting mail' });
    await table.getByText('other@else.test').waitFor();
    await page.getByLabel("Recipient's domain").fill('putoff.test');
    await table.getByText('other@else.test').waitFor({ state: 'detached' });
    await page.waitForURL(/domain=putoff\.test/);

    const dialogue = page.getByRole('dialog');
    const does = async (label: string): Promise<void> => {
      await page.getByRole('button', { name: label, exact: true }).click();
      await dialogue.getByText('It meets 2 messages. Nothing was changed yet.').waitFor();
      await dialogue.getByText('soft@putoff.test').first().waitFor();
      await dialogue.getByRole('button', { name: `${label}: 2` }).click();
      await dialogue.getByText('2 changed of 2 that matched').waitFor();
      await dialogue.getByRole('button', { name: 'Close', exact: true }).last().click();
      await dialogue.waitFor({ state: 'detached' });
    };
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await dialogue.getByText('It meets 2 messages. Nothing was changed yet.').waitFor();
    await page.keyboard.press('Escape');
    await dialogue.waitFor({ state: 'detached' });
    await does('Hold');
    await table.getByText('held: manual').nth(1).waitFor();
    await does('Release');
    await table.getByText('held: manual').first().waitFor({ state: 'detached' });
    await does('Cancel');
    await page.getByText('No waiting messages are like that').waitFor();
    await window.check();
    const { items } = await it.boss.ok<{ items: { to: string }[] }>('GET', '/queue?domain=else.test');
    assert.deepEqual(
      items.map(({ to }) => to),
      ['other@else.test'],
    );
  },
);

pageTest('queue', 'a client who only reads sees their own mail and why they cannot act', async (it) => {
  await leave(it, 'mine@client.test', { sendAt: nextWeek() });
  await it.world.send('theirs@client.test', { sendAt: nextWeek() });
  await using window = await it.open('client');
  const { page } = window;
  await window.go('/queue?domain=client.test');
  await page.getByRole('table', { name: 'Waiting mail' }).getByText('mine@client.test').waitFor();
  assert.equal(await page.getByText('theirs@client.test').count(), 0);
  await window.tabTo(page.getByRole('button', { name: 'Hold' }));
  await page.getByText('You lack the grant messages:send').first().waitFor();
  await page.keyboard.press('Enter');
  assert.equal(await page.getByRole('dialog').count(), 0);
  await window.check();
});
