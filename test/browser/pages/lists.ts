import assert from 'node:assert/strict';
import { hostile, pageTest } from '../ground.ts';

type Made = { readonly list: { readonly id: string } };

pageTest(
  'lists',
  'makes one, which a bad word is named for beside its field, and finds it by name',
  async (it) => {
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/lists');
    await page.getByRole('button', { name: 'New list' }).click();
    await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill(`Walkers ${hostile}`);
    await page.getByLabel('Sent to by').fill('our walkers');
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByText(/must match/).waitFor();
    await page.getByLabel('Sent to by').fill('our-walkers');
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('heading', { name: `Walkers ${hostile}` }).waitFor();
    await page.getByText('Nobody is on this list yet').waitFor();
    await window.check();
    await window.go('/lists?search=walkers');
    await page.getByRole('row').filter({ hasText: 'our-walkers' }).waitFor();
    await page.getByLabel('Name', { exact: true }).fill('no such walkers');
    await page.getByText('No lists are like that').waitFor();
    await window.check();
  },
);

pageTest(
  'list',
  'takes recipients by hand, finds one and takes it out, and is deleted by its typed word',
  async (it) => {
    const { list } = await it.boss.ok<Made>('POST', '/lists', { body: { name: 'By hand', slug: 'by-hand' } });
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/lists/${list.id}`);
    for (const who of ['ada', 'bo']) {
      await page.getByRole('button', { name: 'Add a recipient' }).click();
      const dialogue = page.getByRole('dialog');
      const address = dialogue.getByRole('textbox', { name: 'Address' });
      await address.fill('not an address');
      await dialogue.getByRole('button', { name: 'Add it' }).click();
      await dialogue.getByText('is not a valid e-mail address').waitFor();
      assert.equal(await address.getAttribute('aria-invalid'), 'true');
      await address.fill(`${who}@hand.test`);
      await dialogue.getByRole('textbox', { name: 'Name' }).fill(`${who} ${hostile}`);
      await dialogue.getByRole('button', { name: 'Add it' }).click();
      await dialogue.waitFor({ state: 'detached' });
    }
    await page.getByText('2 recipients').waitFor();
    await page.getByLabel('Address', { exact: true }).fill('bo@hand.test');
    await page.waitForURL(/address=bo/);
    const rows = page.getByRole('row').filter({ hasText: '@hand.test' });
    await rows.filter({ hasText: 'ada@' }).waitFor({ state: 'detached' });
    await rows.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Take it out' }).click();
    await page.getByText('That address is not on this list').waitFor();
    await page.getByText('1 recipient', { exact: true }).waitFor();
    await window.check();
    await page.getByRole('button', { name: 'Delete the list' }).click();
    await page.getByLabel('Type by-hand to go on').fill('by-hand');
    await page.getByRole('button', { name: 'Delete it' }).click();
    await page.getByText('The list was deleted').waitFor();
    assert.equal((await it.boss.api('GET', `/lists/${list.id}`)).status, 404);
    await window.check();
  },
);

pageTest(
  'list',
  'is filled from a file with a report of its bad lines, and asks before others go',
  async (it) => {
    const body = { name: 'From a file', slug: 'from-a-file', recipients: [{ address: 'before@file.test' }] };
    const { list } = await it.boss.ok<Made>('POST', '/lists', { body });
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/lists/${list.id}`);
    await page.getByRole('button', { name: 'Import' }).click();
    const good = Array.from({ length: 1200 }, (_, at) => `reader-${at}@file.test,Reader ${at},Rome`);
    const lines = ['email,name,city', ...good, `"${hostile.replaceAll('"', '""')}",,`, 'nobody,,'];
    await page.locator('input[type=file]').setInputFiles({
      name: 'readers.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(lines.join('\r\n')),
    });
    await page.getByRole('combobox', { name: 'Who is not in the file' }).click();
    await page.getByRole('option', { name: 'Others on the list go' }).click();
    await page.getByRole('button', { name: 'Import it' }).click();
    await page.getByRole('button', { name: 'Replace them' }).click();
    await page.getByText('The file was read to its end.').waitFor();
    const bad = page.getByRole('table', { name: 'Bad lines' });
    await bad.getByRole('cell', { name: '1203' }).waitFor();
    assert.equal(await bad.getByRole('row').count(), 3);
    await window.check();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('1,200 recipients').waitFor();
    const found = await it.boss.ok<{ items: unknown[] }>(
      'GET',
      `/lists/${list.id}/recipients?address=before@file.test`,
    );
    assert.equal(found.items.length, 0);
    await window.check();
  },
);

pageTest(
  'lists',
  'are read by a client who may not change them, and closed to who may not read them',
  async (it) => {
    await it.boss.ok('POST', '/lists', { body: { name: 'Of the account', slug: 'of-the-account' } });
    const { list } = await it.boss.ok<Made>('POST', '/lists', {
      headers: { 'lettershop-subaccount': String(it.subaccountId) },
      body: { name: 'Of the client', slug: 'of-client' },
    });
    await using window = await it.open('reader');
    const { page } = window;
    await window.go('/lists');
    await page.getByRole('row').filter({ hasText: 'of-client' }).waitFor();
    assert.equal(await page.getByText('of-the-account').count(), 0);
    assert.equal(await page.getByRole('button', { name: 'New list' }).getAttribute('aria-disabled'), 'true');
    await window.go(`/lists/${list.id}`);
    await page.getByText('Nobody is on this list yet').waitFor();
    for (const name of ['Edit', 'Import', 'Add a recipient', 'Delete the list'])
      assert.equal(await page.getByRole('button', { name }).getAttribute('aria-disabled'), 'true', name);
    await window.check();
    for (const viewer of ['client', 'reporting'] as const) {
      await using other = await it.open(viewer);
      await other.go('/lists');
      await other.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
      await other.check();
    }
  },
);
