import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { notOffered } from '../../src/dialects/mandrill/not-offered.ts';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';
import { Sdk } from './mandrill-client.ts';

let world: World;
let sdk: Sdk;
before(async () => {
  world = await startWorld();
  sdk = new Sdk(world);
  await sdk.call('subaccounts.add', { id: 'cust-9', name: 'Nine Ltd' });
});
after(() => world[Symbol.asyncDispose]());

type Fields = Readonly<Record<string, unknown>>;
const plainMail = { from_email: 'news@lettershop.test', subject: 'Hi', text: 'x' };
const timePattern = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

test('a denylist is one subaccount’s: added, listed and deleted there alone', async () => {
  const email = 'Gone@inbox.test';
  assert.deepEqual(await sdk.call('rejects.add', { email, comment: 'asked', subaccount: 'cust-9' }), {
    email,
    added: true,
  });
  const [entry, ...more] = await sdk.call<Fields[]>('rejects.list', { email, subaccount: 'cust-9' });
  const { created_at: createdAt, last_event_at: lastAt, ...rest } = entry ?? {};
  assert.match(String(createdAt), timePattern);
  assert.match(String(lastAt), timePattern);
  assert.deepEqual(
    [rest, more],
    [
      {
        email: 'gone@inbox.test',
        reason: 'custom',
        detail: 'asked',
        expires_at: null,
        sender: null,
        expired: false,
        subaccount: 'cust-9',
      },
      [],
    ],
  );
  assert.deepEqual(await sdk.call('rejects.list', { email }), []);
  const notThere = [404, 4, 'Invalid_Reject', `The address "${email}" is not on the denylist`];
  assert.deepEqual(await sdk.refused('rejects.delete', { email }), notThere);
  assert.deepEqual(await sdk.call('rejects.delete', { email, subaccount: 'cust-9' }), {
    email,
    deleted: true,
    subaccount: 'cust-9',
  });
  for (const method of ['add', 'list', 'delete'])
    assert.equal(
      (await sdk.refused(`rejects.${method}`, { email, subaccount: 'nope' }))[2],
      'Unknown_Subaccount',
    );
  assert.equal(
    (await sdk.refused('rejects.add', { email: 'x' })).at(-1),
    'Validation error: {"email":"An email address must contain a single @"}',
  );
});

test('an entry that does not stop all mail says so in its detail', async () => {
  const [listed, plain] = ['listed@inbox.test', 'plain@inbox.test'];
  const entries = [
    { address: listed, kind: 'manual', reason: 'asked', onlyList: 'news.shop.example' },
    { address: listed, kind: 'unsubscribe' },
    { address: plain, kind: 'manual', reason: 'asked' },
  ];
  await world.ok('POST', '/suppressions', { body: { entries } });
  const details = async (email: string): Promise<unknown> =>
    (await sdk.call<Fields[]>('rejects.list', { email }))
      .map(({ reason, detail }) => [String(reason), detail] as const)
      .toSorted(([a], [b]) => a.localeCompare(b));
  assert.deepEqual(await details(listed), [
    ['custom', 'asked; only mail of the list news.shop.example is rejected'],
    ['unsub', 'only mail in bulk is rejected'],
  ]);
  assert.deepEqual(await details(plain), [['custom', 'asked']]);
  // As it says: mail of no list leaves.
  const [told] = await sdk.call<Fields[]>('messages.send', {
    message: { from_email: 'news@lettershop.test', to: [{ email: listed }], subject: 'Hi', text: 'x' },
  });
  assert.equal(told?.['status'], 'sent');
  for (const email of [listed, plain]) await sdk.call('rejects.delete', { email });
});

test('what has expired blocks nothing, and is listed where it is asked for alone', async () => {
  const email = 'soft@inbox.test';
  const expiresAt = new Date(world.clock.now() + 3_600_000).toISOString();
  await world.ok('POST', '/suppressions', {
    body: { entries: [{ address: email, kind: 'on_hold', expiresAt }] },
  });
  const list = async (more: Fields): Promise<readonly unknown[]> =>
    (await sdk.call<Fields[]>('rejects.list', { email, ...more })).map(
      ({ reason, expires_at: at, expired }) => [reason, at, expired],
    );
  const at = expiresAt.slice(0, 19).replace('T', ' ');
  assert.deepEqual(await list({}), [['soft-bounce', at, false]]);
  const status = async (): Promise<unknown> =>
    (await sdk.call<Fields[]>('messages.send', { message: { ...plainMail, to: [{ email }] } }))[0]?.[
      'status'
    ];
  assert.equal(await status(), 'rejected');
  world.clock.move(7_200_000);
  assert.deepEqual([await list({}), await list({ include_expired: false })], [[], []]);
  assert.deepEqual(await list({ include_expired: true }), [['soft-bounce', at, true]]);
  assert.deepEqual(
    await sdk.call('rejects.list', { email, include_expired: true, subaccount: 'cust-9' }),
    [],
  );
  assert.equal(await status(), 'sent');
});

test('bounces stand for as long as Mandrill’s where the settings say so, and longer each time they come again', async () => {
  const [email, hour] = ['hard@inbox.test', 3_600_000];
  const { id } = await world.ok<{ id: number }>('GET', '/subaccounts/external:cust-9');
  const headers = { 'lettershop-subaccount': String(id) };
  const body = { hardBounceHours: 168, softBounceHours: 24, complaintHours: 8760, unsubscribeHours: 8760 };
  await world.ok('PUT', '/suppression-settings', { headers, body });
  const mail = { message: { ...plainMail, to: [{ email }], subaccount: 'cust-9' } };
  const periodDays = async (): Promise<unknown> => {
    await sdk.call('messages.send', mail);
    const [entry] = await world.until(
      () => sdk.call<Fields[]>('rejects.list', { email, subaccount: 'cust-9' }),
      (found) => found.length === 1,
    );
    const ms = (field: string): number => Date.parse(`${String(entry?.[field]).replace(' ', 'T')}Z`);
    assert.deepEqual([entry?.['reason'], entry?.['expired']], ['hard-bounce', false]);
    return (ms('expires_at') - ms('last_event_at')) / (24 * hour);
  };
  assert.equal(await periodDays(), 7);
  await world.move(169 * hour);
  assert.equal(await periodDays(), 14);
  await world.ok('PUT', '/suppression-settings', { headers, body: {} });
});

test('the allowlist is the account’s: who goes on it leaves all denylists, and whitelist is its older name', async () => {
  const email = 'vip@inbox.test';
  await sdk.call('rejects.add', { email, subaccount: 'cust-9' });
  assert.deepEqual(await sdk.call('allowlists.add', { email, comment: 'ours' }), { email, added: true });
  assert.deepEqual(await sdk.call('rejects.list', { email, subaccount: 'cust-9' }), []);
  assert.deepEqual(await sdk.call('rejects.add', { email, subaccount: 'cust-9' }), { email, added: false });
  // The SDK of today has no method of the older name.
  const older = async (method: string, body: Fields): Promise<unknown> => {
    const answer = await fetch(`${world.url}/mandrill/api/1.0/whitelists/${method}.json`, {
      method: 'POST',
      body: JSON.stringify({ key: testKey.secret, ...body }),
    });
    return answer.json();
  };
  for (const list of [await sdk.call('allowlists.list', { email: 'vi' }), await older('list', {})]) {
    const [entry] = list as readonly Fields[];
    assert.deepEqual([entry?.['email'], entry?.['detail']], [email, 'ours']);
  }
  assert.deepEqual(await older('delete', { email }), { email, deleted: true });
  await older('add', { email: 'two@inbox.test' });
  assert.deepEqual(await sdk.call('allowlists.delete', { email: 'two@inbox.test' }), {
    email: 'two@inbox.test',
    deleted: true,
  });
  assert.deepEqual(await sdk.call('allowlists.list', {}), []);
});

test('a sending domain is added once, looked at again, and deleted unless it is verified', async () => {
  const domain = 'news.example.com';
  const first = await sdk.call<Fields>('senders.addDomain', { domain });
  assert.deepEqual([first['domain'], first['valid_signing'], first['verified_at']], [domain, false, null]);
  assert.match(String((first['dkim'] as Fields)['error']), /_domainkey\.news\.example\.com/);
  const again = await sdk.call<Fields>('senders.addDomain', { domain });
  assert.equal(again['verify_txt_key'], first['verify_txt_key']);
  assert.match(
    String((await sdk.call<Fields>('senders.checkDomain', { domain }))['last_tested_at']),
    timePattern,
  );
  const names = async (): Promise<readonly unknown[]> =>
    (await sdk.call<Fields[]>('senders.domains')).map((each) => [each['domain'], each['valid_signing']]);
  assert.deepEqual(await names(), [
    ['lettershop.test', true],
    [domain, false],
  ]);
  assert.equal((await sdk.call<Fields>('senders.deleteDomain', { domain }))['domain'], domain);
  assert.deepEqual(await sdk.refused('senders.deleteDomain', { domain }), [
    404,
    8,
    'Unknown_Domain',
    `No such domain "${domain}"`,
  ]);
  assert.equal(
    (await sdk.refused('senders.deleteDomain', { domain: 'lettershop.test' }))[2],
    'Invalid_Verified_Domain',
  );
  assert.equal((await sdk.refused('senders.addDomain', { domain: 'no domain' }))[2], 'ValidationError');
});

test('a tracking domain is added once, looked at again and deleted', async () => {
  const domain = 'click.lettershop.test';
  const first = await sdk.call<Fields>('urls.addTrackingDomain', { domain });
  assert.deepEqual([first['domain'], first['valid_tracking']], [domain, false]);
  assert.match(String((first['cname'] as Fields)['error']), /Publish CNAME click\.lettershop\.test/);
  await sdk.call('urls.addTrackingDomain', { domain });
  assert.equal((await sdk.call<Fields[]>('urls.trackingDomains')).length, 1);
  const checked = await sdk.call<Fields>('urls.checkTrackingDomain', { domain });
  assert.match(String(checked['last_tested_at']), timePattern);
  assert.equal((await sdk.call<Fields>('urls.deleteTrackingDomain', { domain }))['domain'], domain);
  const unknown = [404, 21, 'Unknown_TrackingDomain', `No tracking domain exists with the name '${domain}'`];
  assert.deepEqual(await sdk.refused('urls.checkTrackingDomain', { domain }), unknown);
  assert.deepEqual(await sdk.refused('urls.deleteTrackingDomain', { domain }), unknown);
  assert.equal(
    (await sdk.refused('urls.addTrackingDomain', { domain: 'no domain' }))[2],
    'MC_Exception_InvalidTrackingDomain',
  );
});

test('what is not offered says so in Mandrill’s words, and a marketing template is unknown', async () => {
  assert.deepEqual(await sdk.refused('ips.provision'), [
    501,
    -99,
    'GeneralError',
    'ips/provision is not offered here: the operator gives source addresses and takes them back',
  ]);
  assert.equal((await sdk.refused('messages.sendSms', {}))[2], 'ValidationError');
  for (const [call, why] of Object.entries(notOffered)) {
    const answer = await fetch(`${world.url}/mandrill/api/1.0/${call}.json`, {
      method: 'POST',
      body: JSON.stringify({ key: testKey.secret }),
    });
    const told = (await answer.json()) as Fields;
    assert.ok(answer.status >= 400 && String(told['message']).includes(why), call);
  }
  assert.deepEqual(await sdk.call('mctemplates.mcTemplatesList'), []);
  assert.equal((await sdk.refused('mctemplates.mcTemplatesInfo', { mc_template_id: 7 }))[1], 11);
  assert.equal((await sdk.refused('messages.sendMcTemplate', { mc_template_id: 7 }))[2], 'Unknown_Message');
});

test('a template is found by name and slug, published or a draft, changed, listed by label and deleted', async () => {
  const name = 'TemplateNode 2025-01-01 +0000';
  const slug = 'templatenode-2025-01-01-0000';
  const made = await sdk.call<Fields>('templates.add', {
    name,
    subject: 'Hi *|NAME|*',
    from_email: 'news@lettershop.test',
    from_name: 'News',
    code: '<div mc:edit="main">Hello</div><p>*|NAME|*</p>',
    text: null,
    labels: ['shop', 'spring', 'shop', 'x'.repeat(100)],
    publish: false,
  });
  assert.deepEqual(
    [made['slug'], made['name'], made['labels'], made['publish_code'], made['published_at'], made['subject']],
    [slug, name, ['shop', 'spring', 'x'.repeat(100)], null, null, 'Hi *|NAME|*'],
  );
  assert.deepEqual(await sdk.refused('templates.add', { name }), [
    422,
    6,
    'Invalid_Template',
    `A template with name "${name}" already exists`,
  ]);
  const published = await sdk.call<Fields>('templates.publish', { name });
  assert.equal(published['publish_code'], made['code']);
  const changed = await sdk.call<Fields>('templates.update', {
    name: slug,
    code: '<p>New</p>',
    publish: false,
  });
  assert.deepEqual(
    [changed['code'], changed['publish_code'], changed['subject'], changed['from_email']],
    ['<p>New</p>', made['code'], 'Hi *|NAME|*', 'news@lettershop.test'],
  );
  assert.equal((await sdk.call<Fields>('templates.info', { name }))['slug'], slug);
  for (const label of ['shop', 'spring', 'x'.repeat(100)])
    assert.equal((await sdk.call<Fields[]>('templates.list', { label })).length, 1);
  assert.deepEqual(await sdk.call<Fields[]>('templates.list', { label: 'sho' }), []);
  const ten = Array.from({ length: 10 }, (_, at) => `label ${at}`);
  for (const labels of [[...ten, 'one more'], ['x'.repeat(101)]])
    assert.deepEqual((await sdk.refused('templates.update', { name, labels })).slice(0, 3), [
      422,
      -2,
      'ValidationError',
    ]);
  assert.deepEqual(
    (await sdk.call<Fields>('templates.update', { name, labels: ten, publish: false }))['labels'],
    ten,
  );
  assert.deepEqual(await sdk.call<Fields[]>('templates.list', { label: 'shop' }), []);
  const render = (more: Fields): Promise<unknown> =>
    sdk.call('templates.render', {
      template_name: name,
      template_content: [{ name: 'main', content: '<b>*|NAME|*</b>' }],
      ...more,
    });
  assert.deepEqual(await render({}), { html: '<div><b>*|NAME|*</b></div><p>*|NAME|*</p>' });
  assert.deepEqual(await render({ merge_vars: [{ name: 'name', content: 'Ann' }] }), {
    html: '<div><b>Ann</b></div><p>Ann</p>',
  });
  assert.equal((await sdk.call<Fields>('templates.delete', { name: slug }))['name'], name);
  const unknown = [404, 5, 'Unknown_Template', `No such template "${name}"`];
  for (const method of ['info', 'update', 'publish', 'delete'])
    assert.deepEqual(await sdk.refused(`templates.${method}`, { name }), unknown);
  assert.deepEqual(
    await sdk.refused('templates.render', { template_name: name, template_content: [] }),
    unknown,
  );
});

test('a mail is written from the published template with regions and variables, for every subaccount', async () => {
  const name = 'Order shipped';
  const html = '<div mc:edit="main">Default</div><div mc:edit="foot">Foot</div><p>*|NUMBER|*</p>';
  await sdk.call('templates.add', {
    name,
    subject: 'Order *|NUMBER|*',
    from_email: 'shop@lettershop.test',
    code: html,
  });
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', '/domains');
  await world.ok('PATCH', `/domains/${items[0]?.id}`, { body: { share: 'use' } });
  const message = {
    to: [{ email: 'ann@inbox.test' }],
    global_merge_vars: [{ name: 'number', content: 7 }],
    subaccount: 'cust-9',
  };
  const template_content = [
    { name: 'main', content: '<i>*|NUMBER|*</i>' },
    { name: 'none', content: 'x' },
  ];
  const [sent] = await sdk.call<{ status: string; _id: string }[]>('messages.sendTemplate', {
    template_name: name,
    template_content,
    message,
  });
  assert.equal(sent?.status, 'sent');
  const seen = await sdk.call<Fields>('messages.content', { id: sent?._id });
  assert.deepEqual(
    [seen['subject'], seen['from_email'], String(seen['html']).trim()],
    ['Order 7', 'shop@lettershop.test', '<div><i>7</i></div><div>Foot</div><p>7</p>'],
  );
  const own = { ...message, subject: 'Own', from_email: 'news@lettershop.test', subaccount: null };
  const [other] = await sdk.call<{ _id: string }[]>('messages.sendTemplate', {
    template_name: 'order-shipped',
    template_content: null,
    message: own,
  });
  const otherSeen = await sdk.call<Fields>('messages.content', { id: other?._id });
  assert.deepEqual([otherSeen['subject'], otherSeen['from_email']], ['Own', 'news@lettershop.test']);
  assert.equal(
    (await sdk.refused('messages.sendTemplate', { template_name: 'none', template_content: [], message }))[2],
    'Unknown_Template',
  );
});
