/**
 * What a route must be before it is mounted; a fault is our bug and stops the start. Everything that a caller sends is
 * closed (unknown fields are refused), bounded (lengths, counts) and shown by an example that passes its own schema.
 */
import type { TSchema } from 'typebox';
import { Check } from 'typebox/schema';
import { assert, Bug } from '../base/assert.ts';
import { isRawReply } from '../base/route.ts';
import type { Route } from '../base/route.ts';
import type { Checker } from './input.ts';

/** `messages:id` for `/messages/:id`: names of params in the order of the path. */
export function paramNames(path: string): string[] {
  return [...path.matchAll(/:([A-Za-z]\w*)/g)].map((match) => match[1] ?? '');
}

export function routeName(route: Route): string {
  return `${route.method} ${route.path}`;
}

export function assertRoutes(routes: readonly Route[]): void {
  const seen = new Set<string>();
  for (const route of routes) {
    const shape = `${route.method} ${route.path.replace(/:\w+/g, ':')}`;
    assert(!seen.has(shape), `two routes answer ${shape}`);
    seen.add(shape);
    assertRoute(route);
  }
}

function assertRoute(route: Route): void {
  const name = routeName(route);
  assert(/^(?:\/(?::[A-Za-z]\w*|[a-z][a-z0-9-]*))+$/.test(route.path), `${name}: a path is /words/:params`);
  const declared = Object.keys(route.params?.properties ?? {}).sort();
  const wanted = paramNames(route.path).sort();
  assert(declared.join() === wanted.join(), `${name}: params must be exactly ${wanted.join() || 'none'}`);
  assert(route.body === undefined || route.method !== 'GET', `${name}: a GET has no body`);
  assertRawBody(name, route);
  assert(route.summary !== '' && !route.summary.endsWith('.'), `${name}: summary without a full stop`);
  for (const [place, schema] of Object.entries(inputs(route))) assertClosed(`${name} ${place}`, schema);
  const statuses = Object.entries(route.replies);
  assert(
    statuses.some(([status]) => Number(status) < 400),
    `${name}: no reply is declared`,
  );
  for (const [status, reply] of statuses) {
    assert(
      Number(status) >= 200 && Number(status) < 400,
      `${name}: errors are refusals, not reply ${status}`,
    );
    assert(reply === null || isRawReply(reply) || Number(status) !== 204, `${name}: 204 has no body`);
  }
}

function assertRawBody(name: string, { method, body, rawBody, example }: Route): void {
  if (rawBody === undefined) return;
  assert(body === undefined && method !== 'GET', `${name}: a raw body stands alone, and not with GET`);
  assert(rawBody.types.length > 0 && rawBody.sizeBytesMax > 0, `${name}: a raw body has types and a bound`);
  assert(
    example.raw !== undefined && rawBody.types.includes(example.raw.type),
    `${name}: no example of its raw body`,
  );
}

function inputs(route: Route): Record<string, TSchema> {
  const { params, query, body } = route;
  return { ...(params && { params }), ...(query && { query }), ...(body && { body }) };
}

/** Walks the schema as JSON Schema: each object closed or a record, each text and list bounded. */
function assertClosed(at: string, schema: object): void {
  const get = (key: string): unknown => Reflect.get(schema, key);
  const isFixed = get('const') !== undefined || get('enum') !== undefined;
  if (get('type') === 'object') {
    const more = get('additionalProperties');
    const isRecord = typeof more === 'object' && more !== null;
    assert(isRecord || more === false, `${at}: an object that is not closed: fields() or record()`);
    assert(!isRecord || get('maxProperties') !== undefined, `${at}: a record without maxProperties`);
    if (isRecord) assertClosed(`${at}.*`, more);
  }
  if (get('type') === 'array') assert(get('maxItems') !== undefined, `${at}: a list without maxItems`);
  if (get('type') === 'string') {
    assert(isFixed || get('maxLength') !== undefined, `${at}: text without maxLength`);
  }
  if (get('type') === 'integer' || get('type') === 'number') {
    const isBounded = get('minimum') !== undefined && get('maximum') !== undefined;
    assert(isFixed || isBounded, `${at}: a number without minimum and maximum`);
  }
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') {
      for (const [name, child] of Object.entries(Object(value))) assertClosed(`${at}.${name}`, Object(child));
    } else if (key === 'items' || key === 'anyOf' || key === 'allOf' || key === 'oneOf') {
      for (const child of [value].flat()) assertClosed(at, Object(child));
    }
  }
}

/** The example must be there for whatever the route needs, and must pass. Checked without compiling: a start has a thousand. */
export function assertExample(route: Route, checkers: readonly Checker[]): void {
  const name = routeName(route);
  assert(typeof route.example === 'object' && route.example !== null, `${name}: no example`);
  for (const { place, schema, errors } of checkers) {
    const value = route.example[place] ?? (place === 'body' ? undefined : {});
    if (Check(schema, value)) continue;
    const faults = errors(value).map(({ field, message }) => `${field} ${message}`);
    throw new Bug(`${name}: no valid example of ${place}: ${faults.join('; ')}`);
  }
}
