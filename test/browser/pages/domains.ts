import assert from 'node:assert/strict';
import { makeAddressFilter } from '../../../src/base/address-filter.ts';
import { makeHttpsGet } from '../../../src/base/https-get.ts';
import { silentLog } from '../../../src/base/log.ts';
import { nativeRoutes } from '../../../src/main/routes.ts';
import { HttpsHost } from '../../doubles/https-host.ts';
import { openSideDoor } from '../../sweeps/isolation-ground.ts';
import { testKey } from '../../world.ts';
import { hostile, pageTest } from '../ground.ts';
import type { Ground } from '../ground.ts';

type Domain = {
  readonly id: string;
  readonly records: readonly { readonly type: string; readonly name: string; readonly value: string }[];
};

function add(it: Ground, name: string, headers: Record<string, string> = {}): Promise<Domain> {
  return it.boss.ok<Domain>('POST', '/domains', { headers, body: { name } });
}

pageTest('domains', 'adds a domain and leads to the records that it needs', async (it) => {
  await using window = await it.open('owner');
  const { page } = window;
  await window.go('/domains');
  await page.getByRole('button', { name: 'New domain' }).click();
  const name = page.getByRole('textbox', { name: /^Domain/ });
  await name.fill('not a domain');
  await page.keyboard.press('Enter');
  await page.getByText(/domain name/).waitFor();
  assert.equal(await name.getAttribute('aria-invalid'), 'true');
  await name.fill('shop.example.com');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'shop.example.com' }).waitFor();
  await page.getByText('_lettershop.shop.example.com').first().waitFor();
  await window.check();
});

pageTest(
  'domain',
  'shows what was seen beside what is wanted, and is proven once it is published',
  async (it) => {
    const { id, records } = await add(it, 'seen.example.com');
    const [first] = records;
    it.dns.zone[first?.name ?? ''] = { TXT: [hostile] };
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/domains/${id}`);
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByText('Checked: below stands what was seen').waitFor();
    const ownership = page.getByRole('listitem', { name: 'Ownership' });
    await ownership.getByText(hostile, { exact: true }).waitFor();
    await ownership.getByRole('button', { name: 'Copy the value of Ownership' }).waitFor();
    await window.check();
    for (const { type, name, value } of records)
      it.dns.zone[name] = type === 'CNAME' ? { CNAME: value.replace(/\.$/, '') } : { TXT: [value] };
    await it.world.until(
      async () => {
        await page.getByRole('button', { name: 'Check now' }).click();
        return page.locator('main').getByText('proven', { exact: true }).count();
      },
      (count) => count > 1,
    );
    await window.check();
  },
);

pageTest(
  'domain',
  'forwards the instructions by mail, and says beside the field what is wrong',
  async (it) => {
    const { id } = await add(it, 'forwarded.example.com');
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/domains/${id}`);
    await page.getByRole('button', { name: 'Forward the instructions' }).click();
    const to = page.getByRole('textbox', { name: /^To/ });
    await to.fill('nobody at all');
    await page.getByRole('button', { name: 'Send them' }).click();
    await page.locator('[id$=-error]').waitFor();
    assert.equal(await to.getAttribute('aria-invalid'), 'true');
    await to.fill('dns@inbox.test');
    await page.getByRole('button', { name: 'Send them' }).click();
    await page.getByText('The instructions are on their way').waitFor();
    await window.check();
  },
);

pageTest(
  'domain',
  'says where bounces come back to, and takes those of all mail once DNS shows it',
  async (it) => {
    const { id, records } = await add(it, 'returns.example.com');
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/domains/${id}`);
    await page.getByText('bounce.returns.example.com, for mail from it').waitFor();
    const set = page.getByRole('button', { name: 'For all mail' });
    assert.equal(await set.getAttribute('aria-disabled'), 'true');
    for (const { type, name, value } of records)
      it.dns.zone[name] = type === 'CNAME' ? { CNAME: value.replace(/\.$/, '') } : { TXT: [value] };
    await it.world.until(
      async () => {
        await page.getByRole('button', { name: 'Check now' }).click();
        return set.getAttribute('aria-disabled');
      },
      (disabled) => disabled === null,
    );
    await set.click();
    await page.getByText('bounce.returns.example.com, for all mail').waitFor();
    await window.check();
    await page.getByRole('button', { name: 'Only for mail from it' }).click();
    await page.getByText('bounce.returns.example.com, for mail from it').waitFor();
  },
);

pageTest('domain', 'leads to a provider that sets the records up, and says when none does', async (it) => {
  await using provider = await HttpsHost.start('connect.provider.test');
  const { program, clock } = it.world;
  const { resolve } = program.domains;
  const filter = makeAddressFilter({ allow: ['127.0.0.0/8'] });
  const httpsGet = makeHttpsGet({ resolve, filter, port: provider.port, ca: provider.cert });
  const domains = { ...program.domains, httpsGet };
  // The same routes, but that the DNS provider is asked at the double's port, with its certificate.
  await using side = await openSideDoor(
    it.world,
    nativeRoutes({ ...program, config: {} as never, log: silentLog, clock, domains }),
  );
  const { id } = await add(it, 'connected.example');
  await using window = await it.open('owner');
  const { page } = window;
  await page.route('**/connect', (route) =>
    route.continue({
      url: `http://127.0.0.1:${side.port}${new URL(route.request().url()).pathname}`,
      headers: { authorization: `Bearer ${testKey.secret}` },
    }),
  );
  await window.go(`/domains/${id}`);
  const ask = page.getByRole('button', { name: 'Set up by the provider' });
  await ask.click();
  await page.getByText('The DNS provider of this domain does not offer automatic set-up.').waitFor();
  await page.keyboard.press('Escape');

  it.dns.zone['connect.provider.test'] = { A: ['127.0.0.1'] };
  it.dns.zone['_domainconnect.connected.example'] = { TXT: ['connect.provider.test'] };
  const settings = {
    providerId: 'provider.test',
    providerName: `Provider ${hostile}`,
    urlSyncUX: 'https://connect.provider.test/ux',
    urlAPI: 'https://connect.provider.test/api/',
  };
  provider.answers['/v2/connected.example/settings'] = { status: 200, body: JSON.stringify(settings) };
  provider.answers['/api/v2/domainTemplates/providers/mail.lettershop.test/services/sending'] = {
    status: 200,
  };
  // What DNS said before may be remembered for a second.
  await it.world.until(
    async () => {
      await ask.click();
      await page.getByRole('dialog').getByRole('status').waitFor();
      const count = await page.getByRole('link', { name: /^Go on at Provider/ }).count();
      if (count === 0) await page.keyboard.press('Escape');
      return count;
    },
    (count) => count === 1,
  );
  const link = page.getByRole('link', { name: /^Go on at Provider/ });
  assert.match(String(await link.getAttribute('href')), /^https:\/\/connect\.provider\.test\/ux\//);
  await window.check();
});

pageTest('domain', 'is linked to a tracking domain, and switches what of its mail is tracked', async (it) => {
  const { id } = await add(it, 'tracked.example.com');
  const tracking = await it.boss.ok<{ id: string; record: { name: string; value: string } }>(
    'POST',
    '/tracking-domains',
    { body: { name: 'click.tracked.example.com' } },
  );
  it.dns.zone[tracking.record.name] = { CNAME: tracking.record.value };
  await it.world.until(
    () => it.boss.ok<{ state: string }>('POST', `/tracking-domains/${tracking.id}/check`),
    ({ state }) => state === 'proven',
  );
  await using window = await it.open('owner');
  const { page } = window;
  await window.go(`/domains/${id}`);
  const panel = page.getByRole('region', { name: 'Tracking' });
  await panel.locator('input').and(page.getByLabel('Link it to')).click();
  await page.getByRole('option', { name: 'click.tracked.example.com' }).click();
  await panel.getByText(/linked to this domain/).waitFor();
  await panel
    .locator('input')
    .and(page.getByLabel('Clicks', { exact: true }))
    .click();
  await page.getByRole('option', { name: 'on', exact: true }).click();
  await page.getByText('Saved: it counts for mail from now on').waitFor();
  await panel.locator('input').and(page.getByLabel('Link it to')).click();
  await page.getByRole('option', { name: 'the defaults' }).click();
  await panel.getByText(/linked to this domain/).waitFor({ state: 'detached' });
  await window.check();
  await window.picture('domain-tracking');
});

pageTest('domain', 'is read by a client who may not change it, and each button says why', async (it) => {
  const { id } = await add(it, 'client.example.com', { 'lettershop-subaccount': String(it.subaccountId) });
  await using window = await it.open('client');
  const { page } = window;
  await window.go(`/domains/${id}`);
  const check = page.getByRole('button', { name: 'Check now' });
  await check.focus();
  await page.getByText('You lack the grant domains:write').first().waitFor();
  assert.equal(await check.getAttribute('aria-disabled'), 'true');
  await window.check();
});
