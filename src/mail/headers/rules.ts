/** Which header fields a caller may set (contract smtp-and-standards 1.6), and Message-IDs (RFC 5322 3.6.4). */

/** Ours to write, or part of the frame of the message. */
const denied = new Set([
  'from',
  'sender',
  'to',
  'cc',
  'bcc',
  'reply-to',
  'subject',
  'date',
  'message-id',
  'mime-version',
  'received',
  'return-path',
  'authentication-results',
  'received-spf',
  'delivered-to',
]);

const deniedPrefixes = ['content-', 'dkim-', 'arc-', 'resent-', 'x-lettershop-', 'domainkey-'];

export type HeaderProblem = { readonly rule: string; readonly message: string };

/** Null when a caller may set this field to this value. */
export function checkCustomHeader(name: string, value: string): HeaderProblem | null {
  // RFC 5322 2.2: printable ASCII without the colon.
  if (!/^[\u0021-\u0039\u003b-\u007e]{1,76}$/.test(name)) {
    return { rule: 'name', message: 'is not a valid header name' };
  }
  const lower = name.toLowerCase();
  if (denied.has(lower) || deniedPrefixes.some((prefix) => lower.startsWith(prefix))) {
    return { rule: 'denied', message: 'cannot be set as a custom header' };
  }
  if (/[\r\n\0]/.test(value)) return { rule: 'characters', message: 'must not have line ends or NUL' };
  return null;
}

/** Unique, because the id is. */
export function makeMessageId(id: string, domain: string): string {
  return `<${id}@${domain}>`;
}
