import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { createSecureContext, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { assert as check, array, constant, oneof, property, uint8Array } from 'fast-check';
import { selfSigned } from '../../../test/doubles/certificate.ts';
import { SmtpSink } from '../../../test/doubles/smtp-sink.ts';
import type { SinkOptions } from '../../../test/doubles/smtp-sink.ts';
import { silentLog } from '../../base/log.ts';
import { parseCapabilities } from '../../mail/smtp/reply-parser.ts';
import { SmtpListener } from '../../smtp/listener.ts';
import { SmtpConnection } from './connection.ts';
import { bdatChunks, defaultDeadlines } from './transaction.ts';
import type { Transaction } from './transaction.ts';

async function opened(sink: { readonly port: number }): Promise<SmtpConnection> {
  const result = await SmtpConnection.open({
    dial: ({ address, port }) => connect({ host: address, port, noDelay: true }),
    address: '127.0.0.1',
    port: sink.port,
    ehloName: 'me.test',
    tls: 'opportunistic',
    serverName: 'sink.test',
    verifyCertificate: false,
    deadlines: defaultDeadlines,
  });
  assert.ok(result.ok, JSON.stringify(result));
  return result.connection;
}

function mail(to: string, text = 'Subject: x\r\n\r\nx\r\n', more: Partial<Transaction> = {}): Transaction {
  const bytes = Buffer.from(text);
  return {
    from: 'a@b.test',
    to,
    sizeBytes: bytes.length,
    needs: { eightBit: false, smtputf8: false },
    body: [bytes],
    beforeFinalDot: () => true,
    ...more,
  };
}

const large = `Subject: large\r\n\r\n${'.a line that begins with a dot\r\n'.repeat(80_000)}`;

for (const extensions of [['CHUNKING', 'PIPELINING'], ['CHUNKING']]) {
  const how = extensions.length === 2 ? 'pipelined' : 'in lockstep';

  test(`a large mail leaves in chunks where they are offered, a small one by DATA, ${how}`, async () => {
    await using sink = await SmtpSink.start({ extensions });
    await using connection = await opened(sink);
    for (const text of [large, 'Subject: x\r\n\r\n.\r\n', large])
      assert.equal((await connection.deliver(mail('x@y.test', text))).kind, 'accepted');
    const words = sink.commands.map((line) => line.split(' ')[0]).filter((word) => word !== 'EHLO');
    const chunked = ['MAIL', 'RCPT', 'BDAT', 'BDAT', 'BDAT', 'BDAT'];
    assert.deepEqual(words, [...chunked, 'MAIL', 'RCPT', 'DATA', ...chunked]);
    assert.deepEqual(
      sink.kept.map(({ bytes }) => bytes.toString()),
      [large, 'Subject: x\r\n\r\n.\r\n', large],
    );
  });

  test(`a refused recipient gets no chunk, a refused chunk ends the mail, and the next one is fine, ${how}`, async () => {
    const behave: SinkOptions['behave'] = ({ phase, recipient }) => {
      if (phase === 'rcpt' && recipient.startsWith('bad')) return { reply: '550 5.1.1 no such user' };
      return phase === 'data' && recipient.startsWith('full')
        ? { reply: '552 5.2.2 mailbox full' }
        : undefined;
    };
    await using sink = await SmtpSink.start({ extensions, behave });
    await using connection = await opened(sink);
    const ends: unknown[] = [];
    for (const to of ['bad@y.test', 'full@y.test', 'x@y.test']) {
      const outcome = await connection.deliver(mail(to, large));
      ends.push(outcome.kind === 'refused' ? [outcome.phase, outcome.reply.enhanced] : outcome.kind);
    }
    assert.deepEqual(ends, [['rcpt', '5.1.1'], ['data', '5.2.2'], 'accepted']);
    assert.deepEqual(
      sink.commands
        .filter((line) => /^(?:RSET|RCPT|BDAT)/.test(line))
        .map((line) => line.slice(0, 12).trim()),
      [
        'RCPT TO:<bad',
        'RSET',
        'RCPT TO:<ful',
        'BDAT 1048576',
        'RSET',
        'RCPT TO:<x@y',
        'BDAT 1048576',
        'BDAT 1048576',
        `BDAT ${large.length - 2 * 1_048_576}`,
        'BDAT 0 LAST',
      ],
    );
  });
}

test('without permission for its end a mail in chunks is not delivered; a cut before its end is no unknown outcome', async () => {
  await using sink = await SmtpSink.start({
    extensions: ['CHUNKING'],
    behave: ({ phase, recipient }) =>
      phase === 'data' && recipient.startsWith('cut') ? { cut: 'close' } : undefined,
  });
  const held = await opened(sink);
  const outcome = await held.deliver(mail('x@y.test', large, { beforeFinalDot: () => false }));
  const cut = await (await opened(sink)).deliver(mail('cut@y.test', large));
  assert.deepEqual(
    [outcome.kind, cut.kind === 'broken' && cut.afterFinalDot, sink.finalDots],
    ['abandoned', false, []],
  );
});

test('chunks hold the message, byte for byte, with the end of its last line, and are as few as can be', () => {
  const large = Buffer.alloc(1_500_000, 'abc\r\n');
  const piece = oneof(
    uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    constant(large),
  );
  check(
    property(array(piece, { maxLength: 6 }), (body) => {
      const whole = Buffer.concat(body);
      const wanted = whole.at(-1) === 10 ? whole : Buffer.concat([whole, Buffer.from('\r\n')]);
      const wire = bdatChunks(body);
      const sent = wire.map(([command, ...pieces]) => {
        const bytes = Buffer.concat(pieces);
        assert.equal(command?.toString(), `BDAT ${bytes.length}\r\n`);
        return bytes;
      });
      return wire.length === Math.ceil(wanted.length / 1_048_576) && Buffer.concat(sent).equals(wanted);
    }),
    { numRuns: 60 },
  );
});

test('what was asked of reports goes on to a hop that offers them, and to no other', async () => {
  const dsn = {
    ret: 'HDRS',
    envid: 'order+3D1',
    notify: ['FAILURE', 'DELAY'],
    orcpt: 'rfc822;x+2Bold@y.test',
  };
  for (const [extensions, expected] of [
    [
      ['DSN'],
      [
        'MAIL FROM:<a@b.test> RET=HDRS ENVID=order+3D1',
        'RCPT TO:<x@y.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;x+2Bold@y.test',
        'MAIL FROM:<a@b.test>',
        'RCPT TO:<x+tag=1@y.test> ORCPT=rfc822;x+2Btag+3D1@y.test',
      ],
    ],
    [[], ['MAIL FROM:<a@b.test>', 'RCPT TO:<x@y.test>', 'MAIL FROM:<a@b.test>', 'RCPT TO:<x+tag=1@y.test>']],
  ] as const) {
    await using sink = await SmtpSink.start({ extensions });
    await using connection = await opened(sink);
    await connection.deliver(mail('x@y.test', undefined, { dsn }));
    await connection.deliver(mail('x+tag=1@y.test'));
    assert.deepEqual(
      sink.commands.filter((line) => /^(?:MAIL|RCPT)/.test(line)),
      expected,
    );
  }
});

test('a connection ends after as many mails as the server allows (RFC 9422)', async () => {
  const limits = (line: string): number | null =>
    parseCapabilities({ code: 250, enhanced: null, text: `mx\n${line}` }).mailMax;
  assert.deepEqual(
    ['LIMITS MAILMAX=2', 'LIMITS RCPTMAX=5 MAILMAX=20', 'limits mailmax=3', 'LIMITS MAILMAX=0', 'SIZE 1'].map(
      limits,
    ),
    [2, 20, 3, null, null],
  );
  await using sink = await SmtpSink.start({
    extensions: ['LIMITS RCPTMAX=1 MAILMAX=2'],
    behave: ({ phase, recipient }) =>
      phase === 'rcpt' && recipient.startsWith('bad') ? { reply: '550 5.1.1 no' } : undefined,
  });
  await using connection = await opened(sink);
  await connection.deliver(mail('bad@y.test'));
  assert.equal(connection.isReusable, true);
  await connection.deliver(mail('x@y.test'));
  assert.equal(connection.isReusable, false, 'refused ones count');
});

test('REQUIRETLS goes on only inside TLS with a certificate that is proven, and else nothing is said (RFC 8689)', async () => {
  const { cert, key } = selfSigned('sink.test');
  const asked: (boolean | null)[] = [];
  await using secure = await SmtpListener.start<never>({
    host: '127.0.0.1',
    port: 0,
    hostname: 'sink.test',
    tls: { implicit: false, context: () => createSecureContext({ cert, key }) },
    requireAuth: false,
    clearAuthFrom: () => false,
    sizeMax: 1_000_000,
    recipientsMax: 10,
    connectionsMax: 10,
    perAddressConnectionsMax: 10,
    idleTimeoutMs: 10_000,
    dataTimeoutMs: 10_000,
    bufferedBytesMax: 1_000_000,
    log: silentLog,
    hooks: {
      authenticate: () => Promise.reject(new Error('nobody logs in')),
      mail: (_, { parameters }) => {
        asked.push(parameters.requireTls);
        return null;
      },
      recipient: () => null,
      message: () => Promise.resolve({ code: 250, enhanced: '2.0.0', text: 'taken' }),
    },
  });
  await using clear = await SmtpSink.start({ extensions: ['REQUIRETLS'] });
  const needs = { eightBit: false, smtputf8: false, requireTls: true };
  const send = async (to: { readonly port: number }): Promise<string> => {
    await using connection = await opened(to);
    const outcome = await connection.deliver(mail('x@y.test', undefined, { needs }));
    return outcome.kind === 'unsupported' ? outcome.what : outcome.kind;
  };
  assert.deepEqual([await send(clear), await send(secure)], ['requiretls', 'requiretls']);
  const before = getCACertificates('default');
  try {
    setDefaultCACertificates([...before, cert]);
    assert.equal(await send(secure), 'accepted');
  } finally {
    setDefaultCACertificates(before);
  }
  assert.deepEqual(asked, [true]);
  assert.ok(clear.commands.every((line) => !line.startsWith('MAIL')));
});
