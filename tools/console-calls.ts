// The types of the console's client, made from the OpenAPI document: one entry a call, named by method and path.
import { openApiDocument } from '../src/http/openapi.ts';
import type { Operation, Parameter } from '../src/http/openapi.ts';
import { routesAsData } from '../src/isolation/routes.ts';
import { nativeRoutes } from '../src/main/routes.ts';

type Schema = { readonly [keyword: string]: unknown };

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const asSchema = (value: unknown): Schema =>
  typeof value === 'object' && value !== null ? { ...value } : {};

/** A JSON schema as a type; what is no type (a pattern, a bound) is left to the server. */
export function typeOf(schema: Schema): string {
  if ('const' in schema) return JSON.stringify(schema['const']);
  if ('enum' in schema) return union(list(schema['enum']).map((value) => JSON.stringify(value)));
  const options = [...list(schema['anyOf']), ...list(schema['oneOf'])];
  if (options.length > 0) return union(options.map((option) => typeOf(asSchema(option))));
  if ('allOf' in schema)
    return list(schema['allOf'])
      .map((each) => typeOf(asSchema(each)))
      .join(' & ');
  const { type } = schema;
  if (Array.isArray(type)) return union(type.map((each: unknown) => typeOf({ ...schema, type: each })));
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return `readonly ${wrapped(typeOf(asSchema(schema['items'])))}[]`;
    case 'object':
      return objectOf(schema);
    default:
      return 'unknown';
  }
}

function union(options: readonly string[]): string {
  return [...new Set(options)].join(' | ') || 'never';
}

function wrapped(type: string): string {
  return /[|& ]/.test(type) ? `(${type})` : type;
}

function objectOf(schema: Schema): string {
  const required = new Set(list(schema['required']));
  const properties = Object.entries(asSchema(schema['properties'])).map(
    ([name, property]) =>
      `readonly ${nameOf(name)}${required.has(name) ? '' : '?'}: ${typeOf(asSchema(property))}`,
  );
  if (properties.length > 0) return `{ ${properties.join('; ')} }`;
  const rest = schema['additionalProperties'] ?? Object.values(asSchema(schema['patternProperties']))[0];
  if (rest === false) return '{ readonly [name: string]: never }';
  return `{ readonly [name: string]: ${typeof rest === 'object' ? typeOf(asSchema(rest)) : 'unknown'} }`;
}

function nameOf(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

function inputsOf(operation: Operation, place: Parameter['in']): readonly string[] {
  return operation.parameters.flatMap((parameter) => {
    if ('$ref' in parameter || parameter.in !== place) return [];
    const type = place === 'path' ? 'string | number' : typeOf(asSchema(parameter.schema));
    return [`readonly ${nameOf(parameter.name)}${parameter.required ? '' : '?'}: ${type}`];
  });
}

/** What one call takes and gives; a body that is no JSON is a `Blob` both ways. */
function callOf(operation: Operation): string {
  const parts = (['path', 'query'] as const).flatMap((place) => {
    const inputs = inputsOf(operation, place);
    return inputs.length === 0 ? [] : [`${place}: { ${inputs.join('; ')} }`];
  });
  const body = operation.requestBody?.content;
  if (body !== undefined) {
    const json = body['application/json'];
    parts.push(`body: ${json === undefined ? 'Blob' : typeOf(asSchema(json.schema))}`);
  }
  const replies = Object.entries(operation.responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, reply]) => {
      if ('$ref' in reply || reply.content === undefined) return 'undefined';
      const json = reply.content['application/json'];
      return json === undefined ? 'Blob' : typeOf(asSchema(json.schema));
    });
  return `{ ${[...parts, `reply: ${union(replies)}`].join('; ')} }`;
}

/** The text of console/api/calls.ts. */
export function consoleCalls(): string {
  const { paths } = openApiDocument(routesAsData(nativeRoutes));
  const calls = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(
      ([method, operation]) => `  '${method.toUpperCase()} ${path}': ${callOf(operation)};`,
    ),
  );
  return [
    '// Every call of the API with what it takes and gives. Made from the OpenAPI document by `npm run schema`.',
    'export type Calls = {',
    ...calls,
    '};',
    '',
    '/** Which grant each call needs; null: any login. */',
    'export const grantOfCall = {',
    ...Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(
        ([method, operation]) =>
          `  '${method.toUpperCase()} ${path}': ${JSON.stringify(operation['x-grant'])},`,
      ),
    ),
    '} as const satisfies Record<keyof Calls, string | null>;',
    '',
  ].join('\n');
}
