import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ground, hostile, owner, pageTest } from '../ground.ts';

test('the login takes a password, refuses a wrong one in words, and leads back to where one was', async () => {
  const it = await ground();
  await using window = await it.openStranger();
  const { page } = window;
  await window.go('/messages?state=held');
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  await page.getByLabel('Address').fill(owner.email);
  await page.getByLabel('Password').fill('not the password at all');
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByRole('alert').waitFor();
  await window.check();
  await page.getByLabel('Password').fill(owner.password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByRole('heading', { name: 'Messages', exact: true }).waitFor();
  assert.match(page.url(), /\/messages\?state=held$/);
  await page.getByRole('button', { name: /Your menu/ }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
});

pageTest('overview', 'shows figures and the health of each subaccount', async (it) => {
  await using window = await it.open('owner');
  await window.go('/');
  await window.page.getByText('Accepted').first().waitFor();
  await window.page
    .getByRole('table', { name: 'Subaccounts, trouble first' })
    .getByText('Harbour Books')
    .waitFor();
  await window.check();
});

pageTest(
  'overview',
  'a client sees menu and figures of their own subaccount and nothing of the account',
  async (it) => {
    await using window = await it.open('client');
    await window.go('/');
    await window.page.getByText('Accepted').first().waitFor();
    const menu = window.page.getByRole('navigation', { name: 'Pages' });
    assert.equal(await menu.getByRole('link', { name: 'Messages' }).count(), 1);
    assert.equal(await menu.getByRole('link', { name: 'Subaccounts' }).count(), 0);
    await window.check();
    await window.go('/subaccounts');
    await window.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
    await window.check();
  },
);

pageTest(
  'subaccounts',
  'makes a subaccount with a key that is shown once, and finds it again',
  async (it) => {
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/subaccounts');
    await page.getByRole('button', { name: 'New subaccount' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(`North Mill ${hostile}`);
    await page.getByLabel('Messages per hour').fill('100');
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByText('Its key, shown this once').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByLabel('Name or external id').fill('North Mill');
    await page.getByRole('link', { name: /North Mill/ }).waitFor();
    await page.waitForURL(/search=North/);
    await window.check();
  },
);

pageTest('subaccount', 'pauses and resumes, and its backlog leaves under the eyes', async (it) => {
  await using window = await it.open('owner');
  const { page } = window;
  await window.go(`/subaccounts/${it.subaccountId}`);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Resume' }).waitFor();
  await it.boss.ok('POST', '/messages', {
    headers: { 'lettershop-subaccount': String(it.subaccountId) },
    body: {
      from: { email: 'a@lettershop.test' },
      to: [{ email: 'held@inbox.test' }],
      subject: 'Held',
      text: 'x',
    },
  });
  await page.getByText(/1 messages? wait/).waitFor();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByText('Nothing waits.').waitFor();
  await window.check();
});

pageTest('messages', 'finds mail by recipient, and says what would stand there', async (it) => {
  await using window = await it.open('owner');
  const { page } = window;
  await it.world.send('found@inbox.test', { subject: `Found ${hostile}`, html: hostile });
  await window.go('/messages');
  await page.getByLabel('Recipient').fill('found@inbox.test');
  await page.getByRole('link', { name: 'found@inbox.test' }).waitFor();
  await page.getByLabel('Recipient').fill('nobody@inbox.test');
  await page.getByText('No messages are like that').waitFor();
  await window.check();
});

pageTest('message', 'tells what happened, and runs nothing of the content', async (it) => {
  await using window = await it.open('owner');
  const { page } = window;
  const [id = ''] = await it.world.send('read@inbox.test', {
    subject: `Read ${hostile}`,
    html: `<style>p{color:red}</style><p>Dear reader</p>${hostile}<a href="javascript:alert(3)">link</a>`,
  });
  await it.world.settled(id, ['delivered']);
  await window.go(`/messages/${id}`);
  await page.getByRole('list').getByText('delivered').first().waitFor();
  const inner = page.frameLocator('iframe[title="Content of the message"]').frameLocator('iframe');
  await inner.getByText('Dear reader').waitFor();
  // The policy of the frame says so in the browser's own log; the page itself has no fault.
  const faults = window.problems.filter(
    (line) => !/Blocked script execution|Content Security Policy/.test(line),
  );
  window.problems.splice(0, window.problems.length, ...faults);
  await window.check();
});

pageTest('profile', 'lists sessions and says when there is nothing to end', async (it) => {
  await using window = await it.open('reporting');
  await window.go('/profile');
  await window.page.getByText('this one').waitFor();
  await window.check();
});
