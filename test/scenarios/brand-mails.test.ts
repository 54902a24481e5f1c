/** Mails with a secret link, asked for at a host of a brand: where they lead, and for whom. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mailsTo, password, tokenOf } from '../doubles/browser.ts';
import { askAt, branded as ofGround, isOpen, openBrandGround, owner } from './brand-ground.ts';
import type { AskOptions, Branded, BrandGround, Host, HostAnswer } from './brand-ground.ts';

let ground: BrandGround;
let world: BrandGround['world'];
let boss: BrandGround['boss'];
before(async () => {
  ground = await openBrandGround();
  ({ world, boss } = ground);
});
after(() => ground.end());

const at = (host: string, method: string, path: string, options?: AskOptions): Promise<HostAnswer> =>
  askAt(world.url, host, method, path, options);
const addHost = (name: string, secret: string): Promise<Host> =>
  world.ok<Host>('POST', '/brand/hosts', { secret, body: { name } });

async function logInAt(host: string, email: string, secret: string): Promise<HostAnswer> {
  return at(host, 'POST', '/api/auth/sign-in/email', { body: { email, password: secret } });
}

const open = (host: string, isWanted = true): Promise<void> => isOpen(world, host, isWanted);

const tokenLink = (mail: string): string =>
  /^(https?:\/\/\S+\/(?:reset|invitation)\/\S+?)\r?$/m.exec(mail)?.[1] ?? '';
const newest = async (email: string, count: number): Promise<string> => {
  const mails = await world.until(
    () => mailsTo(world, email),
    ({ length }) => length === count,
  );
  return mails.at(-1) ?? '';
};
const fromOf = (mail: string): string => /^From: (.*)$/im.exec(mail)?.[1]?.trim() ?? '';

let asked = 0;
/** The link of a mail that somebody asked for at a host; each from an address of its own, as tries are counted by it. */
async function resetAt(
  host: string,
  email: string,
  headers: Record<string, string> = {},
): Promise<{ readonly link: string; readonly from: string }> {
  const before = (await mailsTo(world, email)).length;
  asked += 1;
  const answer = await at(host, 'POST', '/api/auth/request-password-reset', {
    body: { email },
    headers: { 'x-forwarded-for': `198.51.100.${asked}`, ...headers },
  });
  assert.equal(answer.status, 200, answer.bytes.toString());
  const mail = await newest(email, before + 1);
  return { link: tokenLink(mail), from: fromOf(mail) };
}

const installation = 'http://console.installation.example/';

const branded = async (word: string): Promise<Omit<Branded, 'host'> & { readonly host: string }> => {
  const made = await ofGround(ground, word);
  return { ...made, host: made.host.name };
};

test('a link to set a new password leads to the brand’s host that it was asked for at, under its name, and works there', async () => {
  const { host, email } = await branded('resets');
  const there = await resetAt(host, email);
  assert.ok(there.link.startsWith(`http://${host}/reset/`), there.link);
  assert.match(there.from, /^"?Letters of resets"? </);
  const set = await at(host, 'POST', '/api/auth/reset-password', {
    body: { newPassword: 'another long enough password', token: tokenOf(there.link) },
  });
  assert.equal(set.status, 200, set.bytes.toString());
  assert.equal((await logInAt(host, email, 'another long enough password')).status, 200);
  const here = await resetAt('console.installation.example', email);
  assert.ok(here.link.startsWith(`${installation}reset/`), here.link);
  assert.match(here.from, /Lettershop/);
});

test('whoever works elsewhere too gets no link to a tenant’s host, as its holder could read it', async () => {
  const one = await branded('elsewhere-one');
  const two = await branded('elsewhere-two');
  // The owner of all is of no subaccount, and the other client's person is not theirs.
  for (const email of [owner.email, two.email]) {
    const { link, from } = await resetAt(one.host, email);
    assert.ok(link.startsWith(`${installation}reset/`), `${email}: ${link}`);
    assert.match(from, /Lettershop/);
  }
  const mails = (await mailsTo(world, one.email)).length;
  const invitation = { email: one.email, subaccounts: [{ id: two.id, role: 'designer' }] };
  await boss.ok('POST', '/invitations', { body: invitation });
  const token = tokenOf(tokenLink(await newest(one.email, mails + 1)));
  const body = { token, name: 'Both', password };
  assert.equal((await at('localhost', 'POST', '/api/auth/invitation/accept', { body })).status, 200);
  const both = await resetAt(one.host, one.email);
  assert.ok(both.link.startsWith(`${installation}reset/`), both.link);
});

test('a Host header that nobody has proven leads no link anywhere', async () => {
  const { id, host, email, secret } = await branded('forged');
  const claimed = await addHost('console.claimed.example', secret);
  const bad = [
    claimed.name,
    'evil.example',
    `${host}.evil.example`,
    `evil.example/${host}`,
    `${host}@evil.example`,
    `${host}:80@evil.example`,
  ];
  const before = (await mailsTo(world, email)).length;
  for (const name of bad) {
    const answer = await at(name, 'POST', '/api/auth/request-password-reset', {
      body: { email },
      headers: { 'x-forwarded-for': '198.51.100.250' },
    });
    assert.ok([400, 403].includes(answer.status), `${name}: ${answer.status}`);
  }
  assert.equal((await mailsTo(world, email)).length, before);
  // What else could say a host is not read at all.
  const other = await resetAt('console.installation.example', email, {
    'x-forwarded-host': host,
    forwarded: `host=${host}`,
    'x-lettershop-host': host,
    'x-original-host': host,
  });
  assert.ok(other.link.startsWith(`${installation}reset/`), other.link);
  const sent = await resetAt(`${host}:8443`, email, { 'x-forwarded-host': 'evil.example' });
  assert.ok(sent.link.startsWith(`http://${host}/reset/`), sent.link);
  // With a key no page of a browser is asked, and still the name alone moves nothing.
  const authorization = `Bearer ${secret}`;
  for (const [at_, name] of [claimed.name, 'evil.example'].entries()) {
    const invited = `forged-${at_}@inbox.test`;
    const answer = await at(name, 'POST', '/api/v1/invitations', {
      body: { email: invited, role: 'designer' },
      headers: { authorization },
    });
    assert.equal(answer.status, 201, answer.bytes.toString());
    assert.ok(tokenLink(await newest(invited, 1)).startsWith(`${installation}invitation/`), name);
  }
  await world.ok('PATCH', `/subaccounts/${id}`, { body: { status: 'suspended' } });
  await open(host, false);
  const stopped = await resetAt(host, email);
  assert.ok(stopped.link.startsWith(`${installation}reset/`), stopped.link);
});

test('an invitation leads to the host of the tenant that invites, sent again too, and to no other tenant’s', async () => {
  const one = await branded('invites-one');
  const two = await branded('invites-two');
  const invite = async (host: string, secret: string, email: string): Promise<string> => {
    const answer = await at(host, 'POST', '/api/v1/invitations', {
      body: { email, role: 'designer' },
      headers: { authorization: `Bearer ${secret}` },
    });
    assert.equal(answer.status, 201, answer.bytes.toString());
    return (JSON.parse(answer.bytes.toString()) as { id: string }).id;
  };
  const id = await invite(one.host, one.secret, 'new@invites.test');
  const first = await newest('new@invites.test', 1);
  assert.ok(tokenLink(first).startsWith(`http://${one.host}/invitation/`), first);
  assert.match(fromOf(first), /^"?Letters of invites-one"? </);
  // It is mailed at most once a minute.
  await world.move(61_000);
  const again = await at(one.host, 'POST', `/api/v1/invitations/${id}/resend`, {
    headers: { authorization: `Bearer ${one.secret}` },
  });
  assert.equal(again.status, 200, again.bytes.toString());
  const second = tokenLink(await newest('new@invites.test', 2));
  assert.ok(second.startsWith(`http://${one.host}/invitation/`), second);
  const body = { token: tokenOf(second), name: 'New', password };
  const accepted = await at(one.host, 'POST', '/api/auth/invitation/accept', { body });
  assert.equal(accepted.status, 200, accepted.bytes.toString());
  assert.equal((await logInAt(one.host, 'new@invites.test', password)).status, 200);
  // At the other's host; and one who works for the other already.
  await invite(two.host, one.secret, 'crossed@invites.test');
  assert.ok(tokenLink(await newest('crossed@invites.test', 1)).startsWith(`${installation}invitation/`));
  const had = (await mailsTo(world, two.email)).length;
  await invite(one.host, one.secret, two.email);
  assert.ok(tokenLink(await newest(two.email, had + 1)).startsWith(`${installation}invitation/`));
});
