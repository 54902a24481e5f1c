import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { hostile, pageTest } from '../ground.ts';

pageTest(
  'suppressions',
  'adds addresses, names the bad one beside the field, finds and removes them',
  async (it) => {
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/suppressions');
    await page.getByRole('button', { name: 'Add addresses' }).click();
    const addresses = page.getByRole('textbox', { name: /^Addresses/ });
    await addresses.fill('first@inbox.test\nnot an address');
    await page.getByRole('button', { name: 'Add them' }).click();
    await page.getByText(/\(number 2\)/).waitFor();
    assert.equal(await addresses.getAttribute('aria-invalid'), 'true');
    await addresses.fill('first@inbox.test\nsecond@inbox.test');
    await page.getByRole('textbox', { name: 'Reason' }).fill(`asked by phone ${hostile}`);
    await page.getByRole('button', { name: 'Add them' }).click();
    await page.getByText('They are not written to from now on').waitFor();

    await page.getByLabel('Part of an address').fill('second');
    await page.waitForURL(/search=second/);
    // Found among those of other tests, of which there may be thousands.
    await page.getByText(`asked by phone ${hostile}`).first().waitFor();
    const rows = page.getByRole('row').filter({ hasText: '@inbox.test' });
    await rows.filter({ hasText: 'first@' }).waitFor({ state: 'detached' });
    await window.check();
    await rows.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Take it off' }).click();
    await page.getByText('No suppressions are like that').waitFor();
    const check = await it.boss.ok<{ bulk: { allowed: boolean } }>(
      'GET',
      '/suppressions/check?address=second@inbox.test',
    );
    assert.equal(check.bulk.allowed, true);
    await window.check();
  },
);

pageTest(
  'suppressions',
  'imports a file with a report of its bad lines, and exports it again',
  async (it) => {
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/suppressions?search=imported');
    await page.getByRole('button', { name: 'Import' }).click();
    const good = Array.from({ length: 1200 }, (_, at) => `imported-${at}@inbox.test,unsubscribe`);
    const lines = [
      'address,kind',
      ...good,
      `"${hostile.replaceAll('"', '""')}",unsubscribe`,
      'nobody,complaint',
    ];
    await page.locator('input[type=file]').setInputFiles({
      name: 'old-provider.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(lines.join('\r\n')),
    });
    await page.getByRole('button', { name: 'Import it' }).click();
    await page.getByText('The file was read to its end.').waitFor();
    const bad = page.getByRole('table', { name: 'Bad lines' });
    await bad.getByRole('cell', { name: '1203' }).waitFor();
    assert.equal(await bad.getByRole('row').count(), 3);
    await page.getByRole('dialog').getByText('1,200', { exact: true }).waitFor();
    await window.check();
    await page.getByRole('button', { name: 'Done' }).click();
    await page
      .getByText(/^imported-\d+@/)
      .first()
      .waitFor();
    await page.getByLabel('Part of an address').fill('imported-11');
    await page.waitForURL(/search=imported-11/);
    await page.getByRole('button', { name: 'Import' }).click();
    await page
      .getByRole('list', { name: 'Earlier imports' })
      .getByRole('button', { name: 'Report' })
      .first()
      .click();
    await page.getByRole('table', { name: 'Bad lines' }).getByRole('cell', { name: '1202' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export' }).click(),
    ]);
    const text = readFileSync(await download.path(), 'utf8');
    assert.match(text, /imported-1100@inbox\.test/);
    assert.doesNotMatch(text, /imported-12@inbox\.test/);
    await window.check();
  },
);

pageTest('suppressions', 'are not open to a client who was given none of them', async (it) => {
  await using window = await it.open('client');
  await window.go('/suppressions');
  await window.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
  await window.check();
});
