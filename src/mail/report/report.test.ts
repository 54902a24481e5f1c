import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, asyncProperty, uint8Array } from 'fast-check';
import { classify } from '../bounce/classify.ts';
import { readReport } from './index.ts';

const lines = (...text: string[]): string => text.join('\r\n');

/** A standard report: words for people, status groups, the header of what was sent. */
function standard(
  groups: readonly (readonly string[])[],
  words = 'Your mail could not be delivered.',
): Buffer {
  const status = [['Reporting-MTA: dns; mx.recv.test'], ...groups].map((group) => group.join('\r\n'));
  return Buffer.from(
    lines(
      'From: Mail Delivery System <MAILER-DAEMON@recv.test>',
      'To: b+aaaa@bounce.ours.test',
      'Subject: Undelivered Mail Returned to Sender',
      'Auto-Submitted: auto-replied',
      'MIME-Version: 1.0',
      'Content-Type: multipart/report; report-type=delivery-status; boundary="frontier"',
      '',
      '--frontier',
      'Content-Type: text/plain; charset=utf-8',
      '',
      words,
      '--frontier',
      'Content-Type: message/delivery-status',
      '',
      status.join('\r\n\r\n'),
      '',
      '--frontier',
      'Content-Type: message/rfc822',
      '',
      'From: shop@ours.test',
      'Message-ID: <77@ours.test>',
      'Subject: User unknown, spam, mailbox full',
      '',
      'What we wrote says 550 5.1.1 no such user.',
      '--frontier--',
      '',
    ),
  );
}

function plain(from: string, subject: string, ...text: string[]): Buffer {
  return Buffer.from(
    lines(`From: ${from}`, 'To: b+aaaa@bounce.ours.test', `Subject: ${subject}`, '', ...text, ''),
  );
}

const to = 'Final-Recipient: rfc822; ada@recv.test';
const failed = 'Action: failed';

/** What came, and who, what happened, which class it is. */
const corpus: readonly (readonly [name: string, message: Buffer, expected: readonly string[]])[] = [
  [
    'unknown user',
    standard([
      [
        to,
        failed,
        'Status: 5.1.1',
        'Diagnostic-Code: smtp; 550 5.1.1 <ada@recv.test>: Recipient address',
        '\trejected: User unknown',
      ],
    ]),
    ['ada@recv.test failed hard'],
  ],
  ['status without a diagnostic', standard([[to, failed, 'Status: 5.1.1']]), ['ada@recv.test failed hard']],
  [
    'mailbox full',
    standard([[to, failed, 'Status: 5.2.2', 'Diagnostic-Code: smtp; 552 5.2.2 over quota']]),
    ['ada@recv.test failed soft'],
  ],
  [
    'code that contradicts the status',
    standard([[to, failed, 'Status: 5.0.0', 'Diagnostic-Code: smtp; 554 5.7.1 rejected as spam']]),
    ['ada@recv.test failed block'],
  ],
  [
    'words that outvote the code',
    standard([
      [to, failed, 'Status: 5.1.1', 'Diagnostic-Code: smtp; 550 5.1.1 blocked, listed at a block list'],
    ]),
    ['ada@recv.test failed block'],
  ],
  [
    'policy',
    standard([[to, failed, 'Status: 5.7.26', 'Diagnostic-Code: smtp; 550-5.7.26 mail is not authenticated']]),
    ['ada@recv.test failed policy'],
  ],
  [
    'relaying',
    standard([
      [to, failed, 'Status: 5.7.1', 'Diagnostic-Code: smtp; 554 5.7.1 <ada@recv.test>: Relay access denied'],
    ]),
    ['ada@recv.test failed admin'],
  ],
  [
    'expired in their queue',
    standard([
      [
        to,
        failed,
        'Status: 4.4.7',
        'Diagnostic-Code: smtp; delivery temporarily suspended: connect timed out',
      ],
    ]),
    ['ada@recv.test failed soft'],
  ],
  [
    'no such domain',
    standard([[to, failed, 'Status: 5.4.4', 'Diagnostic-Code: x-unix; host not found']]),
    ['ada@recv.test failed hard'],
  ],
  [
    'null MX of a forward',
    standard([[to, failed, 'Status: 5.1.10', 'Diagnostic-Code: smtp; 556 5.1.10 takes no mail']]),
    ['ada@recv.test failed hard'],
  ],
  [
    'only a delay',
    standard([[to, 'Action: delayed', 'Status: 4.4.1', 'Will-Retry-Until: Fri, 27 Nov 2026 10:00:00 +0000']]),
    ['ada@recv.test delayed soft'],
  ],
  ['good news', standard([[to, 'Action: delivered', 'Status: 2.0.0']]), ['ada@recv.test delivered']],
  [
    'relayed onwards',
    standard([[to, 'Action: relayed (to a host without DSN)', 'Status: 2.0.0']]),
    ['ada@recv.test relayed'],
  ],
  [
    'the original address counts',
    standard([
      [
        'Original-Recipient: rfc822;ada@recv.test',
        'Final-Recipient: rfc822; a.lovelace@inner.test',
        failed,
        'Status: 5.1.1',
      ],
    ]),
    ['ada@recv.test failed hard'],
  ],
  [
    'two recipients',
    standard([
      [to, failed, 'Status: 5.1.1'],
      ['Final-Recipient: rfc822; bob@recv.test', 'Action: delayed', 'Status: 4.2.2'],
    ]),
    ['ada@recv.test failed hard', 'bob@recv.test delayed soft'],
  ],
  [
    'another address type',
    standard([['Final-Recipient: LOCAL;<ada@recv.test>', failed, 'Status: 5.2.1 (disabled)']]),
    ['ada@recv.test failed hard'],
  ],
  [
    'words of a remote server at the bottom',
    standard([[to, failed, 'Status: 5.0.0']], 'The response was:\r\n\r\n550 5.1.1 No such account here'),
    ['ada@recv.test failed hard'],
  ],
  [
    'exchange',
    standard([
      [
        to,
        failed,
        'Status: 5.1.10',
        'Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP address lookup',
      ],
    ]),
    ['ada@recv.test failed hard'],
  ],
  [
    'qmail',
    plain(
      'MAILER-DAEMON@recv.test',
      'failure notice',
      'Hi. This is the qmail-send program at recv.test.',
      '',
      '<ada@recv.test>:',
      'Sorry, no mailbox here by that name. (#5.1.1)',
      '',
      '--- Below this line is a copy of the message.',
      '',
      'Subject: 550 spam',
    ),
    ['ada@recv.test failed hard'],
  ],
  [
    'qmail, remote',
    plain(
      'MAILER-DAEMON@recv.test',
      'failure notice',
      '<ada@recv.test>:',
      '192.0.2.1 does not like recipient.',
      'Remote host said: 550 5.7.1 Message rejected as spam',
      'Giving up on 192.0.2.1.',
    ),
    ['ada@recv.test failed block'],
  ],
  [
    'exim',
    plain(
      'Mail Delivery System <Mailer-Daemon@recv.test>',
      'Mail delivery failed: returning message to sender',
      'A message that you sent could not be delivered to one or more of its recipients.',
      '',
      '  ada@recv.test',
      '    host mx.inner.test [192.0.2.1]',
      '    SMTP error from remote mail server after RCPT TO:<ada@recv.test>:',
      '    550 5.1.1 User unknown',
    ),
    ['ada@recv.test failed hard'],
  ],
  [
    'exim, warning',
    plain(
      'Mailer-Daemon@recv.test',
      'Warning: message 1abc delayed 24 hours, mail delivery system',
      'ada@recv.test',
      '  451 4.3.0 temporarily unavailable',
    ),
    ['ada@recv.test delayed soft'],
  ],
  [
    'domino',
    plain(
      'Postmaster@recv.test',
      'DELIVERY FAILURE: User ada (ada@recv.test) not listed',
      'Your message was not delivered to:',
      '  ada@recv.test',
      'because: 550 User ada not listed in public Name & Address Book',
    ),
    ['ada@recv.test failed hard'],
  ],
  [
    'german',
    plain(
      'postmaster@recv.test',
      'Unzustellbar: Rechnung',
      'Die Zustellung an ada@recv.test ist fehlgeschlagen: 550 5.1.1 no such user',
    ),
    ['ada@recv.test failed hard'],
  ],
  [
    'in html only',
    Buffer.from(
      lines(
        'From: postmaster@recv.test',
        'To: b@ours.test',
        'Subject: Undeliverable: hello',
        'Content-Type: text/html; charset=utf-8',
        '',
        '<p>Not delivered to <b>ada@recv.test</b></p><p>550 5.1.1 unknown user</p>',
      ),
    ),
    ['ada@recv.test failed hard'],
  ],
  [
    'a block in words',
    plain(
      'MAILER-DAEMON@recv.test',
      'Returned mail: see transcript for details',
      '<ada@recv.test>',
      '   (reason: 554 5.7.1 Service unavailable; client host blocked using a block list)',
    ),
    ['ada@recv.test failed block'],
  ],
  [
    'no code at all',
    plain('MAILER-DAEMON@recv.test', 'Undeliverable mail', 'The mailbox of ada@recv.test does not exist.'),
    ['ada@recv.test failed hard'],
  ],
  [
    'nothing to read',
    plain('MAILER-DAEMON@recv.test', 'Undeliverable mail', 'Sorry.'),
    ['? failed undetermined'],
  ],
];

test('bounces of every make tell who, what and which class', async () => {
  assert.ok(corpus.length >= 28);
  for (const [name, message, expected] of corpus) {
    const report = await readReport(message);
    assert.equal(report.kind, 'delivery', name);
    if (report.kind !== 'delivery') continue;
    const told = report.entries.map(({ recipient, action, reply }) => {
      const found = reply.code >= 400 ? ` ${classify(reply, 'report').class}` : '';
      return `${recipient ?? '?'} ${action}${found}`;
    });
    assert.deepEqual(told, expected, name);
  }
});

test('a standard report names the mail that it is about', async () => {
  const report = await readReport(standard([[to, failed, 'Status: 5.1.1']]));
  assert.ok(report.kind === 'delivery' && report.isStandard && report.messageId === '77@ours.test');
});

function complaint(fields: readonly string[], original: readonly string[]): Buffer {
  return Buffer.from(
    lines(
      'From: <feedback@recv.test>',
      'To: fbl@ours.test',
      'Subject: complaint',
      'MIME-Version: 1.0',
      'Content-Type: multipart/report; report-type=feedback-report; boundary="frontier"',
      '',
      '--frontier',
      'Content-Type: text/plain',
      '',
      'This is a report.',
      '--frontier',
      'Content-Type: message/feedback-report',
      '',
      ...fields,
      '',
      '--frontier',
      'Content-Type: message/rfc822',
      '',
      ...original,
      '',
      'body',
      '--frontier--',
      '',
    ),
  );
}

test('a complaint tells its type and the return path, also when the recipient is redacted', async () => {
  const fields = ['Feedback-Type: abuse', 'User-Agent: Loop/1.0', 'Version: 1'];
  const whole = await readReport(
    complaint(
      [...fields, 'Original-Mail-From: <b+aaaa@bounce.ours.test>', 'Original-Rcpt-To: <ada@recv.test>'],
      ['Message-ID: <78@ours.test>'],
    ),
  );
  assert.deepEqual(whole, {
    kind: 'feedback',
    type: 'abuse',
    recipients: ['ada@recv.test'],
    returnPath: 'b+aaaa@bounce.ours.test',
    mark: null,
    feedbackId: null,
    messageId: '78@ours.test',
    userAgent: 'Loop/1.0',
  });
  const redacted = await readReport(
    complaint(fields, [
      'Return-Path: <b+bbbb@bounce.ours.test>',
      'To: <redacted>',
      'Message-ID: <79@ours.test>',
    ]),
  );
  assert.ok(redacted.kind === 'feedback' && redacted.returnPath === 'b+bbbb@bounce.ours.test');
  const kind = await readReport(
    complaint(['Feedback-Type: not-spam', 'Version: 1'], ['Message-ID: <80@ours.test>']),
  );
  assert.ok(kind.kind === 'feedback' && kind.type === 'not-spam');
});

test('automatic answers are no bounces, and people are neither', async () => {
  const answers = [
    plain('ada@recv.test', 'Out of office: hello', 'I am away; 550 things to do.'),
    plain('ada@recv.test', 'Automatic reply: hello', 'Back on Monday.'),
    Buffer.from(
      lines(
        'From: ada@recv.test',
        'Subject: Re: hello',
        'Auto-Submitted: auto-replied (vacation)',
        '',
        'Away.',
      ),
    ),
  ];
  for (const message of answers) assert.deepEqual(await readReport(message), { kind: 'auto_reply' });
  assert.deepEqual(await readReport(plain('ada@recv.test', 'Re: hello', 'My 550 euros?')), { kind: 'other' });
});

test('anything may come: no bytes make it throw', async () => {
  await check(
    asyncProperty(uint8Array({ maxLength: 400 }), async (bytes) => {
      const report = await readReport(
        Buffer.concat([Buffer.from('Content-Type: multipart/report; boundary=a\r\n\r\n--a\r\n'), bytes]),
      );
      return typeof report.kind === 'string';
    }),
    { numRuns: 200 },
  );
});
