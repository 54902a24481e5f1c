/** Pages of the suppression list, by cursor or by number: a page of SparkPost's entries may cut one of ours in two. */
import type { Answer } from '../../base/route.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller } from './caller.ts';
import { instantOf, listOf } from './fields.ts';
import type { Fields } from './fields.ts';
import { pageLink, perPage } from './subaccounts.ts';
import { countsOf, entriesOf, notFound, printed, sourceOf } from './suppression-entries.ts';
import type { NativeEntry } from './suppression-entries.ts';
import { tell } from './words.ts';

type Query = Call['query'];
/** After which of our entries, and how many of the next one's have been shown. */
type Place = { readonly after: string; readonly skip: number };
type Found = { readonly entries: readonly Fields[]; readonly next: Place | null };

const path = '/api/v1/suppression-list';
const start: Place = { after: '0', skip: 0 };

export async function listAnswer(caller: SparkpostCaller, { params, query }: Call): Promise<Answer> {
  const fits = fitting(query);
  const recipient = params['recipient'];
  if (recipient !== undefined) {
    const results = (await entriesOf(caller, caller.all, recipient))
      .flatMap((entry) => printed(caller, entry))
      .filter(fits);
    if (results.length === 0) throw notFound();
    return { status: 200, body: { results, links: [], total_count: results.length } };
  }
  const narrowed = narrowing(query);
  const size = perPage(query['per_page'], 1000, 10_000);
  const total = await totalOf(caller, query, narrowed);
  const page = pageNumber(query['page']);
  const from =
    page === null ? placeOf(query['cursor']) : await placeOfPage(caller, narrowed, fits, (page - 1) * size);
  const { entries, next } = from === null ? nothing : await fill(caller, narrowed, fits, from, size);
  const links = page === null ? cursorLinks(query, next) : pageLinks(query, page, Math.ceil(total / size));
  return { status: 200, body: { results: entries, links, total_count: total } };
}

const nothing: Found = { entries: [], next: null };

function instant(name: string, text: string): string {
  const read = instantOf(text);
  if (read === null) throw tell(400, { message: `${name} must be a valid date`, param: name, value: text });
  return read;
}

/** Filters that the native list has. */
function narrowing({ from, to, domain, list_id: list }: Query): Fields {
  return {
    layer: 'subaccount',
    onlySender: '',
    ...(from === undefined ? {} : { updatedSince: instant('from', from) }),
    ...(to === undefined ? {} : { updatedUntil: instant('to', to) }),
    ...(domain === undefined ? {} : { domain }),
    ...(list === undefined ? {} : { onlyList: list }),
  };
}

function fitting({
  types,
  sources,
  description,
  description_strict: strict,
}: Query): (entry: Fields) => boolean {
  const [ofTypes, ofSources] = [listOf(types), listOf(sources)];
  return (entry) => {
    const { description: told } = entry;
    const about = typeof told === 'string' ? told.toLowerCase() : '';
    return (
      (ofTypes === null || ofTypes.includes(String(entry['type']))) &&
      (ofSources === null || ofSources.includes(String(entry['source']))) &&
      (description === undefined || about.includes(description.toLowerCase())) &&
      (strict === undefined || about === strict.toLowerCase())
    );
  };
}

/** Counted by the database; with a description by looking at every entry. */
async function totalOf(caller: SparkpostCaller, query: Query, narrowed: Fields): Promise<number> {
  if (query['description'] !== undefined || query['description_strict'] !== undefined)
    return (await fill(caller, narrowed, fitting(query), start, Number.MAX_SAFE_INTEGER)).entries.length;
  const [ofTypes, ofSources] = [listOf(query['types']), listOf(query['sources'])];
  const counts = await countsOf(caller, narrowed);
  return counts
    .filter((count) => ofSources === null || ofSources.includes(sourceOf(count)))
    .reduce(
      (sum, { stopTransactional, stopBulk }) =>
        sum +
        (ofTypes === null || ofTypes.includes('transactional') ? stopTransactional : 0) +
        (ofTypes === null || ofTypes.includes('non_transactional') ? stopBulk : 0),
      0,
    );
}

async function fill(
  caller: SparkpostCaller,
  narrowed: Fields,
  fits: (entry: Fields) => boolean,
  from: Place,
  size: number,
): Promise<Found> {
  const entries: Fields[] = [];
  let { after, skip } = from;
  for (;;) {
    const query = { ...narrowed, limit: 500, ...(after === '0' ? {} : { cursor: after }) };
    const page = await caller.world.native.call<{ items: readonly NativeEntry[]; next: string | null }>(
      caller.all,
      'GET /suppressions',
      { query },
    );
    for (const each of page.items) {
      const theirs = printed(caller, each).filter(fits).slice(skip);
      const room = size - entries.length;
      if (theirs.length > 0 && room === 0) return { entries, next: { after, skip } };
      entries.push(...theirs.slice(0, room));
      if (theirs.length > room) return { entries, next: { after, skip: skip + room } };
      after = each.id;
      skip = 0;
    }
    if (page.next === null) return { entries, next: null };
  }
}

function placeOf(cursor: string | undefined): Place {
  if (cursor === undefined || cursor === 'initial') return start;
  const match = /^(\d{1,16})\.([01])$/.exec(cursor);
  if (match === null) throw tell(400, { message: 'Invalid cursor', param: 'cursor', value: cursor });
  return { after: match[1] ?? '0', skip: Number(match[2]) };
}

function pageNumber(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^[1-9]\d{0,6}$/.test(text))
    throw tell(400, { message: 'page must be a positive integer', param: 'page', value: text });
  return Number(text);
}

async function placeOfPage(
  caller: SparkpostCaller,
  narrowed: Fields,
  fits: (entry: Fields) => boolean,
  before: number,
): Promise<Place | null> {
  return before === 0 ? start : (await fill(caller, narrowed, fits, start, before)).next;
}

type Link = { readonly href: string; readonly rel: string };

function cursorLinks(query: Query, next: Place | null): readonly Link[] {
  if (next === null) return [];
  return [{ href: pageLink(path, query, `${next.after}.${next.skip}`), rel: 'next' }];
}

function pageLinks(query: Query, page: number, last: number): readonly Link[] {
  if (last <= 1) return [];
  const to = (number: number, rel: string): Link => ({
    href: `/sparkpost${path}?${new URLSearchParams({ ...query, page: String(number) }).toString()}`,
    rel,
  });
  return [
    to(1, 'first'),
    ...(page > 1 ? [to(page - 1, 'previous')] : []),
    ...(page < last ? [to(page + 1, 'next')] : []),
    to(last, 'last'),
  ];
}
