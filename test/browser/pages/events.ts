import assert from 'node:assert/strict';
import { pageTest } from '../ground.ts';

const hostile = '<img src=x onerror=alert(1)>';

pageTest('events', 'are found by recipient and kind, and tell all of themselves as text', async (it) => {
  const [id = ''] = await it.world.send('hard@gone.test', { subject: `Gone ${hostile}`, tags: ['x'] });
  await it.world.settled(id, ['bounced']);
  await using window = await it.open('owner');
  const { page } = window;
  await window.go('/events');
  await page.getByLabel('Recipient', { exact: true }).fill('hard@gone.test');
  const table = page.getByRole('table', { name: 'Events' });
  await table.getByRole('button', { name: 'message.accepted' }).waitFor();
  await page.getByRole('combobox', { name: 'Kind' }).fill('message.bounced');
  await page.getByRole('option', { name: 'message.bounced', exact: true }).click();
  await table.getByRole('button', { name: 'message.accepted' }).waitFor({ state: 'detached' });
  const event = table.getByRole('button', { name: 'message.bounced' });
  await table.getByText(`Gone ${hostile}`).waitFor();
  await window.tabTo(event);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByText('"class": "hard"').waitFor();
  await page.getByRole('dialog').getByRole('link', { name: id }).click();
  await page.getByRole('heading', { name: `Gone ${hostile}` }).waitFor();
  await window.check();
});

pageTest(
  'events',
  'come live as they happen, each once, and only those of the kind that is watched',
  async (it) => {
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/events?live=on&kind=message.delivered');
    await page.getByText('live', { exact: true }).waitFor();
    const [id = ''] = await it.world.send('live@inbox.test', { subject: `Live ${hostile}` });
    await it.world.settled(id, ['delivered']);
    const table = page.getByRole('table', { name: 'Live events' });
    await table.getByText(`Live ${hostile}`).waitFor();
    const more = await it.world.send('second@inbox.test');
    await it.world.settled(more[0] ?? '', ['delivered']);
    await table.getByText('second@inbox.test').waitFor();
    assert.equal(await table.getByText(`Live ${hostile}`).count(), 1);
    assert.equal(await table.getByText('message.accepted').count(), 0);
    await window.check();
  },
);

pageTest('events', 'are those of one’s own subaccount, live and past', async (it) => {
  await using window = await it.open('reporting');
  const { page } = window;
  await window.go('/events?live=on');
  await page.getByText('live', { exact: true }).waitFor();
  const [foreign = ''] = await it.world.send('foreign@inbox.test');
  await it.world.settled(foreign, ['delivered']);
  await it.boss.ok('POST', '/messages', {
    headers: { 'lettershop-subaccount': String(it.subaccountId) },
    body: {
      from: { email: 'a@lettershop.test' },
      to: [{ email: 'own@inbox.test' }],
      subject: 'Own',
      text: 'x',
    },
  });
  await page.getByRole('table', { name: 'Live events' }).getByText('own@inbox.test').first().waitFor();
  assert.equal(await page.getByText('foreign@inbox.test').count(), 0);
  await page.getByRole('switch', { name: 'Live' }).uncheck({ force: true });
  await page.getByRole('table', { name: 'Events' }).getByText('own@inbox.test').first().waitFor();
  assert.equal(await page.getByText('foreign@inbox.test').count(), 0);
  await window.check();
});
