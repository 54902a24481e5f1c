/** Query strings and path params: text on the wire, numbers, booleans and lists by the route's schema. */
import type { TObject } from 'typebox';
import type { FieldError } from '../base/refusal.ts';
import { fieldPath } from './field-path.ts';
import { isStorable } from './json-body.ts';

export type FlatInput = Readonly<Record<string, unknown>>;

/** Stands for a value that is no percent-encoded UTF-8: never storable, so `flatErrors` names its field. */
const undecodable = '\ud800';

/** application/x-www-form-urlencoded; a name given several times becomes a list. Never throws. */
export function parseQuery(query: string): Record<string, unknown> {
  const parsed: Record<string, unknown> = Object.create(null);
  if (query === '') return parsed;
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? '' : decode(pair.slice(equals + 1));
    const before = parsed[name];
    if (before === undefined) parsed[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else parsed[name] = [before, value];
  }
  return parsed;
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return undecodable;
  }
}

/** NUL and broken UTF-8 in names or values. */
export function flatErrors(input: FlatInput): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of Object.keys(input)) {
    const values = [name, input[name]].flat();
    if (values.every((value) => typeof value === 'string' && isStorable(value))) continue;
    errors.push({ field: fieldPath([name]), rule: 'text', message: 'holds a NUL or is not valid UTF-8' });
  }
  return errors;
}

type Reader = { readonly name: string; readonly read: (raw: unknown) => unknown; readonly fallback: unknown };
export type Converter = (input: FlatInput) => FlatInput;

/** Made once per route. What does not convert stays text, so that the schema refuses it by name. */
export function compileConverter(schema: TObject): Converter {
  const readers: Reader[] = Object.entries(schema.properties).map(([name, property]) => ({
    name,
    read: readerOf(property),
    fallback: Reflect.get(property, 'default'),
  }));
  return (input) => {
    const converted: Record<string, unknown> = { ...input };
    for (const { name, read, fallback } of readers) {
      const raw = input[name];
      if (raw !== undefined) converted[name] = read(raw);
      else if (fallback !== undefined) converted[name] = fallback;
    }
    return converted;
  };
}

function readerOf(property: object): (raw: unknown) => unknown {
  switch (Reflect.get(property, 'type')) {
    case 'integer':
    case 'number':
      return readNumber;
    case 'boolean':
      return (raw) => (raw === 'true' ? true : raw === 'false' ? false : raw);
    case 'array': {
      const readItem = readerOf(Object(Reflect.get(property, 'items')));
      return (raw) => [raw].flat().map(readItem);
    }
    default:
      return (raw) => raw;
  }
}

function readNumber(raw: unknown): unknown {
  return typeof raw === 'string' && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(raw) ? Number(raw) : raw;
}
