/**
 * Mail that comes back without RFC 3464, in the manner of many programs and languages and in our own words: bounces,
 * warnings that are no bounces yet, automatic answers and demands for a confirmation. Mail of ours went to ada@recv.test.
 */

import { ada, answers, daemon, postmaster, subject } from './answer-styles.ts';
import type { Style } from './answer-styles.ts';

const html = 'Content-Type: text/html; charset=utf-8';
const utf8 = 'Content-Type: text/plain; charset=utf-8';

const programs: readonly Style[] = [
  [
    'qmail: two mailboxes, two fates',
    [daemon, subject('failure notice')],
    [
      'This is the mail robot of recv.test. I could not hand your letter to everybody.',
      '',
      '<bob@recv.test>:',
      'Nobody here has that name. (#5.1.1)',
      '',
      `<${ada}>:`,
      'The disk space of this mailbox is used up. (#5.2.2)',
      '',
      '--- Below this line is a copy of the letter.',
      '',
      'Subject: 550 5.1.1 user unknown',
    ],
    ['bob@recv.test failed hard', `${ada} failed soft`],
  ],
  [
    'qmail: the name of the host could not be looked up, and it gave up',
    [daemon, subject('failure notice')],
    [
      `<${ada}>:`,
      'CNAME lookup failed temporarily. (#4.4.3)',
      'It has been in my queue too long. I give up.',
    ],
    [`${ada} failed soft`],
  ],
  [
    'qmail: a helper is named before the mailbox',
    [daemon, subject('failure notice')],
    [
      'Questions go to postmaster@recv.test.',
      `<${ada}>:`,
      '192.0.2.9 failed after I sent the message.',
      'Remote host said: 554 5.7.1 we do not take this spam',
    ],
    [`${ada} failed block`],
  ],
  [
    'exim: each address with its own reply',
    [
      daemon,
      `X-Failed-Recipients: bob@recv.test, ${ada}`,
      subject('Mail delivery failed: returning message'),
    ],
    [
      'Mail from you could not reach these addresses, and this will not change:',
      '',
      '  bob@recv.test',
      '    SMTP error from remote mail server after RCPT TO:<bob@recv.test>:',
      '    550 5.1.1 <bob@recv.test> User unknown',
      `  ${ada}`,
      '    SMTP error from remote mail server after end of data:',
      '    552 5.3.4 message too large',
      '',
      '------ This is a copy of the message, with all its headers. ------',
    ],
    ['bob@recv.test failed hard', `${ada} failed soft`],
  ],
  [
    'exim: tried for days',
    [daemon, subject('Mail delivery failed: returning message to sender')],
    [`  ${ada}`, '    retry timeout exceeded'],
    [`${ada} failed soft`],
  ],
  [
    'exim: a warning',
    [daemon, subject('Warning: message 1tABCD-0001 delayed 24 hours')],
    [
      'Your mail has not reached everybody yet; nothing has to be done by you.',
      `  ${ada}`,
      '    host mx.recv.test [192.0.2.1]: 451 4.7.1 come back later',
    ],
    [`${ada} delayed soft`],
  ],
  [
    'postfix: text alone',
    [daemon, subject('Undelivered Mail Returned to Sender')],
    [
      'Here speaks the mail system of recv.test. Write to postmaster@recv.test for help.',
      '',
      `<${ada}>: host mx.inner.test[192.0.2.1] said: 550 5.1.1 <${ada}>: Recipient`,
      '    address rejected: User unknown (in reply to RCPT TO command)',
    ],
    [`${ada} failed hard`],
  ],
  [
    'postfix: nobody answered until the end',
    [daemon, subject('Undelivered Mail Returned to Sender')],
    [`<${ada}>: connect to mx.inner.test[192.0.2.1]:25: Connection timed out`],
    [`${ada} failed soft`],
  ],
  [
    'postfix: still on its way',
    [daemon, subject('Delayed Mail (still being retried)')],
    [
      'It will be tried for five more days.',
      `<${ada}>: connect to mx.inner.test[192.0.2.1]:25: No route to host`,
    ],
    [`${ada} delayed soft`],
  ],
  [
    'sendmail: a dialogue below the address',
    [daemon, subject('Returned mail: User unknown')],
    [
      '   ----- Addresses that failed for good -----',
      `<${ada}>`,
      '',
      '   ----- What was said -----',
      '... while talking to mx.recv.test.:',
      `>>> RCPT To:<${ada}>`,
      `<<< 550 5.1.1 <${ada}>... User unknown`,
    ],
    [`${ada} failed hard`],
  ],
  [
    'sendmail: four hours',
    [daemon, subject('Warning: could not send message for past 4 hours')],
    ['This is only a warning.', `<${ada}>`, 'Deferred: Connection timed out with mx.recv.test.'],
    [`${ada} delayed soft`],
  ],
  [
    'domino: mailbox over its limit',
    [postmaster, subject('DELIVERY FAILURE: mailbox is full')],
    ['Your document: Hello', 'did not reach:', ada, 'because:', '452 4.2.2 Mailbox is over its quota'],
    [`${ada} failed soft`],
  ],
  [
    'domino: not in the directory',
    [postmaster, subject('Delivery Failure Report')],
    [
      'Document: Hello',
      `was not delivered to: ${ada}`,
      'because: User ada (ada@recv.test) not listed in the directory',
    ],
    [`${ada} failed hard`],
  ],
  [
    'exchange 2003: a list of who was not reached',
    ['From: System Administrator <postmaster@recv.test>', subject('Undeliverable: Hello')],
    [
      'Not all recipients were reached.',
      '      Subject:  Hello',
      '      Sent:     11/24/2026 4:50 PM',
      'These could not be:',
      `      ${ada} on 11/24/2026 4:52 PM`,
      '            The account is not known at the place this was sent to.',
      '            <mx.recv.test #5.1.1 smtp;550 5.1.1 User unknown>',
    ],
    [`${ada} failed hard`],
  ],
  [
    'exchange: html with styles, and our header below',
    [postmaster, subject('Undeliverable: Hello'), html],
    [
      '<html><head><style>table { width: 550px } td.x { height: 451 }</style></head><body>',
      `<p>Nothing reached <a href="mailto:${ada}">Ada</a> (${ada}).</p>`,
      '<p>The mailbox is full and takes nothing now.</p>',
      '<p>For administrators:</p><p>Generating server: ex.recv.test</p>',
      `<p>${ada}<br>#&lt; #5.2.2 smtp;554 5.2.2 mailbox full&gt; #SMTP#</p>`,
      '<p>Original message headers:</p><pre>Subject: 550 5.1.1 user unknown</pre></body></html>',
    ],
    [`${ada} failed soft`],
  ],
  [
    'exchange online: a person who is not there',
    [postmaster, subject('Undeliverable: Hello'), html],
    [
      `<table><tr><td>Your mail to <b>${ada}</b> was not delivered.</td></tr>`,
      '<tr><td>ada was not found at recv.test.</td></tr>',
      '<tr><td>Status code: 550 5.1.10</td></tr></table>',
    ],
    [`${ada} failed hard`],
  ],
  [
    'exchange: a warning',
    [postmaster, subject('Delivery delayed: Hello')],
    [`Your mail to ${ada} waits. The server goes on trying for two days.`, '#4.4.7'],
    [`${ada} delayed soft`],
  ],
  [
    'gmail-like: no such address, in words',
    [daemon, subject('Delivery Status Notification (Failure)')],
    [
      '** Address not found **',
      '',
      `Mail to ${ada} came back: there is no such address, or it takes no mail.`,
      '',
      'What the other server said:',
      '550 5.1.1 The account that you tried to reach does not exist.',
    ],
    [`${ada} failed hard`],
  ],
  [
    'gmail-like: a full mailbox',
    [daemon, subject('Delivery Status Notification (Failure)')],
    [`${ada} gets more mail than fits.`, '452 4.2.2 The inbox of this account is out of storage space.'],
    [`${ada} failed soft`],
  ],
  [
    'gmail-like: not yet',
    [daemon, subject('Delivery Status Notification (Delay)')],
    ['** Delivery incomplete **', `Mail to ${ada} has a passing problem. We will retry for 46 more hours.`],
    [`${ada} delayed soft`],
  ],
  [
    'a notification whose subject leaves it open, on its way',
    [daemon, subject('Delivery Status Notification')],
    [`Mail to ${ada} could not be handed over so far. The server will keep trying for three days.`],
    [`${ada} delayed soft`],
  ],
  [
    'a notification whose subject leaves it open, given up',
    [daemon, subject('Delivery Status Notification')],
    [`After five days we gave up on ${ada}: 451 4.4.1 no answer from host`],
    [`${ada} failed soft`],
  ],
  [
    'yahoo-like: a policy behind a colon',
    [daemon, subject('Failure Notice')],
    ['Sorry, this did not work:', '', `<${ada}>:`, '554: 5.7.9 Message not accepted for policy reasons'],
    [`${ada} failed policy`],
  ],
  [
    'groupwise: two lines, no code',
    [daemon, subject('Message could not be delivered')],
    ['These recipients did not get it:', `  ${ada} (mailbox is full)`],
    [`${ada} failed soft`],
  ],
  [
    'mdaemon: transcript of a session',
    ['From: MDaemon@recv.test', subject('Permanent Delivery Failure')],
    [
      `Mail to ${ada} failed for good.`,
      '--> MAIL From:<shop@ours.test>',
      '<-- 250 2.1.0 fine',
      `--> RCPT To:<${ada}>`,
      '<-- 550 5.7.1 Relaying denied',
    ],
    [`${ada} failed admin`],
  ],
  [
    'a gateway: virus found',
    [postmaster, subject('Message blocked: Hello')],
    [`Your mail to ${ada} was not passed on: the attachment is infected with malware.`],
    [`${ada} failed policy`],
  ],
  [
    'a gateway: our sender is named first',
    [postmaster, subject('Undeliverable: Hello')],
    ['From: shop@ours.test', `To: ${ada}`, 'Reason: 550 5.7.26 mail without DKIM or SPF is refused'],
    [`${ada} failed policy`],
  ],
  [
    'a forwarder: our recipient is not the one that failed',
    [daemon, subject('failure notice')],
    ['<eve@inner.test>:', 'no such user. (#5.1.1)', '<fay@inner.test>:', 'no such user. (#5.1.1)'],
    ['eve@inner.test failed hard', 'fay@inner.test failed hard'],
  ],
];

/** Bounces without a code, or with one that says nothing, by language. */
const languages: readonly Style[] = (
  [
    [
      'german: unknown',
      'Unzustellbar: Rechnung',
      `Diese Nachricht kam nicht an: ${ada}`,
      'Der Empfänger ist unbekannt.',
      'failed hard',
    ],
    [
      'german: full',
      'Ihre E-Mail konnte nicht zugestellt werden',
      `An ${ada} ging nichts.`,
      'Das Postfach ist voll.',
      'failed soft',
    ],
    ['german: delay', 'Zustellung verzögert: Rechnung', ada, 'Es wird weiter versucht.', 'delayed soft'],
    [
      'french: unknown',
      'Non remis : Facture',
      `Rien n’est arrivé chez ${ada}.`,
      'Destinataire inconnu.',
      'failed hard',
    ],
    [
      'french: full',
      'Échec de la remise',
      `Pour ${ada} :`,
      'La boîte de réception est pleine.',
      'failed soft',
    ],
    ['french: delay', 'Remise retardée : Facture', ada, 'De nouvelles tentatives suivront.', 'delayed soft'],
    [
      'spanish: unknown',
      'No se puede entregar: Factura',
      `Nada llegó a ${ada}.`,
      'El usuario no existe.',
      'failed hard',
    ],
    ['spanish: full', 'Mensaje no entregado', `Para ${ada}:`, 'El buzón está lleno.', 'failed soft'],
    ['spanish: delay', 'Entrega retrasada: Factura', ada, 'Seguiremos intentando.', 'delayed soft'],
    [
      'japanese: unknown',
      '配信エラー: 請求書',
      `宛先 ${ada} には届きませんでした。`,
      '該当するユーザーが存在しません。',
      'failed hard',
    ],
    ['japanese: full', '配信不能', ada, 'メールボックスがいっぱいです。', 'failed soft'],
    ['japanese: delay', '配信遅延のお知らせ', ada, '再送を続けます。', 'delayed soft'],
    ['chinese: unknown', '退信：账单', `收件人（${ada}）没有收到。`, '该用户不存在。', 'failed hard'],
    ['chinese: full', '您的邮件被退回', `收件人：${ada}，`, '对方邮箱已满。', 'failed soft'],
    ['chinese: delay', '邮件投递延迟', ada, '系统将继续尝试。', 'delayed soft'],
  ] as const
).map(([name, title, first, second, fate]): Style => [
  name,
  ['From: mail@recv.test', subject(title), utf8],
  [first, '', second],
  [`${ada} ${fate}`],
]);

const latin: Style = [
  'german in an old charset',
  [
    postmaster,
    'Subject: =?iso-8859-1?Q?Unzustellbar=3A_Gr=FC=DFe?=',
    'Content-Type: text/plain; charset=iso-8859-1',
    'Content-Transfer-Encoding: quoted-printable',
  ],
  [`Empf=E4nger ${ada}:`, 'Der Empf=E4nger existiert nicht.'],
  [`${ada} failed hard`],
];

export const styles: readonly Style[] = [...programs, ...languages, latin, ...answers];

export function styleBytes([, header, body]: Style, lineEnd = '\r\n'): Buffer {
  const to = 'To: <b+aaaa@bounce.ours.test>';
  return Buffer.from([...header, to, 'MIME-Version: 1.0', '', ...body, ''].join(lineEnd));
}
