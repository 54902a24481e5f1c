/** What a list may hold: pure. */
import { parseAddress } from '../../mail/address.ts';
import type { Fault, NewRecipient, ReadRecipient, Values } from './model.ts';

export const listsMax = 1000;
export const recipientsMax = 10_000;
export const sizeBytesMax = 33_554_432;
export const dataBytesMax = 102_400;
export const metadataBytesMax = 16_384;
export const tagsMax = 10;
const tagCharsMax = 128;
const nameCharsMax = 256;
const badLinesMax = 1000;

const control = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

/** A recipient as files and callers write one: `address` or `email`, and what may stand beside it. */
export function readRecipient(given: Values): NewRecipient | Fault {
  const { address: named, email, name = '', data = {}, metadata = {}, tags = [] } = given;
  const text = named ?? email;
  if (typeof text !== 'string') return fault('address', 'required', 'is missing');
  const address = parseAddress(text.trim());
  if (address === null) return fault('address', 'format', 'is not a valid e-mail address');
  const shown = name ?? '';
  if (typeof shown !== 'string' || shown.length > nameCharsMax || control.test(shown))
    return fault('name', 'format', `must be one line of at most ${nameCharsMax} characters`);
  if (!Array.isArray(tags) || tags.length > tagsMax || !tags.every(isTag))
    return fault('tags', 'format', `must be at most ${tagsMax} texts of at most ${tagCharsMax} characters`);
  const kept = { data: valuesOf(data, dataBytesMax), metadata: valuesOf(metadata, metadataBytesMax) };
  if (kept.data === null)
    return fault('data', 'maxBytes', `must be an object of at most ${dataBytesMax} bytes`);
  if (kept.metadata === null)
    return fault('metadata', 'maxBytes', `must be an object of at most ${metadataBytesMax} bytes`);
  return {
    address: address.text,
    name: shown,
    data: kept.data,
    metadata: kept.metadata,
    tags: [...new Set(tags)],
  };
}

function isTag(tag: unknown): tag is string {
  return typeof tag === 'string' && tag.length > 0 && tag.length <= tagCharsMax && !control.test(tag);
}

/** Null for what is no object, is larger, or holds text that the store cannot keep (NUL, half of a surrogate pair). */
function valuesOf(given: unknown, bytesMax: number): Values | null {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return null;
  let isStorable = true;
  const text = JSON.stringify(given, (name, value: unknown) => {
    if (!isKept(name) || (typeof value === 'string' && !isKept(value))) isStorable = false;
    return value;
  });
  return isStorable && Buffer.byteLength(text) <= bytesMax ? (given as Values) : null;
}

function isKept(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

function fault(field: string, rule: string, message: string): Fault {
  return { field, rule, message };
}

/** As much as it takes of the list's bytes. */
export function sizeOf({ address, name, data, metadata, tags }: NewRecipient): number {
  return Buffer.byteLength(address + name + JSON.stringify([data, metadata, tags]));
}

export type Sorted = {
  readonly good: readonly NewRecipient[];
  readonly bad: number;
  readonly badLines: readonly Extract<ReadRecipient, { rule: string }>[];
};

/** Good ones and bad ones apart; of an address that comes twice the last one counts. */
export function sorted(read: readonly ReadRecipient[]): Sorted {
  const bad = read.filter((each) => 'rule' in each);
  const good = new Map<string, NewRecipient>();
  for (const each of read)
    if ('recipient' in each) good.set(each.recipient.address.toLowerCase(), each.recipient);
  return { good: [...good.values()], bad: bad.length, badLines: bad.slice(0, badLinesMax) };
}
