import assert from 'node:assert/strict';
import { mailsTo } from '../../doubles/browser.ts';
import { hostile, pageTest } from '../ground.ts';
import type { Ground } from '../ground.ts';

/** The path of the link in the newest mail; quoted-printable line ends are undone first. */
async function linkIn(it: Ground, email: string): Promise<string> {
  const mails = await it.world.until(
    () => mailsTo(it.world, email),
    ({ length }) => length > 0,
  );
  return /\/sender-proof\/[\w-]{43}/.exec((mails.at(-1) ?? '').replaceAll(/=\r\n/g, ''))?.[0] ?? '';
}

pageTest('senders', 'asks an address by mail, shows once it agreed, and takes it away again', async (it) => {
  await using window = await it.open('owner');
  const { page } = window;
  await window.go('/senders');
  await page.getByRole('button', { name: 'New sender' }).click();
  const address = page.getByRole('textbox', { name: /^Address/ });
  await address.fill('nobody');
  await page.keyboard.press('Enter');
  await page.locator('[id$=-error]').waitFor();
  assert.equal(await address.getAttribute('aria-invalid'), 'true');
  await address.fill('jo@harbour.example');
  await page.getByRole('textbox', { name: /^Name/ }).fill(`Jo ${hostile}`);
  await page.keyboard.press('Enter');
  const row = page.getByRole('row').filter({ hasText: 'jo@harbour.example' });
  await row.getByText('unproven').waitFor();
  await row.getByText(`Jo ${hostile}`).waitFor();
  await window.check();

  const agreed = await fetch(`${it.world.url}${await linkIn(it, 'jo@harbour.example')}`, { method: 'POST' });
  assert.equal(agreed.status, 200);
  await row.getByText('proven', { exact: true }).waitFor();
  const again = row.getByRole('button', { name: 'Ask again' });
  assert.equal(await again.getAttribute('aria-disabled'), 'true');
  await row.getByRole('button', { name: 'Change' }).click();
  const replyTo = page.getByRole('textbox', { name: /^Answers go to/ });
  await replyTo.fill('nobody');
  await page.keyboard.press('Enter');
  await page.locator('[id$=-error]').waitFor();
  assert.equal(await replyTo.getAttribute('aria-invalid'), 'true');
  await replyTo.fill('desk@harbour.example');
  await page.keyboard.press('Enter');
  await page.getByText('Saved').waitFor();
  await row.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'Remove it' }).click();
  await row.waitFor({ state: 'detached' });
  await window.check();
});

pageTest('senders', 'are not open to a client who was given none of them', async (it) => {
  await using window = await it.open('client');
  await window.go('/senders');
  await window.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
  await window.check();
});
