/** The complaint of a recipient under complain@, as a mailbox provider would write it (RFC 5965). */

export type ComplaintAbout = {
  readonly mailFrom: string;
  readonly recipient: string;
  readonly content: Buffer;
};

const boundary = 'complaint-of-the-built-in-mailbox';

export function writeComplaint({ mailFrom, recipient, content }: ComplaintAbout): Buffer {
  const end = content.indexOf('\r\n\r\n');
  return Buffer.concat([
    lines([
      'From: The built-in mailbox <feedback@capture.lettershop.test>',
      'To: fbl@capture.lettershop.test',
      'Subject: A complaint',
      'MIME-Version: 1.0',
      `Content-Type: multipart/report; report-type=feedback-report; boundary="${boundary}"`,
      '',
      `--${boundary}`,
      'Content-Type: text/plain',
      '',
      'The recipient calls the mail below spam.',
      `--${boundary}`,
      'Content-Type: message/feedback-report',
      '',
      'Feedback-Type: abuse',
      'User-Agent: Lettershop-Mailbox/1.0',
      'Version: 1',
      `Original-Mail-From: <${mailFrom}>`,
      `Original-Rcpt-To: <${recipient}>`,
      '',
      `--${boundary}`,
      'Content-Type: text/rfc822-headers',
      '',
      `Return-Path: <${mailFrom}>`,
    ]),
    end < 0 ? content : content.subarray(0, end + 2),
    lines(['', `--${boundary}--`]),
  ]);
}

function lines(text: readonly string[]): Buffer {
  return Buffer.from(`${text.join('\r\n')}\r\n`);
}
