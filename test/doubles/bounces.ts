/** Bounces as servers write them that follow no standard, or their own reading of it; in our own words. */

export type Case = readonly [
  name: string,
  header: readonly string[],
  body: readonly string[],
  expected: readonly string[],
];

export const daemon = 'From: Mail Delivery <MAILER-DAEMON@mx.recv.test>';
const ada = 'ada@recv.test';

/** A body of status groups as a part of its own, by whatever type and encoding. */
function report(groups: readonly string[], type = 'message/delivery-status', encoding = '7bit'): string[] {
  const text = `${groups.join('\r\n')}\r\n`;
  const encoded =
    encoding === 'base64'
      ? Buffer.from(text).toString('base64')
      : encoding === 'quoted-printable'
        ? text.replaceAll('=', '=3D').replaceAll('User', '=55ser')
        : text;
  return [
    'preamble',
    '--edge',
    '',
    'It did not work.',
    '--edge',
    `Content-Type: ${type}`,
    `Content-Transfer-Encoding: ${encoding}`,
    '',
    encoded,
    '--edge--',
  ];
}

export const reportType = (of = 'report; report-type=delivery-status'): string =>
  `Content-Type: multipart/${of}; boundary=edge`;
const user = [`Final-Recipient: rfc822;${ada}`, 'Action: failed', 'Status: 5.1.1'];
const unknown = [
  'Reporting-MTA: dns;mx.recv.test',
  '',
  ...user,
  'Diagnostic-Code: smtp;550 5.1.1 User unknown',
];

export const corpus: readonly Case[] = [
  [
    'qmail: mailbox gone',
    [daemon, 'Subject: failure notice'],
    [
      'I am the mail program at recv.test.',
      '',
      `<${ada}>:`,
      'There is no mailbox of that name here. (#5.1.1)',
    ],
    [`${ada} failed hard`],
  ],
  [
    'qmail: over quota',
    [daemon, 'Subject: failure notice'],
    [
      `<${ada}>:`,
      'The mailbox is over its quota. (#5.2.2)',
      '',
      '--- Below this line is a copy of it',
      '',
      '550 x',
    ],
    [`${ada} failed soft`],
  ],
  [
    'qmail: gave up after a week',
    [daemon, 'Subject: failure notice'],
    [`<${ada}>:`, 'Connected to 192.0.2.7 but the connection died. (#4.4.2)', 'I stop trying now.'],
    [`${ada} failed soft`],
  ],
  [
    'exim: named in the header only',
    [daemon, `X-Failed-Recipients: ${ada}`, 'Subject: Mail delivery failed: returning message to sender'],
    ['The address below failed for good:', '', '  (generated from a list)', '    Unrouteable address'],
    [`${ada} failed hard`],
  ],
  [
    'exim: two recipients of one reply',
    [daemon, `X-Failed-Recipients: bob@recv.test, ${ada}`, 'Subject: Mail delivery failed'],
    ['  host mx.recv.test [192.0.2.1]', '    550 5.1.1 unknown user'],
    ['bob@recv.test failed hard', `${ada} failed hard`],
  ],
  [
    'exim: a domain without a host',
    [daemon, `X-Failed-Recipients: ${ada}`, 'Subject: Mail delivery failed'],
    ['  all MX records of the domain point to nothing: host does not exist'],
    [`${ada} failed hard`],
  ],
  [
    'sendmail: reason and transcript',
    [daemon, 'Subject: Returned mail: see transcript for details'],
    [
      '   ----- These addresses had permanent errors -----',
      `<${ada}>`,
      '    (reason: 550 5.1.1 <ada>... User unknown)',
      '   ----- Transcript of the session -----',
      '>>> DATA',
      '<<< 503 5.0.0 Need RCPT',
    ],
    [`${ada} failed hard`],
  ],
  [
    'sendmail: what was quoted does not count',
    [daemon, 'Subject: Returned mail: Service unavailable'],
    [
      `<${ada}>... Deferred`,
      '   ----- Unsent message follows -----',
      'Subject: 550 5.1.1 user unknown',
      'Our shop is open.',
    ],
    [`${ada} failed undetermined`],
  ],
  [
    'exchange: words for people only',
    ['From: System Administrator <postmaster@recv.test>', 'Subject: Undeliverable: Hello'],
    [
      'Your message did not reach all of its recipients.',
      `      ${ada} on 24/11/2026 10:00`,
      '            The e-mail account does not exist at the organization.',
      '            <mx.recv.test #5.1.1>',
    ],
    [`${ada} failed hard`],
  ],
  [
    'exchange: text/html with a code at its end',
    ['From: postmaster@recv.test', 'Subject: Undeliverable: Hello', 'Content-Type: text/html'],
    [
      '<html><p>Delivery to <a href="mailto:ada@recv.test">ada@recv.test</a> failed.</p>',
      '<p>550 5.7.1 spam</p>',
    ],
    [`${ada} failed block`],
  ],
  [
    'exchange: a closed group',
    ['From: postmaster@recv.test', 'Subject: Undeliverable: Hello', reportType()],
    report([
      '',
      `Final-recipient: RFC822;${ada}`,
      'Action: failed',
      'Status: 5.7.1',
      'Diagnostic-Code: smtp;550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized',
    ]),
    [`${ada} failed policy`],
  ],
  [
    'postfix: three recipients, three fates',
    [daemon, 'Subject: Undelivered Mail Returned to Sender', reportType()],
    report([
      'Reporting-MTA: dns; mx.recv.test',
      'X-Postfix-Queue-ID: 4F',
      '',
      ...unknown.slice(2),
      'Remote-MTA: dns; inner.recv.test',
      '',
      'Final-Recipient: rfc822; bob@recv.test',
      'Original-Recipient: rfc822;bob@recv.test',
      'Action: delayed',
      'Status: 4.7.1',
      'Diagnostic-Code: smtp; 450 4.7.1 greylisted',
      '',
      'Final-Recipient: rfc822; cyd@recv.test',
      'Action: failed',
      'Status: 5.4.6',
      'Diagnostic-Code: X-Postfix; mail for recv.test loops back to myself',
    ]),
    [`${ada} failed hard`, 'bob@recv.test delayed soft', 'cyd@recv.test failed admin'],
  ],
  [
    'gmail-like: one reply over several lines',
    [daemon, 'Subject: Delivery Status Notification (Failure)', reportType()],
    report([
      'Reporting-MTA: dns; recv.test',
      '',
      ...user,
      'Diagnostic-Code: smtp; 550-5.1.1 The account that you tried to reach does not exist. Look',
      ' 550-5.1.1 for spelling mistakes and empty',
      ' 550 5.1.1 space in the address',
    ]),
    [`${ada} failed hard`],
  ],
  [
    'yahoo-like: code with a colon',
    [daemon, 'Subject: Failure Notice'],
    [
      'We could not deliver to the address below.',
      '',
      `<${ada}>:`,
      '554: delivery error: This user has no account',
    ],
    [`${ada} failed undetermined`],
  ],
  [
    'groupwise: no code',
    [daemon, 'Subject: Message could not be delivered'],
    ['The message could not be given to:', `   ${ada} (user not found)`],
    [`${ada} failed hard`],
  ],
  [
    'courier: dialogue',
    ['From: postmaster@recv.test', 'Subject: NOTICE: mail delivery status.'],
    [
      'UNDELIVERABLE MAIL',
      `<${ada}>:`,
      '     >>> RCPT TO:<ada@recv.test>',
      '     <<< 550 5.2.1 mailbox disabled',
    ],
    [`${ada} failed hard`],
  ],
  [
    'an appliance: code in brackets',
    ['From: postmaster@recv.test', 'Subject: Delivery failure (ada@recv.test)'],
    [`Delivery to ${ada} failed.`, `(550, '5.1.1 <${ada}>: Recipient address rejected: User unknown')`],
    [`${ada} failed hard`],
  ],
  ...(
    [
      ['french', 'Non remis : Bonjour', 'L’adresse n’existe pas'],
      ['french, distribution', 'Message non distribué', 'Adresse inconnue'],
      ['spanish', 'No se puede entregar: Hola', 'La dirección no existe'],
      ['italian', 'Mancato recapito: Ciao', 'Il destinatario non esiste'],
      ['dutch', 'Onbestelbaar: Hallo', 'Het adres bestaat niet'],
      ['polish', 'Niedostarczone: Witaj', 'Adres nie istnieje'],
      ['portuguese', 'Não é possível entregar: Olá', 'O endereço não existe'],
      ['swedish', 'Kunde inte levereras: Hej', 'Adressen finns inte'],
      ['czech', 'Nedoručitelné: Ahoj', 'Adresa neexistuje'],
      ['turkish', 'Teslim edilemedi: Merhaba', 'Adres yok'],
      ['russian', 'Недоставленное сообщение', 'Адрес не найден'],
      ['japanese', '配信不能: こんにちは', '宛先が見つかりません'],
      ['chinese', '退信通知', '地址不存在'],
      ['korean', '배달되지 않음: 안녕', '주소가 없습니다'],
    ] as const
  ).map(([name, subject, words]): Case => [
    name,
    ['From: bounce@recv.test', `Subject: =?utf-8?B?${Buffer.from(subject).toString('base64')}?=`],
    [`${ada}: ${words}`, '550 5.1.1 RESOLVER.ADR.RecipNotFound'],
    [`${ada} failed hard`],
  ]),
  [
    'status groups in base64',
    [daemon, 'Subject: x', reportType()],
    report(unknown, undefined, 'base64'),
    [`${ada} failed hard`],
  ],
  [
    'status groups in quoted-printable',
    [daemon, 'Subject: x', reportType()],
    report(unknown, undefined, 'quoted-printable'),
    [`${ada} failed hard`],
  ],
  [
    'a report that calls itself mixed',
    [daemon, 'Subject: x', reportType('mixed')],
    report(unknown),
    [`${ada} failed hard`],
  ],
  [
    'the type of RFC 6533',
    [daemon, 'Subject: x', reportType()],
    report(
      ['', 'Final-Recipient: utf-8; δοκ@recv.test', 'Action: failed', 'Status: 5.1.1'],
      'message/global-delivery-status',
    ),
    ['δοκ@recv.test failed hard'],
  ],
  [
    'names in lower case, no action, a comment in the status',
    [daemon, 'Subject: x', reportType()],
    report(['', `final-recipient: rfc822; ${ada}`, 'status: 5.1.1 (bad mailbox)']),
    [`${ada} failed hard`],
  ],
  [
    'an address without a type',
    [daemon, 'Subject: x', reportType()],
    report(['', `Final-Recipient: ${ada}`, 'Action: Failed', 'Status: 5.1.1']),
    [`${ada} failed hard`],
  ],
  [
    'recipients at once, without the group about the message',
    [daemon, 'Subject: x', reportType()],
    report([...user, '', 'Final-Recipient: rfc822;bob@recv.test', 'Action: failed', 'Status: 5.2.2']),
    [`${ada} failed hard`, 'bob@recv.test failed soft'],
  ],
  [
    'a failure with a good code',
    [daemon, 'Subject: x', reportType()],
    report(['', `Final-Recipient: rfc822;${ada}`, 'Action: failed', 'Status: 2.0.0']),
    [`${ada} failed`],
  ],
];

export function bytesOf([, header, body]: Case, lineEnd = '\r\n'): Buffer {
  return Buffer.from(
    [...header, 'MIME-Version: 1.0', '', ...body, ''].join('\r\n').replaceAll('\r\n', lineEnd),
  );
}
