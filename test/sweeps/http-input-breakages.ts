/** From a route's example: one call per way in which one field of it can be wrong. */
import type { TSchema } from 'typebox';
import type { Route } from '../../src/base/route.ts';

export type Breakage = {
  readonly what: string;
  /** The path that the refusal must name; `null` where none was broken. */
  readonly field: string | null;
  readonly request: {
    readonly pathAndQuery: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: Buffer;
  };
};

type Segment = string | number;
type Fault = { readonly what: string; readonly value: unknown };
const headerInjection = 'no such\r\nBcc: x@example.test';
/** `undefined` is no JSON value: it stands for "left out". */
const leftOut = undefined;

export function* breakages(route: Route): Generator<Breakage> {
  yield* flatBreakages(route, 'params');
  yield* flatBreakages(route, 'query');
  yield* unknownQuery(route);
  if (route.body === undefined) return;
  const body = route.example.body;
  for (const { what, field, value } of brokenBodies(route.body, body, [])) {
    yield withBody(route, what, field, Buffer.from(JSON.stringify(value) ?? ''));
  }
  yield* wrongBytes(route, body);
}

function withBody(route: Route, what: string, field: string | null, body: Buffer): Breakage {
  return { what, field, request: { pathAndQuery: target(route, {}, {}), body } };
}

/** Encoded example with some values replaced; a list is repeated. `raw:` values are already encoded. */
function target(
  route: Route,
  params: Readonly<Record<string, unknown>>,
  query: Readonly<Record<string, unknown>>,
): string {
  const allParams: Readonly<Record<string, unknown>> = { ...route.example.params, ...params };
  const path = route.path.replace(/:(\w+)/g, (_all, name: string) => encoded(allParams[name]));
  const pairs = Object.entries({ ...route.example.query, ...query }).flatMap(([name, value]) =>
    value === leftOut ? [] : [value].flat().map((one) => `${encodeURIComponent(name)}=${encoded(one)}`),
  );
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

function encoded(value: unknown): string {
  const words = typeof value === 'string' ? value : JSON.stringify(value);
  return words.startsWith('raw:') ? words.slice(4) : encodeURIComponent(words);
}

type FlatFault = Fault & { readonly field: string | null };

function* flatBreakages(route: Route, place: 'params' | 'query'): Generator<Breakage> {
  const schema = route[place];
  for (const [name, property] of Object.entries(schema?.properties ?? {})) {
    const isRequired = schema?.required?.includes(name) === true;
    for (const { what, value, field } of flatFaults(place, name, property, isRequired)) {
      const change = { [name]: value };
      const pathAndQuery = place === 'params' ? target(route, change, {}) : target(route, {}, change);
      yield { what: `${place} ${name}: ${what}`, field, request: { pathAndQuery } };
    }
  }
}

function flatFaults(
  place: 'params' | 'query',
  name: string,
  property: TSchema,
  isRequired: boolean,
): FlatFault[] {
  const items = objectOf(property, 'items');
  const single: object = items ?? property;
  const faults: FlatFault[] = faultsOf(single)
    .filter(({ value }) => typeof value !== 'object' && (place === 'query' || value !== ''))
    // On the wire everything is text: a number is only wrong where text is not wanted.
    .filter(({ value }) => typeof value === 'string' || Reflect.get(single, 'type') !== 'string')
    .map((fault) => ({ ...fault, field: items === null ? name : `${name}[0]` }));
  faults.push({ what: 'NUL', value: 'raw:a%00b', field: name });
  // An invalid percent-encoding in a path is no URL path at all, so it has no field either.
  faults.push({ what: 'invalid UTF-8', value: 'raw:a%FFb', field: place === 'params' ? null : name });
  if (place === 'params') return faults;
  if (isRequired) faults.push({ what: 'left out', value: leftOut, field: name });
  const maxItems: unknown = Reflect.get(property, 'maxItems');
  if (items === null) faults.push({ what: 'given twice', value: ['1', '1'], field: name });
  else if (typeof maxItems === 'number' && maxItems < 500) {
    faults.push({ what: 'too many', value: Array(maxItems + 1).fill('1'), field: name });
  }
  return faults;
}

function* unknownQuery(route: Route): Generator<Breakage> {
  for (const name of ['unheardOf', '__proto__', 'constructor']) {
    const pathAndQuery = target(route, {}, {});
    const joint = pathAndQuery.includes('?') ? '&' : '?';
    yield {
      what: `query: unknown ${name}`,
      field: name,
      request: { pathAndQuery: `${pathAndQuery}${joint}${name}=1` },
    };
  }
}

type BrokenBody = { readonly what: string; readonly field: string; readonly value: unknown };

function* brokenBodies(schema: object, example: unknown, at: readonly Segment[]): Generator<BrokenBody> {
  const field = pathOf(at) || 'body';
  const branch = branchOf(schema, example);
  if (branch !== null) yield* brokenInside(branch, example, at);
  else yield* brokenInside(schema, example, at);
  for (const { what, value } of faultsOf(schema)) yield { what: `body ${field}: ${what}`, field, value };
}

function* brokenInside(schema: object, example: unknown, at: readonly Segment[]): Generator<BrokenBody> {
  const properties = objectOf(schema, 'properties');
  if (properties !== null && isObject(example)) yield* brokenFields(schema, properties, example, at);
  const value = objectOf(schema, 'additionalProperties');
  if (value !== null && isObject(example)) yield* brokenRecord(schema, value, example, at);
  const items = objectOf(schema, 'items');
  if (items !== null && Array.isArray(example) && example.length > 0) {
    for (const inner of brokenBodies(items, example[0], [...at, 0])) {
      yield { ...inner, value: [inner.value, ...example.slice(1)] };
    }
  }
}

/** The one branch of a union that the example is of, when only one can be. */
function branchOf(schema: object, example: unknown): object | null {
  const branches: unknown = Reflect.get(schema, 'anyOf');
  if (!Array.isArray(branches)) return null;
  const fitting = branches.map(Object).filter((branch: object) => allowsType(branch, example));
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}

function* brokenFields(
  schema: object,
  properties: object,
  example: object,
  at: readonly Segment[],
): Generator<BrokenBody> {
  for (const name of ['unheardOf', 'constructor', 'toString']) {
    const field = pathOf([...at, name]);
    yield { what: `body ${field}: unknown`, field, value: { ...example, [name]: 1 } };
  }
  const required: unknown = Reflect.get(schema, 'required');
  for (const [name, child] of Object.entries(properties)) {
    const value: unknown = Reflect.get(example, name);
    const path = [...at, name];
    if (Array.isArray(required) && required.includes(name)) {
      const rest = Object.entries(example).filter(([key]) => key !== name);
      yield { what: `body ${pathOf(path)}: left out`, field: pathOf(path), value: Object.fromEntries(rest) };
    }
    for (const inner of brokenBodies(child, value, path)) {
      yield { ...inner, value: { ...example, [name]: inner.value } };
    }
  }
}

/** Names of a record belong to the caller, so they are as good a way in as values. */
function* brokenRecord(
  schema: object,
  value: object,
  example: object,
  at: readonly Segment[],
): Generator<BrokenBody> {
  const field = pathOf(at);
  for (const fault of faultsOf(value)) {
    const broken = { ...example, word: fault.value };
    yield { what: `body ${field}.word: ${fault.what}`, field: pathOf([...at, 'word']), value: broken };
  }
  const lineEnd = 'x\r\nBcc: x';
  const quoted = `${field}[${JSON.stringify(lineEnd)}]`;
  const [good = 'x'] = Object.values(example);
  yield {
    what: `body ${field}: name with a line end`,
    field: quoted,
    value: { ...example, [lineEnd]: good },
  };
  const maxProperties: unknown = Reflect.get(schema, 'maxProperties');
  if (typeof maxProperties !== 'number' || maxProperties > 10_000) return;
  const many = Object.fromEntries(
    Array.from({ length: maxProperties + 1 }, (_, index) => [`n${index}`, good]),
  );
  yield { what: `body ${field}: too many entries`, field, value: many };
}

/** Values that this schema must refuse. */
function faultsOf(schema: object): Fault[] {
  const get = (key: string): unknown => Reflect.get(schema, key);
  const candidates: Fault[] = [
    { what: 'a number', value: 12.5 },
    { what: 'text', value: 'zzz not this' },
    { what: 'true', value: true },
    { what: 'null', value: null },
    { what: 'a list', value: [] },
    { what: 'an object', value: {} },
  ];
  const faults = candidates.filter(({ value }) => !allowsType(schema, value));
  const maxLength = get('maxLength');
  if (typeof maxLength === 'number' && maxLength < 1_000_000 && typeof get('format') !== 'string') {
    faults.push({ what: 'too long', value: 'x'.repeat(maxLength + 1) });
  }
  const minLength = get('minLength');
  if (typeof minLength === 'number' && minLength > 0) faults.push({ what: 'empty', value: '' });
  if (typeof get('format') === 'string') {
    faults.push({ what: 'wrong format', value: headerInjection });
  }
  const pattern = get('pattern');
  if (typeof pattern === 'string' && !new RegExp(pattern, 'u').test(headerInjection)) {
    faults.push({ what: 'line end', value: headerInjection });
  }
  const maximum = get('maximum');
  if (typeof maximum === 'number') faults.push({ what: 'too large', value: maximum + 1 });
  const minimum = get('minimum');
  if (typeof minimum === 'number') faults.push({ what: 'too small', value: minimum - 1 });
  const minItems = get('minItems');
  if (typeof minItems === 'number' && minItems > 0) faults.push({ what: 'no items', value: [] });
  return faults;
}

/** By type alone; constants and formats may object to more. */
function allowsType(schema: object, value: unknown): boolean {
  const branches: unknown = Reflect.get(schema, 'anyOf');
  if (Array.isArray(branches)) return branches.some((branch) => allowsType(Object(branch), value));
  if (Reflect.get(schema, 'const') !== undefined || Reflect.get(schema, 'enum') !== undefined) return false;
  const type: unknown = Reflect.get(schema, 'type');
  if (type === undefined) return true;
  if (value === null) return type === 'null';
  if (Array.isArray(value)) return type === 'array';
  if (typeof value === 'number') return type === 'number' || (type === 'integer' && Number.isInteger(value));
  return type === typeof value;
}

/** Faults in the bytes, whatever the schema says. */
function* wrongBytes(route: Route, example: unknown): Generator<Breakage> {
  const text = JSON.stringify(example);
  const bodies: readonly (readonly [string, Buffer, string | null])[] = [
    ['empty body', Buffer.alloc(0), 'body'],
    ['only spaces', Buffer.from('   '), 'body'],
    ['cut JSON', Buffer.from(text.slice(0, -1)), null],
    ['trailing text', Buffer.from(`${text}x`), 'body'],
    ['a list', Buffer.from('[]'), 'body'],
    ['a number', Buffer.from('1'), 'body'],
    ['deep lists', Buffer.from('['.repeat(50_000) + ']'.repeat(50_000)), null],
    ['deep objects', Buffer.from('{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000)), null],
    ['poisoned key', Buffer.from(`{"__proto__":{"isAdmin":true},${text.slice(1)}`), '["__proto__"]'],
    ['UTF-16', Buffer.from(text, 'utf16le'), null],
    ['byte order mark', Buffer.from(`\ufeff${text}`), 'body'],
  ];
  for (const [what, body, field] of bodies) {
    yield withBody(route, what, field === '["__proto__"]' ? '__proto__' : field, body);
  }
  // A format may object to what the door itself let through, so every text is tried.
  const spots = [...textSpots(example, [])].slice(0, 20);
  for (const spot of spots) yield* wrongText(route, example, spot);
  const first = spots[0]?.[0];
  if (typeof first === 'string' && isObject(example)) {
    const twice = `{${JSON.stringify(first)}:${JSON.stringify(Reflect.get(example, first))},${text.slice(1)}`;
    yield withBody(route, `${first} given twice`, first, Buffer.from(twice));
  }
}

const wrongTexts: readonly (readonly [string, Buffer])[] = [
  ['escaped NUL', Buffer.from('a\\u0000b')],
  ['lone high surrogate', Buffer.from('a\\ud83d')],
  ['lone low surrogate', Buffer.from('\\uDE00b')],
  ['raw NUL', Buffer.from([0x61, 0])],
  ['raw line end', Buffer.from('a\r\nBcc: x@example.test')],
  ['invalid UTF-8', Buffer.from([0x61, 0xff])],
  ['overlong UTF-8', Buffer.from([0xc0, 0x80])],
  ['surrogate in UTF-8', Buffer.from([0xed, 0xa0, 0x80])],
  ['cut UTF-8', Buffer.from([0xe2, 0x82])],
];

function* wrongText(route: Route, example: unknown, spot: readonly Segment[]): Generator<Breakage> {
  const marker = 'SPOT-OF-THE-SWEEP';
  const [before = '', after = ''] = JSON.stringify(replaceAt(example, spot, marker)).split(marker);
  for (const [what, bytes] of wrongTexts) {
    const body = Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]);
    yield withBody(route, `${what} in ${pathOf(spot)}`, pathOf(spot), body);
  }
}

function* textSpots(value: unknown, at: readonly Segment[]): Generator<readonly Segment[]> {
  if (typeof value === 'string') yield at;
  if (!isObject(value)) return;
  for (const [key, child] of Object.entries(value)) {
    yield* textSpots(child, [...at, Array.isArray(value) ? Number(key) : key]);
  }
}

function replaceAt(value: unknown, at: readonly Segment[], replacement: unknown): unknown {
  const [first, ...rest] = at;
  if (first === undefined) return replacement;
  if (Array.isArray(value)) {
    return value.map((child: unknown, index) =>
      index === first ? replaceAt(child, rest, replacement) : child,
    );
  }
  return { ...Object(value), [first]: replaceAt(Reflect.get(Object(value), first), rest, replacement) };
}

function pathOf(at: readonly Segment[]): string {
  return at
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

function objectOf(schema: object, key: string): object | null {
  const value: unknown = Reflect.get(schema, key);
  return isObject(value) ? value : null;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
