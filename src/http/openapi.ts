/** The OpenAPI 3.1 document, made from the routes alone: what is not in a route is not in the document. */
import type { TObject, TSchema } from 'typebox';
import { isRawReply } from '../base/route.ts';
import type { Replies, ReplyShape, Route } from '../base/route.ts';
import { paramNames } from './route-check.ts';
import { Problem, problemType } from './problem.ts';
import { STATUS_CODES } from 'node:http';

export type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: object;
  readonly example?: unknown;
};
export type Reference = { readonly $ref: string };
export type Content = Readonly<Record<string, { readonly schema: object; readonly example?: unknown }>>;
export type Operation = {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly 'x-grant': string | null;
  readonly security: readonly object[];
  readonly parameters: readonly (Parameter | Reference)[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<
    Record<string, Reference | { readonly description: string; readonly content?: Content }>
  >;
};
export type OpenApi = {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly responses: Readonly<Record<string, object>>;
    readonly parameters: Readonly<Record<string, Parameter>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
};

export function openApiDocument(routes: readonly Route[]): OpenApi {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[route.method.toLowerCase()] = operationOf(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Lettershop',
      version: '1',
      description:
        'Sends mail for many separate tenants. Bodies are JSON in UTF-8; unknown fields are refused by name.',
    },
    servers: [{ url: '/api/v1' }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: components(),
  };
}

function components(): OpenApi['components'] {
  return {
    schemas: { Problem },
    responses: {
      Problem: {
        description: 'The request was not done',
        content: { [problemType]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
    parameters: {
      Subaccount: {
        name: 'Lettershop-Subaccount',
        in: 'header',
        required: false,
        description:
          'Act for this subaccount: its id, or `external:` and your own id. Only for keys of the account.',
        schema: { type: 'string' },
      },
      Subaccounts: {
        name: 'Lettershop-Subaccounts',
        in: 'header',
        required: false,
        description:
          'Read from these subaccounts only (`1003,1004`), or from all but these (`-1003,-1004`); at most 100. What is of ' +
          'the account as a whole is left out then. One that the caller does not reach is not found.',
        schema: { type: 'string' },
      },
      IdempotencyKey: {
        name: 'Idempotency-Key',
        in: 'header',
        required: false,
        description:
          'Repeat a call with the same key and it is done once (draft-ietf-httpapi-idempotency-key-header).',
        schema: { type: 'string', maxLength: 255 },
      },
    },
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'The secret of an API key' },
      basic: { type: 'http', scheme: 'basic', description: 'Public id and secret of an API key' },
    },
  };
}

function operationOf(route: Route): Operation {
  const needs = route.grant === null ? 'Needs any valid credential.' : `Needs the grant \`${route.grant}\`.`;
  const requestBody = requestBodyOf(route);
  return {
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    description: route.description === undefined ? needs : `${route.description}\n\n${needs}`,
    'x-grant': route.grant,
    security: [{ bearer: [] }, { basic: [] }],
    parameters: parametersOf(route),
    ...(requestBody !== null && { requestBody: { required: true, content: requestBody } }),
    responses: responsesOf(route.replies),
  };
}

function requestBodyOf({ body, rawBody, example }: Route): Content | null {
  if (body !== undefined) return { 'application/json': { schema: body, example: example.body } };
  if (rawBody === undefined) return null;
  const contents = rawBody.types.map((type) => {
    const shown = example.raw?.type === type ? { example: example.raw.text } : {};
    return [type, { schema: { type: 'string', format: 'binary' }, ...shown }] as const;
  });
  return Object.fromEntries(contents);
}

/** `POST /messages/:id/cancel` -> `postMessagesByIdCancel`: stable as long as the path is. */
function operationId({ method, path }: Route): string {
  const words = path.replace(/:(\w+)/g, 'by-$1').split(/[/-]/);
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function parametersOf(route: Route): (Parameter | Reference)[] {
  const { params, query, headers, example } = route;
  const inPath = paramNames(route.path).map((name): Parameter => ({
    ...parameterOf(name, 'path', params, example.params),
    required: true,
  }));
  const rest = (
    [
      ['query', query, example.query],
      ['header', headers, example.headers],
    ] as const
  ).flatMap(([place, schema, values]) =>
    Object.keys(schema?.properties ?? {}).map((name) => parameterOf(name, place, schema, values)),
  );
  const common: Reference[] = [{ $ref: '#/components/parameters/Subaccount' }];
  if (route.method === 'GET') common.push({ $ref: '#/components/parameters/Subaccounts' });
  if (route.method === 'POST') common.push({ $ref: '#/components/parameters/IdempotencyKey' });
  return [...inPath, ...rest, ...common];
}

function parameterOf(
  name: string,
  place: Parameter['in'],
  schema: TObject | undefined,
  examples: Readonly<Record<string, unknown>> | undefined,
): Parameter {
  const property: TSchema & { readonly description?: string } = schema?.properties[name] ?? {};
  return {
    name,
    in: place,
    required: schema?.required?.includes(name) === true,
    ...(property.description !== undefined && { description: property.description }),
    schema: property,
    ...(examples?.[name] !== undefined && { example: examples[name] }),
  };
}

function responsesOf(replies: Replies): Operation['responses'] {
  const declared = Object.entries(replies).map(([status, shape]) => [status, responseOf(status, shape)]);
  return { ...Object.fromEntries(declared), default: { $ref: '#/components/responses/Problem' } };
}

function responseOf(status: string, shape: ReplyShape): { description: string; content?: Content } {
  const standard = STATUS_CODES[status] ?? 'Reply';
  if (shape === null) return { description: standard };
  if (isRawReply(shape)) {
    return { description: shape.description ?? standard, content: { [shape.raw]: { schema: {} } } };
  }
  const description = 'description' in shape ? String(shape.description) : standard;
  return { description, content: { 'application/json': { schema: shape } } };
}
