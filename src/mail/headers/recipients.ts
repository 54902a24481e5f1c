/**
 * Takes one recipient out of a message that others got as well: out of the fields that name recipients, display name
 * included, and wherever else the address stands as it is written. What is encoded (base64, quoted-printable) is not seen.
 */

/** Stands where an address was: no such domain can exist (RFC 6761 6.4). */
export const erasedAddress = 'erased@erased.invalid';

const recipientField =
  /^(?:to|cc|bcc|resent-to|resent-cc|resent-bcc|delivered-to|x-original-to|envelope-to|x-envelope-to|apparently-to)$/i;

/** Matches the address where it does not stand within a longer one. For texts; case does not matter. */
export function addressPattern(address: string): RegExp {
  const escaped = address.replaceAll(/[$()*+.?[\\\]^{|}/-]/g, '\\$&');
  return new RegExp(`(?<![a-z0-9._%+-])${escaped}(?![a-z0-9-]|\\.[a-z0-9])`, 'gi');
}

export function withoutAddress(text: string, address: string): string {
  return text.replace(addressPattern(address), erasedAddress);
}

/** The message without this recipient; the same bytes when it does not stand there. */
export function dropRecipient(message: Buffer, address: string): Buffer {
  // latin1 keeps every byte; an address beyond ASCII is looked for by its UTF-8 bytes.
  const wanted = Buffer.from(address, 'utf8').toString('latin1');
  const text = message.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const header = end < 0 ? text : text.slice(0, end + 2);
  const fields = header.split(/(?<=\r\n)(?![ \t])/).map((field) => withoutRecipient(field, wanted));
  const rest = end < 0 ? '' : withoutAddress(text.slice(end + 2), wanted);
  return Buffer.from(fields.join('') + rest, 'latin1');
}

function withoutRecipient(field: string, address: string): string {
  if (!addressPattern(address).test(field)) return field;
  const colon = field.indexOf(':');
  const name = field.slice(0, colon);
  if (!recipientField.test(name)) return withoutAddress(field, address);
  const left = mailboxes(field.slice(colon + 1))?.filter((each) => !addressPattern(address).test(each));
  if (left !== undefined && left.length > 0) return `${name}: ${left.join(',\r\n ')}\r\n`;
  return /^to$/i.test(name) || left === undefined ? `${name}: undisclosed-recipients:;\r\n` : '';
}

/** The mailboxes of an address list (RFC 5322 3.4), unfolded; undefined when there are groups in it. */
function mailboxes(value: string): readonly string[] | undefined {
  const found: string[] = [];
  let from = 0;
  let depth = 0;
  let isQuoted = false;
  let isAngle = false;
  for (let at = 0; at <= value.length; at++) {
    const char = value[at];
    if (char === '\\') at++;
    else if (char === '"' && depth === 0) isQuoted = !isQuoted;
    else if (isQuoted && char !== undefined) continue;
    else if (char === '(') depth++;
    else if (char === ')') depth = Math.max(0, depth - 1);
    else if (depth > 0 && char !== undefined) continue;
    else if (char === '<') isAngle = true;
    else if (char === '>') isAngle = false;
    else if (char === ':' && !isAngle) return undefined;
    else if ((char === ',' && !isAngle) || char === undefined) {
      const mailbox = value.slice(from, at).replaceAll(/\s+/g, ' ').trim();
      if (mailbox !== '') found.push(mailbox);
      from = at + 1;
    }
  }
  return found;
}
