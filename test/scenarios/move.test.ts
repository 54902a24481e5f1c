import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { readConfig } from '../../src/base/config.ts';
import type { Config } from '../../src/base/config.ts';
import type { Database } from '../../src/base/database/database.ts';
import { exportCommand, importCommand } from '../../src/cli/bundles.ts';
import { allAccounts } from '../../src/features/accounts/index.ts';
import { importBundle } from '../../src/features/bundles/index.ts';
import { purgeWhatIsDue } from '../../src/features/erasure/index.ts';
import { databaseUrl, startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';
import { hastenErasure } from './erasing.ts';
import { newFolder } from '../folder.ts';

let here: World;
let there: World;
before(async () => {
  [here, there] = await Promise.all([startWorld(), startWorld()]);
});
after(async () => {
  await here[Symbol.asyncDispose]();
  await there[Symbol.asyncDispose]();
});

type Client = { readonly id: number; readonly key: { readonly secret: string } };
const passphrase = 'a long enough passphrase';

/** A subaccount with one of everything that travels. */
async function client(externalId: string): Promise<Client> {
  const made = await here.ok<Client>('POST', '/subaccounts', {
    body: {
      name: `Client ${externalId}`,
      externalId,
      notes: 'pays late',
      trial: true,
      profile: { name: 'Client', city: 'Linz', region: 'OÖ', country: 'AT', timeZone: 'Europe/Vienna' },
      quota: { hour: 70, month: 9000 },
      key: { name: 'Shop' },
    },
  });
  const { secret } = made.key;
  await here.ok('POST', '/domains', { body: { name: `${externalId}.example.com` }, secret });
  await here.ok('POST', '/smtp-users', {
    body: { name: 'Printer', allowedAddresses: ['192.0.2.0/24'] },
    secret,
  });
  const expiresAt = new Date(here.clock.now() + 86_400_000).toISOString();
  const second = await here.ok<{ id: string }>('POST', '/keys', {
    body: { name: 'Old', grants: ['messages:read'], domainLimit: `${externalId}.example.com`, expiresAt },
    secret,
  });
  await here.ok('PATCH', `/keys/${second.id}`, { body: { status: 'inactive' }, secret });
  await templates(secret);
  const recipients = [
    { address: 'a@inbox.test', data: { n: 1 }, tags: ['t'] },
    { address: 'b@inbox.test', name: 'B' },
  ];
  await here.ok('POST', '/lists', { body: { name: 'Readers', description: 'of news', recipients }, secret });
  const [hard = ''] = await here.send('hard@inbox.test', {}, secret);
  await here.settled(hard, ['bounced']);
  await here.ok('PATCH', `/subaccounts/${made.id}`, { body: { status: 'paused' } });
  return made;
}

/** A template whose draft is ahead of what is published, and the snippet that it shows. */
async function templates(secret: string): Promise<void> {
  await here.ok('POST', '/snippets', { body: { name: 'Foot', text: 'Acme' }, secret });
  const text = 'Hello {% render "foot" %}';
  const defaults = { tags: ['welcome'] };
  const body = { name: 'Welcome', labels: ['Start', 'Accounts'], subject: 'Hi', text, defaults };
  const { id } = await here.ok<{ id: string }>('POST', '/templates', { body, secret });
  await here.ok('POST', `/templates/${id}/publish`, { body: {}, secret });
  await here.ok('PATCH', `/templates/${id}`, { body: { subject: 'Hi again' }, secret });
}

const exported = (world: World, id: number | string, body: Record<string, unknown> = {}): Promise<string> =>
  world.ok<string>('POST', `/subaccounts/${id}/export`, { body });

type Report = {
  readonly id: number;
  readonly rows: Readonly<Record<string, number>>;
  readonly keys: readonly { readonly name: string; readonly secret: string }[];
  readonly notes: readonly { readonly line: number; readonly field: string }[];
};

const imported = (world: World, bundle: string, more: Record<string, unknown> = {}): Promise<Report> =>
  world.ok<Report>('POST', '/subaccounts/import', { body: { bundle, ...more } });

/** The rows without what is sealed anew each time. */
function rowsIn(bundle: string): readonly unknown[] {
  const lines = bundle.trimEnd().split('\n').slice(1, -1);
  return lines.map(
    (line) => JSON.parse(line, (name, value: unknown) => (name.startsWith('sealed') ? '' : value)) as unknown,
  );
}

/** The bundle with other lines and the trailer that fits them. */
function forged(bundle: string, change: (lines: string[]) => void): string {
  const lines = bundle.trimEnd().split('\n').slice(0, -1);
  change(lines);
  const text = `${lines.join('\n')}\n`;
  const sha256 = createHash('sha256').update(text).digest('hex');
  return `${text}${JSON.stringify({ end: true, rows: lines.length - 1, sha256 })}\n`;
}

test('exported, imported and exported again a subaccount is the same but for ids; keys that came without secrets get new ones', async () => {
  const { id } = await client('plain');
  const bundle = await exported(here, id);
  assert.equal(/sealed|secretHash|ls_/.test(bundle), false);
  const report = await imported(here, bundle, { externalId: 'plain-2' });
  assert.deepEqual(report.rows, {
    subaccount: 1,
    quota: 1,
    domain: 1,
    key: 3,
    suppression: 1,
    template: 2,
    list: 1,
    recipient: 2,
  });
  assert.deepEqual(
    report.keys.map(({ name }) => name),
    ['Shop', 'Printer', 'Old'],
  );
  assert.deepEqual(report.notes, []);
  const again = await exported(here, 'external:plain-2');
  assert.deepEqual(
    rowsIn(again),
    rowsIn(
      bundle.replace('"externalId":"plain"', '"externalId":"plain-2"').replace('"externalId": "plain"', ''),
    ),
  );
  const secret = report.keys[0]?.secret ?? '';
  const domains = await here.ok<{ items: { state: string; records: { value: string }[] }[] }>(
    'GET',
    '/domains',
    { secret },
  );
  assert.deepEqual(
    domains.items.map(({ state }) => state).filter((state) => state === 'unproven'),
    ['unproven'],
  );
  const [sent] = await here.send('hard@inbox.test', {}, secret);
  assert.equal((await here.settled(sent ?? '', ['suppressed', 'held'])).state, 'suppressed');
});

test('with secrets a subaccount moves to another installation: its keys log in there and its DNS records stay valid', async () => {
  const { id, key } = await client('moving');
  const bundle = await exported(here, id, { passphrase });
  assert.equal(bundle.includes(key.secret), false);
  const wrong = await there.api('POST', '/subaccounts/import', {
    body: { bundle, passphrase: 'another passphrase' },
  });
  assert.deepEqual([wrong.status, JSON.stringify(wrong.body).includes('"passphrase"')], [400, true]);
  const report = await imported(there, bundle, { passphrase });
  assert.deepEqual([report.keys, report.notes], [[], []]);
  assert.deepEqual(rowsIn(await exported(there, report.id, { passphrase })), rowsIn(bundle));
  await there.ok('PATCH', `/subaccounts/${report.id}`, { body: { status: 'active' } });
  type Domains = { items: { name: string; records: { purpose: string; value: string }[] }[] };
  const dkim = async (world: World): Promise<unknown> => {
    const { items } = await world.ok<Domains>('GET', '/domains', { secret: key.secret });
    const own = items.find(({ name }) => name === 'moving.example.com');
    return own?.records.filter(({ purpose }) => purpose === 'dkim').map(({ value }) => value);
  };
  assert.deepEqual(await dkim(there), await dkim(here));
  const zipped = await fetch(`${here.url}/api/v1/subaccounts/${id}/export`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testKey.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ gzip: true }),
  });
  const plain = gunzipSync(Buffer.from(await zipped.arrayBuffer())).toString();
  assert.deepEqual(rowsIn(plain).length, rowsIn(bundle).length);
  const twice = await here.api('POST', '/subaccounts/import', {
    body: { bundle, passphrase, externalId: 'moving-2' },
  });
  assert.match(JSON.stringify(twice.body), /bundle\[\d+\]\.key/, 'a key is in one place of an installation');
});

test('a bundle of before labels brings the category of a template as its label', async () => {
  const { id } = await client('older');
  const older = forged(await exported(here, id), (lines) => {
    lines.splice(0, lines.length, ...lines.map((line) => line.replace('"version":3', '"version":2')));
    const at = lines.findIndex((line) => /"slug": ?"welcome"/.test(line));
    assert.match(lines[at] ?? '', /"labels": ?\["Start", ?"Accounts"\]/);
    lines[at] = (lines[at] ?? '').replace(/"labels": ?\[[^\]]*\]/, '"category":"Start"');
  });
  const report = await imported(here, older, { externalId: 'older-2' });
  const again = await exported(here, report.id);
  assert.match(again, /"labels": ?\["Start"\]/);
  assert.equal(again.includes('category'), false);
});

test('a forged or broken bundle is refused by line and field, and leaves nothing', async () => {
  const { id } = await client('forged');
  const good = await exported(here, id);
  const set = (at: number, from: string | RegExp, to: string) => (lines: string[]) => {
    assert.notEqual(lines[at]?.replace(from, to), lines[at]);
    lines[at] = lines[at]?.replace(from, to) ?? '';
  };
  const cases: readonly (readonly [string, string])[] = [
    ['nonsense', 'bundle[1]'],
    [good.split('\n').slice(0, 4).join('\n'), 'bundle[5]'],
    [good.replace('pays late', 'pays never'), 'bundle[14].sha256'],
    [forged(good, set(0, '"version":3', '"version":4')), 'bundle[1].version'],
    [forged(good, set(1, '"trial":', '"accountId":1,"trial":')), 'bundle[2].subaccount'],
    [forged(good, set(1, 'Europe/Vienna', 'Nowhere/None')), 'bundle[2].subaccount.profile.timeZone'],
    [forged(good, (lines) => lines.splice(2, 0, lines[1] ?? '')), 'bundle[3].subaccount'],
    [forged(good, set(2, /"hour": ?70/, '"hour":-1')), 'bundle[3].quota.hour'],
    [forged(good, set(3, 'forged.example.com', 'not a name')), 'bundle[4].domain.name'],
    [forged(good, set(3, '"name":', '"share":"use","name":')), 'bundle[4].domain'],
    [forged(good, set(4, 'messages:send', 'billing:write')), 'bundle[5].key.grants'],
    [forged(good, set(7, 'hard@inbox.test', 'hard')), 'bundle[8].suppression.address'],
    [forged(good, (lines) => lines.push('{"messages":{"id":"1"}}')), 'bundle[14]'],
    [good, 'bundle[2].subaccount.externalId'],
  ];
  const before = await here.ok<{ total: number }>('GET', '/subaccounts/counts');
  for (const [bundle, field] of cases) {
    const more = field.endsWith('externalId') ? {} : { externalId: 'never' };
    const answer = await here.api('POST', '/subaccounts/import', { body: { bundle, ...more } });
    const { errors = [] } = answer.body as { errors?: readonly { field: string }[] };
    assert.equal(answer.status, 400, `${field}: ${JSON.stringify(answer.body)}`);
    assert.ok(errors[0]?.field.startsWith(field), `${field}: ${JSON.stringify(answer.body)}`);
  }
  assert.deepEqual(await here.ok('GET', '/subaccounts/counts'), before);
});

test('the hash of an erased person travels within its account, and is named and left out elsewhere', async () => {
  const { id, key } = await client('erasing');
  await here.ok('PATCH', `/subaccounts/${id}`, { body: { status: 'active' } });
  const { id: erasure } = await here.ok<{ id: string }>('POST', '/erasures', {
    body: { address: 'gone@inbox.test' },
    secret: key.secret,
  });
  await here.until(
    async () => {
      await hastenErasure(here, erasure);
      return here.ok<{ state: string }>('GET', `/erasures/${erasure}`);
    },
    ({ state }) => state === 'done',
  );
  const bundle = await exported(here, id);
  const report = await imported(here, bundle, { externalId: 'erasing-2' });
  const [sent] = await here.send('gone@inbox.test', {}, report.keys[0]?.secret);
  assert.equal((await here.settled(sent ?? '', ['suppressed', 'delivered'])).state, 'suppressed');
  const elsewhere = await imported(there, bundle);
  assert.deepEqual(
    [elsewhere.rows['suppression'], elsewhere.notes.map(({ field }) => field)],
    [1, ['suppression.address']],
  );
});

test('a subaccount exports itself and imports nothing; secrets take the grant for them', async () => {
  const { id, key } = await client('self');
  await here.ok('PATCH', `/subaccounts/${id}`, { body: { status: 'active' } });
  const own = await here.ok<string>('POST', `/subaccounts/${id}/export`, { body: {}, secret: key.secret });
  assert.match(own, /"notes": ?""/);
  const refused = await here.api('POST', '/subaccounts/import', {
    body: { bundle: own },
    secret: key.secret,
  });
  assert.equal(refused.status, 403);
  const reader = await here.ok<{ secret: string }>('POST', '/keys', {
    body: {
      name: 'r',
      grants: [
        'subaccounts:read',
        'quotas:read',
        'domains:read',
        'keys:read',
        'suppressions:read',
        'templates:read',
        'lists:read',
      ],
    },
  });
  const call = (body: Record<string, unknown>) =>
    here.api('POST', `/subaccounts/${id}/export`, { body, secret: reader.secret });
  assert.deepEqual([(await call({})).status, (await call({ passphrase })).status], [200, 403]);
});

test('an import that was killed in the middle is not there, and the purge takes what it wrote', async () => {
  const { id } = await client('killed');
  const bundle = (await exported(here, id)).trimEnd().split('\n');
  const [account] = await allAccounts(here.database.db);
  assert.ok(account !== undefined);
  let left = 2;
  const db = Object.create(here.database.db, {
    scoped: {
      value: async (...given: Parameters<Database['scoped']>): Promise<unknown> => {
        left -= 1;
        if (left < 0) throw new Error('killed');
        return here.database.db.scoped(...given);
      },
    },
  }) as Database;
  const scope = here.program.access.operatorScope(account);
  const world = { ...here.program.domains, db };
  const lines = async function* () {
    yield* await Promise.resolve(bundle);
  };
  const options = { passphrase: null, externalId: 'half' };
  await assert.rejects(importBundle(world, scope, lines, options), /killed/);
  const rows = async (): Promise<number> => {
    const found = await sql<{
      n: number;
    }>`select count(*)::int as n from domains d join subaccounts s on s.id = d.subaccount_id
      where s.account_id = ${account.id} and d.name = 'killed.example.com' and s.id <> ${id}`.execute(
      here.database.db.engine,
    );
    return found.rows[0]?.n ?? 0;
  };
  assert.equal(await rows(), 1, 'it was in the middle');
  assert.equal((await here.ok<{ status: string }>('GET', '/subaccounts/external:half')).status, 'retired');
  here.clock.move(3_600_000 + 60_000);
  await purgeWhatIsDue(here.database.db, here.clock);
  await here.until(rows, (n) => n === 0);
  assert.equal((await here.api('GET', '/subaccounts/external:half')).status, 404);
});

test("the operator's commands write a bundle to a file and read it, also zipped", async () => {
  const { id } = await client('by-operator');
  const folder = newFolder('lettershop-move');
  const file = (name: string): string => join(folder, name);
  try {
    writeFileSync(file('passphrase'), `${passphrase}\n`);
    const config = (world: World): Config =>
      readConfig({
        DATABASE_URL: databaseUrl(world.database),
        LETTERSHOP_DATA_DIR: world.program.store.folder.path,
      });
    const words = ['--passphrase-file', file('passphrase')];
    assert.equal(
      await exportCommand.run([String(id), '--gzip', '--out', file('bundle.gz'), ...words], config(here)),
      0,
    );
    assert.equal(statSync(file('bundle.gz')).mode & 0o077, 0);
    const add = ['--external-id', 'moved-by-operator', ...words];
    assert.equal(await importCommand.run([file('bundle.gz'), ...add], config(there)), 0);
    const moved = await exported(there, 'external:moved-by-operator');
    assert.equal(rowsIn(moved).length, rowsIn(await exported(here, id)).length);
    assert.equal(await importCommand.run([file('bundle.gz'), ...add], config(there)), 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
