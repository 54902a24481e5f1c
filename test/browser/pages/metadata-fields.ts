import assert from 'node:assert/strict';
import { hostile, pageTest } from '../ground.ts';

pageTest(
  'metadata-fields',
  'names one, says beside the field what is wrong with how it is shown, shows it so with a message, and removes it',
  async (it) => {
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/metadata-fields');
    await page.getByText('No fields yet').waitFor();
    await page.getByRole('button', { name: 'New field' }).click();
    const dialogue = page.getByRole('dialog', { name: 'New field' });
    await dialogue.getByRole('textbox', { name: /^Name/ }).fill('order');
    const shown = dialogue.getByRole('textbox', { name: /^How its values are shown/ });
    await shown.fill('{{#if value}}');
    await dialogue.getByRole('button', { name: 'Name it' }).click();
    await dialogue.locator('[id$=-error]').waitFor();
    assert.equal(await shown.getAttribute('aria-invalid'), 'true');
    await shown.fill(`Order {{value}} ${hostile}`);
    await dialogue.getByRole('button', { name: 'Name it' }).click();
    const row = page.getByRole('row').filter({ hasText: 'order' });
    await row.getByText('all subaccounts').waitFor();
    await window.picture('metadata-fields');
    await window.check();
    await row.getByRole('button', { name: 'Change' }).click();
    const edit = page.getByRole('dialog', { name: 'Change order' });
    await edit.getByRole('textbox', { name: /^How its values are shown/ }).fill('<b>No. {{value}}</b>');
    await edit.getByRole('button', { name: 'Save' }).click();
    await row.getByText('<b>No. {{value}}</b>').waitFor();

    const [id = ''] = await it.world.send('ordered@inbox.test', { metadata: { order: 'A-17', other: 'x' } });
    await window.go(`/messages/${id}`);
    const part = page.getByRole('region', { name: 'Metadata' });
    await part.getByText('A-17', { exact: true }).waitFor();
    await part.frameLocator('iframe').frameLocator('iframe').getByText('No. A-17').waitFor();
    await window.picture('message-metadata');

    await window.go('/metadata-fields');
    await row.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove it' }).click();
    await page.getByText('No fields yet').waitFor();
    await window.check();
  },
);

pageTest('metadata-fields', 'are not open to a client who was given none of them', async (it) => {
  await using window = await it.open('client');
  await window.go('/metadata-fields');
  await window.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
  await window.check();
});
