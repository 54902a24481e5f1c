/** Mail that comes back, as other servers write it, and a client that brings it: tests only. */
import { createTransport } from 'nodemailer';

const lines = (text: readonly string[]): string => `${text.join('\r\n')}\r\n`;

export type BounceFields = {
  readonly recipient: string;
  readonly action?: string;
  readonly status?: string;
  readonly diagnostic?: string;
  readonly original?: readonly string[];
};

/** A delivery status notification (RFC 3464). */
export function bounce({
  recipient,
  action = 'failed',
  status = '5.1.1',
  diagnostic = 'smtp; 550 5.1.1 no such user here',
  original = ['Message-ID: <original@sender.test>'],
}: BounceFields): string {
  return lines([
    'From: Mail Delivery System <MAILER-DAEMON@mx.recv.test>',
    'Subject: Undelivered Mail Returned to Sender',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="edge"',
    '',
    '--edge',
    'Content-Type: text/plain',
    '',
    'It could not be delivered.',
    '--edge',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.recv.test',
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    `Action: ${action}`,
    `Status: ${status}`,
    `Diagnostic-Code: ${diagnostic}`,
    '',
    '--edge',
    'Content-Type: text/rfc822-headers',
    '',
    ...original,
    '--edge--',
  ]);
}

/** A complaint (RFC 5965) about a mail whose header is `original`; `type` null leaves the report part out. */
export function complaint(original: readonly string[], type: string | null = 'abuse'): string {
  const report = [
    '--edge',
    'Content-Type: message/feedback-report',
    '',
    `Feedback-Type: ${type}`,
    'User-Agent: Loop/1.0',
    'Version: 1',
    'Original-Rcpt-To: <redacted@recv.test>',
    '',
  ];
  return lines([
    'From: feedback@recv.test',
    'Subject: A complaint about your mail',
    'MIME-Version: 1.0',
    `Content-Type: multipart/${type === null ? 'mixed' : 'report; report-type=feedback-report'}; boundary="edge"`,
    '',
    '--edge',
    'Content-Type: text/plain',
    '',
    'Somebody called this mail spam.',
    ...(type === null ? [] : report),
    '--edge',
    'Content-Type: message/rfc822',
    '',
    ...original,
    '',
    'What they read.',
    '--edge--',
  ]);
}

export function plainMail(from: string, subject: string, ...more: string[]): string {
  return lines([`From: ${from}`, `Subject: ${subject}`, ...more, '', 'Hello.']);
}

/** Brings a mail to the inbound listener; the answer to its end, or the refusal. */
export async function bring(
  port: number,
  to: string | readonly string[],
  raw: string,
  from = '',
): Promise<string> {
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    name: 'mx.recv.test',
    tls: { rejectUnauthorized: false },
  });
  try {
    const envelope = { from, to: typeof to === 'string' ? [to] : [...to] };
    return (await transport.sendMail({ envelope, raw })).response;
  } catch (error) {
    return error instanceof Error && 'response' in error ? String(error.response) : String(error);
  } finally {
    transport.close();
  }
}
