/** Every page of the list, light and dark, wide and narrow: without a fault, and photographed into SCREENSHOTS. */
import { test } from 'node:test';
import { pages } from '../../../console/pages.ts';
import { ground, owner } from '../ground.ts';
import type { Ground } from '../ground.ts';
import { inboundDomain, receivedMail } from '../inbound.ts';

/** What a list shows, where a picture of an empty one would tell less. */
async function fill(it: Ground, name: string): Promise<void> {
  if (name === 'inbound-domains') await inboundDomain(it, 'in.list.example');
  // Each has a domain of its own: a pattern is taken once.
  if (name === 'inbound-routes' || name === 'inbound-mails') await receivedMail(it, `in.${name}.example`);
  if (name === 'lists') await listOf(it);
  if (name === 'suppressions') {
    const entries = ['left', 'moved', 'gone'].map((who) => ({
      address: `${who}@inbox.test`,
      reason: 'asked us',
    }));
    await it.boss.ok('POST', '/suppressions', { body: { entries } });
  }
  if (name === 'senders') {
    for (const who of ['ada', 'bo'])
      await it.boss.ok('POST', '/senders', {
        body: { email: `${who}@picture.example`, name: 'Harbour Books' },
      });
  }
  if (name === 'tracking-domains')
    await it.boss.ok('POST', '/tracking-domains', { body: { name: 'go.picture.example.com' } });
  if (name === 'webhooks') await webhookOf(it);
  if (name === 'alerts') await alertOf(it);
  if (name === 'reports') await reportOf(it);
  if (name === 'blocklists') await it.giveAddress('192.0.2.12');
  if (name === 'exports') await it.boss.ok('POST', '/exports/messages', { body: { states: ['bounced'] } });
  if (name === 'suspensions')
    await it.boss.ok('POST', '/suspensions', {
      body: { kind: 'tag', value: 'newsletter', reason: 'Wrong link' },
    });
  if (name === 'sites') {
    const [id = ''] = await it.world.send('soft@inbox.test');
    await it.world.settled(id, ['deferred']);
    const limits = { connections: 2, messagesPerConnection: null, messagesPerHour: 600 };
    await it.boss.ok('PUT', '/site-limits', { body: { site: 'example.com', ...limits } });
  }
  if (name === 'reputations') await stepOf(it, 'review');
  if (name === 'pools') await poolOf(it, '192.0.2.10');
}

/** What stands for `$id` in the path of a page. A page with another kind of thing adds a line. */
async function exampleOf(it: Ground, name: string): Promise<string> {
  if (name.startsWith('inbound-')) return inboundOf(it, name);
  if (name === 'reputation') return stepOf(it, 'slow');
  if (name === 'site') {
    const [id = ''] = await it.world.send('soft@pictured.test');
    await it.world.settled(id, ['deferred']);
    return 'capture';
  }
  if (name === 'subaccount') return String(it.subaccountId);
  if (name === 'capture') {
    const [id = ''] = await it.world.send('kept@inbox.test', { subject: 'Kept', html: '<p>Dear reader</p>' });
    await it.world.settled(id, ['delivered']);
    const { items } = await it.boss.ok<{ items: { id: string }[] }>('GET', `/captures?message=${id}`);
    return items[0]?.id ?? '';
  }
  if (name === 'template') {
    const made = await it.boss.ok<{ id: string }>('POST', '/templates/starters/copy', {
      body: { starter: 'welcome', name: 'Welcome', slug: `welcome-${Date.now()}` },
    });
    return made.id;
  }
  if (name === 'figures' || name === 'report') {
    const [id = ''] = await it.world.send('counted@inbox.test');
    await it.world.settled(id, ['delivered']);
    await it.world.until(
      () => it.boss.ok<{ total: { delivered: number } }>('GET', '/figures'),
      ({ total }) => total.delivered > 0,
    );
    if (name === 'report') return reportOf(it);
  }
  if (name === 'log') {
    await it.boss.ok('PATCH', '/account', { body: { logRequests: true } });
    await it.world.send('logged@inbox.test');
    const { items } = await it.world.until(
      () => it.boss.ok<{ items: { id: string }[] }>('GET', '/logs?method=POST&limit=1'),
      (found) => found.items.length > 0,
    );
    return items[0]?.id ?? '';
  }
  if (name === 'change') {
    const { items } = await it.boss.ok<{ items: { id: string }[] }>(
      'GET',
      '/audit?subject=subaccount&limit=1',
    );
    return items[0]?.id ?? '';
  }
  if (name === 'person') {
    const { items } = await it.boss.ok<{ items: { id: string; email: string }[] }>('GET', '/users');
    return items.find(({ email }) => email === 'client@inbox.test')?.id ?? '';
  }
  if (name === 'message') {
    const [id = ''] = await it.world.send('picture@inbox.test', {
      subject: 'Your order is on its way',
      html: '<h1>Thank you</h1><p>It leaves today.</p>',
    });
    await it.world.settled(id, ['delivered']);
    return id;
  }
  if (name === 'domain' || name === 'dmarc') {
    const { id } = await it.boss.ok<{ id: string }>('POST', '/domains', {
      body: { name: `${name}.picture.example.com` },
    });
    return id;
  }
  if (name === 'snippet') {
    const body = { name: 'Footer', html: '<p>Acme, 1 Main Street</p>', text: 'Acme, 1 Main Street' };
    return (await it.boss.ok<{ id: string }>('POST', '/snippets', { body })).id;
  }
  if (name === 'list') return listOf(it);
  if (name === 'submission') {
    const body = { sendAt: new Date(Date.now() + 86_400_000).toISOString(), campaign: 'winter' };
    const [id = ''] = await it.world.send(['ada@picture.example', 'bo@picture.example'], body);
    return (await it.boss.ok<{ submissionId: string }>('GET', `/messages/${id}`)).submissionId;
  }
  if (name === 'erasure') {
    const body = { address: 'forgotten@picture.example' };
    return (await it.boss.ok<{ id: string }>('POST', '/erasures', { body })).id;
  }
  if (name === 'webhook') return webhookOf(it);
  if (name === 'pool') return poolOf(it, '192.0.2.11');
  if (name === 'alert') return alertOf(it);
  if (name === 'tracking-domain') {
    const body = { name: 'click.picture.example.com' };
    return (await it.boss.ok<{ id: string }>('POST', '/tracking-domains', { body })).id;
  }
  if (name === 'key') return firstKey(it);
  if (name === 'smtp-user') {
    const body = { name: 'Printer', allowedAddresses: ['192.0.2.0/24'] };
    return (await it.boss.ok<{ id: string }>('POST', '/smtp-users', { body })).id;
  }
  return '';
}

async function inboundOf(it: Ground, name: string): Promise<string> {
  const { domain, route, mail } = await receivedMail(it, `${name}.picture.example`);
  if (name === 'inbound-domain') return domain.id;
  return name === 'inbound-route' ? route.id : mail.id;
}

async function listOf(it: Ground): Promise<string> {
  const recipients = ['ada', 'bo', 'cy'].map((who) => ({
    address: `${who}@picture.example`,
    name: `Reader ${who}`,
    tags: ['early'],
    data: { city: 'London' },
  }));
  const body = { name: 'Beta testers', slug: `beta-${Date.now()}`, recipients };
  const { list } = await it.boss.ok<{ list: { id: string } }>('POST', '/lists', { body });
  return list.id;
}

async function webhookOf(it: Ground): Promise<string> {
  const body = { name: 'Shop', url: 'https://127.0.0.1/hook', kinds: ['message.delivered'] };
  const { id } = await it.boss.ok<{ id: string }>('POST', '/webhooks', { body });
  await it.boss.ok('POST', `/webhooks/${id}/test`);
  return id;
}

/** Not the first one, which all other mail leaves from; its address is warming up. */
async function poolOf(it: Ground, address: string): Promise<string> {
  await it.giveAddress(address);
  const name = (part: string) => ({ body: { name: `${part}-${address.replaceAll('.', '-')}` } });
  await it.boss.ok('POST', '/pools', name('plain'));
  const { id } = await it.boss.ok<{ id: string }>('POST', '/pools', name('news'));
  const warmup = { caps: [50, 100, 200, 400, 800] };
  await it.boss.ok('PUT', `/pools/${id}/addresses`, { body: { addresses: [{ address, warmup }] } });
  return id;
}

/** A subaccount of its own against which the account has taken a step. */
async function stepOf(it: Ground, step: string): Promise<string> {
  const { id } = await it.boss.ok<{ id: number }>('POST', '/subaccounts', { body: { name: `To ${step}` } });
  const body = { step, reason: 'A new list: let us see how it does' };
  await it.boss.ok('POST', `/subaccounts/${id}/reputation/raise`, { body });
  return String(id);
}

async function reportOf(it: Ground): Promise<string> {
  const body = { name: 'Month by day', query: { step: 'day' }, period: 'this_month', share: 'use' };
  return (await it.boss.ok<{ id: string }>('POST', '/reports', { body })).id;
}

/** Of one subaccount, by mail to the owner, with a test among what fired. */
async function alertOf(it: Ground): Promise<string> {
  const body = {
    name: 'Bounces of the bookshop',
    measure: 'bounce_rate',
    threshold: 0.05,
    volumeMin: 200,
    target: { kind: 'mail', to: owner.email },
    subaccount: String(it.subaccountId),
  };
  const { id } = await it.boss.ok<{ id: string }>('POST', '/alerts', { body });
  await it.boss.ok('POST', `/alerts/${id}/test`);
  return id;
}

async function firstKey(it: Ground): Promise<string> {
  const { items } = await it.boss.ok<{ items: { id: string }[] }>('GET', '/keys');
  return items[0]?.id ?? '';
}

for (const page of pages) {
  test(`${page.name} is whole in light and dark, wide and narrow`, async () => {
    const it = await ground();
    await fill(it, page.name);
    const path = page.path.replace(/\$\w+/, await exampleOf(it, page.name));
    await using window = await it.open('owner');
    for (const colorScheme of ['light', 'dark'] as const) {
      await window.page.emulateMedia({ colorScheme });
      for (const [form, width] of [
        ['wide', 1280],
        ['narrow', 390],
      ] as const) {
        await window.page.setViewportSize({ width, height: 860 });
        await window.go(path);
        await window.page.locator('main h1').waitFor();
        await window.page.locator('[aria-busy]').first().waitFor({ state: 'detached' });
        // A dark page is the light one in other colours.
        await window.check(colorScheme === 'light' ? 'all' : 'colours');
        await window.picture(`${page.name}-${form}-${colorScheme}`);
      }
    }
  });
}
