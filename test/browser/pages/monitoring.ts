import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { gzip, reportMail, reportXml } from '../../doubles/dmarc.ts';
import { bring } from '../../doubles/reports.ts';
import { hostile, pageTest } from '../ground.ts';
import type { Ground } from '../ground.ts';

type Instructions = { readonly records: readonly { readonly purpose: string; readonly value: string }[] };

/** A proven domain of the subaccount about which a receiver has reported. */
async function reported(it: Ground, name: string): Promise<string> {
  const headers = { 'lettershop-subaccount': String(it.subaccountId) };
  const { id } = await it.boss.ok<{ id: string }>('POST', '/domains', { body: { name }, headers });
  await sql`update domains set state = 'proven', next_check_at = null where id = ${id}`.execute(
    it.world.database.db.engine,
  );
  const { records } = await it.boss.ok<Instructions>('GET', `/domains/${id}/instructions`);
  const value = records.find(({ purpose }) => purpose === 'dmarc')?.value ?? '';
  const rows = [
    { source: '192.0.2.1', count: 12 },
    { source: '198.51.100.7', count: 5, dkim: 'fail', spf: 'fail', disposition: 'quarantine' },
  ] as const;
  const xml = Buffer.from(reportXml({ domain: name, rows, reporter: 'recv.test' }));
  const mail = reportMail('application/gzip', gzip(xml));
  const rua = /rua=mailto:(\S+)$/.exec(value)?.[1] ?? '';
  assert.match(await bring(it.world.inboundPort, rua, mail, 'dmarc@recv.test'), /^250 /);
  return id;
}

pageTest('blocklists', 'says which list has an address, in the list’s words, as text', async (it) => {
  it.dns.zone['31.2.0.192.bl.test'] = { A: ['127.0.0.2'], TXT: [`seen sending ${hostile}`] };
  await it.giveAddress('192.0.2.31');
  await using window = await it.open('owner');
  const { page } = window;
  await it.world.until(
    async () => {
      const { items } = await it.boss.ok<{
        items: { address: string; listings: { state: string }[] }[];
      }>('GET', '/blocklists');
      return items.find(({ address }) => address === '192.0.2.31')?.listings[0]?.state;
    },
    (state) => state === 'listed',
  );
  await window.go('/blocklists');
  const row = page.getByRole('row').filter({ hasText: '192.0.2.31' });
  await row.getByText('listed', { exact: true }).waitFor();
  await row.getByText(`127.0.0.2, seen sending ${hostile}`).waitFor();
  await window.check();
});

pageTest('dmarc', 'tells from where mail came and what failed, and who reported it', async (it) => {
  const id = await reported(it, 'owners.example');
  await using window = await it.open('owner');
  const { page } = window;
  await window.go(`/domains/${id}`);
  await page.getByRole('link', { name: 'DMARC reports' }).click();
  await page.getByRole('heading', { name: 'DMARC reports of owners.example' }).waitFor();
  const sources = page.getByRole('table', { name: 'Sources' });
  await sources.getByText('5 failed DKIM and SPF, quarantine').waitFor();
  await page.getByRole('table', { name: 'Reports' }).getByText('recv.test').waitFor();
  await window.picture('dmarc-reports');
  await window.check();
});

pageTest(
  'dmarc',
  'are read by a client of their own domain, and closed without the grant; blocklists are of the account',
  async (it) => {
    const id = await reported(it, 'clients.example');
    await using window = await it.open('reader');
    const { page } = window;
    await window.go(`/domains/${id}/dmarc`);
    await page.getByRole('table', { name: 'Sources' }).getByText('192.0.2.1', { exact: true }).waitFor();
    await window.check();
    await window.go('/blocklists');
    await page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
    await using other = await it.open('client');
    for (const path of [`/domains/${id}/dmarc`, '/blocklists']) {
      await other.go(path);
      await other.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
    }
    await other.check();
  },
);
