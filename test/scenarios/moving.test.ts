import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeSource } from '../../src/dialects/shared/source.ts';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';
import { command } from './commands.ts';
import { provider } from './provider.ts';
import { newFolder } from '../folder.ts';

let there: World;
let here: World;
let folder: string;
before(async () => {
  [there, here] = await Promise.all([startWorld(), startWorld()]);
  folder = newFolder('lettershop-moving');
  writeFileSync(join(folder, 'master-key'), Buffer.alloc(32, 7).toString('base64'));
});
after(async () => {
  await there[Symbol.asyncDispose]();
  await here[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const bring = (...words: readonly string[]): Promise<readonly string[]> =>
  command(here, folder, ['import', ...words]);

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** The lines of the sum, from `In all:` on. */
function sums(said: readonly string[]): readonly string[] {
  const from = said.findIndex((line) => /^\n(?:In all|A dry run)/.test(line));
  return said.slice(from + 1).map((line) => line.trim());
}

type Subaccount = { readonly id: number; readonly status: string; readonly name: string };
type Page<T> = { readonly items: readonly T[] };
type Entry = {
  readonly address: string;
  readonly kind: string;
  readonly stopsTransactional: boolean;
  readonly stopsBulk: boolean;
  readonly layer: string;
};

const as = (externalId: string) => ({ headers: { 'lettershop-subaccount': `external:${externalId}` } });
const subaccount = (externalId: string): Promise<Subaccount> =>
  here.ok<Subaccount>('GET', `/subaccounts/external:${externalId}`);
const entriesOf = async (externalId: string): Promise<readonly string[]> =>
  (await here.ok<Page<Entry>>('GET', '/suppressions?layer=subaccount', as(externalId))).items
    .map(
      ({ address, kind, stopsTransactional, stopsBulk }) =>
        `${address} ${kind} ${stopsTransactional} ${stopsBulk}`,
    )
    .toSorted();

function fakeSparkpost() {
  let limited = 0;
  const content = {
    from: { email: 'hi@kite.example.com', name: 'Kite' },
    subject: 'Hi {{name}}',
    text: '{{name}}',
  };
  return provider(({ url, headers }) => {
    const place = String(headers['x-msys-subaccount'] ?? '');
    if (headers.authorization !== 'source-key') return { status: 401, body: { errors: [] } };
    if (url === '/api/v1/subaccounts') {
      const list = [
        { id: 71, name: 'Blue Kite', status: 'active', ip_pool: 'pool_a' },
        { id: 72, name: 'Red Kite', status: 'suspended' },
      ];
      return { body: { results: list } };
    }
    if (place === '72') return url.includes('suppression') ? { status: 403 } : { body: { results: [] } };
    if (url === '/api/v1/sending-domains' && place === '71')
      return {
        body: {
          results: [{ domain: 'kite.example.com', subaccount_id: 71, tracking_domain: 'click.example.com' }],
        },
      };
    if (url === '/api/v1/sending-domains')
      return { body: { results: [{ domain: 'main.example.com', shared_with_subaccounts: true }] } };
    if (url === '/api/v1/templates' && place === '71')
      return {
        body: {
          results: [
            { id: 'Welcome_1', name: 'Welcome', subaccount_id: 71, has_published: true, has_draft: true },
            { id: 'broken', name: 'Broken', subaccount_id: 71, has_published: true, has_draft: false },
          ],
        },
      };
    if (url.startsWith('/api/v1/templates/Welcome_1')) {
      const version = url.endsWith('true')
        ? { ...content, text: 'new {{name}}' }
        : { ...content, amp_html: '<html>', attachments: [{ name: 'a', type: 'text/plain', data: 'YQ==' }] };
      return { body: { results: { id: 'Welcome_1', content: version } } };
    }
    if (url.startsWith('/api/v1/templates/broken'))
      return {
        body: { results: { id: 'broken', published: true, content: { ...content, text: 'a\n{{if x}}' } } },
      };
    if (url.includes('/suppression-list') && place === '71') {
      if (limited++ === 0) return { status: 429 };
      const isSecond = url.includes('cursor=second');
      const results = isSecond
        ? [
            { recipient: 'a@x.test', type: 'non_transactional', source: 'Bounce Rule', subaccount_id: '71' },
            { recipient: 'no address', type: 'transactional', source: 'Manually Added', subaccount_id: '71' },
          ]
        : [
            { recipient: 'a@x.test', type: 'transactional', source: 'Bounce Rule', subaccount_id: '71' },
            {
              recipient: 'b@x.test',
              type: 'non_transactional',
              source: 'List Unsubscribe',
              subaccount_id: '71',
              list_id: 'news',
            },
            { recipient: 'c@x.test', type: 'transactional', subaccount_id: '71', list_id: 'a@b' },
          ];
      const next = '/api/v1/suppression-list?cursor=second&per_page=1000';
      return { body: { results, links: isSecond ? [] : [{ href: next, rel: 'next' }] } };
    }
    return { body: { results: [], links: [] } };
  });
}

test('a SparkPost account comes over whole, page by page; a dry run says so before; again changes nothing', async () => {
  const double = await fakeSparkpost();
  try {
    const words = ['sparkpost', '--url', double.url, '--key-file', file('key', 'source-key\n')];
    const counts = [
      '2 subaccount made',
      '2 domain made',
      '1 template made',
      '1 template left',
      '3 suppression made',
      '1 suppression left',
      '1 suppressions left',
    ];
    const kept = (said: readonly string[]): readonly string[] =>
      sums(said)
        .filter((line) => counts.includes(line))
        .toSorted();
    assert.deepEqual(kept(await bring(...words, '--dry-run')), counts.toSorted());
    assert.equal((await here.api('GET', '/subaccounts/external:71')).status, 404);
    const said = await bring(...words);
    assert.equal(said[0], '0', said.join('\n'));
    assert.deepEqual(kept(said), counts.toSorted());
    const { name, status } = await subaccount('71');
    assert.deepEqual([name, status, (await subaccount('72')).status], ['Blue Kite', 'active', 'suspended']);
    assert.deepEqual(await entriesOf('71'), [
      'a@x.test hard_bounce true true',
      'b@x.test unsubscribe false true',
      'c@x.test manual true false',
    ]);
    const bound = await here.ok<Page<Entry>>('GET', '/suppressions?onlyList=news', as('71'));
    assert.deepEqual(
      bound.items.map(({ address }) => address),
      ['b@x.test'],
    );
    const { items } = await here.ok<
      Page<{ id: string; slug: string; publishedVersion: number; draftVersion: number }>
    >('GET', '/templates?slug=Welcome_1', as('71'));
    assert.deepEqual(
      items.map(({ slug, publishedVersion, draftVersion }) => [slug, publishedVersion, draftVersion]),
      [['Welcome_1', 1, 2]],
    );
    const shown = await here.ok<{ version: { language: string; text: string } }>(
      'GET',
      `/templates/${items[0]?.id}`,
      as('71'),
    );
    assert.deepEqual([shown.version.language, shown.version.text], ['sparkpost', 'new {{name}}']);
    const told = said.join('\n');
    assert.match(told, /left {5}template broken \(71\): .*line 2/);
    assert.match(told, /left {5}API keys \*: /);
    assert.match(told, /noted {4}template Welcome_1 \(71\): its attachments is left out/);
    const first = await here.ok<{ version: { amp: string } }>(
      'GET',
      `/templates/${items[0]?.id}?version=1`,
      as('71'),
    );
    assert.equal(first.version.amp, '<html>');
    assert.match(told, /noted {4}suppression c@x\.test \(71\): stops all lists here, not only a@b/);
    assert.doesNotMatch(told, /suppression b@x\.test/);
    assert.match(told, /left {5}suppressions \* \(72\): the key may not read them/);
    assert.match(told, /made {5}domain kite\.example\.com \(71\): publish:\n {4}TXT /);
    const again = sums(await bring(...words));
    assert.deepEqual(
      again.filter((line) => /made|changed|conflict/.test(line)),
      [],
    );
    assert.ok(again.includes('2 domain there'), again.join('\n'));
  } finally {
    double.server.close();
  }
});

test("what this program's own SparkPost API holds comes over the same way", async () => {
  const made = await there.ok<{ id: number }>('POST', '/subaccounts', { body: { name: 'Moved' } });
  const theirs = { headers: { 'lettershop-subaccount': String(made.id) } };
  await there.ok('POST', '/domains', { body: { name: 'moved.example.com' }, ...theirs });
  const template = await there.ok<{ id: string }>('POST', '/templates', {
    body: {
      name: 'Moved',
      slug: 'moved',
      language: 'sparkpost',
      subject: 'S {{a}}',
      text: '{{a}}',
      defaults: { from: { email: 'x@moved.example.com' } },
    },
    ...theirs,
  });
  await there.ok('POST', `/templates/${template.id}/publish`, { body: {}, ...theirs });
  const addresses = Array.from({ length: 1500 }, (_unused, index) => ({
    address: `s${index}@x.test`,
    kind: 'complaint',
  }));
  for (const entries of [addresses.slice(0, 900), addresses.slice(900)])
    await there.ok('POST', '/suppressions', { body: { entries }, ...theirs });
  const key = file('own-key', testKey.secret);
  const said = await bring('sparkpost', '--url', `${there.url}/sparkpost`, '--key-file', key);
  assert.equal(said[0], '0', said.join('\n'));
  const found = await here.ok<Page<{ slug: string; publishedVersion: number | null }>>(
    'GET',
    '/templates?slug=moved',
    as(String(made.id)),
  );
  assert.deepEqual(
    found.items.map(({ slug, publishedVersion }) => [slug, publishedVersion]),
    [['moved', 1]],
  );
  assert.ok(sums(said).includes('1500 suppression made'), sums(said).join('\n'));
});

test('a Mandrill account comes over: quota, pause, denylists by subaccount, allowlist, live and draft', async () => {
  const reject = (email: string, reason: string, more: object = {}) => ({
    email,
    reason,
    detail: 'd',
    created_at: '2026-01-02 03:04:05',
    expired: false,
    ...more,
  });
  const double = await provider(({ url, body }) => {
    const { key, subaccount: place } = JSON.parse(body) as { key: string; subaccount?: string };
    if (key !== 'md-key')
      return {
        status: 500,
        body: { status: 'error', code: -1, name: 'Invalid_Key', message: 'Invalid API key' },
      };
    const answers: Readonly<Record<string, unknown>> = {
      'subaccounts/list': [{ id: 'cust-9', name: 'Nine', status: 'paused', custom_quota: 40 }],
      'subaccounts/info': { id: 'cust-9', notes: 'pays late' },
      'senders/domains': [{ domain: 'nine.example.com' }],
      'templates/list': [
        {
          slug: 'order',
          name: 'Order',
          labels: ['shop', 'b'],
          code: '<p>*|A|* new</p>',
          subject: 's',
          publish_code: '<p>*|A|*</p>',
          publish_subject: 's',
          published_at: '2026-01-01 00:00:00',
        },
        { slug: 'hb', name: 'HB', labels: [], code: '{{#each items}}{{qty}}{{/each}}', publish_code: null },
      ],
      'rejects/list':
        place === 'cust-9'
          ? [
              reject('nine@x.test', 'hard-bounce', {
                subaccount: 'cust-9',
                expires_at: '2036-01-01 00:00:00',
              }),
              reject('old@x.test', 'soft-bounce', { expired: true }),
            ]
          : [reject('own@x.test', 'unsub', { sender: { address: 'news@x.test' } })],
      'allowlists/list': [{ email: 'dear@x.test', detail: 'vip', created_at: '2026-01-01 00:00:00' }],
    };
    return { body: answers[/api\/1\.0\/(.*)\.json/.exec(url)?.[1] ?? ''] ?? [] };
  });
  try {
    const said = await bring('mandrill', '--url', double.url, '--key-file', file('md', 'md-key'));
    assert.equal(said[0], '0', said.join('\n'));
    assert.equal((await subaccount('cust-9')).status, 'paused');
    assert.deepEqual(await entriesOf('cust-9'), ['nine@x.test hard_bounce true true']);
    const quota = await here.ok<{ hour: { max: number } }>('GET', `/subaccounts/external:cust-9/quota`);
    assert.equal(quota.hour.max, 40);
    const account = await here.ok<Page<Entry>>('GET', '/suppressions?layer=account');
    assert.deepEqual(
      account.items.map(({ address, kind }) => [address, kind]),
      [['dear@x.test', 'allow']],
    );
    const { items } = await here.ok<
      Page<{
        slug: string;
        share: string;
        labels: readonly string[];
        publishedVersion: number | null;
        draftVersion: number;
      }>
    >('GET', '/templates?slug=order');
    assert.deepEqual(
      items.map(({ share, labels, publishedVersion, draftVersion }) => [
        share,
        labels,
        publishedVersion,
        draftVersion,
      ]),
      [['use', ['shop', 'b'], 1, 2]],
    );
    assert.match(said.join('\n'), /left {5}suppression old@x\.test \(cust-9\): has expired/);
    const bound = await here.ok<Page<Entry>>('GET', '/suppressions?onlySender=news@x.test');
    assert.deepEqual(
      bound.items.map(({ address, kind }) => [address, kind]),
      [['own@x.test', 'unsubscribe']],
    );
    const wrong = await bring('mandrill', '--url', double.url, '--key-file', file('bad', 'no'));
    assert.equal(wrong[0], '1');
    assert.match(wrong.join('\n'), /lettershop import: .*answers 500/);
  } finally {
    double.server.close();
  }
});

test('exported files come over; what differs here stays and is told; bad lines are named', async () => {
  const made = file('subaccounts.json', JSON.stringify({ results: [{ id: 81, name: 'From file' }] }));
  const csv = file(
    'list.csv',
    'Recipient,Type,Source,Description,Subaccount ID\nf@x.test,transactional,Manually Added,"said, so",81\n"x"y,1,2\ng@x.test,both,Manually Added,,81\nh@x.test,transactional,Manually Added,,999\n',
  );
  const templates = (text: string): string =>
    file(
      'templates.json',
      JSON.stringify([
        {
          id: 'filed',
          published: true,
          subaccount_id: 81,
          content: { from: 'a@x.test', subject: 's', text },
        },
      ]),
    );
  const said = await bring(
    'sparkpost',
    '--subaccounts',
    made,
    '--suppressions',
    csv,
    '--templates',
    templates('one'),
  );
  assert.equal(said[0], '0', said.join('\n'));
  assert.deepEqual(await entriesOf('81'), ['f@x.test manual true false']);
  const told = said.join('\n');
  assert.match(told, /left {5}suppressions line 3: .*stray quote/);
  assert.match(told, /left {5}suppression g@x\.test \(81\): says neither/);
  assert.match(told, /left {5}suppression h@x\.test \(999\): there is no subaccount/);
  const again = await bring('sparkpost', '--templates', templates('two'));
  assert.match(again.join('\n'), /conflict template filed \(81\): another stands/);
  assert.equal((await bring('sparkpost'))[0], '1');
  assert.equal((await bring('elsewhere', '--suppressions', csv))[0], '1');
});

test('a source that goes on failing is given up with what it said', async () => {
  const double = await provider(() => ({ status: 503 }));
  const waited: number[] = [];
  try {
    const source = makeSource({ baseUrl: double.url, sleep: (ms) => Promise.resolve(waited.push(ms)) });
    await assert.rejects(source.read({ method: 'GET', path: '/x' }), /GET \/x: answers 503/);
    assert.deepEqual(waited, [1000, 2000, 4000, 8000, 16_000]);
  } finally {
    double.server.close();
  }
});
