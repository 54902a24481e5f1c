import assert from 'node:assert/strict';
import { createSecureContext } from 'node:tls';
import { after, before, test } from 'node:test';
import { allAccounts } from '../../src/features/accounts/index.ts';
import { sendRaw } from '../../src/features/messages/index.ts';
import { parseAddress } from '../../src/mail/address.ts';
import { selfSigned } from '../doubles/certificate.ts';
import { SmtpSink } from '../doubles/smtp-sink.ts';
import type { World } from '../world.ts';
import { spki, TransportGround } from './transport-ground.ts';

/** Mail hosts by address: plain offers no REQUIRETLS, strict does, clear has no TLS, nobody listens at `absent`. */
const places = { plain: '127.0.0.1', strict: '127.0.0.3', clear: '127.0.0.2', absent: '127.0.0.4' } as const;
type Place = keyof typeof places;

let ground: TransportGround;
let world: World;
let strict: SmtpSink;
let clear: SmtpSink;

/** Offers REQUIRETLS, with the certificates of the ground. */
function startStrict(host: string): Promise<SmtpSink> {
  return SmtpSink.start({
    host,
    port: ground.sink.port,
    extensions: ['REQUIRETLS'],
    tls: (name) => createSecureContext(ground.pairs.get(name) ?? selfSigned(name)),
  });
}

before(async () => {
  ground = await TransportGround.start([]);
  ({ world } = ground);
  strict = await startStrict(places.strict);
  clear = await SmtpSink.start({ host: places.clear, port: ground.sink.port, extensions: ['REQUIRETLS'] });
});
after(async () => {
  await ground[Symbol.asyncDispose]();
  for (const sink of [strict, clear]) await sink[Symbol.asyncDispose]();
});

/** Hosts `mx1.`, `mx2.` and so on, proven by DNSSEC and a certificate of the authority, unless `unproven` names them. */
function publish(domain: string, hosts: readonly Place[], unproven: readonly number[] = []): void {
  const { zone } = ground.dns;
  const names = hosts.map((_, index) => `mx${index + 1}.${domain}`);
  zone[domain] = { MX: names.map((name, index) => [10 * (index + 1), name] as const), signed: true };
  for (const [index, place] of hosts.entries()) {
    const name = names[index] ?? '';
    const pair = unproven.includes(index + 1) ? selfSigned(name) : ground.ca.issue({ names: [name] });
    ground.pairs.set(name, pair);
    zone[name] = { A: [places[place]], signed: true };
  }
}

async function sendWithRequireTls(domain: string): Promise<string> {
  const [account] = await allAccounts(world.database.db);
  const address = parseAddress(`you@${domain}`);
  assert.ok(account !== undefined && address !== null);
  const { messages } = await sendRaw(world.program.messages, world.program.access.operatorScope(account), {
    bytes: Buffer.from('From: a@lettershop.test\r\nSubject: x\r\n\r\nx\r\n'),
    mailFrom: 'a@lettershop.test',
    recipients: [{ address }],
    smtputf8: false,
    requireTls: true,
    trace: { helo: 'me.test', protocol: 'ESMTPSA', hostname: 'mx.sender.test' },
  });
  return messages[0]?.id ?? '';
}

type End = {
  readonly state: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly reply: { readonly enhanced?: string; readonly text?: string };
};

async function endOf(id: string, states = ['delivered', 'bounced', 'deferred']): Promise<End> {
  const { state, timeline } = await world.settled(id, states);
  const data = timeline.at(-1)?.data ?? {};
  return { state, data, reply: data['reply'] ?? {} };
}

async function transcriptOf(id: string): Promise<string> {
  const { text } = await world.until(
    () => world.ok<{ text: string | null }>('GET', `/messages/${id}/transcript`),
    (found) => found.text !== null,
  );
  return text ?? '';
}

async function reasonsOf(id: string): Promise<readonly { code: string; owner: string; text: string }[]> {
  const why = await world.ok<{ reasons: { code: string; owner: string; text: string }[] }>(
    'GET',
    `/messages/${id}/why`,
  );
  return why.reasons;
}

test('REQUIRETLS goes on only to a proven host that offers it, with its parameter, and else comes back (RFC 8689)', async () => {
  publish('alone.test', ['strict']);
  publish('unsigned.test', ['strict']);
  for (const name of ['unsigned.test', 'mx1.unsigned.test']) {
    const { signed: _, ...records } = ground.dns.zone[name] as { signed?: true };
    ground.dns.zone[name] = records;
  }
  publish('none.test', ['plain']);
  publish('dane.test', ['strict'], [1]);
  const own = spki(ground.pairs.get('mx1.dane.test')?.cert ?? '');
  ground.dns.zone['_25._tcp.mx1.dane.test'] = { TLSA: [[3, 1, 1, own]], signed: true };
  const said = strict.commands.length;
  const ends: unknown[] = [];
  for (const domain of ['unsigned.test', 'none.test', 'dane.test', 'alone.test']) {
    const { state, reply } = await endOf(await sendWithRequireTls(domain));
    ends.push([state, reply.enhanced]);
  }
  assert.deepEqual(ends, [
    ['bounced', '5.7.30'],
    ['bounced', '5.7.30'],
    ['delivered', '2.0.0'],
    ['delivered', '2.0.0'],
  ]);
  const mails = strict.commands.slice(said).filter((line) => line.startsWith('MAIL'));
  assert.equal(mails.length, 2);
  for (const mail of mails) assert.match(mail, / REQUIRETLS$/);
});

test('hosts that offer no REQUIRETLS, are not proven or have no TLS are passed by for the next that will do', async () => {
  publish('second.test', ['plain', 'strict']);
  publish('third.test', ['strict', 'clear', 'strict'], [1]);
  const before = ground.sink.commands.length;
  const second = await endOf(await sendWithRequireTls('second.test'));
  const third = await endOf(await sendWithRequireTls('third.test'));
  assert.deepEqual(
    [second, third].map(({ state, data }) => [state, data['host'], data['policy']]),
    [
      ['delivered', 'mx2.second.test', 'REQUIRETLS'],
      ['delivered', 'mx3.third.test', 'REQUIRETLS'],
    ],
  );
  assert.deepEqual(
    strict.kept.slice(-2).map(({ to, tls }) => [to, tls]),
    [
      ['you@second.test', 'mx2.second.test'],
      ['you@third.test', 'mx3.third.test'],
    ],
  );
  const said = ground.sink.commands.slice(before).map((line) => line.split(' ')[0]);
  assert.deepEqual(
    said,
    ['EHLO', 'STARTTLS', 'EHLO', 'QUIT'],
    'nothing of the mail was said to a host passed by',
  );
  const [plain = ''] = await world.send('plain@second.test');
  assert.equal((await endOf(plain)).data['host'], 'mx1.second.test', 'other mail takes the first host');
});

test('when no host will do the mail comes back, and reply, why and transcript say what each host lacks', async () => {
  publish('nowhere.test', ['plain', 'strict', 'clear'], [2]);
  const id = await sendWithRequireTls('nowhere.test');
  const { state, reply, data } = await endOf(id);
  assert.deepEqual([state, reply.enhanced, data['class']], ['bounced', '5.7.30', 'policy']);
  const lacks = [
    'mx1.nowhere.test (127.0.0.1): offers no REQUIRETLS',
    'mx2.nowhere.test (127.0.0.3): not proven to be a mail host of the recipient’s',
    'mx3.nowhere.test (127.0.0.2): offers no TLS',
  ];
  assert.deepEqual(reply.text?.split('\n').slice(1), lacks);
  const [reason] = await reasonsOf(id);
  assert.equal(reason?.code, 'finished');
  for (const lack of lacks) assert.ok(reason.text.includes(lack), reason.text);
  const transcript = await transcriptOf(id);
  assert.match(transcript, /^\*: mx1\.nowhere\.test \(127\.0\.0\.1\)\nS: 220/m);
  assert.match(transcript, /^\*: mx3\.nowhere\.test \(127\.0\.0\.2\)\nS: 220/m);
  assert.doesNotMatch(transcript, /MAIL FROM/);
  publish('dark.test', ['clear', 'clear']);
  assert.equal((await endOf(await sendWithRequireTls('dark.test'))).reply.enhanced, '5.7.10');
});

test('while a host that may do cannot be reached the mail waits, says why, and leaves when it is there', async () => {
  publish('later.test', ['plain', 'absent']);
  const id = await sendWithRequireTls('later.test');
  const { state, data } = await endOf(id);
  assert.equal(state, 'deferred');
  assert.match(
    String(data['error']),
    /mx1\.later\.test \(127\.0\.0\.1\): offers no REQUIRETLS; mx2\.later\.test \(127\.0\.0\.4\): connect: refused/,
  );
  const reason = (await reasonsOf(id)).find(({ code }) => code === 'require_tls');
  assert.equal(reason?.owner, 'caller');
  assert.match(reason.text, /offers no REQUIRETLS; mx2.later.test/);
  const [other = ''] = await world.send('other@later.test');
  assert.equal((await endOf(other)).state, 'delivered', 'the site goes on for other mail');
  await using late = await startStrict(places.absent);
  world.clock.move(3_600_000);
  assert.equal((await endOf(id, ['delivered'])).data['host'], 'mx2.later.test');
  assert.deepEqual(
    late.kept.map(({ to }) => to),
    ['you@later.test'],
  );
});
