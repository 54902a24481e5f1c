import assert from 'node:assert/strict';
import { mailsTo } from '../../doubles/browser.ts';
import { hostile, pageTest } from '../ground.ts';

pageTest(
  'sender-letter',
  'is written in one’s own words beside a preview, says what is wrong with them, is mailed so, and goes back',
  async (it) => {
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/senders');
    await page.getByRole('link', { name: 'Confirmation mail' }).click();
    await page.getByRole('heading', { name: 'Confirmation mail', level: 1 }).waitFor();
    const back = page.getByRole('button', { name: 'Go back to the text before' });
    assert.equal(await back.getAttribute('aria-disabled'), 'true');
    const subject = page.getByRole('textbox', { name: 'Subject' });
    const text = page.getByRole('textbox', { name: 'Text' });
    await subject.fill('Shall we write as {{email}}?');
    await text.fill('Dear {{nobody}}');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.locator('[id$=-error]').waitFor();
    assert.equal(await text.getAttribute('aria-invalid'), 'true');
    await text.fill(`Dear {{name}},\n\nplease agree. ${hostile}`);
    const preview = page.getByRole('region', { name: 'As Ada would read it' });
    await preview.getByText('Shall we write as ada@client.example?').waitFor();
    await preview.getByText('Dear Ada,').waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('region', { name: 'Your own text' }).waitFor();
    await window.picture('sender-letter');
    await window.check();
    await it.boss.ok('POST', '/senders', { body: { email: 'asked@harbour.example', name: 'Jo' } });
    const [mail = ''] = await it.world.until(
      () => mailsTo(it.world, 'asked@harbour.example'),
      ({ length }) => length > 0,
    );
    assert.match(mail, /Subject: Shall we write as asked@harbour\.example\?/);
    await back.click();
    await page.getByRole('button', { name: 'Go back', exact: true }).click();
    await page.getByRole('region', { name: 'The text that is in use' }).waitFor();
    assert.equal(await subject.inputValue(), 'May {{account}} send mail as {{email}}?');
    await window.check();
  },
);

pageTest(
  'sender-letter',
  'is read by a client who may not change it, and closed without the grant',
  async (it) => {
    await using window = await it.open('reader');
    const { page } = window;
    await window.go('/sender-letter');
    await page.getByRole('region', { name: 'As Ada would read it' }).waitFor();
    const save = page.getByRole('button', { name: 'Save', exact: true });
    assert.equal(await save.getAttribute('aria-disabled'), 'true');
    await window.check();
    await using other = await it.open('client');
    await other.go('/sender-letter');
    await other.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
    await other.check();
  },
);
