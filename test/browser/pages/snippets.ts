import assert from 'node:assert/strict';
import { hostile, pageTest } from '../ground.ts';
import type { Window } from '../ground.ts';

/** What a mail may not do is told by the browser in its own log; the page itself has no fault. */
function forgetFrames(window: Window): void {
  const faults = window.problems.filter(
    (line) => !/Blocked script execution|Content Security Policy/.test(line),
  );
  window.problems.splice(0, window.problems.length, ...faults);
}

pageTest('snippets', 'makes one, which is written beside its preview and published', async (it) => {
  await using window = await it.open('owner');
  const { page } = window;
  await window.go('/snippets');
  await page.getByRole('button', { name: 'New snippet' }).click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill(`Foot ${hostile}`);
  await page.getByLabel('Shown by').fill('our foot');
  await page.getByRole('button', { name: 'Make it' }).click();
  await page.getByText(/must match/).waitFor();
  await page.getByLabel('Shown by').fill('our-foot');
  await page.getByRole('button', { name: 'Make it' }).click();
  await page.getByRole('heading', { name: `Foot ${hostile}` }).waitFor();
  await page.getByRole('textbox', { name: 'HTML' }).fill(`<p>For {{ name }}</p>${hostile}`);
  const mail = page.frameLocator('iframe[title="Preview of the mail"]').frameLocator('iframe');
  await mail.getByText('For Ada').waitFor();
  await page.getByRole('textbox', { name: 'AMP' }).fill('<amp-img alt="{{ name }}">');
  await page.getByRole('radiogroup', { name: 'Width' }).getByText('AMP', { exact: true }).click();
  await page.getByLabel('AMP of the mail').getByText('<amp-img alt="Ada">').waitFor();
  await page.getByRole('radiogroup', { name: 'Width' }).getByText('Desktop', { exact: true }).click();
  const labels = page.locator('input').and(page.getByLabel('Labels'));
  await labels.fill('legal');
  await labels.press('Enter');
  await page.keyboard.press('Control+s');
  await page.getByText('The draft was saved').waitFor();
  await window.picture('snippet-with-amp');
  await page.getByRole('button', { name: 'Publish the draft' }).click();
  await page.getByText('Published: mail from now on shows it').waitFor();
  await page.getByRole('link', { name: 'Snippets' }).first().click();
  await page.getByLabel('Label', { exact: true }).fill('legal');
  await page.getByRole('row').filter({ hasText: 'our-foot' }).getByText('published').first().waitFor();
  await page.getByRole('row').filter({ hasText: 'our-foot' }).getByText('legal').waitFor();
  forgetFrames(window);
  await window.check();
});

pageTest('snippet', 'names the templates that show it before it is deleted', async (it) => {
  const part = await it.boss.ok<{ id: string }>('POST', '/snippets', {
    body: { name: 'Imprint', slug: 'imprint', html: '<p>Acme</p>' },
  });
  await it.boss.ok('POST', `/snippets/${part.id}/publish`, { body: {} });
  const shows = await it.boss.ok<{ id: string }>('POST', '/templates', {
    body: { name: `Shows it ${hostile}`, slug: 'shows-it', subject: 's', html: '{% render "imprint" %}' },
  });
  await it.boss.ok('POST', `/templates/${shows.id}/publish`, { body: {} });
  await using window = await it.open('owner');
  const { page } = window;
  await window.go(`/snippets/${part.id}`);
  await page.getByText('in what is published').waitFor();
  await page.getByRole('button', { name: 'Delete the snippet' }).click();
  const asked = page.getByRole('dialog');
  await asked.getByText(`What is published of Shows it ${hostile} shows imprint`).waitFor();
  await asked.getByRole('button', { name: 'Delete it' }).click();
  await page.getByText('The snippet was deleted').waitFor();
  await page.getByRole('heading', { name: 'Snippets' }).waitFor();
  const gone = await it.boss.api('GET', `/snippets/${part.id}`);
  assert.equal(gone.status, 404);
  forgetFrames(window);
  await window.check();
});

pageTest('snippets', 'are not open to who may not read templates', async (it) => {
  await using window = await it.open('client');
  await window.go('/snippets');
  await window.page.getByText('templates:read').waitFor();
  await window.check();
});
