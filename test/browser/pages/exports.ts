import assert from 'node:assert/strict';
import { fetched } from '../../scenarios/export-calls.ts';
import { hostile, pageTest } from '../ground.ts';

pageTest(
  'exports',
  'asks for mail with a tag, shows it done, and its file is behind its link until it is deleted',
  async (it) => {
    const sent = await it.world.send('exported@inbox.test', {
      tags: ['exported'],
      subject: `Sum ${hostile}`,
    });
    await it.world.settled(sent[0] ?? '', ['delivered']);
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/exports');
    await page.getByRole('button', { name: 'New export' }).click();
    const dialogue = page.getByRole('dialog', { name: 'New export' });
    await dialogue.locator('input').and(dialogue.getByLabel('With any of the tags')).fill('exported');
    await page.keyboard.press('Enter');
    const notify = dialogue.getByRole('textbox', { name: /^Mail the link to/ });
    await notify.fill('nobody');
    await dialogue.getByRole('button', { name: 'Make it' }).click();
    await dialogue.locator('[id$=-error]').waitFor();
    assert.equal(await notify.getAttribute('aria-invalid'), 'true');
    await notify.fill('');
    await dialogue.getByRole('button', { name: 'Make it' }).click();
    const row = page.getByRole('row').filter({ hasText: 'tags exported' });
    await row.getByText('complete', { exact: true }).waitFor();
    const link = row.getByRole('link', { name: 'Download' });
    const { name, lines } = await fetched(it.world, await link.getAttribute('href'));
    assert.equal(name, 'messages.csv');
    assert.equal(lines.length, 2);
    await window.picture('exports-complete');
    await window.check();
    const address = await link.getAttribute('href');
    await row.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete it' }).click();
    await row.waitFor({ state: 'detached' });
    const gone = await fetch(`${it.world.url}${new URL(String(address)).pathname}`);
    assert.equal(gone.status, 404);
    await window.check();
  },
);

pageTest(
  'exports',
  'of a client hold what they may read: suppression lists for one, mail for another, nothing of the account',
  async (it) => {
    await it.boss.ok('POST', '/exports/suppressions', { body: {} });
    await using window = await it.open('reader');
    const { page } = window;
    await window.go('/exports');
    await page.getByText('No exports yet').waitFor();
    await page.getByRole('button', { name: 'New export' }).click();
    await page
      .locator('input')
      .and(page.getByLabel('What', { exact: true }))
      .click();
    await page.getByRole('option', { name: 'Suppression lists' }).waitFor();
    assert.equal(await page.getByRole('option', { name: /^Messages/ }).count(), 0);
    await page.getByRole('option', { name: 'Suppression lists' }).click();
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('row').filter({ hasText: 'Harbour Books' }).getByText('complete').waitFor();
    assert.equal(await page.getByRole('table').getByText('the account').count(), 0);
    await window.check();
    await using other = await it.open('reporting');
    await other.go('/exports');
    await other.page.getByText('No exports yet').waitFor();
    await other.check();
  },
);
