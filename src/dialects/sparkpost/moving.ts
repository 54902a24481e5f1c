/** What a SparkPost account holds, for an import: from its API (contract, sections 4, 6, 7, 8) or its exported files. */
import type { Place, Thing } from '../../features/moving/index.ts';
import { noDefaults } from '../../features/templates/index.ts';
import type { Given } from '../../features/suppressions/index.ts';
import { parseDomainName } from '../../mail/address.ts';
import { listKey } from '../../mail/list-id.ts';
import {
  instantText,
  isRow,
  isYes,
  left,
  lineOf,
  neverCarried,
  noted,
  rowsOf,
  stream,
  textOf,
  whyOf,
} from '../shared/moving.ts';
import type { ExportedRows, Row } from '../shared/moving.ts';
import type { Source } from '../shared/source.ts';
import { language } from './content.ts';
import { sourcesOf } from './template-content.ts';
import { isTemplateId } from './templates.ts';

const pageMax = 1000;

const never = neverCarried([
  ['API keys', 'SparkPost tells no secret: make new keys here'],
  [
    'webhooks',
    'they would tell their receivers everything twice while both run: add them here when you switch',
  ],
  ['tracking domains', 'their CNAME has to point here: add them here'],
  ['inbound domains, relay webhooks', 'the MX has to point here: add them here'],
  ['recipient lists', 'are not read'],
  ['A/B tests', 'there is nothing like them here'],
]);

/** Everything, a subaccount after the other; the suppressions of each in pages, so that none is in memory whole. */
export async function* fromSparkpost(source: Source, key: string): AsyncGenerator<Thing> {
  const read = (path: string, subaccount?: string): Promise<unknown> => {
    const acting = subaccount === undefined ? {} : { 'x-msys-subaccount': subaccount };
    return source.read({ method: 'GET', path, headers: { authorization: key, ...acting } });
  };
  yield* never;
  const answer = await read('/api/v1/subaccounts');
  const subaccounts = rowsOf(resultsOf(answer));
  if (answer === null) yield left('subaccounts', null, '*', 'the key may not read them');
  for (const row of subaccounts) yield* subaccountOf(row);
  const places = subaccounts.map((row) => textOf(row, 'id', 'subaccount_id')).filter((id) => id !== '');
  for (const place of [null, ...places]) {
    const asked = (path: string): Promise<unknown> => read(path, place ?? '0');
    yield* domainsAt(asked, place);
    yield* templatesAt(asked, place, 'snippet');
    yield* templatesAt(asked, place, 'template');
    yield* suppressionsAt(asked, place);
  }
}

type Asked = (path: string) => Promise<unknown>;

async function* domainsAt(asked: Asked, place: Place): AsyncGenerator<Thing> {
  const answer = await asked('/api/v1/sending-domains');
  if (answer === null) yield left('domains', place, '*', 'the key may not read them');
  for (const row of rowsOf(resultsOf(answer))) if (isOf(row, place)) yield* domainOf(row, place);
}

async function* templatesAt(asked: Asked, place: Place, kind: 'template' | 'snippet'): AsyncGenerator<Thing> {
  const path = kind === 'template' ? '/api/v1/templates' : '/api/labs/snippets';
  const answer = await asked(path);
  if (answer === null) yield left(`${kind}s`, place, '*', 'the key may not read them');
  for (const head of rowsOf(resultsOf(answer))) {
    if (!isOf(head, place)) continue;
    const one = `${path}/${encodeURIComponent(textOf(head, 'id'))}`;
    const versions = kind === 'template' ? versionsOf(head).map((wish) => `${one}?draft=${wish}`) : [one];
    const shown: Row[] = [];
    for (const each of versions) {
      const results = resultsOf(await asked(each));
      if (isRow(results)) shown.push(results);
    }
    yield* templateOf({ ...head, ...shown.at(-1) }, shown, place, kind);
  }
}

/** The published one first: the draft is the last. */
function versionsOf(head: Row): readonly boolean[] {
  const hasPublished = isYes(head['has_published'] ?? head['published']);
  const hasDraft = isYes(head['has_draft'] ?? !hasPublished);
  return [...(hasPublished ? [false] : []), ...(hasDraft ? [true] : [])];
}

async function* suppressionsAt(asked: Asked, place: Place): AsyncGenerator<Thing> {
  let next: string | null = `/api/v1/suppression-list?cursor=initial&per_page=${pageMax}`;
  const seen = new Set<string>();
  while (next !== null) {
    const answer = await asked(next);
    if (answer === null) yield left('suppressions', place, '*', 'the key may not read them');
    for (const row of rowsOf(resultsOf(answer))) if (isOf(row, place)) yield* suppressionOf(row, place);
    seen.add(next);
    const following: string | null = nextOf(answer);
    // One that leads in a circle would never end.
    next = following === null || seen.has(following) ? null : following;
  }
}

/** As the newer form (an object) and the older (a list) say it; the host's own path may stand before the API's. */
function nextOf(answer: unknown): string | null {
  const links = isRow(answer) ? answer['links'] : null;
  const href = isRow(links) ? links['next'] : rowsOf(links).find((link) => link['rel'] === 'next')?.['href'];
  const found = typeof href === 'string' ? /\/api\/v1\/suppression-list\?[^#\s]*/.exec(href) : null;
  return found?.[0] ?? null;
}

function resultsOf(answer: unknown): unknown {
  return isRow(answer) ? answer['results'] : null;
}

/** Lists of a subaccount show what is shared with it as well: that is the account's. */
function isOf(row: Row, place: Place): boolean {
  const holder = textOf(row, 'subaccount_id');
  return place === null ? holder === '' || holder === '0' : holder === '' ? !isShared(row) : holder === place;
}

function isShared(row: Row): boolean {
  return isYes(row['shared_with_subaccounts']);
}

/** Of a file's row; an id that is none is nobody's. */
function placeOf(row: Row): Place {
  const id = textOf(row, 'subaccount_id', 'subaccount');
  return id === '' || id === '0' ? null : id;
}

export function sparkpostRows({ kind, rows }: ExportedRows): AsyncIterable<Thing> {
  return stream(rows, (row) => {
    switch (kind) {
      case 'subaccounts':
        return subaccountOf(row);
      case 'domains':
        return domainOf(row, placeOf(row));
      case 'templates':
        return templateOf(row, [row], placeOf(row), 'template');
      case 'snippets':
        return templateOf(row, [row], placeOf(row), 'snippet');
      case 'suppressions':
        return suppressionOf(row, placeOf(row));
      case 'allowlist':
        return [left('allowlist', null, textOf(row, 'email'), 'SparkPost has none')];
    }
  });
}

function subaccountOf(row: Row): readonly Thing[] {
  const id = textOf(row, 'id', 'subaccount_id');
  if (!/^\d{1,10}$/.test(id)) return [left('subaccount', null, id, 'has no number')];
  const status = textOf(row, 'status');
  const pool = textOf(row, 'ip_pool');
  return [
    {
      what: 'subaccount',
      externalId: id,
      name: lineOf(textOf(row, 'name'), 200) || id,
      notes: '',
      stop: status === 'suspended' || status === 'terminated' ? status : null,
      hourMax: null,
    },
    ...(pool === '' ? [] : [noted('IP pool', id, pool, 'name one of your own pools for the subaccount')]),
  ];
}

function domainOf(row: Row, place: Place): readonly Thing[] {
  const text = textOf(row, 'domain', 'name');
  const name = parseDomainName(text);
  if (name === null) return [left('domain', place, text, 'is no domain name')];
  const linked = textOf(row, 'tracking_domain');
  return [
    { what: 'domain', place, name, isShared: isShared(row) },
    ...(linked === ''
      ? []
      : [noted('domain', place, name, `${linked} has to be added as a tracking domain and linked to it`)]),
  ];
}

/** What native templates have no word for; the template is carried without it. */
const wordless = ['attachments', 'inline_images'];

function templateOf(
  head: Row,
  shown: readonly Row[],
  place: Place,
  kind: 'template' | 'snippet',
): readonly Thing[] {
  const slug = textOf(head, 'id');
  const name = lineOf(textOf(head, 'name'), 200) || slug;
  if (!isTemplateId(slug)) return [left(kind, place, slug, 'its id cannot be a slug here')];
  if (shown.length === 0) return [left(kind, place, slug, 'its content is not told')];
  const lost = new Set<string>();
  try {
    const versions = shown.map((each, index) => {
      const content = contentOf(each, lost);
      const parts = kind === 'template' ? templateParts(content) : snippetParts(content);
      const isPublished = kind === 'snippet' || (shown.length > 1 ? index === 0 : isYes(each['published']));
      return { language, markup: null, isPublished, ...parts } as const;
    });
    return [
      {
        what: 'template',
        place,
        moved: {
          kind,
          slug,
          name,
          labels: [],
          description: textOf(head, 'description').slice(0, 1024),
          versions,
        },
        isShared: isShared(head),
      },
      ...[...lost].map((field) => noted(kind, place, slug, `its ${field} is left out`)),
    ];
  } catch (error) {
    return [left(kind, place, slug, whyOf(error))];
  }
}

function contentOf(row: Row, lost: Set<string>): Row {
  const content = isRow(row['content']) ? row['content'] : row;
  for (const field of wordless) {
    const value = content[field];
    const isEmpty = value === undefined || value === null || value === '' || value === '{}';
    if (!isEmpty && !(typeof value === 'object' && Object.keys(value).length === 0)) lost.add(field);
  }
  return Object.fromEntries(
    Object.entries(content)
      .filter(([field, value]) => !wordless.includes(field) && value !== null)
      .map(([field, value]) => [field, field === 'headers' ? headersIn(value) : value]),
  );
}

/** A file has them as JSON in one cell. */
function headersIn(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value === '' ? {} : JSON.parse(value);
}

function templateParts(content: Row) {
  const { subject, html, text, amp, defaults } = sourcesOf(content);
  return { subject, html, text, amp, defaults: { ...noDefaults, ...defaults } };
}

function snippetParts(content: Row) {
  const [html, text] = [textOf(content, 'html'), textOf(content, 'text')];
  const amp = textOf(content, 'amp_html');
  return {
    subject: '',
    amp: amp === '' ? null : amp,
    html: html === '' ? null : html,
    text: text === '' ? null : text,
    defaults: noDefaults,
  };
}

const kindsBySource: Readonly<Record<string, 'complaint' | 'unsubscribe' | 'hard_bounce' | undefined>> = {
  'spam complaint': 'complaint',
  'list unsubscribe': 'unsubscribe',
  'unsubscribe link': 'unsubscribe',
  'bounce rule': 'hard_bounce',
};

function suppressionOf(row: Row, place: Place): readonly Thing[] {
  const address = textOf(row, 'recipient', 'email');
  const type = textOf(row, 'type').toLowerCase();
  const stopsTransactional = type === 'transactional' || (type === '' && isYes(row['transactional']));
  const stopsBulk = type === 'non_transactional' || (type === '' && isYes(row['non_transactional']));
  if (!stopsTransactional && !stopsBulk)
    return [left('suppression', place, address, 'says neither transactional nor non_transactional')];
  const source = textOf(row, 'source');
  const kind = kindsBySource[source.toLowerCase()] ?? 'manual';
  const given = lineOf(textOf(row, 'list_id'), 1000);
  const onlyList = listKey(given);
  const createdAt = instantText(textOf(row, 'created', 'created_at'));
  const said = lineOf(textOf(row, 'description'), 1000);
  const entry: Given = {
    address,
    kind,
    stopsTransactional,
    stopsBulk,
    reason: said === '' && source.toLowerCase() === 'compliance' ? 'Compliance' : said,
    ...(onlyList === null ? {} : { onlyList }),
    ...(createdAt === undefined ? {} : { createdAt }),
  };
  const isBroader = given !== '' && onlyList === null;
  return [
    { what: 'suppression', place, layer: 'subaccount', entry },
    ...(isBroader ? [noted('suppression', place, address, `stops all lists here, not only ${given}`)] : []),
  ];
}
