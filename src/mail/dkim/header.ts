/** Which header fields are signed and how they are canonicalised (RFC 6376 3.4.2, 5.4; contract 3.1). */

/** Signed when present. */
const signedNames = new Set([
  'from',
  'sender',
  'reply-to',
  'subject',
  'date',
  'to',
  'cc',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'list-id',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'feedback-id',
  'cfbl-address',
  'cfbl-feedback-id',
]);

/** Listed once more than they occur, so that none can be added (RFC 6376 8.15). */
const oversigned = ['from', 'to', 'cc', 'subject', 'date', 'reply-to'] as const;

export type SignedHeader = {
  /** The `h=` value. */
  readonly names: string;
  /** Canonical fields, each with its CRLF, in the order of `names`; latin1, so that 8-bit bytes stay. */
  readonly canonical: string;
};

/** Canonical form of one field: name in lower case, unfolded, runs of white space to one space, ends stripped. */
function relaxField(name: string, value: string): string {
  return `${name}:${value
    .replaceAll('\r\n', '')
    .replaceAll(/[ \t]+/g, ' ')
    .trim()}\r\n`;
}

/** Selects and canonicalises. `header` is the block with CRLF line ends, without the empty line. */
export function signedHeader(header: Buffer): SignedHeader {
  const fields = header.toString('latin1').split(/\r\n(?![ \t])/);
  const names: string[] = [];
  let canonical = '';
  // Bottom up: a verifier takes repeated fields from the end of the block (RFC 6376 5.4.2).
  for (let at = fields.length - 1; at >= 0; at--) {
    const field = fields[at] ?? '';
    const colon = field.indexOf(':');
    if (colon <= 0) continue;
    const name = field.slice(0, colon).trimEnd().toLowerCase();
    if (!signedNames.has(name)) continue;
    names.push(name);
    canonical += relaxField(name, field.slice(colon + 1));
  }
  for (const name of oversigned) names.push(name);
  return { names: names.join(':'), canonical };
}
