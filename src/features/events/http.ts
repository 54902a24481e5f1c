import { Type } from 'typebox';
import type { Static, TArray, TOptional, TString } from 'typebox';
import type { Database } from '../../base/database/database.ts';
import {
  defineRoute,
  fields,
  idPattern,
  Instant,
  instantMs,
  pageQuery,
  pageReply,
  word,
} from '../../base/route.ts';
import type { RequestFacts, Route } from '../../base/route.ts';
import type { Scope } from '../../base/scope.ts';
import { regions } from '../../mail/site-regions.ts';
import { refuse } from '../refusals/index.ts';
import { eventJson, EventReply } from './json.ts';
import { eventKinds } from './kinds.ts';
import type { Counts } from './counts.ts';
import { search } from './search.ts';
import { everything } from './sql-search.ts';
import type { EventFilter } from './sql-search.ts';
import type { Tails } from './tails.ts';

export type EventRoutesWorld = {
  readonly db: Database;
  readonly tails: Tails;
  readonly counts: Counts;
  /** Asks the request's credential again: a stream may outlive it. */
  readonly again: (request: RequestFacts) => Promise<Scope>;
};

const Kinds = Type.Array(Type.Enum(eventKinds), {
  maxItems: 18,
  description: 'several are given by repeating it',
});
const several = { maxItems: 50 } as const;
const Id = word(19, { pattern: idPattern });
const instant = (text: string | undefined): Date | null =>
  text === undefined ? null : new Date(instantMs(text));

const Addresses = Type.Array(word(320), several);
const phrase = (of: string): TOptional<TArray<TString>> =>
  Type.Optional(
    Type.Array(word(998), {
      ...several,
      description: `a run of whole words of ${of}, in any case; one of them`,
    }),
  );

/** Several of one filter are alternatives. */
const filters = {
  kind: Type.Optional(Kinds),
  seq: Type.Optional(Type.Array(Id, several)),
  subaccount: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 2_147_483_647 }), several)),
  message: Type.Optional(Type.Array(Id, several)),
  submission: Type.Optional(Type.Array(Id, several)),
  recipient: Type.Optional(Type.Array(word(320), { ...several, description: 'the whole address' })),
  domain: Type.Optional(Type.Array(word(253), { ...several, description: 'of the recipient' })),
  tag: Type.Optional(Type.Array(word(256), several)),
  campaign: Type.Optional(word(128)),
  template: Type.Optional(Id),
  subject: Type.Optional(word(100, { description: 'words of the subject: whole, all of them, in any case' })),
  subjectPhrase: phrase('the subject'),
  campaignPhrase: phrase('the campaign'),
  templatePhrase: phrase("the template's slug"),
  senderDomainPhrase: phrase('the domain in From'),
  class: Type.Optional(Type.Array(word(32), { ...several, description: 'of a bounce' })),
  senderAddress: Type.Optional({ ...Addresses, description: 'in From; one of them' }),
  site: Type.Optional(
    Type.Array(word(253), { ...several, description: 'that an attempt went to: the mailbox provider' }),
  ),
  region: Type.Optional(
    Type.Array(Type.Enum(regions), { maxItems: regions.length, description: 'where on earth the site is' }),
  ),
  source: Type.Optional(
    Type.Array(word(64), { ...several, description: 'address that an attempt left from' }),
  ),
  from: Type.Optional(Instant),
  until: Type.Optional(Instant),
};
const CountQuery = fields(filters);
const SearchQuery = pageQuery({ ...filters, order: Type.Optional(Type.Enum(['oldest', 'newest'])) });

/** All that is found: the oldest first, from the beginning. */
function filterOf(query: Static<typeof CountQuery>): EventFilter {
  const { subjectPhrase: subject, campaignPhrase: campaign } = query;
  const { templatePhrase: templateSlug, senderDomainPhrase: senderDomain } = query;
  return {
    ...everything,
    kinds: query.kind ?? null,
    seqs: query.seq ?? null,
    subaccounts: query.subaccount ?? null,
    messages: query.message ?? null,
    submissions: query.submission ?? null,
    recipients: query.recipient ?? null,
    domains: query.domain ?? null,
    tags: query.tag ?? null,
    campaign: query.campaign ?? null,
    template: query.template ?? null,
    subjectWords: query.subject ?? null,
    phrases: {
      ...(subject === undefined ? {} : { subject }),
      ...(campaign === undefined ? {} : { campaign }),
      ...(templateSlug === undefined ? {} : { templateSlug }),
      ...(senderDomain === undefined ? {} : { senderDomain }),
    },
    classes: query.class ?? null,
    senders: query.senderAddress ?? null,
    sites: query.site ?? null,
    regions: query.region ?? null,
    sources: query.source ?? null,
    from: instant(query.from),
    until: instant(query.until),
  };
}

export function eventRoutes(world: EventRoutesWorld): readonly Route[] {
  return [listRoute(world), countRoute(world), tailRoute(world)];
}

function listRoute({ db }: EventRoutesWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/events',
    tag: 'events',
    grant: 'events:read',
    summary: 'Search the event log, in the order of commits',
    description:
      'Start without a cursor, then pass `next` as the cursor: this skips nothing. Oldest first, `next` is always given, ' +
      'so polling goes on at the end; newest first, it is null at the end. A page with filters may hold few items or none ' +
      'while `next` goes on: it looks at a bounded number of events.',
    query: SearchQuery,
    replies: { 200: pageReply(EventReply) },
    example: { query: { limit: 100 } },
    run: async ({ scope, query }) => {
      const { order = 'oldest', cursor = null } = query;
      const filter = { ...filterOf(query), order, cursor, limit: query.limit ?? 50 };
      const page = await db.scoped(scope, (tx) => search(tx, scope, filter));
      const next = order === 'newest' && page.isEnd ? null : (page.lookedTo ?? cursor ?? '0');
      return { status: 200, body: { items: page.events.map(eventJson), next } };
    },
  });
}

function countRoute({ counts }: EventRoutesWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/events/count',
    tag: 'events',
    grant: 'events:read',
    summary: 'Count what a search of the event log would find',
    description:
      'Counts for some seconds at most, beside which other calls go on. `isExact` is false when there was no time to come to the ' +
      'end: there are at least so many. One subaccount counts ten at once at most, and so does an account as a whole.',
    query: CountQuery,
    replies: { 200: fields({ count: Type.Integer(), isExact: Type.Boolean() }) },
    example: { query: { kind: ['message.bounced'] } },
    run: async ({ scope, query }) => ({ status: 200, body: await counts.count(scope, filterOf(query)) }),
  });
}

function tailRoute({ tails, again }: EventRoutesWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/events/tail',
    tag: 'events',
    grant: 'events:read',
    summary: 'Follow the event log live, by server-sent events',
    description:
      'Each event has its `seq` as id; a client that connects again with `Last-Event-ID` goes on from there and misses ' +
      'nothing. Without it the stream begins now. At most five streams per key.',
    query: fields({
      kind: Type.Optional(Kinds),
      seconds: Type.Integer({ minimum: 1, maximum: 3600, description: 'how long the stream lasts' }),
    }),
    headers: fields({ 'last-event-id': Type.Optional(Id) }),
    replies: { 200: { raw: 'text/event-stream' } },
    example: { query: { seconds: 1 } },
    run: async ({ scope, query, headers, request }) => {
      const tail = tails.open(scope, {
        after: headers['last-event-id'] ?? null,
        kinds: query.kind ?? null,
        lastsMs: query.seconds * 1000,
        again: () => again(request),
      });
      if (tail === null)
        throw refuse('limit.reached', { message: 'Too many streams are open with this key' });
      return {
        status: 200,
        headers: { 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
        body: tail,
      };
    },
  });
}
