/** Source addresses over HTTP: what the operator gave, and what the account makes of it. */
import { Type } from 'typebox';
import { defineRoute, fields, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { addresses, changeAddress, setMembers } from './addresses.ts';
import type { PoolWorld } from './operations.ts';
import { capOn, usualCaps } from './rules.ts';
import type { SourceAddress } from './sql-addresses.ts';

const IdParams = fields({ id: word(16, { pattern: '^\\d{1,16}$' }) });
const PoolIdText = word(16, { pattern: '^\\d{1,16}$' });
const AddressReply = fields({
  address: Type.String(),
  ehloName: Type.String(),
  node: Type.String({ description: 'the node that has it' }),
  poolId: Type.Union([Type.String(), Type.Null()]),
  warmup: Type.Union([
    fields({
      caps: Type.Array(Type.Integer()),
      startsOn: Type.String(),
      overflowPoolId: Type.Union([Type.String(), Type.Null()]),
      capToday: Type.Union([Type.Integer(), Type.Null()], { description: 'null: the plan is over' }),
      takenToday: Type.Integer({ description: 'sent, or set aside by its node to be sent' }),
    }),
    Type.Null(),
  ]),
  createdAt: Type.String({ description: 'when the operator gave it' }),
});
const AddressText = word(45, { pattern: '^[0-9a-fA-F:.]+$' });
const WarmupPlan = fields({
  caps: Type.Optional(
    Type.Array(Type.Integer({ minimum: 1, maximum: 100_000_000 }), {
      minItems: 1,
      maxItems: 90,
      description: 'messages on the first day, the second ...; the usual ones when left out',
    }),
  ),
  startsOn: Type.Optional(word(10, { format: 'date', description: 'today when left out' })),
  overflowPoolId: Type.Optional(PoolIdText),
});
type Plan = { caps?: number[]; startsOn?: string; overflowPoolId?: string };

function planOf({ caps, startsOn, overflowPoolId }: Plan) {
  return { caps: caps ?? usualCaps, startsOn: startsOn ?? null, overflowPoolId: overflowPoolId ?? null };
}

function addressJson(world: PoolWorld, address: SourceAddress) {
  const { ehloName, node, poolId, warmupCaps: caps, warmupStartedOn: startsOn } = address;
  const { overflowPoolId, takenToday } = address;
  const capToday = capOn({ caps, startedOn: startsOn }, world.clock.now());
  const warmup = startsOn === null ? null : { caps, startsOn, overflowPoolId, capToday, takenToday };
  const createdAt = address.createdAt.toISOString();
  return { address: address.address, ehloName, node, poolId, warmup, createdAt };
}

const replies = { 200: fields({ items: Type.Array(AddressReply) }) };

export function addressRoutes(world: PoolWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/addresses',
      tag: 'pools',
      grant: 'pools:read',
      summary: 'List the source addresses that the operator gave to the account',
      replies,
      example: {},
      run: async ({ scope }) => {
        const found = await addresses(world, scope, null);
        return { status: 200, body: { items: found.map((each) => addressJson(world, each)) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/pools/:id/addresses',
      tag: 'pools',
      grant: 'pools:read',
      summary: 'List the source addresses of a pool',
      params: IdParams,
      replies,
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => {
        const found = await addresses(world, scope, params.id);
        return { status: 200, body: { items: found.map((each) => addressJson(world, each)) } };
      },
    }),
    changeRoute(world),
    membersRoute(world),
  ];
}

function membersRoute(world: PoolWorld): Route {
  return defineRoute({
    method: 'PUT',
    path: '/pools/:id/addresses',
    tag: 'pools',
    grant: 'pools:write',
    summary: 'Put source addresses into a pool, with their warm-up plans; others leave it',
    description:
      "A pool without addresses leaves from the system's own. A warming address sends at most its cap of the day (UTC), " +
      'then its overflow pool does, or its mail waits for the next day.',
    params: IdParams,
    body: fields({
      addresses: Type.Array(
        fields({
          address: AddressText,
          warmup: Type.Optional(WarmupPlan),
        }),
        { maxItems: 100 },
      ),
    }),
    replies,
    example: {
      params: { id: '100123' },
      body: { addresses: [{ address: '192.0.2.10', warmup: { caps: [50, 100, 200, 400, 800] } }] },
    },
    run: async ({ scope, params, body }) => {
      const members = body.addresses.map(({ address, warmup }) => ({
        address: address.toLowerCase(),
        warmup: warmup === undefined ? null : planOf(warmup),
      }));
      const found = await setMembers(world, scope, params.id, members);
      return { status: 200, body: { items: found.map((each) => addressJson(world, each)) } };
    },
  });
}

function changeRoute(world: PoolWorld): Route {
  return defineRoute({
    method: 'PATCH',
    path: '/addresses',
    tag: 'pools',
    grant: 'pools:write',
    summary: 'Put one source address into another pool, or begin or end its warm-up',
    description:
      'What is left out stays, and every other address does. Outside of a pool an address sends nothing.',
    body: fields({
      address: AddressText,
      poolId: Type.Optional(Type.Union([PoolIdText, Type.Null()], { description: 'null: out of its pool' })),
      warmup: Type.Optional(Type.Union([WarmupPlan, Type.Null()], { description: 'null: it is warm' })),
    }),
    replies,
    example: { body: { address: '192.0.2.10', warmup: { caps: [50, 100, 200, 400, 800] } } },
    run: async ({ scope, body: { address, poolId, warmup } }) => {
      const found = await changeAddress(world, scope, {
        address: address.toLowerCase(),
        poolId,
        warmup: warmup === undefined || warmup === null ? warmup : planOf(warmup),
      });
      return { status: 200, body: { items: found.map((each) => addressJson(world, each)) } };
    },
  });
}
