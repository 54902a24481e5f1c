/** Bad input to every SMTP command and to the message itself, at the program's own door, while neighbours go on sending. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RawSmtp } from '../doubles/raw-smtp.ts';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

const login = Buffer.from(`\0lettershop\0${testKey.secret}`).toString('base64');

async function loggedIn(): Promise<RawSmtp> {
  const raw = new RawSmtp(world.smtpPort);
  raw.send(`EHLO c.test\r\nAUTH PLAIN ${login}\r\n`);
  assert.deepEqual(await raw.codes(3), ['220', '250', '235']);
  return raw;
}

type Row = {
  /** What comes before, so that the command would be in its place. */
  readonly first: readonly string[];
  /** As it should be; null when the door does not offer it. */
  readonly good: string | null;
  readonly broken: readonly string[];
};

const mail = 'MAIL FROM:<a@lettershop.test>';
const rcpt = 'RCPT TO:<you@inbox.test>';

/** One row for each command that HELP names. */
const commands: Readonly<Record<string, Row>> = {
  EHLO: { first: [], good: 'EHLO c.test', broken: ['EHLO', 'EHLO two words', `EHLO ${'x'.repeat(300)}`] },
  HELO: { first: [], good: 'HELO c.test', broken: ['HELO', 'HELO two words', `HELO ${'x'.repeat(300)}`] },
  STARTTLS: { first: [], good: null, broken: ['STARTTLS now'] },
  AUTH: { first: [], good: null, broken: ['AUTH', 'AUTH PLAIN', 'AUTH XYZ', 'AUTH LOGIN ???'] },
  MAIL: {
    first: [],
    good: mail,
    broken: [
      'MAIL',
      'MAIL FROM',
      'MAIL FROM:',
      'MAIL TO:<a@lettershop.test>',
      'MAIL FROM:a@lettershop.test',
      'MAIL FROM:<a@lettershop.test',
      'MAIL FROM:<a@lettershop.test>x',
      'MAIL FROM:<a@>',
      'MAIL FROM:<@lettershop.test>',
      'MAIL FROM:<a b@lettershop.test>',
      'MAIL FROM:<a@b@lettershop.test>',
      `MAIL FROM:<${'x'.repeat(65)}@lettershop.test>`,
      `MAIL FROM:<a@${'x'.repeat(300)}.test>`,
      `${mail} SIZE=`,
      `${mail} SIZE=-1`,
      `${mail} SIZE=many`,
      `${mail} SIZE=99999999999`,
      `${mail} SIZE=1 SIZE=2`,
      `${mail} BODY=9BIT`,
      `${mail} BODY`,
      `${mail} SMTPUTF8=1`,
      `${mail} RET=ALL`,
      `${mail} ENVID=a=b`,
      `${mail} ENVID=${'x'.repeat(101)}`,
      `${mail} REQUIRETLS`,
      `${mail} FUTURE=1`,
    ],
  },
  RCPT: {
    first: [mail],
    good: rcpt,
    broken: [
      'RCPT',
      'RCPT TO:',
      'RCPT TO:<>',
      'RCPT FROM:<you@inbox.test>',
      'RCPT TO:you@inbox.test',
      'RCPT TO:<you@inbox.test',
      'RCPT TO:<you@>',
      'RCPT TO:<you@inbox..test>',
      'RCPT TO:<you@-inbox.test>',
      `RCPT TO:<you@${'x'.repeat(64)}.test>`,
      `RCPT TO:<${'x'.repeat(65)}@inbox.test>`,
      'RCPT TO:<\u00fc@inbox.test>',
      `${rcpt} NOTIFY=`,
      `${rcpt} NOTIFY=NEVER,FAILURE`,
      `${rcpt} NOTIFY=SOMETIMES`,
      `${rcpt} NOTIFY=NEVER NOTIFY=FAILURE`,
      `${rcpt} ORCPT=you@inbox.test`,
      `${rcpt} ORCPT=rfc822;a b`,
      `${rcpt} ORCPT=rfc822;${'x'.repeat(500)}`,
      `${rcpt} SIZE=1`,
    ],
  },
  DATA: { first: [mail, rcpt], good: null, broken: ['DATA now'] },
  BDAT: {
    first: [mail, rcpt],
    good: null,
    broken: ['BDAT', 'BDAT x', 'BDAT -1', 'BDAT 1 FIRST', 'BDAT 99999999999'],
  },
  RSET: { first: [], good: 'RSET', broken: ['RSET all'] },
  NOOP: { first: [], good: 'NOOP', broken: [] },
  VRFY: { first: [], good: 'VRFY you@inbox.test', broken: ['VRFY'] },
  EXPN: { first: [], good: null, broken: ['EXPN list'] },
  HELP: { first: [], good: 'HELP', broken: [] },
  QUIT: { first: [], good: null, broken: ['QUIT now'] },
};

/** What breaks any command: each must be refused, whatever the command is. */
const anyhow: Readonly<Record<string, (line: string) => string>> = {
  'NUL at its end': (line) => `${line} \0`,
  'NUL inside': (line) => `${line[0]}\0${line.slice(1)}`,
  'invalid UTF-8': (line) => `${line} \xff`,
  'a surrogate in UTF-8': (line) => `${line} \xed\xa0\x80`,
  'a bare CR': (line) => `${line}\rRSET`,
  'a longer word': (line) => line.replace(/^\w+/, '$&X'),
  'a leading space': (line) => ` ${line}`,
};

const refused = /^([45])\d\d \1\.\d{1,3}\.\d{1,3} [ -~]{3,}$/;

test('every command of the door has its row here', async () => {
  const raw = new RawSmtp(world.smtpPort);
  await raw.replies(1);
  const help = await raw.say('HELP');
  raw.end();
  assert.deepEqual(
    help
      .replace(/^214 2\.0\.0 /, '')
      .split(', ')
      .toSorted(),
    Object.keys(commands).toSorted(),
  );
});

test('every broken command is refused in SMTP words, and what follows it is heard', async () => {
  const faults: string[] = [];
  let tried = 0;
  for (const [verb, { first, good, broken }] of Object.entries(commands)) {
    const whole = good ?? verb;
    const general = Object.entries(anyhow).map(([what, spoil]) => [what, spoil(whole)] as const);
    for (const [what, line] of [...broken.map((each) => ['', each] as const), ...general]) {
      const raw = await loggedIn();
      for (const each of first) assert.match(await raw.say(each), /^250 /, each);
      const reply = await raw.say(line);
      if (!refused.test(reply)) faults.push(`${verb} ${what} ${JSON.stringify(line.slice(0, 60))}: ${reply}`);
      const next = raw.isClosed ? '250 ' : await raw.say('RSET');
      if (!next.startsWith('250 ')) faults.push(`${line.slice(0, 60)}: then ${next}`);
      raw.end();
      tried += 1;
    }
    if (good === null) continue;
    const raw = await loggedIn();
    for (const each of first) await raw.say(each);
    assert.match(await raw.say(good), /^2\d\d/, 'the unbroken command is taken');
    raw.end();
  }
  assert.ok(tried > 140, `only ${tried} tried`);
  assert.deepEqual(faults, []);
});

test('what ends in a bare LF, is too long, or comes out of order is refused', async () => {
  for (const verb of Object.keys(commands)) {
    const line = commands[verb]?.good ?? verb;
    const bare = await loggedIn();
    bare.send(`${line}\nRSET\r\n`);
    assert.match((await bare.replies(1))[0] ?? '', refused, `${verb} with a bare LF`);
    bare.end();
    const long = await loggedIn();
    long.send(`${line} ${'x'.repeat(70_000)}\r\n`);
    assert.match((await long.replies(1))[0] ?? '', /^500 5\.5\.2 /, `${verb} of 70,000 octets`);
    await long.closed();
  }
  for (const line of ['AUTH PLAIN x', mail, rcpt, 'DATA', 'BDAT 0 LAST']) {
    const raw = new RawSmtp(world.smtpPort);
    await raw.replies(1);
    assert.match(await raw.say(line), /^503 5\.5\.1 /, `${line} before EHLO`);
    raw.end();
  }
});

const head = 'From: a@lettershop.test\r\nTo: you@inbox.test\r\nSubject: s\r\n';
/** Messages that no good client sends, and whether the door may take them as they are. */
const messages: Readonly<Record<string, { bytes: string; reply: RegExp }>> = {
  'no header at all': { bytes: 'just text\r\n', reply: /^550 5\.6\.0 / },
  nothing: { bytes: '', reply: /^550 5\.6\.0 / },
  'no From': { bytes: 'To: you@inbox.test\r\n\r\nx\r\n', reply: /^550 5\.6\.0 / },
  'two From fields': { bytes: `${head}From: b@lettershop.test\r\n\r\nx\r\n`, reply: /^550 5\.6\.0 / },
  'two Subject fields': { bytes: `${head}Subject: t\r\n\r\nx\r\n`, reply: /^550 5\.6\.0 / },
  'a From of somebody else': {
    bytes: 'From: a@example.com\r\nTo: you@inbox.test\r\n\r\nx\r\n',
    reply: /^550 5\.7\.1 /,
  },
  'a From that hides another': {
    bytes: 'From: "a@lettershop.test" <a@example.com>\r\n\r\nx\r\n',
    reply: /^550 5\.7\.1 /,
  },
  'two addresses in From, one of them foreign': {
    bytes: 'From: a@lettershop.test, b@example.com\r\n\r\nx\r\n',
    reply: /^550 5\.[67]\.\d /,
  },
  'a NUL': { bytes: `${head}\r\na\0b\r\n`, reply: /^550 5\.6\.0 / },
  'a bare LF': { bytes: `${head}\r\na\nb\r\n`, reply: /^521 5\.5\.2 / },
  'a bare CR': { bytes: `${head}\r\na\rb\r\n`, reply: /^521 5\.5\.2 / },
  'a field name with a space': { bytes: `${head}X Y: z\r\n\r\nx\r\n`, reply: /^550 5\.6\.0 / },
  'invalid UTF-8 in a header': { bytes: `${head}X-Y: \xff\xfe\r\n\r\nx\r\n`, reply: /^(?:250 2|550 5)\./ },
  'invalid UTF-8 in the body': { bytes: `${head}\r\n\xff\xfe\xed\xa0\x80\r\n`, reply: /^250 2\./ },
  'a boundary that never comes': {
    bytes: `${head}Content-Type: multipart/mixed; boundary=b\r\n\r\nno part\r\n`,
    reply: /^250 2\./,
  },
  'multiparts in multiparts, 3,000 deep': {
    bytes: `${head}Content-Type: multipart/mixed; boundary=b0\r\n\r\n${Array.from(
      { length: 3000 },
      (_, at) => `--b${at}\r\nContent-Type: multipart/mixed; boundary=b${at + 1}\r\n\r\n`,
    ).join('')}`,
    reply: /^250 2\./,
  },
  'a header of 2 MB': {
    bytes: `${head}X-Y: ${'z'.repeat(2_000_000)}\r\n\r\nx\r\n`,
    reply: /^(?:250 2|55\d 5)\./,
  },
  '40,000 header fields': {
    bytes: `${head}${'X-Y: z\r\n'.repeat(40_000)}\r\nx\r\n`,
    reply: /^(?:250 2|55\d 5)\./,
  },
  '101 Received fields': {
    bytes: `${'Received: by x; Mon, 1 Jan 2026 00:00:00 +0000\r\n'.repeat(101)}${head}\r\nx\r\n`,
    reply: /^554 5\.4\.6 /,
  },
};

test('messages that no good client sends are refused or kept, and their neighbours arrive', async () => {
  const neighbour = await loggedIn();
  const marks: string[] = [];
  for (const [name, { bytes, reply }] of Object.entries(messages)) {
    const raw = await loggedIn();
    raw.send(`${mail} BODY=8BITMIME\r\n${rcpt}\r\nDATA\r\n`);
    assert.deepEqual(await raw.codes(3), ['250', '250', '354'], name);
    const mark = `neighbour of ${name}`;
    neighbour.send(`${mail}\r\n${rcpt}\r\nDATA\r\n`);
    raw.send(`${bytes}.\r\n`);
    neighbour.send(`From: a@lettershop.test\r\nTo: you@inbox.test\r\nSubject: ${mark}\r\n\r\nx\r\n.\r\n`);
    assert.match((await raw.replies(1))[0] ?? '', reply, name);
    assert.deepEqual(await neighbour.codes(4), ['250', '250', '354', '250'], mark);
    marks.push(mark);
    if (!raw.isClosed && !String(reply).includes('521')) assert.match(await raw.say('NOOP'), /^250/, name);
    raw.end();
  }
  neighbour.end();
  const arrived = await world.until(
    () => world.ok<{ items: { subject: string }[] }>('GET', '/captures?limit=200'),
    ({ items }) => marks.every((mark) => items.some(({ subject }) => subject === mark)),
  );
  assert.ok(arrived.items.length >= marks.length);
});

test('a message of 1 GiB is refused after its end, and is never held', async () => {
  const raw = await loggedIn();
  raw.send(`${mail}\r\n${rcpt}\r\nDATA\r\n`);
  assert.deepEqual(await raw.codes(3), ['250', '250', '354']);
  const line = `${'x'.repeat(510)}\r\n`;
  const block = Buffer.from(line.repeat(2048));
  const held = (): number => {
    const { external, arrayBuffers } = process.memoryUsage();
    return external + arrayBuffers;
  };
  const start = held();
  let most = 0;
  for (let sent = 0; sent < 1024 ** 3; sent += block.length) {
    if (!raw.socket.write(block)) await new Promise((resolve) => raw.socket.once('drain', resolve));
    most = Math.max(most, held() - start);
  }
  raw.send('.\r\n');
  assert.match((await raw.replies(1))[0] ?? '', /^552 5\.3\.4 /);
  assert.match(await raw.say('NOOP'), /^250/);
  raw.end();
  // What was let go may wait for the collector; what is held would be all of it.
  assert.ok(most < 512 * 1024 * 1024, `${Math.round(most / 1024 ** 2)} MiB held`);
});
