/** Acts that end something, or move it in time: where they stand, what they ask before, and who is not offered them. */
import assert from 'node:assert/strict';
import { joinBy } from '../../doubles/browser.ts';
import { pageTest } from '../ground.ts';
import type { Ground } from '../ground.ts';

const dayMs = 86_400_000;
const two = (part: number): string => String(part).padStart(2, '0');

/** As the field of the browser takes it; browser and test stand in one zone. */
function fieldText(at: Date): string {
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

type Subaccount = { readonly status: string; readonly retiresAt: string | null };

pageTest(
  'subaccount',
  'retires on a day, which is taken back, or at once, which its name is typed for',
  async (it) => {
    const { id } = await it.boss.ok<{ id: number }>('POST', '/subaccounts', { body: { name: 'Old Mill' } });
    const read = (): Promise<Subaccount> => it.boss.ok<Subaccount>('GET', `/subaccounts/${id}`);
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/subaccounts/${id}`);
    const panel = page.getByRole('region', { name: 'Ending it' });
    await panel.getByRole('button', { name: 'Retire', exact: true }).click();
    const dialogue = page.getByRole('dialog', { name: 'Retire Old Mill' });
    const retire = dialogue.getByRole('button', { name: 'Retire it' });
    assert.equal(await retire.getAttribute('aria-disabled'), 'true');
    const at = new Date(Date.now() + 30 * dayMs);
    await dialogue.getByLabel('It retires at').fill(fieldText(at));
    await window.picture('subaccount-retire');
    await window.check();
    await retire.click();
    await panel.getByText('It retires at').waitFor();
    const pending = await read();
    assert.equal(pending.status, 'pending_retirement');
    assert.equal(fieldText(new Date(pending.retiresAt ?? '')), fieldText(at));
    await window.picture('subaccount-retiring');
    await panel.getByRole('button', { name: 'Take it back' }).click();
    await panel.getByRole('button', { name: 'Retire', exact: true }).click();
    assert.equal((await read()).status, 'active');
    await dialogue.getByText('Now', { exact: true }).click();
    await dialogue.getByLabel('Type Old Mill to go on').fill('Old');
    assert.equal(await retire.getAttribute('aria-disabled'), 'true');
    await dialogue.getByLabel('Type Old Mill to go on').fill('Old Mill');
    await window.picture('subaccount-retire-now');
    await retire.click();
    await panel.getByText('It is retired. All of it is purged at').waitFor();
    assert.equal((await read()).status, 'retired');
    await window.check();

    // Whoever may not is not offered it.
    await using other = await it.open('client');
    await other.go(`/subaccounts/${it.subaccountId}`);
    await other.page.getByRole('region', { name: 'Ending it' }).waitFor();
    assert.equal(await other.page.getByRole('button', { name: 'Retire' }).count(), 0);
    await other.check();
  },
);

async function scheduled(it: Ground, to: string): Promise<string> {
  const { messages } = await it.boss.ok<{ messages: { id: string }[] }>('POST', '/messages', {
    headers: { 'lettershop-subaccount': String(it.subaccountId) },
    body: {
      from: { email: 'shop@lettershop.test' },
      to: [{ email: to }],
      subject: 'For later',
      text: 'x',
      sendAt: new Date(Date.now() + 3 * dayMs).toISOString(),
    },
  });
  return messages[0]?.id ?? '';
}

pageTest('message', 'that is scheduled is given another time, or leaves at once', async (it) => {
  const id = await scheduled(it, 'moved@inbox.test');
  const movesAt = async (): Promise<string> => {
    const { reasons } = await it.boss.ok<{ reasons: { code: string; movesAt: string | null }[] }>(
      'GET',
      `/messages/${id}/why`,
    );
    return reasons.find(({ code }) => code === 'scheduled')?.movesAt ?? '';
  };
  // A client who only reads sees that it waits, and no button.
  await using other = await it.open('client');
  await other.go(`/messages/${id}`);
  await other.page.getByText('Why it is still here').waitFor();
  assert.equal(await other.page.getByRole('button', { name: 'Another time' }).count(), 0);
  await other.check();

  await using window = await it.open('owner');
  const { page } = window;
  await window.go(`/messages/${id}`);
  await page.getByRole('button', { name: 'Another time' }).click();
  const dialogue = page.getByRole('dialog', { name: 'When it leaves' });
  const at = new Date(Date.now() + 5 * dayMs);
  await dialogue.getByLabel('It leaves at').fill(fieldText(at));
  await window.picture('message-reschedule');
  await window.check();
  await dialogue.getByRole('button', { name: 'Set the time' }).click();
  await dialogue.waitFor({ state: 'detached' });
  assert.equal(fieldText(new Date(await movesAt())), fieldText(at));
  await page.getByRole('button', { name: 'Another time' }).click();
  await dialogue.getByRole('button', { name: 'Send it now' }).click();
  await it.world.settled(id, ['delivered']);
  await page.getByRole('button', { name: 'Another time' }).waitFor({ state: 'detached' });
  await window.check();
});

pageTest(
  'message',
  'that did not go through shows the dialogue of its last attempt to whoever may read content',
  async (it) => {
    const { messages } = await it.boss.ok<{ messages: { id: string }[] }>('POST', '/messages', {
      headers: { 'lettershop-subaccount': String(it.subaccountId) },
      body: {
        from: { email: 'shop@lettershop.test' },
        to: [{ email: 'soft@dialogue.test' }],
        subject: 'Full mailbox',
        text: 'Hello',
      },
    });
    const id = messages[0]?.id ?? '';
    await it.world.settled(id, ['deferred']);
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/messages/${id}`);
    const panel = page.getByRole('region', { name: 'Last dialogue with the receiver' });
    await panel.getByText(/^C: RCPT TO:<soft@dialogue\.test>/).waitFor();
    await panel.getByText(/^S: 452 4\.2\.2 mailbox full/).waitFor();
    await panel.scrollIntoViewIfNeeded();
    await window.picture('message-dialogue');
    await window.check();

    const grants = ['messages:read'];
    const reads = await joinBy(it.world, it.boss, 'post-room@inbox.test', {
      subaccounts: [{ id: it.subaccountId, role: 'custom', grants }],
    });
    await using other = await it.openAs(reads);
    await other.go(`/messages/${id}`);
    await other.page.getByRole('list').getByText('deferred').first().waitFor();
    assert.equal(await other.page.getByRole('region', { name: /^Last dialogue/ }).count(), 0);
    assert.ok(!other.calls.some((call) => call.endsWith('/transcript')));
    await other.check();
  },
);

pageTest('domain', 'is proven by a mail to whoever administers it', async (it) => {
  const { id } = await it.boss.ok<{ id: string }>('POST', '/domains', {
    headers: { 'lettershop-subaccount': String(it.subaccountId) },
    body: { name: 'by-mail.test' },
  });
  await using other = await it.open('reader');
  await other.go(`/domains/${id}`);
  await other.page.getByRole('region', { name: 'Records' }).waitFor();
  assert.equal(await other.page.getByRole('region', { name: 'Proof by mail' }).count(), 0);
  await other.check();

  await using window = await it.open('owner');
  const { page } = window;
  await window.go(`/domains/${id}`);
  const panel = page.getByRole('region', { name: 'Proof by mail' });
  await panel.locator('input').and(panel.getByLabel('Ask')).click();
  await page.getByRole('option', { name: 'hostmaster@by-mail.test' }).click();
  await panel.scrollIntoViewIfNeeded();
  await window.picture('domain-mail-proof');
  await panel.getByRole('button', { name: 'Send the link' }).click();
  await page.getByText('A link went to hostmaster@by-mail.test').waitFor();
  await window.check();

  const { items } = await it.world.until(
    () => it.boss.ok<{ items: { id: string; to: string }[] }>('GET', '/captures?limit=500'),
    (found) => found.items.some(({ to }) => to === 'hostmaster@by-mail.test'),
  );
  const mail = items.find(({ to }) => to === 'hostmaster@by-mail.test');
  const { text } = await it.boss.api('GET', `/captures/${mail?.id}/content`);
  const link = /\/domain-proof\/[\w.-]+/.exec(text.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '='))?.[0];
  await using administrator = await it.openStranger();
  await administrator.go(link ?? '');
  await administrator.page.getByRole('button').click();
  await administrator.page.getByText(/once its DKIM record is there/).waitFor();
  await page.getByRole('button', { name: 'Check now' }).click();
  await panel.waitFor({ state: 'detached' });
  await window.check();
});
