/** Automatic answers, receipts and demands for a confirmation, which come to return paths as bounces do; in our own words. */

export type Style = readonly [
  name: string,
  header: readonly string[],
  body: readonly string[],
  /** Entries of a bounce, or what else it is. */
  expected: readonly string[] | string,
];

export const ada = 'ada@recv.test';
export const daemon = 'From: Mail Delivery Subsystem <MAILER-DAEMON@recv.test>';
export const postmaster = 'From: postmaster@recv.test';
const person = 'From: Ada <ada@recv.test>';

/** A header field as it travels. */
function encoded(text: string): string {
  return `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
}

export function subject(text: string): string {
  return `Subject: ${/^[ -~]*$/.test(text) ? text : encoded(text)}`;
}

/** They come to return paths as bounces do, often from the null sender, and speak of numbers and failures. */
export const answers: readonly Style[] = [
  [
    'a vacation note of a postmaster',
    [postmaster, subject('Automatic reply: Hello')],
    ['I am away until May.'],
    'auto_reply',
  ],
  [
    'a vacation note that quotes a subject of ours about delivery',
    [person, subject('Out of office: Delivery failure of your parcel')],
    ['Room 550 is empty. Mailbox not found? Ask bob@recv.test.'],
    'auto_reply',
  ],
  [
    'an answer that keeps our subject about delivery',
    [person, subject('Re: Delivery status of your parcel'), 'Auto-Submitted: auto-replied'],
    ['I no longer work here; my account was closed. Write to bob@recv.test.'],
    'auto_reply',
  ],
  [
    'a responder that takes our subject as it is',
    [person, subject('Delivery notification'), 'Auto-Submitted: auto-replied (vacation)'],
    ['Thank you. 450 letters wait before yours.'],
    'auto_reply',
  ],
  [
    'a person who answers',
    [person, subject('Re: Undelivered parcel')],
    ['It never came. 550 euros!'],
    'other',
  ],
  [
    'exchange: away',
    [person, subject('Automatic reply: Hello'), 'Auto-Submitted: auto-generated'],
    ['Away.'],
    'auto_reply',
  ],
  ['german: away', [person, subject('Abwesenheitsnotiz: Rechnung')], ['Ich bin im Urlaub.'], 'auto_reply'],
  ['french: away', [person, subject('Absent du bureau : Facture')], ['Je suis en congé.'], 'auto_reply'],
  ['spanish: away', [person, subject('Fuera de la oficina: Factura')], ['Vuelvo en mayo.'], 'auto_reply'],
  ['japanese: away', [person, subject('不在通知: 請求書')], ['休暇中です。'], 'auto_reply'],
  ['chinese: away', [person, subject('自动回复：账单')], ['我正在休假。'], 'auto_reply'],
  [
    'a note by an old program',
    [person, subject('Re: Hello'), 'Precedence: auto_reply'],
    ['Away.'],
    'auto_reply',
  ],
  [
    'a ticket was opened',
    ['From: help@recv.test', subject('[#4512] Your message has arrived'), 'Auto-Submitted: auto-replied'],
    ['Somebody will answer within 550 minutes.'],
    'auto_reply',
  ],
  [
    'a receipt',
    [
      person,
      subject('Not read: Hello'),
      'Content-Type: multipart/report; report-type=disposition-notification; boundary=edge',
    ],
    [
      '--edge',
      '',
      'It was deleted without being read.',
      '--edge',
      'Content-Type: message/disposition-notification',
      '',
      `Final-Recipient: rfc822;${ada}`,
      'Disposition: automatic-action/MDN-sent-automatically; deleted',
      '--edge--',
    ],
    'auto_reply',
  ],
  [
    'a filter that wants a click',
    [postmaster, subject('Please confirm your message to Ada'), 'Auto-Submitted: auto-replied'],
    ['Your mail is not delivered until you click. Unknown sender.'],
    'challenge',
  ],
  [
    'a filter that holds mail',
    ['From: guard@recv.test', subject('Your message awaits verification')],
    ['550 others wait, too.'],
    'challenge',
  ],
  [
    'german: a filter',
    [postmaster, subject('Bitte bestätigen Sie Ihre Nachricht')],
    ['Nicht zugestellt.'],
    'challenge',
  ],
  ['spanish: a filter', [postmaster, subject('Confirme su mensaje')], ['No entregado.'], 'challenge'],
  [
    'a list with a moderator',
    ['From: list-bounces@recv.test', subject('Your message to list awaits moderator approval')],
    ['The mailbox of the list is closed.'],
    'challenge',
  ],
  [
    'a bounce that speaks of verification',
    [daemon, subject('Undelivered: sender verification failed')],
    [`<${ada}>: 550 5.1.8 sender address rejected`],
    [`${ada} failed admin`],
  ],
  [
    'an automatic answer of ours that could not be delivered',
    [daemon, subject('Undeliverable: Automatic reply: Hello'), 'Auto-Submitted: auto-replied'],
    [`<${ada}>: 550 5.1.1 no such user`],
    [`${ada} failed hard`],
  ],
];
