import ipaddr from 'ipaddr.js';
import { Type } from 'typebox';
import { defineRoute, fields, nextCursor, pageQuery, pageReply, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { invalidField } from '../refusals/index.ts';
import { reports, sources, watched } from './operations.ts';
import type { MonitoringWorld } from './operations.ts';
import { dmarcKeptDays } from './rules.ts';

const IdParams = fields({ id: word(16, { pattern: '^\\d{1,16}$' }) });
const Disposition = Type.Enum(['none', 'quarantine', 'reject']);
const Alignment = Type.Enum(['pass', 'fail']);
const Nullable = Type.Union([Type.String(), Type.Null()]);
const addressPattern = '^(?:\\d{1,3}(?:\\.\\d{1,3}){3}|[0-9a-f:]{2,39})$';

const counts = {
  messages: Type.Integer(),
  passed: Type.Integer({ description: 'by DKIM or SPF, aligned with the From domain' }),
};
const ReportReply = fields({
  id: Type.String(),
  reporter: Type.String({ description: 'the organization that reports' }),
  reference: Type.String({ description: 'its id of the report' }),
  beginsAt: Type.String(),
  endsAt: Type.String(),
  policy: Disposition,
  ...counts,
  receivedAt: Type.String(),
});
const SourceReply = fields({
  address: Type.String(),
  ...counts,
  results: Type.Array(
    fields({ dkim: Alignment, spf: Alignment, disposition: Disposition, messages: Type.Integer() }),
  ),
});
const WatchedReply = fields({
  id: Type.String(),
  address: Type.String(),
  poolId: Type.Union([Type.String(), Type.Null()], { description: 'told to the account only' }),
  listings: Type.Array(
    fields({
      blocklist: Type.String(),
      state: Type.Enum(['unknown', 'clear', 'listed'], { description: 'unknown: it has not answered yet' }),
      codes: Type.Array(Type.String()),
      reason: Type.String({ description: 'as the list says it' }),
      since: Nullable,
      checkedAt: Nullable,
    }),
  ),
});

export function monitoringRoutes(world: MonitoringWorld): readonly Route[] {
  return [...dmarcRoutes(world), blocklistRoute(world)];
}

function dmarcRoutes(world: MonitoringWorld): readonly Route[] {
  const base = { method: 'GET', tag: 'monitoring', grant: 'monitoring:read', params: IdParams } as const;
  return [
    defineRoute({
      ...base,
      path: '/domains/:id/dmarc/reports',
      summary: 'List the DMARC aggregate reports about a domain, newest first',
      description: `They come to the address in \`rua\` of the record that the domain's instructions show, and are kept for ${dmarcKeptDays} days.`,
      query: pageQuery({}),
      replies: { 200: pageReply(ReportReply) },
      example: { params: { id: '100123' }, query: { limit: 20 } },
      run: async ({ scope, params, query }) => {
        const { limit = 50, cursor = null } = query;
        const found = await reports(world, scope, params.id, { before: cursor, limit });
        const items = found.map(({ beginsAt, endsAt, receivedAt, ...rest }) => ({
          ...rest,
          beginsAt: beginsAt.toISOString(),
          endsAt: endsAt.toISOString(),
          receivedAt: receivedAt.toISOString(),
        }));
        return { status: 200, body: { items, next: nextCursor(found, limit) } };
      },
    }),
    defineRoute({
      ...base,
      path: '/domains/:id/dmarc/sources',
      summary: "Sum what the reports say of each address that sent in the domain's name",
      query: pageQuery(
        {
          days: Type.Optional(
            Type.Integer({ minimum: 1, maximum: dmarcKeptDays, description: '30 when left out' }),
          ),
        },
        addressPattern,
      ),
      replies: { 200: pageReply(SourceReply) },
      example: { params: { id: '100123' }, query: { days: 7 } },
      run: async ({ scope, params, query }) => {
        const { limit = 50, cursor, days = 30 } = query;
        const found = await sources(world, scope, params.id, { after: cursorAddress(cursor), limit, days });
        const next = nextCursor(
          found.map(({ address }) => ({ id: address })),
          limit,
        );
        return { status: 200, body: { items: found.map((each) => ({ ...each })), next } };
      },
    }),
  ];
}

function cursorAddress(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  if (!ipaddr.isValid(cursor)) throw invalidField('cursor', 'format', 'must be `next` of the page before');
  return ipaddr.parse(cursor).toString();
}

function blocklistRoute(world: MonitoringWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/blocklists',
    tag: 'monitoring',
    grant: 'monitoring:read',
    summary:
      'What DNS blocklists say of the source addresses: the account’s, or those that a subaccount’s mail leaves from',
    query: pageQuery({}),
    replies: { 200: pageReply(WatchedReply) },
    example: { query: {} },
    run: async ({ scope, query }) => {
      const { limit = 50, cursor = '0' } = query;
      const found = await watched(world, scope, { after: cursor, limit });
      const items = found.map(({ listings, ...address }) => ({
        ...address,
        listings: listings.map((each) => ({
          ...each,
          since: each.since?.toISOString() ?? null,
          checkedAt: each.checkedAt?.toISOString() ?? null,
        })),
      }));
      return { status: 200, body: { items, next: nextCursor(found, limit) } };
    },
  });
}
