import assert from 'node:assert/strict';
import { hostile, pageTest } from '../ground.ts';

type Made = { readonly id: string; readonly record: { readonly name: string; readonly value: string } };

pageTest(
  'tracking-domains',
  'switches what is tracked, and adds a domain that leads to its record',
  async (it) => {
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/tracking-domains');
    await page
      .locator('input')
      .and(page.getByLabel('Opens', { exact: true }))
      .click();
    await page.getByRole('option', { name: 'on', exact: true }).click();
    await page.getByText('Saved: it counts for mail from now on').waitFor();
    const told = await it.boss.ok<{ own: { opens: boolean | null } }>('GET', '/tracking-settings');
    assert.equal(told.own.opens, true);
    await page.getByRole('button', { name: 'New tracking domain' }).click();
    const name = page.getByRole('textbox', { name: /^Name/ });
    await name.fill('not a name');
    await page.keyboard.press('Enter');
    await page.getByText(/domain name/).waitFor();
    assert.equal(await name.getAttribute('aria-invalid'), 'true');
    await name.fill('click.harbour.example');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'click.harbour.example' }).waitFor();
    await page.getByRole('button', { name: 'Copy the value' }).waitFor();
    await window.check();
    await it.boss.ok('PUT', '/tracking-settings', { body: {} });
  },
);

pageTest('tracking-domain', 'is proven once its record is seen, and becomes the default', async (it) => {
  const { id, record } = await it.boss.ok<Made>('POST', '/tracking-domains', {
    body: { name: 'go.harbour.example' },
  });
  it.dns.zone[record.name] = { CNAME: 'elsewhere.example' };
  await using window = await it.open('owner');
  const { page } = window;
  await window.go(`/tracking-domains/${id}`);
  await page.getByRole('button', { name: 'Check now' }).click();
  await page.getByText('elsewhere.example').waitFor();
  await page.getByText(/it must point to/).waitFor();
  await page.getByText('Only a proven one can be the default.').waitFor();
  await window.check();
  it.dns.zone[record.name] = { CNAME: record.value };
  // What DNS said before may be remembered for a second.
  await it.world.until(
    async () => {
      await page.getByRole('button', { name: 'Check now' }).click();
      return page.locator('main').getByText('proven', { exact: true }).count();
    },
    (count) => count > 0,
  );
  await page.getByRole('switch', { name: 'The default' }).focus();
  await page.keyboard.press('Space');
  await page.getByText('Saved').first().waitFor();
  const told = await it.boss.ok<{ source: string; url: string }>('GET', '/tracking-choice');
  assert.match(told.url, /go\.harbour\.example/);
  await page.getByRole('button', { name: 'Set up by the provider' }).click();
  await page.getByText('The DNS provider of this domain does not offer automatic set-up.').waitFor();
  await window.check();
  await it.boss.ok('DELETE', `/tracking-domains/${id}`);
});

pageTest(
  'tracking-domains',
  'show what a DNS server says as text, and are closed without the grant',
  async (it) => {
    const { id, record } = await it.boss.ok<Made>('POST', '/tracking-domains', {
      body: { name: 'evil.harbour.example' },
    });
    it.dns.zone[record.name] = { CNAME: hostile.replaceAll(/[ .]/g, '') };
    await it.boss.ok('POST', `/tracking-domains/${id}/check`);
    await using window = await it.open('owner');
    await window.go(`/tracking-domains/${id}`);
    await window.page.getByText(/<img/).waitFor();
    await window.check();
    await using theirs = await it.open('client');
    await theirs.go('/tracking-domains');
    await theirs.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
    await theirs.check();
  },
);
