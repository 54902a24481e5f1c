import assert from 'node:assert/strict';
import { joinBy, password } from '../../doubles/browser.ts';
import { pageTest, Window } from '../ground.ts';
import type { Ground } from '../ground.ts';
import { addPasskeyDevice } from '../passkey-device.ts';

type Host = { readonly id: string; readonly record: { readonly name: string; readonly value: string } };

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** Said of any host without TLS that is not localhost. */
function withoutSaidOfHttp({ problems }: Window): void {
  const others = problems.filter((line) => !line.startsWith('The Cross-Origin-Opener-Policy header'));
  problems.splice(0, Infinity, ...others);
}

/** By asking again: the policy of our pages lets nobody, a test neither, evaluate text in them while it waits. */
async function seen(it: Ground, page: Window['page'], truth: string): Promise<void> {
  await it.world.until(() => page.evaluate<boolean>(truth), Boolean);
}

pageTest(
  'brand',
  'takes name, colour and logo, says what is wrong with a colour, and wears them at once',
  async (it) => {
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/brand');
    await page.getByRole('textbox', { name: 'Name' }).fill('Harbour Mail');
    const color = page.getByRole('textbox', { name: 'Colour' });
    await color.fill('#ffcc00');
    await page.getByText(/must be darker: white text on it has a contrast of 1\.5 to 1/).waitFor();
    await color.fill('#1d4ed8');
    await page.getByText('White text on it has a contrast of 6.7 to 1').waitFor();
    await page.getByRole('textbox', { name: 'Address for help' }).fill('help@harbour.example');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('navigation', { name: 'Pages' }).getByText('Harbour Mail').waitFor();
    await seen(it, page, `document.title === 'Brand · Harbour Mail'`);
    const filled = `getComputedStyle(document.documentElement).getPropertyValue('--mantine-primary-color-filled').trim()`;
    await seen(it, page, `${filled} !== ''`);
    await page
      .getByLabel('Logo file')
      .setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: png });
    await page.getByText('The logo was saved').waitFor();
    await seen(it, page, `document.querySelector('nav img.brand-logo')?.naturalWidth === 1`);
    await window.check();

    await using theirs = await it.open('client');
    await theirs.go('/');
    await theirs.page.getByRole('navigation', { name: 'Pages' }).getByText('Harbour Mail').waitFor();
    await theirs.page.getByRole('button', { name: /^Your menu/ }).click();
    await theirs.page.getByRole('menuitem', { name: 'Help: help@harbour.example' }).waitFor();
    await theirs.page.keyboard.press('Escape');
    await theirs.check();
    await it.boss.ok('DELETE', '/brand');
  },
);

pageTest('brand', 'of a subaccount stands on the login of its proven host, and on no other', async (it) => {
  const headers = { 'lettershop-subaccount': String(it.subaccountId) };
  await it.boss.ok('PUT', '/brand', {
    headers,
    body: { name: 'Quay Letters', color: '#0f766e', supportAddress: 'help@quay.example' },
  });
  await using window = await it.open('owner');
  const { page } = window;
  await window.go(`/brand?subaccount=${it.subaccountId}`);
  await page.getByRole('button', { name: 'New host' }).click();
  await page.getByRole('dialog').getByRole('textbox', { name: /^Name/ }).fill('console.quay.example');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Copy the value' }).waitFor();
  const { items } = await it.boss.ok<{ items: Host[] }>('GET', '/brand/hosts', { headers });
  const [host] = items;
  assert.ok(host !== undefined);
  it.dns.zone[host.record.name] = { CNAME: host.record.value };
  await page.getByRole('button', { name: 'Check now' }).click();
  // A host that is proven is looked at by nobody's wish any more: the button goes, so it is not pressed again.
  await page.locator('main').getByText('proven', { exact: true }).waitFor();
  await window.check();

  const port = new URL(it.world.url).port;
  await using door = await Window.on(await it.newContext({}), `http://console.quay.example:${port}`);
  // A browser keeps for half a minute what a host showed: it asks when the program knows the host.
  const { hosts } = it.world.program;
  await it.world.until(
    () => Promise.resolve(hosts.accountOf('console.quay.example')),
    (account) => account !== null,
  );
  await door.go('/login');
  await seen(it, door.page, `document.title === 'Log in · Quay Letters'`);
  await door.page.getByRole('main').getByText('Quay Letters').waitFor();
  await door.page.getByRole('link', { name: 'help@quay.example' }).waitFor();
  const filled = `getComputedStyle(document.querySelector('button[type=submit]')).backgroundColor`;
  assert.equal(await door.page.evaluate(filled), 'rgb(15, 118, 110)');
  await door.page.getByRole('button', { name: 'Log in with a passkey' }).waitFor();
  assert.equal(await door.page.getByRole('link', { name: 'Log in by your organisation' }).count(), 0);
  withoutSaidOfHttp(door);
  await door.check();

  await using plain = await it.openStranger();
  await plain.go('/login');
  await seen(it, plain.page, `document.title === 'Log in · Lettershop'`);
  await plain.check();
  await it.boss.ok('DELETE', `/brand/hosts/${host.id}`, { headers });
  await it.boss.ok('DELETE', '/brand', { headers });
});

pageTest(
  'brand',
  'has a host where one adds a passkey and logs in by it, which is offered at no other host',
  async (it) => {
    const { dns, world, boss } = it;
    const name = 'console.wharf.example';
    const email = 'person@wharf.test';
    const made = await boss.ok<{ id: number }>('POST', '/subaccounts', { body: { name: 'Wharf' } });
    const headers = { 'lettershop-subaccount': String(made.id) };
    await boss.ok('PUT', '/brand', { headers, body: { name: 'Wharf Letters', color: '#0f766e' } });
    const host = await boss.ok<Host>('POST', '/brand/hosts', { headers, body: { name } });
    dns.zone[name] = { CNAME: host.record.value };
    await boss.ok('POST', `/brand/hosts/${host.id}/check`, { headers });
    await world.until(
      () => Promise.resolve(world.program.hosts.accountOf(name)),
      (account) => account !== null,
    );
    await joinBy(world, boss, email, { subaccounts: [{ id: made.id, role: 'reporting' }] });

    const { httpPort } = world.program.doors;
    const context = await it.newContext({});
    await using window = await Window.on(context, `http://${name}:${httpPort}`);
    const { page } = window;
    const device = await addPasskeyDevice(page);
    await window.go('/login?next=/profile');
    await page.getByLabel('Address').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    const panel = page.getByRole('region', { name: 'Passkeys' });
    await panel.getByText(`Here stand those of ${name}.`).waitFor();
    await panel.getByRole('button', { name: 'Add this device' }).click();
    await panel.getByText(`at ${name} (here)`).waitFor();
    await window.picture('passkeys-of-a-brand-host');
    assert.deepEqual(await device.hosts(), [name], 'the browser made it for this host');
    await page.getByRole('button', { name: /Your menu/ }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await page.getByRole('button', { name: 'Log in with a passkey' }).click();
    await page.getByRole('navigation', { name: 'Pages' }).getByText('Wharf Letters').waitFor();
    withoutSaidOfHttp(window);
    await window.check();

    // The same browser with the same authenticator, at the installation's host.
    const home = `http://localhost:${httpPort}`;
    await page.goto(`${home}/login`);
    await page.getByRole('button', { name: 'Log in with a passkey' }).click();
    await page.getByText('No passkey was accepted').waitFor();
    await page.getByLabel('Address').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    await page.goto(`${home}/profile`);
    await panel.getByText(`at ${name}, since`).waitFor();
    await boss.ok('DELETE', `/brand/hosts/${host.id}`, { headers });
    await boss.ok('DELETE', '/brand', { headers });
  },
);

pageTest('brand', 'is not open to whoever was not given it', async (it) => {
  await using window = await it.open('reporting');
  await window.go('/brand');
  await window.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
  await window.check();
});
