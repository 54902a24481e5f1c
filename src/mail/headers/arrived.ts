/** What is asked and done of the header of a mail that comes in, broken as it may be: no line is ever refused. */
import { decodeWords } from './words.ts';
import { fieldValues } from './surgery.ts';

export type ArrivedFacts = {
  readonly subject: string;
  /** The From field as text, decoded. */
  readonly from: string;
  /** RFC 3834: a machine wrote it, or a list did. */
  readonly isAutomatic: boolean;
  /** How many servers it has passed (RFC 5321 6.3). */
  readonly receivedCount: number;
};

const textMax = 998;

export function readArrived(bytes: Buffer, mailFrom: string): ArrivedFacts {
  const first = (name: string): string => printable(decodeWords(fieldValues(bytes, name)[0] ?? ''));
  const automatic = fieldValues(bytes, 'auto-submitted').some((value) => !/^no\b/i.test(value));
  const isBulk = fieldValues(bytes, 'precedence').some((value) => /^(?:bulk|list|junk)$/i.test(value));
  const isList = fieldValues(bytes, 'list-id').length > 0;
  return {
    subject: first('subject'),
    from: first('from'),
    isAutomatic: mailFrom === '' || automatic || isBulk || isList,
    receivedCount: fieldValues(bytes, 'received').length,
  };
}

/** What PostgreSQL does not store is left out. */
function printable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed().slice(0, textMax).toWellFormed();
}

/** RFC 8601 5: results that claim to be ours and came from elsewhere are taken out; every other byte stays. */
export function withoutForgedResults(bytes: Buffer, hostname: string): Buffer {
  const blank = bytes.indexOf('\r\n\r\n');
  const end = blank < 0 ? bytes.length : blank + 2;
  const block = bytes.toString('latin1', 0, end);
  const field = /^authentication-results[ \t]*:[^\n]*\n(?:[ \t][^\n]*(?:\n|$))*/gim;
  const kept = block.replaceAll(field, (text) => (claims(text, hostname) ? '' : text));
  if (kept.length === block.length) return bytes;
  return Buffer.concat([Buffer.from(kept, 'latin1'), bytes.subarray(end)]);
}

function claims(text: string, hostname: string): boolean {
  const value = text.slice(text.indexOf(':') + 1).replaceAll(/\([^()]*\)/g, ' ');
  const [, id = ''] = /^\s*"?([^\s;"]+)/.exec(value) ?? [];
  return id.toLowerCase() === hostname.toLowerCase();
}
