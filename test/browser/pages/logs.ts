import assert from 'node:assert/strict';
import { joinBy } from '../../doubles/browser.ts';
import { pageTest } from '../ground.ts';

const hostile = '<img src=x onerror=alert(1)>';

pageTest(
  'logs',
  'are turned on by a click, show a call as it was made, and a hostile program name as text',
  async (it) => {
    await it.boss.ok('PATCH', '/account', { body: { logRequests: false } });
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/logs');
    await page.getByRole('button', { name: 'Log requests' }).click();
    await page.getByRole('button', { name: 'Stop logging' }).waitFor();
    const answer = await it.world.api('POST', '/messages', {
      headers: { 'user-agent': `shop ${hostile}` },
      body: { from: { email: 'a@lettershop.test' }, to: [], subject: hostile, text: 'x' },
    });
    assert.equal(answer.status, 400);
    const id = answer.headers.get('lettershop-request-id') ?? '';
    assert.notEqual(id, '');
    await it.world.until(
      () => it.boss.ok<{ items: unknown[] }>('GET', `/logs?requestId=${id}`),
      ({ items }) => items.length > 0,
    );
    await page.getByRole('combobox', { name: 'Status' }).click();
    await page.getByRole('option', { name: /4xx/ }).click();
    await page.getByLabel('Request id').fill(id);
    await page.waitForURL(/status=4xx.*requestId=/);
    const table = page.getByRole('table', { name: 'Requests' });
    await table.getByText(`shop ${hostile}`).waitFor();
    await table.getByRole('link', { name: /POST/ }).click();
    await page.getByRole('heading', { name: 'POST /api/v1/messages' }).waitFor();
    await page.getByLabel('Sent').getByText(hostile).first().waitFor();
    await window.check();
  },
);

pageTest('log', 'leads to what the call changed', async (it) => {
  await it.boss.ok('PATCH', '/account', { body: { logRequests: true } });
  const answer = await it.world.api('POST', '/subaccounts', { body: { name: `Logged ${hostile}` } });
  const id = answer.headers.get('lettershop-request-id') ?? '';
  const { items } = await it.world.until(
    () => it.boss.ok<{ items: { id: string }[] }>('GET', `/logs?requestId=${id}`),
    (found) => found.items.length > 0,
  );
  await using window = await it.open('owner');
  const { page } = window;
  await window.go(`/logs/${items[0]?.id}`);
  await page.getByRole('link', { name: 'What it changed' }).click();
  await page.getByRole('table', { name: 'Changes' }).getByText(`name: Logged ${hostile}`).first().waitFor();
  await window.check();
});

pageTest('audit', 'tells who changed what from what to what, and is the account’s own', async (it) => {
  const { id } = await it.boss.ok<{ id: number }>('POST', '/subaccounts', { body: { name: 'Before' } });
  await it.boss.ok('PATCH', `/subaccounts/${id}`, { body: { name: `After ${hostile}` } });
  {
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/audit');
    await page.getByLabel('Its id').fill(String(id));
    const table = page.getByRole('table', { name: 'Changes' });
    await table.getByText(`name: Before → After ${hostile}`).waitFor();
    await table.getByText('you').first().waitFor();
    await table.getByRole('link', { name: `subaccount ${id} changed` }).click();
    await page.getByRole('cell', { name: `After ${hostile}` }).waitFor();
    await window.check();
  }
  await using window = await it.open('client');
  await window.go('/audit');
  await window.page.getByText('audit:read').waitFor();
  await window.check();
});

pageTest('change', 'names whoever made it as far as the reader may read people', async (it) => {
  const manager = await joinBy(it.world, it.boss, 'auditor@inbox.test', {
    role: 'custom',
    grants: ['audit:read'],
  });
  const { items } = await it.boss.ok<{ items: { id: string; actor: { id: string } }[] }>(
    'GET',
    '/audit?subject=subaccount&actorKind=user&limit=1',
  );
  await using window = await it.openAs(manager);
  await window.go(`/audit/${items[0]?.id}`);
  await window.page.getByText(`person ${items[0]?.actor.id}`).waitFor();
  await window.check();
});
