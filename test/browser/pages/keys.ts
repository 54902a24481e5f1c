import assert from 'node:assert/strict';
import { hostile, pageTest } from '../ground.ts';
import type { Window } from '../ground.ts';

/** The secret that a dialogue shows; the dialogue is closed afterwards. */
async function secretIn({ page }: Window, dialogue: string): Promise<string> {
  const place = page.getByRole('dialog', { name: dialogue });
  await place.getByText('Shown this once').waitFor();
  const secret = await place.getByRole('alert').locator('.mono').textContent();
  await place.getByRole('button', { name: 'Done' }).click();
  await place.waitFor({ state: 'detached' });
  return String(secret);
}

pageTest('keys', 'makes a key with chosen grants that is shown once, and an SMTP user', async (it) => {
  await using window = await it.open('owner');
  const { page } = window;
  await window.go('/keys');
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByRole('textbox', { name: /^Name/ }).fill(`Harbour shop ${hostile}`);
  await page.getByRole('checkbox', { name: 'metrics:read' }).check();
  await page.getByRole('textbox', { name: 'Only from these addresses' }).fill('not an address');
  await page.getByRole('button', { name: 'Make it' }).click();
  await page.getByText(/must be an IP address or a CIDR.* \(number 1\)/).waitFor();
  await page.getByRole('textbox', { name: 'Only from these addresses' }).fill('127.0.0.0/8');
  await page.getByRole('button', { name: 'Make it' }).click();
  const secret = await secretIn(window, 'New key');
  const me = await it.world.api('GET', '/me', { secret });
  const { grants } = (me.body as { current: { grants: string[] } }).current;
  assert.deepEqual(grants.toSorted(), ['messages:send', 'metrics:read', 'smtp:send']);
  await page.getByRole('link', { name: /^Harbour shop <img/ }).waitFor();

  await page.getByText('SMTP users').click();
  await page.getByRole('button', { name: 'New SMTP user' }).click();
  await page.getByRole('textbox', { name: /^Name/ }).fill('Printer in the hall');
  await page.getByRole('button', { name: 'Make it' }).click();
  assert.notEqual(await secretIn(window, 'New SMTP user'), '');
  await page.getByRole('link', { name: 'Printer in the hall' }).waitFor();
  await window.check();
});

pageTest('keys', 'are not open to a client who was given none of them', async (it) => {
  await using window = await it.open('client');
  await window.go('/keys');
  await window.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
  await window.check();
});

pageTest(
  'key',
  'rotates with a new secret shown once, changes grants, deactivates and deletes',
  async (it) => {
    const body = { name: 'Old shop', grants: ['messages:send'] };
    const made = await it.boss.ok<{ id: string; secret: string }>('POST', '/keys', { body });
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/keys/${made.id}`);
    await page.getByRole('button', { name: 'Rotate' }).click();
    await page.getByRole('button', { name: 'Rotate it' }).click();
    const secret = await secretIn(window, 'The new secret');
    assert.notEqual(secret, made.secret);
    for (const each of [secret, made.secret])
      assert.equal((await it.world.api('GET', '/me', { secret: each })).status, 200);

    await page.getByRole('button', { name: 'Change' }).click();
    await page.getByRole('checkbox', { name: 'templates:read' }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('region', { name: 'Grants' }).getByText('templates:read').waitFor();

    await page.getByRole('button', { name: 'Deactivate' }).click();
    await page.getByRole('button', { name: 'Deactivate it' }).click();
    await page.getByText('Switched off').waitFor();
    // A key that is switched off fails within a second.
    await it.world.until(
      () => it.world.api('GET', '/me', { secret: made.secret }),
      ({ status }) => status === 401,
    );
    await window.check();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByLabel('Type Old shop to go on').fill('Old shop');
    await page.getByRole('button', { name: 'Delete it' }).click();
    await page.getByRole('heading', { name: 'Keys' }).waitFor();
    await window.check();
  },
);

pageTest('smtp-user', 'says who may log in and from where, and is switched off', async (it) => {
  const body = { name: 'Scanner', allowedAddresses: ['192.0.2.0/24'] };
  const { id } = await it.boss.ok<{ id: string }>('POST', '/smtp-users', { body });
  await using window = await it.open('owner');
  const { page } = window;
  await window.go(`/smtp-users/${id}`);
  await page.getByText('192.0.2.0/24').waitFor();
  await page.getByRole('button', { name: 'Deactivate' }).click();
  await page.getByRole('button', { name: 'Deactivate it' }).click();
  await page.getByRole('button', { name: 'Activate', exact: true }).click();
  await page.getByText('Scanner works again').waitFor();
  await window.check();
});
