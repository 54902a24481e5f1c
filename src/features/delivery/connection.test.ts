import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { assert as check, array, constantFrom, integer, property } from 'fast-check';
import { dotStuff } from '../../mail/smtp/dot-stuff.ts';
import { ReplyParser } from '../../mail/smtp/reply-parser.ts';
import { SmtpSink } from '../../../test/doubles/smtp-sink.ts';
import type { Misbehaviour, Occasion } from '../../../test/doubles/smtp-sink.ts';
import { SmtpConnection } from './connection.ts';
import { defaultDeadlines } from './transaction.ts';
import type { OpenConnection, Transaction } from './transaction.ts';

const quick = Object.fromEntries(
  Object.keys(defaultDeadlines).map((phase) => [phase, 400]),
) as typeof defaultDeadlines;

function options(port: number, more: Partial<OpenConnection> = {}): OpenConnection {
  return {
    dial: (target) => connect({ host: target.address, port: target.port, noDelay: true }),
    address: '127.0.0.1',
    port,
    ehloName: 'me.test',
    tls: 'opportunistic',
    serverName: 'sink.test',
    verifyCertificate: false,
    deadlines: quick,
    ...more,
  };
}

function mail(to: string, body = 'Subject: x\r\n\r\n.dot\r\n'): Transaction {
  const bytes = Buffer.from(body);
  return {
    from: 'a@b.test',
    to,
    sizeBytes: bytes.length,
    needs: { eightBit: false, smtputf8: false },
    body: [bytes],
    beforeFinalDot: () => true,
  };
}

async function opened(port: number, more: Partial<OpenConnection> = {}): Promise<SmtpConnection> {
  const result = await SmtpConnection.open(options(port, more));
  assert.ok(result.ok, JSON.stringify(result));
  return result.connection;
}

for (const extensions of [undefined, ['SIZE 1000000']]) {
  test(`one connection sends good, refused and again good mail ${extensions === undefined ? 'pipelined' : 'in lockstep'}`, async () => {
    const behave = ({ phase, recipient }: Occasion): Misbehaviour | undefined => {
      if (phase === 'rcpt' && recipient.startsWith('bad'))
        return { reply: '550-5.1.1 no\r\n550 5.1.1 such user' };
      return phase === 'final' && recipient.startsWith('late') ? { reply: '554 5.7.1 no' } : undefined;
    };
    await using sink = await SmtpSink.start({ behave, ...(extensions === undefined ? {} : { extensions }) });
    await using connection = await opened(sink.port);
    const kinds: unknown[] = [];
    for (const to of ['x@y.test', 'bad@y.test', 'late@y.test', 'z@y.test']) {
      const outcome = await connection.deliver(mail(to));
      kinds.push([
        outcome.kind,
        'phase' in outcome ? outcome.phase : null,
        'reply' in outcome ? outcome.reply.text : null,
      ]);
    }
    assert.deepEqual(kinds, [
      ['accepted', null, 'kept'],
      ['refused', 'rcpt', 'no\nsuch user'],
      ['refused', 'final', 'no'],
      ['accepted', null, 'kept'],
    ]);
    assert.deepEqual([sink.connections, sink.kept.map(({ to }) => to)], [1, ['x@y.test', 'z@y.test']]);
    assert.equal(sink.kept[0]?.bytes.toString(), 'Subject: x\r\n\r\n.dot\r\n');
  });
}

test('silence in each phase ends at its deadline, and only after the dot is the outcome unknown', async () => {
  for (const phase of ['mail', 'rcpt', 'data', 'final'] as const) {
    await using sink = await SmtpSink.start({
      behave: (occasion) => (occasion.phase === phase ? { silent: true } : undefined),
      extensions: [],
    });
    const connection = await opened(sink.port);
    const outcome = await connection.deliver(mail('x@y.test'));
    assert.deepEqual(
      outcome.kind === 'broken' ? [outcome.phase, outcome.afterFinalDot, outcome.error.code] : outcome,
      [phase, phase === 'final', 'timeout'],
    );
    assert.equal(connection.isReusable, false);
  }
});

test('greeting, EHLO and connect failures say where', async () => {
  const failure = async (behave: (occasion: Occasion) => Misbehaviour | undefined): Promise<unknown> => {
    await using sink = await SmtpSink.start({ behave });
    const result = await SmtpConnection.open(options(sink.port));
    return result.ok
      ? 'ok'
      : [result.failure.phase, result.failure.reply?.code ?? result.failure.error?.code];
  };
  assert.deepEqual(
    await failure(({ phase }) => (phase === 'connect' ? { reply: '554 5.7.1 go away' } : undefined)),
    ['greeting', 554],
  );
  assert.deepEqual(await failure(({ phase }) => (phase === 'connect' ? { reply: 'SSH-2.0-x' } : undefined)), [
    'greeting',
    'protocol',
  ]);
  assert.deepEqual(
    await failure(({ phase }) => (phase === 'ehlo' ? { reply: '421 4.3.2 busy' } : undefined)),
    ['ehlo', 421],
  );
  const refused = await SmtpConnection.open(options(1));
  assert.ok(!refused.ok && refused.failure.phase === 'connect' && refused.failure.error?.code === 'refused');
});

test('what the hop does not offer is known before a command is sent; no dot without permission', async () => {
  await using sink = await SmtpSink.start({ extensions: ['SIZE 10'] });
  const connection = await opened(sink.port);
  assert.deepEqual(await connection.deliver(mail('x@y.test')), { kind: 'unsupported', what: 'size' });
  const wide = { ...mail('δ@y.test', 'x'), sizeBytes: 1, needs: { eightBit: false, smtputf8: true } };
  assert.deepEqual(await connection.deliver(wide), { kind: 'unsupported', what: 'smtputf8' });
  const outcome = await connection.deliver({
    ...mail('x@y.test', 'x\r\n'),
    sizeBytes: 3,
    beforeFinalDot: () => Promise.resolve(false),
  });
  assert.deepEqual([outcome.kind, sink.finalDots.length], ['abandoned', 0]);
});

test('a body of 10 MB arrives whole', async () => {
  await using sink = await SmtpSink.start();
  await using connection = await opened(sink.port, {
    deadlines: { ...quick, block: 20_000, finalDot: 20_000 },
  });
  const body = `Subject: big\r\n\r\n${'.line of a large body\r\n'.repeat(450_000)}`;
  const outcome = await connection.deliver(mail('x@y.test', body));
  assert.equal(outcome.kind, 'accepted', JSON.stringify(outcome));
  assert.equal(sink.kept[0]?.bytes.length, body.length);
});

test('replies parse the same however they are cut', () => {
  const text = '220 hi\r\n250-mx\r\n250-SIZE 10\r\n250 OK\n550-5.1.1 no\r\n550 5.1.1 user\r\n354 \r\n421\r\n';
  const whole = new ReplyParser().push(Buffer.from(text));
  assert.deepEqual(
    whole.map((event) =>
      event.kind === 'reply' ? [event.reply.code, event.reply.enhanced, event.reply.text] : event,
    ),
    [
      [220, null, 'hi'],
      [250, null, 'mx\nSIZE 10\nOK'],
      [550, '5.1.1', 'no\nuser'],
      [354, null, ''],
      [421, null, ''],
    ],
  );
  check(
    property(array(integer({ min: 1, max: text.length - 1 }), { maxLength: 10 }), (cuts) => {
      const parser = new ReplyParser();
      const at = [0, ...new Set(cuts), text.length].sort((a, b) => a - b);
      const events = at
        .slice(1)
        .flatMap((end, index) => parser.push(Buffer.from(text.slice(at[index], end))));
      assert.deepEqual(events, whole);
    }),
  );
});

test('dot-stuffing is undone by its reverse, whatever the content and the chunks', () => {
  const piece = constantFrom('.', '..', 'a', '\r\n', '\r\n.', '.\r\n', 'xyz');
  check(
    property(array(piece, { maxLength: 30 }), (pieces) => {
      const content = pieces.join('');
      const wire = Buffer.concat(dotStuff(pieces.map((text) => Buffer.from(text)))).toString();
      assert.ok(wire.endsWith('.\r\n'));
      const lines = wire.slice(0, -3).split('\r\n');
      const restored = lines.map((line) => (line.startsWith('.') ? line.slice(1) : line)).join('\r\n');
      const wanted = content === '' || content.endsWith('\r\n') ? content : `${content}\r\n`;
      return restored === wanted && !wire.slice(0, -3).includes('\r\n.\r\n');
    }),
  );
});
