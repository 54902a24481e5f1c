import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { hostile, owner, pageTest } from '../ground.ts';

pageTest(
  'reports',
  'saves what figures show under a name, runs it as a course or by a dimension, and exports it',
  async (it) => {
    const sent = await it.world.send('reported@inbox.test', { tags: ['quarter'] });
    for (const id of sent) await it.world.settled(id, ['delivered']);
    await it.world.until(
      () => it.boss.ok<{ total: { delivered: number } }>('GET', '/figures?tag=quarter'),
      ({ total }) => total.delivered === 1,
    );
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/figures?tag=quarter&by=tag');
    await page.getByRole('button', { name: 'Save as a report' }).click();
    const dialogue = page.getByRole('dialog', { name: 'Save as a report' });
    await dialogue.getByRole('textbox', { name: /^Name/ }).fill(`Quarter ${hostile}`);
    await dialogue
      .locator('input')
      .and(dialogue.getByLabel('Of', { exact: true }))
      .click();
    await page.getByRole('option', { name: 'this month' }).click();
    await dialogue.locator('input').and(dialogue.getByLabel('Mailed')).click();
    await page.getByRole('option', { name: 'every Monday' }).click();
    await dialogue
      .locator('input')
      .and(dialogue.getByLabel('To', { exact: true }))
      .fill(owner.email);
    await page.getByRole('option', { name: new RegExp(owner.email) }).click();
    await page.keyboard.press('Escape');
    await dialogue.getByRole('button', { name: 'Save it' }).click();
    await page.getByRole('heading', { name: /^Quarter <img/ }).waitFor();
    await page.getByText('every Monday at 07:00 to one person').waitFor();
    const table = page.getByRole('table', { name: 'By tag' });
    await table.getByText('quarter').waitFor();
    await window.picture('report-lines');
    await window.check();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV' }).click(),
    ]);
    assert.match(await readFile((await download.path()) ?? '', 'utf8'), /quarter/);

    await page.getByRole('button', { name: 'Change' }).click();
    await page.locator('input').and(page.getByLabel('Told')).click();
    await page.getByRole('option', { name: 'By day' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('img', { name: /Delivered, bounced and complained/ }).waitFor();
    await page.getByText('tag quarter').waitFor();
    await window.check();
    await page.getByRole('link', { name: 'Reports' }).first().click();
    await page.getByRole('link', { name: /^Quarter <img/ }).waitFor();
    await window.check();
  },
);

pageTest(
  'report',
  'is shared by a link that shows its figures without a login, and ends with it',
  async (it) => {
    const { id } = await it.boss.ok<{ id: string }>('POST', '/reports', {
      body: { name: 'For the auditor', query: { step: 'day' }, period: 'last_7_days' },
    });
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/reports/${id}`);
    await page.getByRole('button', { name: 'Share by a link' }).click();
    const dialogue = page.getByRole('dialog', { name: 'A link to the report' });
    await dialogue.getByRole('textbox', { name: /^Good for days/ }).fill('3');
    await dialogue.getByRole('button', { name: 'Make the link' }).click();
    await dialogue
      .getByRole('status')
      .getByText(/Whoever has it/)
      .waitFor();
    const { pathname } = new URL(String(await dialogue.locator('.mono').textContent()));
    await window.check();
    const shown = await fetch(`${it.world.url}${pathname}`);
    assert.equal(shown.status, 200);
    assert.match(await shown.text(), /For the auditor/);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete it' }).click();
    await page.getByRole('heading', { name: 'Reports', level: 1 }).waitFor();
    assert.notEqual((await fetch(`${it.world.url}${pathname}`)).status, 200);
  },
);

pageTest(
  'reports',
  'that the account shares are run by a reporting user over their own figures and not changed by them; they save their own',
  async (it) => {
    const body = { query: { by: 'tag' }, period: 'this_month' };
    const { id } = await it.boss.ok<{ id: string }>('POST', '/reports', {
      body: { name: 'Shared with all', share: 'use', ...body },
    });
    await it.boss.ok('POST', '/reports', { body: { name: 'Kept to itself', ...body } });
    const sent = await it.world.send('foreign@inbox.test', { tags: ['of-the-account'] });
    for (const each of sent) await it.world.settled(each, ['delivered']);
    await using window = await it.open('reporting');
    const { page } = window;
    await window.go('/reports');
    await page.getByRole('link', { name: 'Shared with all' }).click();
    await page.getByRole('heading', { name: 'Shared with all' }).waitFor();
    await page.getByRole('region', { name: 'Figures of the period' }).waitFor();
    assert.equal(await page.getByText('of-the-account').count(), 0);
    for (const name of ['Change', 'Share by a link', 'Delete'])
      assert.equal(await page.getByRole('button', { name }).getAttribute('aria-disabled'), 'true', name);
    await window.check();
    await window.go('/reports');
    await page.getByRole('link', { name: 'Shared with all' }).waitFor();
    assert.equal(await page.getByText('Kept to itself').count(), 0);
    await page.getByRole('button', { name: 'New report' }).click();
    await page.getByRole('textbox', { name: /^Name/ }).fill('Mine');
    await page.getByRole('button', { name: 'Save it' }).click();
    await page.getByRole('heading', { name: 'Mine' }).waitFor();
    const change = page.getByRole('button', { name: 'Change' });
    assert.equal(await change.getAttribute('aria-disabled'), null);
    await window.check();
    await using other = await it.open('reader');
    await other.go(`/reports/${id}`);
    await other.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
    await other.check();
  },
);
