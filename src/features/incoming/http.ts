import { Type } from 'typebox';
import type { Static } from 'typebox';
import { defineRoute, fields, nextCursor, pageQuery, pageReply, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { parseDomainName } from '../../mail/address.ts';
import { claimJson, claimReply } from '../claims/index.ts';
import type { Claim } from '../claims/index.ts';
import { invalidField } from '../refusals/index.ts';
import { check, create, get, list, remove } from './domains.ts';
import { mailRoutes } from './http-mails.ts';
import { routeRoutes } from './http-routes.ts';
import type { RouteWorld } from './model.ts';
import { mxTarget } from './rules.ts';

const IdParams = fields({ id: word(16, { pattern: '^\\d{1,16}$' }) });
const tag = 'inbound domains';

const DomainReply = claimReply({
  record: fields({
    type: Type.String(),
    name: Type.String(),
    priority: Type.Integer(),
    value: Type.String({ description: 'different for each owner' }),
  }),
});

function domainJson({ mailDomain }: RouteWorld, domain: Claim): Static<typeof DomainReply> {
  const { name, ownerToken } = domain;
  const record = { type: 'MX', name, priority: 10, value: mxTarget(ownerToken, mailDomain) };
  return { ...claimJson(domain), record };
}

/** Inbound domains, inbound routes and received mail. */
export function incomingRoutes(world: RouteWorld): readonly Route[] {
  return [...readingDomains(world), ...changingDomains(world), ...routeRoutes(world), ...mailRoutes(world)];
}

function readingDomains(world: RouteWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/inbound-domains',
      tag,
      grant: 'inbound:read',
      summary: 'List inbound domains',
      query: pageQuery({}),
      replies: { 200: pageReply(DomainReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const limit = query.limit ?? 50;
        const found = await list(world, scope, { after: query.cursor ?? '0', limit });
        const items = found.map((each) => domainJson(world, each));
        return { status: 200, body: { items, next: nextCursor(found, limit) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/inbound-domains/:id',
      tag,
      grant: 'inbound:read',
      summary: 'Read one inbound domain with the record that proves it',
      params: IdParams,
      replies: { 200: DomainReply },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: domainJson(world, await get(world, scope, params.id)),
      }),
    }),
  ];
}

function changingDomains(world: RouteWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/inbound-domains',
      tag,
      grant: 'inbound:write',
      summary: 'Add an inbound domain; the answer names the MX record that proves it',
      body: fields({
        name: word(253, { minLength: 3, description: 'all of its mail comes here: in.example.com' }),
      }),
      replies: { 201: DomainReply },
      example: { body: { name: 'in.client.example' } },
      run: async ({ scope, body }) => {
        const name = parseDomainName(body.name);
        if (name === null) throw invalidField('name', 'format', 'must be a domain name');
        return { status: 201, body: domainJson(world, await create(world, scope, name)) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/inbound-domains/:id/check',
      tag,
      grant: 'inbound:write',
      summary: 'Look at the DNS of an inbound domain now',
      params: IdParams,
      replies: { 200: DomainReply },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: domainJson(world, await check(world, scope, params.id)),
      }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/inbound-domains/:id',
      tag,
      grant: 'inbound:write',
      summary: 'Remove an inbound domain with its routes; received mail stays to be read',
      params: IdParams,
      replies: { 204: null },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => {
        await remove(world, scope, params.id);
        return { status: 204 };
      },
    }),
  ];
}
