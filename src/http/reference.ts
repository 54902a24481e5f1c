/**
 * The reference page: one static HTML page rendered from the OpenAPI document when it is first asked for. No script, no font, no address
 * outside this installation.
 */
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { refusals } from '../features/refusals/index.ts';
import { rowsOf } from './reference-rows.ts';
import { once } from '../base/once.ts';
import type { Route } from '../base/route.ts';
import { openApiDocument } from './openapi.ts';
import type { OpenApi, Operation, Parameter, Reference } from './openapi.ts';
import { referenceStyle } from './reference-style.ts';

const pagePolicy =
  "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Public: the document says what there is, not what is in it. */
export function mountReference(api: FastifyInstance, routes: readonly Route[]): void {
  const document = once(() => openApiDocument(routes));
  const files = [
    { url: '/openapi.json', type: 'application/json', make: () => JSON.stringify(document()) },
    { url: '/reference.css', type: 'text/css; charset=utf-8', make: () => referenceStyle },
    { url: '/reference', type: 'text/html; charset=utf-8', make: () => referencePage(document()) },
  ];
  for (const { url, type, make } of files) {
    const file = once(() => {
      const bytes = Buffer.from(make());
      return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` };
    });
    api.get(url, (request, reply) => {
      const { bytes, etag } = file();
      reply.headers({
        etag,
        'content-type': type,
        'cache-control': 'no-cache',
        ...(url === '/reference' && { 'content-security-policy': pagePolicy }),
      });
      if (request.headers['if-none-match'] === etag) reply.code(304).send();
      else reply.send(bytes);
    });
  }
}

type Entry = { readonly path: string; readonly method: string; readonly operation: Operation };

export function referencePage(document: OpenApi): string {
  const entries = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]): Entry => ({ path, method, operation })),
  );
  const groups = [...Map.groupBy(entries, ({ operation }) => operation.tags[0] ?? '')];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(document.info.title)} API reference</title>
<link rel="stylesheet" href="/api/v1/reference.css">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<div class="frame">
<nav aria-label="Routes">${groups.map(([tag, items]) => navGroup(tag, items)).join('')}
<ul><li><a href="#errors">Errors</a></li></ul></nav>
<main id="content">
${intro(document)}
${groups.map(([tag, items]) => group(tag, items, document)).join('\n')}
${errorSection()}
</main>
</div>
</body>
</html>
`;
}

function intro(document: OpenApi): string {
  return `<h1>${escapeHtml(document.info.title)} API</h1>
<p>${prose(document.info.description)}</p>
<p>Everything below lives under <code>/api/v1</code>. Authenticate with <code>Authorization: Bearer &lt;secret&gt;</code>
or with Basic and <code>public id:secret</code>. The same as a machine reads it:
<a href="/api/v1/openapi.json">openapi.json</a>.</p>
<p>In the examples <code>$BASE</code> is this installation's address and <code>$SECRET</code> the secret of your key.</p>`;
}

function navGroup(tag: string, items: readonly Entry[]): string {
  const links = items.map(
    ({ operation }) => `<li><a href="#${operation.operationId}">${escapeHtml(operation.summary)}</a></li>`,
  );
  return `<strong>${escapeHtml(tag)}</strong><ul>${links.join('')}</ul>`;
}

function group(tag: string, items: readonly Entry[], document: OpenApi): string {
  return `<h2>${escapeHtml(tag)}</h2>${items.map((entry) => routeSection(entry, document)).join('\n')}`;
}

function routeSection({ path, method, operation }: Entry, document: OpenApi): string {
  const parameters = operation.parameters.map((parameter) => resolve(parameter, document));
  const body = operation.requestBody?.content['application/json'];
  const replies = Object.entries(operation.responses)
    .filter(([status]) => status !== 'default')
    .map(([status, reply]) => replyBlock(status, reply));
  return `<section class="route" id="${operation.operationId}">
<h3>${escapeHtml(operation.summary)}</h3>
<p class="call"><span class="method">${method.toUpperCase()}</span> ${escapeHtml(path)}</p>
<p>${prose(operation.description)}</p>
${parameters.length === 0 ? '' : table(['Parameter', 'In', 'Type', 'Meaning'], parameters.map(parameterRow))}
${body === undefined ? '' : `<h4>Body</h4>${fieldTable(body.schema)}`}
<pre><code>${escapeHtml(curlOf({ path, method, operation }))}</code></pre>
${replies.join('')}
</section>`;
}

function resolve(parameter: Parameter | Reference, document: OpenApi): Parameter {
  if (!('$ref' in parameter)) return parameter;
  const name = parameter.$ref.slice(parameter.$ref.lastIndexOf('/') + 1);
  return document.components.parameters[name] ?? { name, in: 'header', required: false, schema: {} };
}

function parameterRow({ name, in: place, required, schema, description }: Parameter): string[] {
  const [row] = rowsOf(schema, '');
  return [
    escapeHtml(name),
    place,
    `${escapeHtml(row?.type ?? '')}${required ? ', required' : ''}`,
    prose(description ?? ''),
  ];
}

function fieldTable(schema: object): string {
  const rows = rowsOf(schema, '').filter(({ field }) => field !== '');
  if (rows.length === 0) return '';
  return table(
    ['Field', 'Type', 'Meaning'],
    rows.map(({ field, type, isRequired, meaning }) => [
      escapeHtml(field),
      escapeHtml(type) + (isRequired ? ', required' : ''),
      prose(meaning),
    ]),
  );
}

function replyBlock(status: string, reply: Operation['responses'][string]): string {
  const description = '$ref' in reply ? '' : reply.description;
  const schema = '$ref' in reply ? undefined : reply.content?.['application/json']?.schema;
  const heading = `<p><strong>${escapeHtml(status)}</strong> <span class="soft">${escapeHtml(description)}</span></p>`;
  return heading + (schema === undefined ? '' : fieldTable(schema));
}

function cells(tag: string, row: readonly string[]): string {
  return `<tr>${row.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
}

/** Each cell is HTML already. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return `<div class="wide"><table><thead>${cells('th', head)}</thead><tbody>${rows
    .map((row) => cells('td', row))
    .join('')}</tbody></table></div>`;
}

function curlOf({ path, method, operation }: Entry): string {
  const given = operation.parameters.filter((parameter) => 'name' in parameter);
  const valuesOf = (name: string): string[] =>
    [given.find((parameter) => parameter.name === name)?.example ?? name]
      .flat()
      .map((value) => encodeURIComponent(typeof value === 'string' ? value : JSON.stringify(value)));
  const filled = path.replace(/\{(\w+)\}/g, (_all, name: string) => valuesOf(name).join());
  const query = given
    .filter(({ in: place, example }) => place === 'query' && example !== undefined)
    .flatMap(({ name }) => valuesOf(name).map((value) => `${name}=${value}`))
    .join('&');
  const verb = method === 'get' ? '' : ` -X ${method.toUpperCase()}`;
  const lines = [
    `curl${verb} "$BASE/api/v1${filled}${query === '' ? '' : `?${query}`}"`,
    `-H "Authorization: Bearer $SECRET"`,
  ];
  const body = operation.requestBody?.content['application/json']?.example;
  if (body !== undefined) {
    lines.push(`-H "Content-Type: application/json"`);
    lines.push(`-d '${JSON.stringify(body, null, 2).replaceAll("'", `'\\''`)}'`);
  }
  return lines.join(' \\\n  ');
}

function errorSection(): string {
  const rows = Object.entries(refusals).map(([code, { status, title }]) => [
    `<span id="${code}">${code}</span>`,
    String(status),
    escapeHtml(title),
  ]);
  return `<h2 id="errors">Errors</h2>
<p>Every error is <code>application/problem+json</code> (RFC 9457). <code>code</code> is stable; <code>errors</code>
names each field that breaks a rule; <code>requestId</code> is also in the header <code>Lettershop-Request-Id</code>.
429 and 503 carry <code>Retry-After</code>.</p>${table(['Code', 'Status', 'Title'], rows)}`;
}

function prose(text: string): string {
  return escapeHtml(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\n\n/g, '<br>');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
