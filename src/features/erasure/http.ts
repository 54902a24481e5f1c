import { Type } from 'typebox';
import type { Static } from 'typebox';
import { defineRoute, fields, nextCursor, pageQuery, pageReply, record, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import type { Erasure } from './model.ts';
import { ask, get, list } from './operations.ts';
import type { ErasureWorld } from './operations.ts';

const ErasureReply = fields({
  id: Type.String(),
  subaccountId: Type.Integer(),
  reach: Type.Enum(['account', 'subaccount'], { description: 'all subaccounts of the account, or this one' }),
  state: Type.Enum(['waiting', 'running', 'done']),
  counts: record(Type.Integer(), {
    nameLengthMax: 64,
    entriesMax: 100,
    description: 'rows that held the address, by what they were',
  }),
  createdAt: Type.String(),
  finishedAt: Type.Union([Type.String(), Type.Null()]),
});

function erasureJson(erasure: Erasure): Static<typeof ErasureReply> {
  return {
    id: erasure.id,
    subaccountId: Number(erasure.subaccountId),
    reach: erasure.reach,
    state: erasure.state,
    counts: { ...erasure.counts },
    createdAt: erasure.createdAt.toISOString(),
    finishedAt: erasure.finishedAt?.toISOString() ?? null,
  };
}

export function erasureRoutes(world: ErasureWorld): readonly Route[] {
  return [askRoute(world), ...readRoutes(world)];
}

function askRoute(world: ErasureWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/erasures',
    tag: 'erasures',
    grant: 'erasures:write',
    summary: "Erase one person's traces: waiting mail is cancelled, everything else forgets the address",
    description:
      'Works in the background, for the whole account or for the subaccount of the credential. What a copy became, when, and ' +
      'what it was counted as stay without the address; content goes when nobody else got it, and forgets the person when ' +
      'somebody did. A keyed hash stays, so that the address is not written to again. The address itself is not kept.',
    body: fields({ address: word(320) }),
    replies: { 202: ErasureReply },
    example: { body: { address: 'ada@inbox.test' } },
    run: async ({ scope, body }) => ({
      status: 202,
      body: erasureJson(await ask(world, scope, body.address)),
    }),
  });
}

function readRoutes(world: ErasureWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/erasures',
      tag: 'erasures',
      grant: 'erasures:read',
      summary: 'List erasures, newest first',
      query: pageQuery({}),
      replies: { 200: pageReply(ErasureReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const { limit = 50 } = query;
        const found = await list(world, scope, { before: query.cursor ?? null, limit });
        return { status: 200, body: { items: found.map(erasureJson), next: nextCursor(found, limit) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/erasures/:id',
      tag: 'erasures',
      grant: 'erasures:read',
      summary: 'Read how far an erasure is, and what it found',
      params: fields({ id: word(16, { pattern: '^\\d{1,16}$' }) }),
      replies: { 200: ErasureReply },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: erasureJson(await get(world, scope, params.id)),
      }),
    }),
  ];
}
