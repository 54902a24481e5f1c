import assert from 'node:assert/strict';
import { pageTest } from '../ground.ts';

pageTest(
  'messages',
  'of chosen subaccounts only, or of all but those, are shown; the address keeps the choice',
  async (it) => {
    const { id: otherId } = await it.boss.ok<{ id: number }>('POST', '/subaccounts', {
      body: { name: 'Lighthouse Tea' },
    });
    for (const [subaccount, to] of [
      [it.subaccountId, 'of-harbour@chosen.test'],
      [otherId, 'of-lighthouse@chosen.test'],
    ] as const) {
      await it.boss.ok('POST', '/messages', {
        headers: { 'lettershop-subaccount': String(subaccount) },
        body: { from: { email: 'a@lettershop.test' }, to: [{ email: to }], subject: 'x', text: 'x' },
      });
    }
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/messages');
    const table = page.getByRole('table', { name: 'Messages' });
    const harbour = table.getByText('of-harbour@chosen.test');
    const lighthouse = table.getByText('of-lighthouse@chosen.test');
    await harbour.waitFor();
    await lighthouse.waitFor();
    await page.getByRole('button', { name: 'All subaccounts' }).click();
    const choice = page.getByRole('dialog');
    await choice.locator('input').and(choice.getByLabel('Show a subaccount')).fill('Lighthouse');
    await page.getByRole('option', { name: /Lighthouse Tea/ }).click();
    await harbour.waitFor({ state: 'detached' });
    await lighthouse.waitFor();
    await window.picture('messages-chosen');
    await choice.getByText('Hide', { exact: true }).click();
    await lighthouse.waitFor({ state: 'detached' });
    await harbour.waitFor();
    assert.match(page.url(), new RegExp(`subaccounts=-${otherId}`));
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Without 1 subaccount' }).waitFor();
    await window.check();
    await page.reload();
    await harbour.waitFor();
    assert.equal(await lighthouse.count(), 0);
    await page.getByRole('button', { name: 'Without 1 subaccount' }).click();
    await page.getByRole('button', { name: 'Show all' }).click();
    await lighthouse.waitFor();
    await window.check();
  },
);

pageTest(
  'queue',
  'of several chosen subaccounts is looked at; acts wait until all or one is shown',
  async (it) => {
    const { id } = await it.boss.ok<{ id: number }>('POST', '/subaccounts', { body: { name: 'Pier Books' } });
    const sendAt = new Date(Date.now() + 7 * 86_400_000).toISOString();
    const body = { from: { email: 'a@lettershop.test' }, subject: 'x', text: 'x', sendAt };
    const headers = { 'lettershop-subaccount': String(id) };
    await it.boss.ok('POST', '/messages', { headers, body: { ...body, to: [{ email: 'waits@pier.test' }] } });
    await it.world.send('waits@of-the-pier.test', { sendAt });
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/queue?subaccounts=${it.subaccountId},${id}`);
    const table = page.getByRole('table', { name: 'Waiting mail' });
    await table.getByText('waits@pier.test').waitFor();
    assert.equal(await table.getByText('waits@of-the-pier.test').count(), 0);
    const act = page.getByRole('button', { name: 'Cancel', exact: true });
    assert.equal(await act.getAttribute('aria-disabled'), 'true');
    await window.check();
    await window.go(`/queue?subaccounts=${id}`);
    await table.getByText('waits@pier.test').waitFor();
    await act.click();
    const dialogue = page.getByRole('dialog', { name: 'Cancel' });
    await dialogue.getByText('It meets 1 message. Nothing was changed yet.').waitFor();
    await dialogue.getByRole('button', { name: 'Cancel: 1' }).click();
    await dialogue.getByText('1 changed of 1 that matched').waitFor();
    const { items } = await it.boss.ok<{ items: { to: string }[] }>('GET', '/queue?domain=of-the-pier.test');
    assert.equal(items.length, 1);
    await window.check();
  },
);

pageTest(
  'messages',
  'have no choice of subaccounts for a client of one, and a foreign one is not found',
  async (it) => {
    const { id } = await it.boss.ok<{ id: number }>('POST', '/subaccounts', { body: { name: 'Not theirs' } });
    await using window = await it.open('client');
    const { page } = window;
    await window.go('/messages');
    await page.getByRole('heading', { name: 'Messages', level: 1 }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'All subaccounts' }).count(), 0);
    await window.check();
    await window.go(`/messages?subaccounts=${id}`);
    await page.getByRole('heading', { name: 'Not found' }).waitFor();
  },
);

/** Every list with the choice of subaccounts, but for domains: one that the account shares is in each of them. */
const lists = [
  'alerts',
  'captures',
  'events',
  'exports',
  'inbound-domains',
  'inbound-mails',
  'inbound-routes',
  'keys',
  'lists',
  'logs',
  'messages',
  'metadata-fields',
  'queue',
  'reports',
  'senders',
  'snippets',
  'suppressions',
  'suspensions',
  'templates',
  'tracking-domains',
  'webhooks',
] as const;

pageTest(
  'messages',
  'as every list that the choice of subaccounts or a filter empties, say so, and clear it by a click',
  async (it) => {
    const { id } = await it.boss.ok<{ id: number }>('POST', '/subaccounts', {
      body: { name: 'Without any' },
    });
    await using window = await it.open('owner');
    const { page } = window;
    const showAll = page.getByRole('button', { name: 'Show all subaccounts' });
    for (const name of lists) {
      // A subaccount that was made has an event of its own already.
      await window.go(`/${name}?subaccounts=${id}${name === 'events' ? '&tag=of-nothing' : ''}`);
      await page.getByRole('heading', { name: /^The chosen subaccount has no / }).waitFor();
      assert.equal(await page.getByText(/ yet$/).count(), 0, name);
      await window.check();
      await showAll.click();
      await showAll.waitFor({ state: 'detached' });
      assert.ok(!page.url().includes('subaccounts='), name);
    }
    await window.go(`/messages?subaccounts=${id},${it.subaccountId}&to=nobody@chosen.test`);
    await page
      .getByRole('heading', { name: 'None of the chosen subaccounts has messages like that' })
      .waitFor();
    await window.picture('messages-emptied');
    await showAll.click();
    await page.getByRole('heading', { name: 'No messages are like that' }).waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await page.getByRole('table', { name: 'Messages' }).waitFor();
    // The field follows, and what is typed after it is taken.
    const recipient = page.getByLabel('Recipient');
    assert.equal(await recipient.inputValue(), '');
    await recipient.fill('nobody@chosen.test');
    await page.getByRole('heading', { name: 'No messages are like that' }).waitFor();
    await window.check();
    await window.go(`/suspensions?subaccounts=-${id}`);
    await page
      .locator('main')
      .getByText(/None of the other subaccounts has suspensions|Lift/)
      .first()
      .waitFor();
    await window.check();
  },
);
