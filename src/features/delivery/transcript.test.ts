import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { assert as check, array, constantFrom, property, string } from 'fast-check';
import { SmtpSink } from '../../../test/doubles/smtp-sink.ts';
import { SmtpConnection } from './connection.ts';
import { defaultDeadlines } from './transaction.ts';
import type { OpenConnection, Transaction } from './transaction.ts';
import { Transcript } from './transcript.ts';

function options(port: number, more: Partial<OpenConnection> = {}): OpenConnection {
  return {
    dial: (target) => connect({ host: target.address, port: target.port, noDelay: true }),
    address: '127.0.0.1',
    port,
    ehloName: 'me.test',
    tls: 'opportunistic',
    serverName: 'sink.test',
    verifyCertificate: false,
    deadlines: defaultDeadlines,
    ...more,
  };
}

function mail(to: string): Transaction {
  const body = [Buffer.from('Subject: hidden\r\n\r\nWhat nobody else may read.\r\n')];
  const needs = { eightBit: false, smtputf8: false };
  return { from: 'a@b.test', to, needs, body, beforeFinalDot: () => true };
}

test('a transcript tells the opening and the last transaction, never an earlier one or what was written', async () => {
  await using sink = await SmtpSink.start({
    extensions: ['PIPELINING'],
    behave: ({ phase, recipient }) =>
      phase === 'final' && recipient.startsWith('late')
        ? { reply: '554-5.7.1 no\r\n554 5.7.1 never' }
        : undefined,
  });
  const opened = await SmtpConnection.open(options(sink.port));
  assert.ok(opened.ok);
  await using connection = opened.connection;
  await connection.deliver(mail('first@y.test'));
  await connection.deliver(mail('late@y.test'));
  assert.equal(
    connection.transcript.replace(/\(\d+ bytes\)/, '(n bytes)'),
    [
      'S: 220 sink ESMTP',
      'C: EHLO me.test',
      'S: 250-sink',
      'S: 250 PIPELINING',
      'C: MAIL FROM:<a@b.test>',
      'C: RCPT TO:<late@y.test>',
      'C: DATA',
      'S: 250 2.1.0 ok',
      'S: 250 2.1.5 ok',
      'S: 354 go',
      'C: (n bytes)',
      'S: 554-5.7.1 no',
      'S: 554 5.7.1 never',
    ].join('\n'),
  );
});

test('a connection that fails tells how far it came, and no secret', async () => {
  const user = 'someone';
  const secret = 'a very secret word';
  for (const mechanisms of ['PLAIN', 'LOGIN']) {
    await using sink = await SmtpSink.start({ extensions: [`AUTH ${mechanisms}`], login: '535 5.7.8 no' });
    const opened = await SmtpConnection.open(options(sink.port, { auth: { user, secret } }));
    assert.ok(!opened.ok && opened.failure.phase === 'auth');
    const { transcript } = opened.failure;
    assert.match(transcript, /^C: AUTH (?:PLAIN \*\*\*|LOGIN)$/m);
    assert.match(transcript, /^S: 535 5\.7\.8 no$/m);
    for (const hidden of [secret, user])
      assert.ok(!transcript.includes(Buffer.from(hidden).toString('base64').slice(0, 6)), transcript);
  }
  const nobody = await SmtpConnection.open(options(1));
  assert.ok(!nobody.ok);
  assert.match(nobody.failure.transcript, /^\*: .*ECONNREFUSED/);
});

test('a transcript is bounded and can be stored, whatever a server says', () => {
  const event = constantFrom('said', 'heard', 'did', 'broke', 'begin');
  check(
    property(array(event, { maxLength: 300 }), string({ unit: 'binary', maxLength: 900 }), (events, text) => {
      const transcript = new Transcript();
      for (const each of events) {
        if (each === 'said') transcript.said(`${text}\r\n`);
        else if (each === 'heard')
          transcript.heard({ code: 250, enhanced: null, text: text.replaceAll('\0', ' ') });
        else if (each === 'did') transcript.wrote([Buffer.from(text)]);
        else if (each === 'broke') transcript.note('cut');
        else transcript.beginTransaction();
      }
      return transcript.text.length <= 10_000 && transcript.text.isWellFormed();
    }),
  );
});
