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

/**
 * Canonical value: unfolded, runs of white space to one space, ends stripped. Only space and tab are white space here:
 * `trim` would also take the byte 0xA0, the end of an "à" in UTF-8, and break the signature.
 */
export function relaxValue(value: string): string {
  return value
    .replaceAll('\r\n', '')
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/^ | $/g, '');
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
    const name = field
      .slice(0, colon)
      .replace(/[ \t]+$/, '')
      .toLowerCase();
    if (!signedNames.has(name)) continue;
    names.push(name);
    canonical += `${name}:${relaxValue(field.slice(colon + 1))}\r\n`;
  }
  for (const name of oversigned) names.push(name);
  return { names: names.join(':'), canonical };
}
