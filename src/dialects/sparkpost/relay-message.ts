/** A received mail as a relay webhook tells of it (contract, section 13): one per request, in a list. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMail, MailWording } from '../../features/incoming/index.ts';
import type { ReadMail } from '../../mail/mime/index.ts';

export const sparkpostMailWording: MailWording = {
  body: (mail, { read, bytes }) =>
    JSON.stringify([{ msys: { relay_message: relayMessage(mail, read, bytes) } }]),
  testBody: JSON.stringify([{ msys: {} }]),
  headers: () => ({ 'content-type': 'application/json' }),
};

function relayMessage(mail: IncomingMail, read: ReadMail | null, bytes: Buffer) {
  // What is not UTF-8 would not survive as text.
  const isBase64 = !isUtf8(bytes);
  return {
    webhook_id: mail.routeId,
    customer_id: String(mail.accountId),
    protocol: 'smtp',
    friendly_from: read?.from?.email ?? mail.mailFrom,
    msg_from: mail.mailFrom,
    rcpt_to: mail.recipient,
    content: {
      subject: read?.subject ?? mail.subject,
      ...(read?.text == null ? {} : { text: read.text }),
      ...(read?.html == null ? {} : { html: read.html }),
      to: (read?.to ?? []).map(({ email }) => email),
      cc: (read?.cc ?? []).map(({ email }) => email),
      headers: (read?.headers ?? []).map(([name, value]) => ({ [name]: value })),
      email_rfc822: bytes.toString(isBase64 ? 'base64' : 'utf8'),
      email_rfc822_is_base64: isBase64,
    },
  };
}
