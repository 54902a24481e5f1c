import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { pageTest } from '../ground.ts';

const hostile = '<img src=x onerror=alert(1)>';

pageTest('figures', 'are told by a dimension, narrowed by a line, and kept as CSV', async (it) => {
  const sent = [
    ...(await it.world.send('figure@inbox.test', { tags: [`spring ${hostile}`] })),
    ...(await it.world.send('hard@figure.test', { tags: [`spring ${hostile}`] })),
    ...(await it.world.send('figure@inbox.test', { tags: ['winter'] })),
  ];
  for (const id of sent) await it.world.settled(id, ['delivered', 'bounced']);
  await it.world.until(
    () =>
      it.boss.ok<{ total: { delivered: number; bounced: { hard: number } } }>('GET', '/figures?tag=winter'),
    ({ total }) => total.delivered === 1,
  );
  await using window = await it.open('owner');
  const { page } = window;
  await window.go('/figures?period=7');
  await page.getByRole('combobox', { name: 'By', exact: true }).click();
  await page.getByRole('option', { name: 'Tag' }).click();
  const table = page.getByRole('table', { name: 'By tag' });
  await table.getByText('winter').waitFor();
  await table.getByRole('button', { name: `spring ${hostile}` }).click();
  await page.getByText(`Tag: spring ${hostile}`).waitFor();
  await table.getByText('winter').waitFor({ state: 'detached' });
  const tiles = page.getByRole('region', { name: 'Figures of the period' });
  await tiles.getByText('50%').first().waitFor();
  await tiles.getByText('Time to delivery').waitFor();
  await tiles.getByText(/^\d[\d.]* (?:ms|s|min)$/).waitFor();
  await tiles.getByText(/^\d[\d.]* (?:bytes|KiB)$/).waitFor();

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'figures by tag.csv');
  const csv = await readFile((await download.path()) ?? '', 'utf8');
  assert.match(csv, /spring/);
  assert.doesNotMatch(csv, /winter/);

  await page.getByRole('button', { name: 'Take away the filter of Tag' }).click();
  await table.getByText('winter').waitFor();
  await page.getByLabel('Compare with the period before').check({ force: true });
  await tiles
    .getByText(/before \d/)
    .first()
    .waitFor();
  await window.check();
});

pageTest(
  'figures',
  'says in the API’s words what cannot be told, and a reporting user sees their own',
  async (it) => {
    await using window = await it.open('reporting');
    const { page } = window;
    await window.go('/figures?period=90&step=hour');
    await page.getByRole('alert').getByText('step hours are kept for 63 days').waitFor();
    await window.go('/figures?by=subaccount');
    await page.getByRole('region', { name: 'Figures of the period' }).waitFor();
    assert.equal(await page.getByRole('main').getByText('First account').count(), 0);
    await window.check();
  },
);
