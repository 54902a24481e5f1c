import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { pageTest } from '../ground.ts';

const hostile = '<img src=x onerror=alert(1)>';

pageTest(
  'captures',
  'shows a delivered mail under its subject as text, to whom may read content',
  async (it) => {
    const [id = ''] = await it.world.send('captured@inbox.test', { subject: `Captured ${hostile}` });
    await it.world.settled(id, ['delivered']);
    await using window = await it.open('owner');
    await window.go('/captures');
    await window.page
      .getByRole('table', { name: 'Captured mail' })
      .getByText(`Captured ${hostile}`)
      .waitFor();
    await window.check();
    await using other = await it.open('reporting');
    await other.go('/captures');
    await other.page.getByText('messages:content').waitFor();
    assert.equal(await other.page.getByRole('link', { name: 'Captured mail' }).count(), 0);
    await other.check();
  },
);

pageTest('capture', 'runs nothing of the mail, and is kept byte for byte', async (it) => {
  const [id = ''] = await it.world.send('kept@inbox.test', {
    subject: `Kept ${hostile}`,
    html: `<p>Dear reader</p>${hostile}<script>top.document.title='taken'</script>`,
  });
  await it.world.settled(id, ['delivered']);
  const { items } = await it.boss.ok<{ items: { id: string }[] }>('GET', `/captures?message=${id}`);
  await using window = await it.open('owner');
  const { page } = window;
  await window.go(`/captures/${items[0]?.id}`);
  await page.getByRole('heading', { name: `Kept ${hostile}` }).waitFor();
  const frame = page.frameLocator('iframe[title="Content of the captured mail"]').frameLocator('iframe');
  await frame.getByText('Dear reader').waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Keep as a file' }).click(),
  ]);
  const kept = await readFile((await download.path()) ?? '', 'latin1');
  assert.match(kept, /^dkim-signature:/im);
  assert.match(await page.title(), /· Lettershop$/);
  const faults = window.problems.filter(
    (line) => !/Blocked script execution|Content Security Policy/.test(line),
  );
  assert.deepEqual(faults, []);
});
