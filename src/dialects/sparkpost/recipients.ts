/** Recipients of a transmission (contract, section 5): each is a mail of its own; what is wrong with one keeps no other. */
import { parseAddress, parseMailbox, parseMailboxList } from '../../mail/address.ts';
import { isObject } from './fields.ts';
import type { Fields } from './fields.ts';
import type { SparkpostError } from './words.ts';

export type NativeMailbox = { readonly email: string; readonly name?: string };

export type Recipient = {
  readonly to: NativeMailbox;
  readonly shows: readonly NativeMailbox[];
  readonly tags: readonly string[];
  readonly metadata: Fields;
  /** By which its bounces come back, where it says so. */
  readonly bounceDomain: string | null;
  readonly substitution: Fields;
  /** What the template language sees besides what is said for all. */
  readonly data: Fields;
};

const tagsMax = 10;

/** The recipient, or what is wrong with it. */
export function readRecipient(given: unknown): Recipient | SparkpostError {
  if (!isObject(given)) return absent('address.email is required for each recipient');
  const address = typeof given['address'] === 'string' ? { email: given['address'] } : given['address'];
  if (!isObject(address) || typeof address['email'] !== 'string' || address['email'] === '')
    return absent('address.email is required for each recipient');
  const { email, name, header_to: header } = address;
  const box = parseMailbox(email);
  if (box === null || !isShort(box.address.text)) return malformed(email);
  const shown = typeof name === 'string' && name !== '' ? name : box.name;
  const to = { email: box.address.text, ...(shown === undefined ? {} : { name: inOneLine(shown) }) };
  const shows = showing(header, shown);
  if (shows === null) return malformed(String(header));
  const returned = bounceDomainOf(given['return_path']);
  if (returned === false)
    return {
      message: 'invalid data format/type',
      description: `invalid recipient return_path: ${String(given['return_path'])}`,
      code: '1300',
    };
  const [metadata, own] = [objectOf(given['metadata']), objectOf(given['substitution_data'])];
  return {
    to,
    shows,
    tags: tagsOf(given['tags']),
    metadata,
    bounceDomain: returned,
    substitution: own,
    data: { ...metadata, ...own, address: { email: to.email, name: shown ?? '' }, email: to.email },
  };
}

/** Of a `return_path` its domain, as what stands before it is replaced; null: nothing said; false: no address. */
export function bounceDomainOf(given: unknown): string | null | false {
  if (given === undefined || given === null || given === '') return null;
  const address = typeof given === 'string' ? parseAddress(given.trim()) : null;
  return address === null ? false : address.domain;
}

/** `header_to` stands in the To field instead: one address, shown with the name, or several formatted ones. */
function showing(header: unknown, name: string | undefined): readonly NativeMailbox[] | null {
  if (typeof header !== 'string' || header.trim() === '') return [];
  const single = parseAddress(header.trim());
  if (single !== null)
    return [{ email: single.text, ...(name === undefined ? {} : { name: inOneLine(name) }) }];
  const several = parseMailboxList(header);
  return several === null || several.length === 0 ? null : several.map(boxOf);
}

export function boxOf(box: NonNullable<ReturnType<typeof parseMailbox>>): NativeMailbox {
  return { email: box.address.text, ...(box.name === undefined ? {} : { name: inOneLine(box.name) }) };
}

const isShort = (text: string): boolean => text.length <= 320;

const controls = /[\p{Cc}\u2028\u2029]+/gu;

export function inOneLine(text: string): string {
  return text.replaceAll(controls, ' ').slice(0, 256);
}

/** Those above the limit are dropped in silence. */
export function tagsOf(given: unknown): readonly string[] {
  if (!Array.isArray(given)) return [];
  const tags = given.filter((tag): tag is string => typeof tag === 'string' && tag !== '');
  return tags.slice(0, tagsMax).map((tag) => tag.slice(0, 128));
}

export function objectOf(given: unknown): Fields {
  return isObject(given) ? given : {};
}

function absent(description: string): SparkpostError {
  return { message: 'required field is missing', description, code: '1400' };
}

function malformed(email: string): SparkpostError {
  const description = `invalid recipient address.email: ${email}`;
  return { message: 'invalid data format/type', description, code: '1300' };
}
