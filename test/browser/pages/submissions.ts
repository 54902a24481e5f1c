import assert from 'node:assert/strict';
import { hostile, pageTest } from '../ground.ts';
import type { Ground } from '../ground.ts';

const nextWeek = (): string => new Date(Date.now() + 7 * 86_400_000).toISOString();

/** A call for two recipients, of the client's subaccount; with `sendAt` it waits. */
async function submit(it: Ground, more: Record<string, unknown>): Promise<string> {
  const { messages } = await it.boss.ok<{ messages: { id: string }[] }>('POST', '/messages', {
    headers: { 'lettershop-subaccount': String(it.subaccountId) },
    body: {
      from: { email: 'a@lettershop.test' },
      to: [{ email: 'one@inbox.test' }, { email: 'two@inbox.test' }],
      subject: `Spring ${hostile}`,
      text: 'x',
      ...more,
    },
  });
  const message = messages[0]?.id ?? '';
  return (await it.boss.ok<{ submissionId: string }>('GET', `/messages/${message}`)).submissionId;
}

pageTest(
  'submission',
  'leads from one message to all that was accepted with it, and cancels what waits of it together',
  async (it) => {
    const id = await submit(it, { sendAt: nextWeek(), tags: [hostile] });
    const { items } = await it.boss.ok<{ items: { id: string }[] }>('GET', `/messages?submission=${id}`);
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/messages/${items[0]?.id ?? ''}`);
    await page.getByRole('link', { name: id }).click();
    await page.getByText('Accepted together: 2 messages').waitFor();
    const table = page.getByRole('table', { name: 'Messages' });
    await table.getByText('one@inbox.test').waitFor();
    await table.getByText('two@inbox.test').waitFor();
    await window.picture('submission-waits');
    await window.check();
    await page.getByRole('button', { name: 'Cancel what waits' }).click();
    await page.getByRole('dialog').getByText('2 recipients will not get it.').waitFor();
    await page.getByRole('button', { name: 'Cancel it' }).click();
    await page.getByText('What waited of it was cancelled').waitFor();
    await table.getByText('cancelled').nth(1).waitFor();
    const over = page.getByRole('button', { name: 'Cancel what waits' });
    assert.equal(await over.getAttribute('aria-disabled'), 'true');
    const { states } = await it.boss.ok<{ states: Record<string, number> }>('GET', `/submissions/${id}`);
    assert.deepEqual(states, { cancelled: 2 });
    await window.check();
  },
);

pageTest(
  'submissions',
  'are found by campaign, of which what waits is cancelled once its name was typed',
  async (it) => {
    const id = await submit(it, { campaign: 'spring-console', sendAt: nextWeek() });
    const other = await submit(it, { campaign: 'autumn-console', sendAt: nextWeek() });
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/submissions?subaccount=${it.subaccountId}`);
    const table = page.getByRole('table', { name: 'Submissions' });
    await table.getByText('autumn-console').waitFor();
    await window.picture('submissions');
    await page.getByLabel('Campaign', { exact: true }).fill('spring-console');
    await table.getByText('autumn-console').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Cancel what waits of it' }).click();
    const asked = page.getByRole('dialog');
    const act = asked.getByRole('button', { name: 'Cancel the campaign' });
    assert.equal(await act.isDisabled(), true);
    await asked.getByRole('textbox').fill('spring-console');
    await act.click();
    await page.getByText('What waited of the campaign was cancelled').waitFor();
    await window.check();
    const states = (of: string): Promise<{ states: Record<string, number> }> =>
      it.boss.ok('GET', `/submissions/${of}`);
    assert.deepEqual((await states(id)).states, { cancelled: 2 });
    assert.deepEqual((await states(other)).states, { held: 2 });
  },
);

pageTest(
  'submissions',
  'of their own are read by a client, who cannot cancel; closed without the grant',
  async (it) => {
    const id = await submit(it, { sendAt: nextWeek() });
    await using window = await it.open('client');
    const { page } = window;
    await window.go(`/submissions/${id}`);
    await page.getByText('Accepted together: 2 messages').waitFor();
    const cancel = page.getByRole('button', { name: 'Cancel what waits' });
    assert.equal(await cancel.getAttribute('aria-disabled'), 'true');
    await window.check();
    await using other = await it.open('reader');
    await other.go('/submissions');
    await other.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
    await other.check();
  },
);
