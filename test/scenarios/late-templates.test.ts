import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SmtpSink } from '../doubles/smtp-sink.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let sink: SmtpSink;
let world: World;
before(async () => {
  sink = await SmtpSink.start();
  world = await startWorld({
    LETTERSHOP_OUTBOUND: 'relay',
    LETTERSHOP_RELAY_URL: `smtp://127.0.0.1:${sink.port}`,
  });
  const { items } = await world.ok<{ items: { id: string; name: string }[] }>('GET', '/domains');
  const domain = items.find(({ name }) => name === 'lettershop.test')?.id ?? '';
  await world.ok('PATCH', `/domains/${domain}`, { body: { share: 'use' } });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
});

type Made = { readonly id: string; readonly slug: string };
type Accepted = { readonly id: string; readonly messages: readonly { readonly id: string }[] };

const hourMs = 3_600_000;
const from = { email: 'shop@lettershop.test', name: 'Shop' };
const by = (secret?: string): { secret?: string } => (secret === undefined ? {} : { secret });

async function published(body: Record<string, unknown>, secret?: string): Promise<Made> {
  const made = await world.ok<Made>('POST', '/templates', { body, ...by(secret) });
  await world.ok('POST', `/templates/${made.id}/publish`, { body: {}, ...by(secret) });
  return made;
}

async function republish(id: string, body: Record<string, unknown>, secret?: string): Promise<void> {
  await world.ok('PATCH', `/templates/${id}`, { body, ...by(secret) });
  await world.ok('POST', `/templates/${id}/publish`, { body: {}, ...by(secret) });
}

function schedule(template: object, body: Record<string, unknown> = {}, secret?: string): Promise<Accepted> {
  const sendAt = new Date(world.clock.now() + hourMs).toISOString();
  const recipients = [
    { to: { email: 'ann@ok.test' }, data: { name: 'Ann' } },
    { to: { email: 'bob@ok.test' }, data: { name: 'Bob' } },
  ];
  return world.ok<Accepted>('POST', '/messages', {
    body: { template, recipients, sendAt, ...body },
    ...by(secret),
  });
}

const late = (template: object): object => ({ ...template, resolve: 'departure' });

async function contentsOf({ messages }: Accepted): Promise<readonly string[]> {
  const contents: string[] = [];
  for (const { id } of messages) {
    await world.settled(id, ['delivered']);
    contents.push(await world.ok<string>('GET', `/messages/${id}/content`));
  }
  return contents;
}

async function failureOf({ messages }: Accepted): Promise<string> {
  const { timeline } = await world.settled(messages[0]?.id ?? '', ['failed']);
  const failed = timeline.find(({ kind }) => kind === 'message.failed');
  const { recipient, reply } = (failed?.data ?? {}) as {
    recipient: string;
    reply: { text: string };
  };
  assert.equal(recipient, 'ann@ok.test');
  return reply.text;
}

test('scheduled mail says what is published when its time has come, with its own data, or at accept where asked', async () => {
  const foot = await world.ok<Made>('POST', '/snippets', { body: { name: 'foot', text: 'old foot' } });
  await world.ok('POST', `/snippets/${foot.id}/publish`, { body: {} });
  const headers = { 'X-Version': '1 {{ name }}' };
  const { id, slug } = await published({
    name: 'News',
    subject: 'Old for {{ name }}',
    text: 'old text {{ offer }} {% render "foot" %}',
    defaults: { from, headers, fieldsInLanguage: true },
  });
  const own = { data: { offer: 'ten' }, tags: ['t'], metadata: { m: 1 }, headers: { 'X-Call': 'c' } };
  const files = [{ filename: 'a.txt', content: Buffer.from('filed').toString('base64') }];
  const mail = await schedule(late({ slug }), { ...own, attachments: files });
  const before = await schedule({ slug }, own);
  const after = await schedule(late({ id, version: 'draft' }), own);
  await republish(id, {
    subject: 'New for {{ name }}',
    html: '<p>new {{ name }} {{ offer }}</p>',
    text: 'new text {% render "foot" %}',
    defaults: {
      from: { email: 'new@lettershop.test', name: '{{ name }}s shop' },
      headers: { 'X-Version': '2 {{ name }}' },
      fieldsInLanguage: true,
    },
  });
  await world.ok('PATCH', `/snippets/${foot.id}`, { body: { text: 'new foot' } });
  await world.ok('POST', `/snippets/${foot.id}/publish`, { body: {} });
  await world.ok('PATCH', `/templates/${id}`, { body: { subject: 'Draft for {{ name }}' } });
  await world.move(hourMs);
  const [ann = '', bob = ''] = await contentsOf(mail);
  for (const [copy, name] of [[ann, 'Ann'] as const, [bob, 'Bob'] as const]) {
    assert.match(copy, new RegExp(`^Subject: New for ${name}\\r$`, 'm'));
    assert.match(copy, new RegExp(`^From: ${name}s shop <new@lettershop\\.test>\\r$`, 'm'));
    assert.match(copy, new RegExp(`^X-Version: 2 ${name}\\r$`, 'm'));
    assert.match(copy, /^X-Call: c\r$/m);
    assert.match(copy, new RegExp(`<p>new ${name} ten</p>`));
    assert.match(copy, /new text new foot/);
    assert.match(copy, /filename="a\.txt"/);
  }
  const [old = ''] = await contentsOf(before);
  assert.match(old, /^Subject: Old for Ann\r$/m);
  assert.match(old, /^From: Shop <shop@lettershop\.test>\r$/m);
  assert.match(old, /old text ten old foot/);
  const [draft = ''] = await contentsOf(after);
  assert.match(draft, /^Subject: Draft for Ann\r$/m);
  const kept = sink.kept.filter(({ bytes }) => /^Subject: New for Ann\r$/m.test(bytes.toString('latin1')));
  assert.equal(kept.length, 1);
  const shown = await world.ok<Record<string, unknown>>('GET', `/submissions/${mail.id}`);
  assert.partialDeepStrictEqual(shown, { subject: 'New for {{ name }}', from: 'new@lettershop.test' });
  const message = await world.ok<object>('GET', `/messages/${mail.messages[0]?.id}`);
  assert.partialDeepStrictEqual(message, { tags: ['t'], metadata: { m: 1 } });
});

test('a copy that leaves before the others takes them along; what is suppressed meanwhile stays so', async () => {
  const { id, slug } = await published({ name: 'Early', subject: 's', text: 'one', defaults: { from } });
  const mail = await schedule(late({ slug }));
  const [ann, bob] = mail.messages;
  await republish(id, { text: 'two' });
  const sendAt = new Date(world.clock.now()).toISOString();
  await world.ok('POST', `/messages/${ann?.id}/reschedule`, { body: { sendAt } });
  await world.settled(ann?.id ?? '', ['delivered']);
  await world.ok('DELETE', `/templates/${id}`);
  await world.move(hourMs);
  for (const copy of await contentsOf(mail)) assert.match(copy, /two/);
  assert.ok(bob);
  const again = await published({ name: 'Stopped', subject: 's', text: 'x', defaults: { from } });
  const body = { recipients: [{ to: { email: 'stop@ok.test' } }] };
  const stopped = await schedule(late({ id: again.id }), body);
  await world.ok('POST', '/suppressions', { body: { entries: [{ address: 'stop@ok.test' }] } });
  await world.ok('DELETE', `/templates/${again.id}`);
  await world.move(hourMs);
  await world.settled(stopped.messages[0]?.id ?? '', ['suppressed']);
});

test('a template that is gone, is shared no more, or is from elsewhere by then fails each copy and says so', async () => {
  const body = { name: 'Gone', subject: 's', text: 'x', defaults: { from } };
  const gone = await published(body);
  const mail = await schedule(late({ slug: gone.slug }));
  await world.ok('DELETE', `/templates/${gone.id}`);
  const moved = await published({ ...body, name: 'Moved' });
  const unproven = await schedule(late({ id: moved.id }));
  await republish(moved.id, { defaults: { from: { email: 'a@unproven.example' } } });
  const made = { name: 'late-1', key: { name: 'k' } };
  const one = await world.ok<{ key: { secret: string } }>('POST', '/subaccounts', { body: made });
  const two = await world.ok<{ key: { secret: string } }>('POST', '/subaccounts', {
    body: { ...made, name: 'late-2' },
  });
  const [first, second] = [one.key.secret, two.key.secret];
  const shared = await published({ ...body, name: 'Shared', share: 'use' });
  const lent = await schedule(late({ slug: shared.slug }), {}, first);
  await world.ok('PATCH', `/templates/${shared.id}`, { body: { share: 'read' } });
  // Another subaccount has one by the same name, which is nothing to the first.
  const own = await published({ ...body, name: 'Own' }, first);
  await published({ ...body, name: 'Own', text: 'secret of the second' }, second);
  const theirs = await schedule(late({ slug: own.slug }), {}, first);
  await world.ok('DELETE', `/templates/${own.id}`, { secret: first });
  const foreign = await world.api('POST', '/messages', {
    body: { template: late({ id: own.id }), recipients: [{ to: { email: 'a@ok.test' } }] },
    secret: second,
  });
  assert.equal(foreign.status, 404);
  await world.move(hourMs);
  assert.equal(await failureOf(mail), 'there is no template gone any more');
  assert.match(await failureOf(unproven), /unproven\.example is not proven/);
  assert.equal(await failureOf(lent), 'there is no template shared any more');
  assert.equal(await failureOf(theirs), 'there is no template own any more');
  assert.ok(!sink.kept.some(({ bytes }) => bytes.includes('secret of the second')));
});

test('mail that all recipients share is refused by the name of the field; mail that leaves at once is as it is now', async () => {
  const { slug } = await published({ name: 'Now', subject: 's', text: 'now', defaults: { from } });
  const to = [{ email: 'a@ok.test' }];
  const refused = await world.api('POST', '/messages', {
    body: { template: late({ slug }), to, sendAt: new Date(world.clock.now() + hourMs).toISOString() },
  });
  const { errors } = refused.body as { errors: { field: string; rule: string }[] };
  assert.deepEqual(
    [refused.status, errors[0]?.field, errors[0]?.rule],
    [400, 'template.resolve', 'separate'],
  );
  const mail = await world.ok<Accepted>('POST', '/messages', { body: { template: late({ slug }), to } });
  assert.match((await contentsOf(mail))[0] ?? '', /now/);
});

test('before it leaves its content is what would leave now, afterwards what was sent, and nothing of what was never made', async () => {
  const { id } = await published({
    name: 'Seen',
    subject: 'One for {{ name }}',
    text: '{{ name }} gets {{ offer }}',
    defaults: { from: { email: '{{ box }}@lettershop.test' }, fieldsInLanguage: true },
  });
  const recipients = ['ann', 'bob', 'eve'].map((name) => ({
    to: { email: `${name}@ok.test` },
    data: { name, box: `of-${name}` },
  }));
  const mail = await schedule(late({ id }), { recipients, data: { offer: 'ten' } });
  const [ann = '', bob = '', eve = ''] = mail.messages.map((message) => message.id);
  const content = (of: string): Promise<string> => world.ok('GET', `/messages/${of}/content`);
  const refusal = async (of: string): Promise<string> => {
    const { status, body } = await world.api('GET', `/messages/${of}/content`);
    return `${status} ${(body as { detail: string }).detail}`;
  };
  assert.match(await content(bob), /^Subject: One for bob\r$/m);
  await republish(id, {
    subject: 'Two for {{ name }}',
    defaults: { from: { email: 'new-{{ box }}@lettershop.test' }, fieldsInLanguage: true },
  });
  const asOfNow = await content(bob);
  assert.match(asOfNow, /^Subject: Two for bob\r$/m);
  assert.match(asOfNow, /^From: new-of-bob@lettershop\.test\r$/m);
  assert.match(asOfNow, /^bob gets ten\r$/m);
  await republish(id, { defaults: { from: { email: 'a@unproven.example' } } });
  assert.match(await refusal(bob), /^422 As of now it will fail: .*unproven\.example is not proven/);
  await republish(id, { defaults: { from: { email: '{{ box }}@lettershop.test' }, fieldsInLanguage: true } });
  await world.ok('POST', `/messages/${eve}/cancel`);
  assert.equal(await refusal(eve), '409 It ended before it was made of its template');
  await world.move(hourMs);
  for (const each of [ann, bob]) await world.settled(each, ['delivered']);
  await republish(id, { subject: 'Three for {{ name }}' });
  assert.match(await content(bob), /^Subject: Two for bob\r$/m);
  assert.match(await content(bob), /^From: of-bob@lettershop\.test\r$/m);
  const gone = await published({ name: 'Seen no more', subject: 's', text: 'x', defaults: { from } });
  const unmade = await schedule(late({ id: gone.id }));
  await world.ok('DELETE', `/templates/${gone.id}`);
  const [first = ''] = unmade.messages.map((message) => message.id);
  assert.equal(await refusal(first), `422 As of now it will fail: there is no template ${gone.id} any more`);
  await world.move(hourMs);
  await failureOf(unmade);
  assert.equal(await refusal(first), '409 It ended before it was made of its template');
});

test('what a key was limited to binds mail that is made later, also of a key that was revoked meanwhile', async () => {
  const limited = async (limits: object): Promise<{ id: string; secret: string }> =>
    world.ok('POST', '/keys', { body: { name: 'limited', grants: ['messages:send'], ...limits } });
  const near = { email: 'a@news.lettershop.test' };
  const made = await published({ name: 'Bound', subject: 's', text: 'bound', defaults: { from: near } });
  const byDomain = await limited({ domainLimit: 'news.lettershop.test' });
  const byTemplate = await limited({ templates: [made.id] });
  const stays = await schedule(late({ id: made.id }), {}, byTemplate.secret);
  const strays = await schedule(late({ id: made.id }), {}, byDomain.secret);
  const named = await published({ name: 'Named', subject: 's', text: 'mine', defaults: { from: near } });
  const byName = await limited({ templates: [named.id], domainLimit: 'news.lettershop.test' });
  const replaced = await schedule(late({ slug: named.slug }), {}, byName.secret);
  const other = await world.api('POST', '/messages', {
    body: { template: late({ id: made.id }), recipients: [{ to: { email: 'a@ok.test' } }] },
    secret: byName.secret,
  });
  assert.equal(other.status, 404);
  await republish(made.id, { defaults: { from: { email: 'b@lettershop.test' } } });
  // Another template takes the name: the key was never let at it.
  await world.ok('DELETE', `/templates/${named.id}`);
  const usurper = await published({
    name: 'Named',
    subject: 's',
    text: 'not theirs',
    defaults: { from: near },
  });
  assert.equal(usurper.slug, named.slug);
  for (const { id } of [byDomain, byTemplate, byName]) await world.ok('DELETE', `/keys/${id}`);
  await world.move(hourMs);
  assert.match((await contentsOf(stays))[0] ?? '', /^From: b@lettershop\.test\r$/m);
  assert.equal(await failureOf(strays), 'The credential sends from news.lettershop.test only');
  assert.equal(await failureOf(replaced), 'there is no template named any more');
  assert.ok(!sink.kept.some(({ bytes }) => bytes.includes('not theirs')));
});
