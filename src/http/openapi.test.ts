import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demoRoutes, startDemo } from '../../test/sweeps/http-input-demo.ts';
import { openApiDocument } from './openapi.ts';
import type { OpenApi } from './openapi.ts';
import { referencePage } from './reference.ts';

/** Faults of an OpenAPI 3.1 document in its structure; for any document, ours or not. */
export function openApiFaults(document: OpenApi): string[] {
  const faults: string[] = [];
  if (document.openapi !== '3.1.0' || document.info.title === '' || document.info.version === '')
    faults.push('head');
  const ids = new Set<string>();
  const tags = new Set(document.tags.map(({ name }) => name));
  for (const [path, operations] of Object.entries(document.paths)) {
    const wanted = [...path.matchAll(/\{(\w+)\}/g)].map((match) => String(match[1])).sort();
    if (!path.startsWith('/')) faults.push(`${path} is no path`);
    for (const [method, operation] of Object.entries(operations)) {
      const name = `${method} ${path}`;
      const own = operation.parameters.filter((parameter) => 'name' in parameter);
      const declared = own.filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name);
      if (declared.sort().join() !== wanted.join()) faults.push(`${name}: path parameters`);
      if (own.some((parameter) => parameter.in === 'path' && !parameter.required))
        faults.push(`${name}: optional path`);
      const keys = own.map((parameter) => `${parameter.in} ${parameter.name}`);
      if (new Set(keys).size !== keys.length) faults.push(`${name}: a parameter twice`);
      if (ids.has(operation.operationId)) faults.push(`${name}: operationId ${operation.operationId} twice`);
      ids.add(operation.operationId);
      if (operation.tags.some((tag) => !tags.has(tag))) faults.push(`${name}: an undeclared tag`);
      if (!Object.keys(operation.responses).some((status) => /^2\d\d$/.test(status)))
        faults.push(`${name}: no success`);
      if (method === 'get' && operation.requestBody !== undefined) faults.push(`${name}: a GET with a body`);
      for (const scheme of operation.security.flatMap((one) => Object.keys(one))) {
        if (!(scheme in document.components.securitySchemes)) faults.push(`${name}: scheme ${scheme}`);
      }
    }
  }
  return [...faults, ...brokenReferences(document)];
}

function brokenReferences(document: OpenApi): string[] {
  const references: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      if (key === '$ref') references.push(String(child));
      else collect(child);
    }
  };
  collect(document);
  return references.filter((reference) => {
    let value: unknown = document;
    for (const part of reference.replace(/^#\//, '').split('/')) value = Reflect.get(Object(value), part);
    return !reference.startsWith('#/') || value === undefined;
  });
}

test('the document is valid in its structure and holds every route', () => {
  const document = openApiDocument(demoRoutes);
  assert.deepEqual(openApiFaults(document), []);
  const held = Object.values(document.paths).flatMap((operations) => Object.keys(operations));
  assert.equal(held.length, demoRoutes.length);
  const send = document.paths['/letters']?.['post'];
  assert.equal(send?.['x-grant'], 'messages:send');
  assert.deepEqual(send?.requestBody?.content['application/json']?.example, demoRoutes[0]?.example.body);
  assert.deepEqual(Object.keys(document.components.securitySchemes), ['bearer', 'basic']);
});

test('the check of the document sees what is broken', () => {
  const document = openApiDocument(demoRoutes);
  const read = document.paths['/letters/{id}']?.['get'];
  assert.ok(read);
  const broken: OpenApi = {
    ...document,
    paths: { '/letters/{id}': { get: { ...read, parameters: [{ $ref: '#/nowhere' }] }, delete: read } },
  };
  assert.deepEqual(openApiFaults(broken), [
    'get /letters/{id}: path parameters',
    `delete /letters/{id}: operationId ${read.operationId} twice`,
    '#/nowhere',
  ]);
});

test('document and page are served to anyone, with a tag to come back with', async () => {
  await using demo = await startDemo();
  const response = await fetch(`${demo.url}/openapi.json`);
  assert.deepEqual(await response.json(), JSON.parse(JSON.stringify(openApiDocument(demoRoutes))));
  const etag = response.headers.get('etag') ?? '';
  const again = await fetch(`${demo.url}/openapi.json`, { headers: { 'if-none-match': etag } });
  assert.equal(again.status, 304);
  const page = await fetch(`${demo.url}/reference`);
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'; style-src 'self'/);
  assert.doesNotMatch(policy, /unsafe/);
  const style = await fetch(`${demo.url}/reference.css`);
  assert.match(style.headers.get('content-type') ?? '', /^text\/css/);
  assert.match(await style.text(), /prefers-color-scheme: dark/);
});

test('the reference page shows each route with its call, needs no script and escapes what it prints', () => {
  const [first, ...rest] = demoRoutes;
  assert.ok(first);
  const html = referencePage(openApiDocument([{ ...first, summary: 'Send <b>"it"</b>' }, ...rest]));
  assert.doesNotMatch(html, /<script|style=|https?:\/\/|<b>/);
  for (const { summary } of rest) assert.ok(html.includes(`>${summary}</h3>`), summary);
  assert.equal(html.match(/curl/g)?.length, demoRoutes.length);
  assert.match(html, /curl -X DELETE &quot;\$BASE\/api\/v1\/letters\/7&quot;/);
  assert.match(html, /isSent=true&amp;tags=a&amp;tags=b&amp;limit=10/);
  assert.match(html, /to\[\]\.email/);
  assert.match(html, /&quot;html&quot; \| &quot;text&quot;/);
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
  assert.equal(new Set(ids).size, ids.length);
  for (const [, anchor] of html.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.includes(anchor), anchor);
});
