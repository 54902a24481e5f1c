import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assert as check, array, asyncProperty, integer } from 'fast-check';
import { silentLog } from '../base/log.ts';
import type { Envelope } from '../mail/smtp/session.ts';
import { RawSmtp } from '../../test/doubles/raw-smtp.ts';
import { SmtpListener } from './listener.ts';

type Taken = { readonly envelope: Envelope; readonly bytes: string };

let listener: SmtpListener<string>;
const taken: Taken[] = [];
const clients: Raw[] = [];

const sharedOptions: Parameters<typeof SmtpListener.start<string>>[0] = {
  host: '127.0.0.1',
  port: 0,
  hostname: 'mx.test',
  requireAuth: false,
  clearAuthFrom: () => true,
  sizeMax: 100_000,
  recipientsMax: 1000,
  connectionsMax: 200,
  perAddressConnectionsMax: 200,
  loginTimeoutMs: 120_000,
  idleTimeoutMs: 20_000,
  dataTimeoutMs: 20_000,
  bufferedBytesMax: 10_000_000,
  log: silentLog,
  hooks: {
    authenticate: ({ user, secret }) =>
      Promise.resolve(
        secret === 'right'
          ? { ok: true, identity: user }
          : { ok: false, reply: { code: 535, enhanced: '5.7.8', text: 'no' } },
      ),
    mail: () => null,
    recipient: (_, to) =>
      to.address.startsWith('bad') ? { code: 550, enhanced: '5.1.1', text: 'no such user' } : null,
    message: (_, envelope, bytes) => {
      if (bytes.includes('explode')) return Promise.reject(new Error('a hook that fails'));
      taken.push({ envelope, bytes: bytes.toString('latin1') });
      return Promise.resolve({ code: 250, enhanced: '2.0.0', text: 'taken' });
    },
  },
};

before(async () => {
  listener = await SmtpListener.start<string>({ ...sharedOptions, requireAuth: true });
});
after(() => listener[Symbol.asyncDispose]());

class Raw extends RawSmtp {
  constructor(port = listener.port) {
    super(port);
    clients.push(this);
  }
}

const credentials = Buffer.from('\0user\0right').toString('base64');

async function loggedIn(): Promise<Raw> {
  const raw = new Raw();
  raw.send(`EHLO c.test\r\nAUTH PLAIN ${credentials}\r\n`);
  assert.deepEqual(await raw.codes(3), ['220', '250', '235']);
  return raw;
}

const group = 'MAIL FROM:<a@b.test>\r\nRCPT TO:<x@y.test>\r\nDATA\r\n';

test('a pipelined group with one bad recipient gets its replies in order, the message goes to the others', async () => {
  const raw = await loggedIn();
  const before = taken.length;
  raw.send(
    'MAIL FROM:<a@b.test> SIZE=20\r\nRCPT TO:<x@y.test>\r\nRCPT TO:<bad@y.test>\r\nRCPT TO:<z@y.test>\r\nDATA\r\n',
  );
  assert.deepEqual(await raw.codes(5), ['250', '250', '550', '250', '354']);
  raw.send('Subject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n');
  assert.deepEqual(await raw.codes(2), ['250', '221']);
  const [message] = taken.slice(before);
  assert.deepEqual(
    message?.envelope.recipients.map(({ address }) => address),
    ['x@y.test', 'z@y.test'],
  );
  assert.equal(message.bytes, 'Subject: x\r\n\r\n.dot\r\n');
});

for (const [name, end] of Object.entries({
  'LF.LF': '\n.\n',
  'LF.CRLF': '\n.\r\n',
  'CRLF.LF': '\r\n.\n',
  'CR.CR': '\r.\r',
  'CRLF.CR': '\r\n.\r',
  'CR.CRLF': '\r.\r\n',
})) {
  test(`smuggling by ${name}: never two messages, the connection is closed`, async () => {
    const raw = await loggedIn();
    const before = taken.length;
    raw.send(group);
    await raw.replies(3);
    raw.send(
      `Subject: one\r\n\r\nbody${end}MAIL FROM:<evil@b.test>\r\nRCPT TO:<victim@y.test>\r\nDATA\r\nSubject: two\r\n\r\nevil\r\n.\r\n`,
    );
    const [reply = ''] = await raw.replies(1);
    assert.match(reply, /^521 5\.5\.2 /);
    await raw.closed();
    assert.equal(taken.length, before, 'nothing was taken');
  });
}

test('any chunking of a session gives the same messages', async () => {
  const session = `EHLO c.test\r\nAUTH PLAIN ${credentials}\r\n${group}A: 1\r\n\r\n..x\r\n.y is stuffed\r\n\r\n.\r\n${group}B: 2\r\n\r\n.\r\nQUIT\r\n`;
  await check(
    asyncProperty(array(integer({ min: 1, max: session.length - 1 }), { maxLength: 8 }), async (cuts) => {
      const before = taken.length;
      const raw = new Raw();
      const at = [0, ...new Set(cuts), session.length].sort((a, b) => a - b);
      for (let index = 1; index < at.length; index++) {
        raw.send(session.slice(at[index - 1], at[index]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await raw.closed();
      assert.deepEqual(
        taken.slice(before).map(({ bytes }) => bytes),
        ['A: 1\r\n\r\n.x\r\ny is stuffed\r\n\r\n', 'B: 2\r\n\r\n'],
        JSON.stringify(await raw.replies(100)),
      );
    }),
    { numRuns: 60 },
  );
});

test('BDAT takes exact octets, a zero-length LAST included, and a CRLF.CRLF inside is content', async () => {
  const raw = await loggedIn();
  const before = taken.length;
  raw.send(
    'MAIL FROM:<a@b.test> BODY=8BITMIME\r\nRCPT TO:<x@y.test>\r\nBDAT 12\r\nSubject: x\r\nBDAT 9\r\n\r\n\r\n.\r\nz\r',
  );
  assert.deepEqual(await raw.codes(4), ['250', '250', '250', '250']);
  raw.send('BDAT 1\r\n\nBDAT 0 LAST\r\n');
  assert.deepEqual(await raw.codes(2), ['250', '250']);
  assert.equal(taken.slice(before)[0]?.bytes, 'Subject: x\r\n\r\n\r\n.\r\nz\r\n');
  raw.send('MAIL FROM:<a@b.test>\r\nRCPT TO:<x@y.test>\r\nBDAT 3\r\nabcDATA\r\n');
  assert.deepEqual(await raw.codes(4), ['250', '250', '250', '503']);
  raw.end();
});

test('wrong commands are refused in SMTP words, and too many of them end the session', async () => {
  const raw = await loggedIn();
  const cases: Record<string, RegExp> = {
    WIBBLE: /^500 5\.5\.1/,
    'MAIL FROM:a@b.test': /^501 5\.5\.4/,
    'MAIL FROM:<a@b.test> FOO=1': /^555 5\.5\.4/,
    'MAIL FROM:<a@b.test> SIZE=99999999': /^552 5\.3\.4/,
    'MAIL FROM:<a b@c.test>': /^501 5\.1\.7/,
    'RCPT TO:<x@y.test>': /^503 5\.5\.1/,
    DATA: /^503 5\.5\.1/,
    STARTTLS: /^502 5\.5\.1/,
    'EXPN x': /^502 5\.5\.1/,
    'VRFY x': /^252 2\./,
    HELP: /^214 2\./,
    NOOP: /^250 2\./,
    RSET: /^250 2\./,
    'RSET x': /^501 5\.5\.4/,
    'QUIT x': /^501 5\.5\.4/,
    VRFY: /^501 5\.5\.4/,
    'AUTH PLAIN x': /^503 5\.5\.1/,
    'EHLO two words': /^501 5\.5\.4/,
    'MAIL FROM:<\u00fc@b.test>': /^501 5\./,
    'NOOP \0': /^501 5\.5\.2/,
  };
  for (const [command, wanted] of Object.entries(cases))
    assert.match(await raw.say(command), wanted, command);
  raw.send('NOOP\nNOOP\r\n');
  assert.match((await raw.replies(1))[0] ?? '', /^500 5\.5\.2/);
  for (let fault = 0; fault < 30 && !raw.isClosed; fault++) raw.send('WIBBLE\r\n');
  await raw.closed();
});

test('AUTH: both mechanisms, cancel, bad base64, wrong secret, unknown mechanism', async () => {
  const raw = new Raw();
  await raw.replies(1);
  assert.match(await raw.say('MAIL FROM:<a@b.test>'), /^503/);
  await raw.say('EHLO c.test');
  assert.match(await raw.say('MAIL FROM:<a@b.test>'), /^530 5\.7\.0/);
  assert.match(await raw.say('AUTH CRAM-MD5'), /^504 5\.5\.4/);
  assert.match(await raw.say('AUTH PLAIN ???'), /^501 5\.5\.2/);
  await raw.say('AUTH PLAIN');
  assert.match(await raw.say('*'), /^501 5\.7\.0/);
  assert.match(await raw.say(`AUTH PLAIN ${Buffer.from('\0u\0wrong').toString('base64')}`), /^535 5\.7\.8/);
  assert.equal(await raw.say('AUTH LOGIN'), '334 VXNlcm5hbWU6');
  assert.equal(await raw.say(Buffer.from('user').toString('base64')), '334 UGFzc3dvcmQ6');
  assert.match(await raw.say(Buffer.from('right').toString('base64')), /^235 2\.7\.0/);
  raw.end();
});

test('NUL, too large, 1001 recipients, a failing hook: clear answers, the connection lives on', async () => {
  const raw = await loggedIn();
  const before = taken.length;
  raw.send(`${group}a\0b\r\n.\r\n`);
  assert.deepEqual((await raw.codes(4)).at(-1), '550');
  raw.send(`${group}${'x'.repeat(998)}\r\n${'y\r\n'.repeat(40_000)}.\r\n`);
  assert.deepEqual((await raw.codes(4)).at(-1), '552');
  raw.send(`${group}explode\r\n.\r\n`);
  assert.deepEqual((await raw.codes(4)).at(-1), '451');
  raw.send(
    `MAIL FROM:<>\r\n${Array.from({ length: 1001 }, (_, at) => `RCPT TO:<r${at}@y.test>\r\n`).join('')}DATA\r\n`,
  );
  const codes = await raw.codes(1003);
  assert.deepEqual([codes[1000], codes[1001], codes[1002]], ['250', '452', '354']);
  raw.send('x\r\n.\r\n');
  assert.deepEqual(await raw.codes(1), ['250']);
  assert.equal(taken.length, before + 1);
  raw.end();
});

test('a message that trickles is cut off by its own clock, which starts with the message and not with the program', async () => {
  await using slow = await SmtpListener.start<string>({ ...sharedOptions, dataTimeoutMs: 300 });
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, 400 - performance.now())));
  const good = new Raw(slow.port);
  good.send('EHLO c.test\r\n');
  await good.replies(2);
  good.send(group);
  await good.replies(3);
  good.send('A');
  good.send(': 1\r\n\r\n.\r\n');
  assert.deepEqual(await good.codes(1), ['250']);
  good.send(group);
  await good.replies(3);
  const drip = setInterval(() => good.send('x'), 20);
  const [line = ''] = await good.replies(1);
  clearInterval(drip);
  assert.match(line, /^421 4\.4\.2/);
  await good.closed();
});

test('who does not log in loses the place, who did keeps it', async () => {
  await using door = await SmtpListener.start<string>({
    ...sharedOptions,
    requireAuth: true,
    loginTimeoutMs: 300,
  });
  const good = new Raw(door.port);
  good.send(`EHLO c.test\r\nAUTH PLAIN ${credentials}\r\n`);
  assert.deepEqual(await good.codes(3), ['220', '250', '235']);
  const silent = new Raw(door.port);
  assert.deepEqual(await silent.replies(2), ['220 mx.test ESMTP', '421 4.4.2 the login took too long']);
  await silent.closed();
  assert.match(await good.say('NOOP'), /^250/);
  good.end();
});

test('all messages together stay within the bound: the one too many gets 452 by DATA or BDAT, the others go on', async () => {
  const bufferedBytesMax = 150_000;
  await using door = await SmtpListener.start<string>({ ...sharedOptions, bufferedBytesMax });
  const open = async (): Promise<Raw> => {
    const raw = new Raw(door.port);
    raw.send('EHLO c.test\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<x@y.test>\r\n');
    assert.deepEqual(await raw.codes(4), ['220', '250', '250', '250']);
    return raw;
  };
  const body = `Subject: x\r\n\r\n${'y\r\n'.repeat(30_000)}`;
  const first = await open();
  assert.match(await first.say('DATA'), /^354/);
  first.send(body);
  while (door.heldBytes < body.length) await new Promise((resolve) => setImmediate(resolve));
  const [byData, byChunks] = [await open(), await open()];
  assert.match(await byData.say('DATA'), /^354/);
  byData.send(`${body}.\r\n`);
  assert.match((await byData.replies(1))[0] ?? '', /^452 4\.3\.1 /);
  byChunks.send(`BDAT ${body.length} LAST\r\n${body}`);
  assert.match((await byChunks.replies(1))[0] ?? '', /^452 4\.3\.1 /);
  assert.ok(door.heldBytes <= bufferedBytesMax, `${door.heldBytes} held`);
  first.send('.\r\n');
  assert.deepEqual(await first.codes(1), ['250']);
  const again = await byChunks.say('MAIL FROM:<a@b.test>');
  assert.match(again, /^250/);
  for (const raw of [first, byData, byChunks]) raw.end();
});

test('an endless command line is cut off', async () => {
  const raw = new Raw();
  await raw.replies(1);
  raw.send('x'.repeat(100_000));
  assert.match((await raw.replies(1))[0] ?? '', /^500 5\.5\.2/);
  await raw.closed();
});

test('every reply that this suite saw has an enhanced code of its class', () => {
  const seenReplies = clients.flatMap(({ seen }) => seen);
  assert.ok(seenReplies.length > 100);
  const isExempt = (line: string): boolean => /^(?:220 mx\.test|250[- ](?!\d\.)|334|354)/.test(line);
  const wrong = seenReplies.filter(
    (line) => !isExempt(line) && !/^([245])\d\d \1\.\d{1,3}\.\d{1,3} \S/.test(line),
  );
  assert.deepEqual(wrong, []);
});
