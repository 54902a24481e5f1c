import assert from 'node:assert/strict';
import { pageTest } from '../ground.ts';
import type { Window } from '../ground.ts';

const hostile = '<img src=x onerror=alert(1)>';

/** What a mail may not do is told by the browser in its own log; the page itself has no fault. */
function forgetFrames(window: Window): void {
  const faults = window.problems.filter(
    (line) => !/Blocked script execution|Content Security Policy/.test(line),
  );
  window.problems.splice(0, window.problems.length, ...faults);
}

pageTest(
  'templates',
  'makes one, which is written beside its preview, told its faults by line, sent as a test and published',
  async (it) => {
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/templates');
    await page.getByRole('button', { name: 'New template' }).click();
    await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill(`Order ${hostile}`);
    await page.getByLabel('Called by').fill('order mail');
    await page.getByRole('button', { name: 'Make it' }).click();
    // The API's own objection, beside the field.
    await page.getByText(/must match/).waitFor();
    await page.getByLabel('Called by').fill('order-mail');
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('heading', { name: `Order ${hostile}` }).waitFor();

    const mail = page.frameLocator('iframe[title="Preview of the mail"]').frameLocator('iframe');
    await mail.getByText('Hello Ada').waitFor();
    await page.getByLabel('Subject').fill(`Order of {{ name }} ${hostile}`);
    await page.getByRole('textbox', { name: 'HTML' }).fill(`<p>Dear {{ name }}</p>${hostile}`);
    await mail.getByText('Dear Ada').waitFor();
    await page.getByRole('status').getByText(`Order of Ada ${hostile}`).waitFor();
    await page.getByLabel('Data to try it with').fill('{"name":"Grace"}');
    await mail.getByText('Dear Grace').waitFor();

    await page.getByRole('textbox', { name: 'HTML' }).fill('<p>Dear {{ name </p>');
    await page
      .getByRole('alert')
      .getByText(/line 1/)
      .waitFor();
    await page.getByRole('textbox', { name: 'HTML' }).fill(`<p>Dear {{ name }}</p>${hostile}`);
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+s');
    await page.getByText('The draft was saved').waitFor();

    await page.getByRole('button', { name: 'Publish the draft' }).click();
    await page.getByText(/version \d+ is published/).waitFor();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByRole('textbox', { name: 'From', exact: true }).fill('hello@nobody.example');
    await page.getByRole('textbox', { name: 'To', exact: true }).fill('tester@inbox.test');
    await page.getByRole('button', { name: 'Send it' }).click();
    await page.getByText('nobody.example is not a proven sending domain').waitFor();
    await page.getByRole('textbox', { name: 'From', exact: true }).fill('hello@lettershop.test');
    await page.getByRole('button', { name: 'Send it' }).click();
    await page.getByText('The test is on its way').waitFor();
    const { items } = await it.world.until(
      () => it.boss.ok<{ items: { subject: string }[] }>('GET', '/messages?to=tester@inbox.test'),
      (found) => found.items.length > 0,
    );
    assert.match(items[0]?.subject ?? '', /^Order of/);
    forgetFrames(window);
    await window.check();
  },
);

pageTest(
  'template',
  'that the account shares is read below it, and says why it is not changed there',
  async (it) => {
    const made = await it.boss.ok<{ id: string }>('POST', '/templates', {
      body: { name: 'Shared', slug: 'shared', share: 'read', subject: 'Shared', html: '<p>Shared text</p>' },
    });
    await it.boss.ok('POST', `/templates/${made.id}/publish`, { body: {} });
    await it.boss.ok('PATCH', `/templates/${made.id}`, { body: { html: '<p>Draft text</p>' } });
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/templates?subaccount=${it.subaccountId}`);
    await page.getByRole('link', { name: 'Shared' }).click();
    await page.getByRole('heading', { name: 'Shared', exact: true }).waitFor();
    await window.tabTo(page.getByRole('button', { name: 'Save the draft' }));
    await page.getByText('It belongs to the account, which shares it').first().waitFor();
    forgetFrames(window);
    await window.check();
  },
);

pageTest(
  'template',
  'keeps what is typed while a save is under way, and follows the server where nothing was',
  async (it) => {
    const made = await it.boss.ok<{ id: string }>('POST', '/templates', {
      body: { name: 'Typed on', slug: 'typed-on', subject: 'First', html: '<p>First</p>' },
    });
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/templates/${made.id}`);
    const html = page.getByRole('textbox', { name: 'HTML' });
    await html.fill('<p>Second</p>');
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await page.route('**/api/v1/templates/*', async (route) => {
      if (route.request().method() === 'PATCH') await held;
      await route.continue();
    });
    const asked = page.waitForRequest((request) => request.method() === 'PATCH');
    await page.keyboard.press('Control+s');
    await asked;
    await html.fill('<p>Second, and third</p>');
    // Somebody else's change of another field, which the answer brings along.
    await it.boss.ok('PATCH', `/templates/${made.id}`, { body: { text: 'Theirs' } });
    letGo();
    await page.getByText('The draft was saved').waitFor();
    await page.getByText('Version 3').waitFor();
    assert.equal(await html.inputValue(), '<p>Second, and third</p>');
    const save = page.getByRole('button', { name: 'Save the draft' });
    await save.click();
    await page.getByText('Version 4').waitFor();
    const kept = await it.boss.ok<{ version: { html: string } }>('GET', `/templates/${made.id}`);
    assert.equal(kept.version.html, '<p>Second, and third</p>');
    await page.getByRole('button', { name: 'Go back to version 1' }).click();
    await page.getByText('Version 5').waitFor();
    await it.world.until(
      () => html.inputValue(),
      (shown) => shown === '<p>First</p>',
    );
    forgetFrames(window);
    await window.check();
  },
);

pageTest(
  'template',
  'has labels by which the list is narrowed, and an AMP part beside its others',
  async (it) => {
    const made = await it.boss.ok<{ id: string }>('POST', '/templates', {
      body: { name: 'Labelled', slug: 'labelled', subject: 'Cart', html: '<p>Cart</p>', text: 'Cart' },
    });
    await it.boss.ok('POST', '/templates', {
      body: { name: 'Without labels', slug: 'without-labels', html: '<p>x</p>' },
    });
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/templates/${made.id}`);
    await page.getByLabel('AMP part').check();
    await page.getByRole('textbox', { name: 'AMP' }).fill('<html amp4email><body>{{ name </body></html>');
    await page
      .getByRole('alert')
      .getByText(/^amp, line 1/)
      .waitFor();
    await page
      .getByRole('textbox', { name: 'AMP' })
      .fill(`<html amp4email><body>{{ name }}${hostile}</body></html>`);
    await page.getByRole('radiogroup', { name: 'Width' }).getByText('AMP', { exact: true }).click();
    await page.getByLabel('AMP of the mail').getByText('<html amp4email><body>Ada').waitFor();
    await page.getByRole('button', { name: 'Save the draft' }).click();
    await page.getByText('The draft was saved').waitFor();
    const labels = page.locator('input').and(page.getByLabel('Labels'));
    for (const label of ['spring', `sale ${hostile}`]) {
      await labels.fill(label);
      await labels.press('Enter');
    }
    await page.getByLabel('Description').fill('What waits in a cart');
    await page.getByRole('button', { name: 'Save the names' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    await window.picture('template-with-amp-and-labels');
    type Shown = { labels: string[]; description: string; version: { amp: string | null } };
    const shown = await it.boss.ok<Shown>('GET', `/templates/${made.id}`);
    assert.deepEqual(
      [shown.labels, shown.description, shown.version.amp?.startsWith('<html amp4email>')],
      [['spring', `sale ${hostile}`], 'What waits in a cart', true],
    );
    await window.go('/templates');
    await page.getByText('Without labels').waitFor();
    await page.getByLabel('Label', { exact: true }).fill('spring');
    await page.getByText('Without labels').waitFor({ state: 'detached' });
    await page.getByRole('row').filter({ hasText: 'labelled' }).getByText('spring').waitFor();
    await window.picture('templates-by-label');
    await window.go(`/templates/${made.id}`);
    await page.getByLabel('AMP part').uncheck();
    await page.getByRole('button', { name: 'Save the draft' }).click();
    await page.getByText('Version 3').waitFor();
    assert.equal((await it.boss.ok<Shown>('GET', `/templates/${made.id}`)).version.amp, null);
    forgetFrames(window);
    await window.check();
  },
);

pageTest('template', 'is not open to who may not read templates', async (it) => {
  await using window = await it.open('client');
  await window.go('/templates');
  await window.page.getByText('templates:read').waitFor();
  await window.check();
});
