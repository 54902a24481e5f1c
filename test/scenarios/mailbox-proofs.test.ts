import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import PostalMime from 'postal-mime';
import { publish, signersOf, openDirectGround } from './domain-clients.ts';
import type { DirectGround } from './domain-clients.ts';
import type { ProvenDomain } from './domain-clients.ts';
import { failure, makeSubaccount, sdk } from './sparkpost-calls.ts';

let ground: DirectGround;
let world: DirectGround['world'];
let sink: DirectGround['sink'];
let dns: DirectGround['dns'];
const names = ['box.example', 'native.example', 'later.example', 'again.example'] as const;
before(async () => {
  ground = await openDirectGround(names);
  ({ world, sink, dns } = ground);
});
after(() => ground[Symbol.asyncDispose]());

type Proof = { readonly mailbox: string; readonly state: string };
type Domain = ProvenDomain & { readonly mailProofs: readonly Proof[] };

/** Code and link of the newest mail there, when so many have come. */
async function asked(to: string, mails = 1): Promise<{ readonly code: string; readonly path: string }> {
  const kept = await world.until(
    () => Promise.resolve(sink.kept.filter((each) => each.to === to)),
    ({ length }) => length >= mails,
  );
  assert.equal(kept.length, mails);
  const { text = '' } = await PostalMime.parse(kept.at(-1)?.bytes ?? Buffer.alloc(0));
  const [path = ''] = /\/domain-proof\/[\w-]+/.exec(text.replaceAll(/=\r?\n/g, '')) ?? [];
  const [, code = ''] = /code, if you give it to them: ([\w-]{43})/.exec(text.replaceAll(/\s+/g, ' ')) ?? [];
  assert.equal(path, `/domain-proof/${code}`);
  return { code, path };
}

async function page(method: string, path: string): Promise<number> {
  return (await fetch(`${world.url}${path}`, { method })).status;
}

test('a mailbox verifies a domain by link or token over SparkPost; a new request ends the one before', async () => {
  const { key } = await makeSubaccount(world, 'mailboxes');
  const { sendingDomains: domains, transmissions } = sdk(world, key);
  type Status = Readonly<Record<string, unknown>>;
  const verify = async (body: object): Promise<Status> =>
    (await domains.verify('box.example', body as never)).results;
  await domains.create({ domain: 'box.example' });
  assert.partialDeepStrictEqual(await verify({ postmaster_at_verify: true }), {
    ownership_verified: false,
    dkim_status: 'unverified',
    postmaster_at_status: 'pending',
    verification_mailbox_status: 'unverified',
    dns: {},
  });
  const first = await asked('postmaster@box.example');
  await verify({ postmaster_at_verify: true });
  const second = await asked('postmaster@box.example', 2);
  assert.equal((await verify({ postmaster_at_token: first.code }))['postmaster_at_status'], 'invalid');
  assert.deepEqual([await page('GET', first.path), await page('POST', first.path)], [404, 404]);
  const shown = await fetch(`${world.url}${second.path}`);
  assert.equal(shown.status, 200);
  // Where a proxy puts a path before ours the page does not know: its form leads to itself.
  assert.match(await shown.text(), /<form method="post">/);
  // A token is of its mailbox alone.
  const other = { verification_mailbox: 'hostmaster', verification_mailbox_token: second.code };
  assert.equal((await verify(other))['verification_mailbox_status'], 'invalid');
  const asking = { verification_mailbox: 'hostmaster', verification_mailbox_verify: true };
  assert.equal((await verify(asking))['verification_mailbox_status'], 'pending');
  await asked('hostmaster@box.example');
  assert.partialDeepStrictEqual(await verify({ postmaster_at_token: second.code }), {
    ownership_verified: false,
    postmaster_at_status: 'valid',
    verification_mailbox_status: 'pending',
    abuse_at_status: 'unverified',
  });
  const mail = {
    recipients: [{ address: 'you@ok.test' }],
    content: { from: 'hi@box.example', subject: 's', text: 't' },
  };
  assert.equal((await failure(transmissions.send(mail)))[1][0]?.code, '7001', 'nothing leaves unsigned');
  const { items } = await world.ok<{ items: Domain[] }>('GET', '/domains', { secret: key });
  const box = items.find(({ name }) => name === 'box.example') ?? assert.fail();
  publish(dns, box, ['dkim']);
  assert.partialDeepStrictEqual(await verify({ dkim_verify: true }), {
    ownership_verified: true,
    dkim_status: 'valid',
    postmaster_at_status: 'valid',
  });
  await world.until(
    () =>
      transmissions.send(mail).then(
        () => true,
        () => false,
      ),
    (isSent) => isSent,
  );
  const kept = await world.until(
    () => Promise.resolve(sink.kept.find(({ to }) => to === 'you@ok.test')),
    (each) => each !== undefined,
  );
  assert.deepEqual(await signersOf(dns, kept?.bytes ?? Buffer.alloc(0)), ['box.example']);

  const refused = async (body: object): Promise<unknown> => {
    const [status, [error]] = await failure(verify(body));
    return [status, error?.code];
  };
  const wrong = [422, '1300'];
  assert.deepEqual(await refused({ abuse_at_verify: true }), wrong);
  assert.deepEqual(await refused({ abuse_at_token: second.code }), wrong);
  assert.deepEqual(await refused({ verification_mailbox_verify: true }), [422, '1400']);
  for (const verification_mailbox of ['abuse', 'postmaster', 'joe'])
    assert.deepEqual(await refused({ verification_mailbox, verification_mailbox_verify: true }), wrong);
});

test('a code proves the domain and mailbox that it was sent for, to whoever holds it and nobody else', async () => {
  const [mine, theirs] = [await makeSubaccount(world, 'coded'), await makeSubaccount(world, 'uncoded')];
  const make = (name: string, secret: string): Promise<Domain> =>
    world.ok<Domain>('POST', '/domains', { secret, body: { name } });
  const domain = await make('native.example', mine.key);
  const foreign = await make('foreign.example', theirs.key);
  await world.ok('POST', `/domains/${domain.id}/mail-proof`, {
    secret: mine.key,
    body: { mailbox: 'admin' },
  });
  const { code } = await asked('admin@native.example');
  const enter = async (id: string, secret: string, body: object): Promise<unknown> => {
    const { status, body: told } = await world.api('POST', `/domains/${id}/mail-proof/code`, {
      secret,
      body,
    });
    const {
      errors,
      code: name,
      mailProofs,
    } = told as { errors?: { rule: string }[]; code?: string } & Domain;
    return [status, errors?.[0]?.rule ?? name ?? mailProofs];
  };
  const right = { mailbox: 'admin', code };
  assert.deepEqual(await enter(domain.id, theirs.key, right), [404, 'not_found']);
  assert.deepEqual(await enter('999999999', theirs.key, right), [404, 'not_found']);
  assert.deepEqual(await enter(foreign.id, theirs.key, right), [400, 'known']);
  assert.deepEqual(await enter(foreign.id, theirs.key, { ...right, code: 'nonsense' }), [400, 'known']);
  assert.deepEqual(await enter(domain.id, mine.key, { ...right, mailbox: 'webmaster' }), [400, 'known']);
  const [status, proofs] = (await enter(domain.id, mine.key, right)) as [number, Proof[]];
  assert.deepEqual(
    [status, proofs.map(({ mailbox, state }) => [mailbox, state])],
    [200, [['admin', 'proven']]],
  );
  publish(dns, domain, ['dkim']);
  const look = (): Promise<Domain> =>
    world.ok<Domain>('POST', `/domains/${domain.id}/check`, { secret: mine.key });
  assert.equal((await look()).state, 'proven');
  for (const { purpose, name } of domain.records) if (purpose === 'dkim') delete dns.zone[name];
  await world.until(look, ({ state }) => state === 'lost');
  assert.deepEqual(
    (await world.ok<Domain>('GET', `/domains/${domain.id}`)).mailProofs,
    [],
    'the word is gone, too',
  );
  assert.deepEqual(await enter(domain.id, mine.key, right), [400, 'known']);
});

test('who agrees anew to a domain that was lost is believed while its DKIM record is not back', async () => {
  const { key: secret } = await makeSubaccount(world, 'again');
  const made = await world.ok<Domain>('POST', '/domains', { secret, body: { name: 'again.example' } });
  const look = (): Promise<Domain> => world.ok<Domain>('POST', `/domains/${made.id}/check`, { secret });
  const agree = async (mails: number): Promise<Domain> => {
    const body = { mailbox: 'hostmaster' };
    await world.ok('POST', `/domains/${made.id}/mail-proof`, { secret, body });
    const { code } = await asked('hostmaster@again.example', mails);
    return world.ok<Domain>('POST', `/domains/${made.id}/mail-proof/code`, {
      secret,
      body: { ...body, code },
    });
  };
  const of = ({ state, mailProofs }: Domain): readonly string[] => [
    state,
    ...mailProofs.map((each) => each.state),
  ];
  publish(dns, made, ['dkim']);
  assert.deepEqual(of(await agree(1)), ['proven', 'proven']);
  for (const { purpose, name } of made.records) if (purpose === 'dkim') delete dns.zone[name];
  assert.deepEqual(of(await world.until(look, ({ state }) => state === 'lost')), ['lost']);
  assert.deepEqual(of(await agree(2)), ['lost', 'proven']);
  assert.deepEqual(of(await look()), ['lost', 'proven']);
  publish(dns, made, ['dkim']);
  assert.deepEqual(of(await world.until(look, ({ state }) => state === 'proven')), ['proven', 'proven']);
});

test('a code is good for three days', async () => {
  const { key } = await makeSubaccount(world, 'late');
  const { id } = await world.ok<Domain>('POST', '/domains', { secret: key, body: { name: 'later.example' } });
  await world.ok('POST', `/domains/${id}/mail-proof`, { secret: key, body: { mailbox: 'webmaster' } });
  const { code, path } = await asked('webmaster@later.example');
  const states = async (): Promise<readonly string[]> =>
    (await world.ok<Domain>('GET', `/domains/${id}`, { secret: key })).mailProofs.map(({ state }) => state);
  assert.deepEqual(await states(), ['asked']);
  await world.move(3 * 86_400_000 + 1000);
  assert.deepEqual(await states(), ['expired']);
  assert.equal(await page('POST', path), 404);
  const body = { mailbox: 'webmaster', code };
  const late = await world.api('POST', `/domains/${id}/mail-proof/code`, { secret: key, body });
  assert.equal(late.status, 400);
});
