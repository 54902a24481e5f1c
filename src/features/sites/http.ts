import { Type } from 'typebox';
import { defineRoute, fields, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { limitsOf, setLimits, siteOf, sitesOf } from './operations.ts';
import type { SiteLook, SiteWorld } from './operations.ts';
import { profilesVersion } from './profiles.ts';

const sitePattern = '^[a-z0-9](?:[a-z0-9._,-]{0,251}[a-z0-9])?$';
const Site = word(253, { pattern: sitePattern, description: 'registrable domain of the MX hosts' });
const orNull = <T extends ReturnType<typeof Type.Integer> | ReturnType<typeof Type.Number>>(type: T) =>
  Type.Union([type, Type.Null()]);

const LimitFields = {
  connections: orNull(Type.Integer({ minimum: 1, maximum: 1000 })),
  messagesPerConnection: orNull(Type.Integer({ minimum: 1, maximum: 10_000 })),
  messagesPerHour: orNull(Type.Integer({ minimum: 1, maximum: 3_600_000 })),
};
const LimitsReply = fields({ site: Type.String(), ...LimitFields });

const SiteReply = fields({
  site: Type.String(),
  profile: fields({
    name: Type.String(),
    version: Type.Integer({ description: 'of the figures, which change with releases' }),
    connections: Type.Integer(),
    messagesPerConnection: Type.Integer(),
    messagesPerSecond: orNull(Type.Number()),
    recipientsPerTransaction: Type.Integer(),
  }),
  waiting: Type.Integer({ description: 'messages of the caller that wait for it' }),
  inHand: Type.Integer(),
  held: Type.Integer(),
  isExact: Type.Boolean({ description: 'false: of the first 10,000 messages only' }),
  oldestAt: Type.String(),
  domains: Type.Array(Type.String(), { description: 'recipient domains, at most 100' }),
  ownLimits: Type.Union([LimitsReply, Type.Null()]),
  transport: Type.Array(fields({ domain: Type.String(), policy: Type.String() }), {
    description: 'domains whose hosts must meet a policy of transport security: DANE, MTA-STS and its mode',
  }),
  states: Type.Array(
    fields({
      node: Type.Integer(),
      source: Type.Union([Type.String(), Type.Null()], { description: "null: the system's own address" }),
      reason: Type.Enum(['none', 'busy', 'storm', 'block', 'unreachable']),
      level: Type.Integer({ description: '0 is the whole profile; each more halves it' }),
      since: Type.String(),
      nextProbeAt: Type.Union([Type.String(), Type.Null()], { description: 'nothing is sent before' }),
      connections: Type.Integer({ description: 'that may be open now' }),
      messagesPerSecond: orNull(Type.Number()),
    }),
    { description: 'what the nodes know of it, from addresses that the caller sends from' },
  ),
});

function siteJson(look: SiteLook) {
  const { name, connections, messagesPerConnection, messagesPerSecond } = look.profile;
  return {
    site: look.site,
    profile: {
      name,
      version: profilesVersion,
      connections,
      messagesPerConnection,
      messagesPerSecond,
      recipientsPerTransaction: 1,
    },
    waiting: look.waiting,
    inHand: look.inHand,
    held: look.held,
    isExact: look.isExact,
    oldestAt: look.oldest.toISOString(),
    domains: look.domains,
    ownLimits: look.own,
    transport: look.transport.slice(0, 100),
    states: look.states.map((state) => ({
      node: state.node,
      source: state.address,
      reason: state.reason as 'none' | 'busy' | 'storm' | 'block' | 'unreachable',
      level: state.level,
      since: new Date(state.since).toISOString(),
      nextProbeAt: state.until === null ? null : new Date(state.until).toISOString(),
      connections: state.connections,
      messagesPerSecond: state.messagesPerSecond,
    })),
  };
}

export function siteRoutes(world: SiteWorld): readonly Route[] {
  return [...looks(world), ...limits(world)];
}

function looks(world: SiteWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/sites',
      tag: 'queue',
      grant: 'messages:read',
      summary: 'List the sites that own mail waits for, and what limits them',
      replies: { 200: fields({ items: Type.Array(SiteReply) }) },
      example: {},
      run: async ({ scope }) => ({
        status: 200,
        body: { items: (await sitesOf(world, scope)).slice(0, 500).map(siteJson) },
      }),
    }),
    defineRoute({
      method: 'GET',
      path: '/sites/:site',
      tag: 'queue',
      grant: 'messages:read',
      summary: 'Tell why mail for a site waits: what limits it, since when, and when it is tried next',
      params: fields({ site: Site }),
      replies: { 200: SiteReply },
      example: { params: { site: 'example.com' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: siteJson(await siteOf(world, scope, params.site)),
      }),
    }),
  ];
}

function limits(world: SiteWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/site-limits',
      tag: 'queue',
      grant: 'settings:read',
      summary: "List the account's own limits for sites",
      replies: { 200: fields({ items: Type.Array(LimitsReply) }) },
      example: {},
      run: async ({ scope }) => ({ status: 200, body: { items: await limitsOf(world, scope) } }),
    }),
    defineRoute({
      method: 'PUT',
      path: '/site-limits',
      tag: 'queue',
      grant: 'settings:write',
      summary: "Set the account's own limits for a site, stricter than its profile; nulls take them back",
      body: fields({ site: Site, ...LimitFields }),
      replies: { 200: LimitsReply },
      example: {
        body: { site: 'example.com', connections: 2, messagesPerConnection: null, messagesPerHour: 600 },
      },
      run: async ({ scope, body }) => ({ status: 200, body: await setLimits(world, scope, body) }),
    }),
  ];
}
