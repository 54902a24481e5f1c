/** How SparkPost's fields are read and printed: types, dates, ids, lists. What is not known is passed over in silence. */
import { tell } from './words.ts';
import type { SparkpostError } from './words.ts';
import type { Asking, Native } from '../shared/native.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The body as an object; another JSON value, or none, is refused. */
export function bodyOf(body: unknown): Fields {
  if (body === undefined || body === null) return {};
  if (!isObject(body)) throw wrongType('body', body, 'json object');
  return body;
}

export function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'json array';
  if (typeof value === 'object') return value === null ? 'null' : 'json object';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** Code 1300 of the classic family. */
export function wrongType(field: string, value: unknown, wanted: string): Error {
  return classic(
    422,
    '1300',
    'invalid data format/type',
    `field '${field}' is of type '${typeName(value)}', but needs to be of type '${wanted}'`,
  );
}

export function classic(status: number, code: string, message: string, description?: string): Error {
  const error: SparkpostError = { message, ...(description === undefined ? {} : { description }), code };
  return tell(status, error);
}

export const missing = (description: string): Error =>
  classic(422, '1400', 'required field is missing', description);

export const invalidFormat = (description: string): Error =>
  classic(422, '1300', 'invalid data format/type', description);

type Kinds = {
  string: string;
  bool: boolean;
  number: number;
  'json object': Fields;
  'json array': readonly unknown[];
};

/** The field when it is there and of the type; undefined when it is absent or null. */
export function read<K extends keyof Kinds>(
  from: Fields,
  field: string,
  kind: K,
  path = field,
): Kinds[K] | undefined {
  const value = from[field];
  if (value === undefined || value === null) return undefined;
  if (typeName(value) !== kind) throw wrongType(path, value, kind);
  return value as Kinds[K];
}

export function tooLong(field: string, length: number, max: number): Error {
  return invalidFormat(`field '${field}' is of length '${length}', but needs to be of max length '${max}'`);
}

/** `2031-04-02T10:20:30+00:00` */
export function secondsText(instant: string): string {
  return `${new Date(instant).toISOString().slice(0, 19)}+00:00`;
}

/** `YYYY-MM-DDTHH:MM[:SS][.mmm][Z|±hh:mm]`, UTC without an offset; null for anything else. */
export function instantOf(text: string): string | null {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(:\d{2})?(\.\d{1,3})?(Z|[+-]\d{2}:?\d{2})?$/.exec(
    text.trim().replace(/ (?=\d{2}:?\d{2}$)/, '+'),
  );
  if (match === null) return null;
  const [, minutes, seconds = ':00', fraction = '', offset = 'Z'] = match;
  const zone = /^[+-]\d{4}$/.test(offset) ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset;
  const at = Date.parse(`${minutes}${seconds}${fraction}${zone}`);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

export function listOf(text: string | undefined, delimiter = ','): readonly string[] | null {
  if (text === undefined || text === '') return null;
  return text
    .split(delimiter)
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

type Page<T> = { readonly items: readonly T[]; readonly next: string | null };
const pageMax = 500;

/** All pages of a native list, or as many as hold `itemsMax`: SparkPost gives most of its lists whole. */
export async function everything<T>(
  native: Native,
  asking: Asking,
  name: string,
  query: Fields = {},
  itemsMax = Number.MAX_SAFE_INTEGER,
  params: Fields = {},
): Promise<readonly T[]> {
  const items: T[] = [];
  for (let cursor: string | null = null; ;) {
    const page: Page<T> = await native.call<Page<T>>(asking, name, {
      params,
      query: { ...query, limit: pageMax, ...(cursor === null ? {} : { cursor }) },
    });
    items.push(...page.items);
    if (page.next === null || items.length >= itemsMax) return items;
    cursor = page.next;
  }
}
