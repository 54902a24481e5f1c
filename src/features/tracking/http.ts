import { Type } from 'typebox';
import type { Static } from 'typebox';
import { defineRoute, fields, nextCursor, pageQuery, pageReply, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { parseDomainName } from '../../mail/address.ts';
import { claimJson, claimReply } from '../claims/index.ts';
import { connectJson, ConnectReply } from '../domains/index.ts';
import type { ConnectWorld } from '../domains/index.ts';
import { invalidField } from '../refusals/index.ts';
import { switchRoutes } from './http-switches.ts';
import type { TrackingDomain } from './model.ts';
import { change, check, choice, connect, create, get, link, list, remove } from './operations.ts';
import type { TrackingWorld } from './operations.ts';
import { cnameTarget } from './rules.ts';

const Share = Type.Enum(['none', 'read', 'use'], {
  description: 'of the account: whether its subaccounts see it, or may use it',
});
const idWord = word(16, { pattern: '^\\d{1,16}$' });
const IdParams = fields({ id: idWord });

const TrackingReply = claimReply({
  share: Share,
  isDefault: Type.Boolean({
    description: "the default of its holder; the account's is for all its subaccounts",
  }),
  secure: Type.Boolean(),
  record: fields({
    type: Type.String(),
    name: Type.String(),
    value: Type.String({ description: 'different for each owner' }),
  }),
});

function trackingJson({ mailDomain }: TrackingWorld, tracking: TrackingDomain): Static<typeof TrackingReply> {
  const { name, ownerToken, share, isDefault, isSecure } = tracking;
  return {
    ...claimJson(tracking),
    share,
    isDefault,
    secure: isSecure,
    record: { type: 'CNAME', name, value: cnameTarget(ownerToken, mailDomain) },
  };
}

/** The routes of tracking domains; `connecting` reaches DNS providers. */
export function trackingRoutes(world: TrackingWorld, connecting: ConnectWorld): readonly Route[] {
  return [
    ...reading(world, connecting),
    ...making(world),
    ...changing(world),
    ...linking(world),
    ...switchRoutes(world),
  ];
}

function reading(world: TrackingWorld, connecting: ConnectWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/tracking-domains',
      tag: 'tracking domains',
      grant: 'tracking:read',
      summary: 'List tracking domains, shared ones included',
      query: pageQuery({}),
      replies: { 200: pageReply(TrackingReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const limit = query.limit ?? 50;
        const found = await list(world, scope, { after: query.cursor ?? '0', limit });
        const items = found.map((each) => trackingJson(world, each));
        return { status: 200, body: { items, next: nextCursor(found, limit) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/tracking-domains/:id',
      tag: 'tracking domains',
      grant: 'tracking:read',
      summary: 'Read one tracking domain with the record that proves it',
      params: IdParams,
      replies: { 200: TrackingReply },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: trackingJson(world, await get(world, scope, params.id)),
      }),
    }),
    defineRoute({
      method: 'GET',
      path: '/tracking-domains/:id/connect',
      tag: 'tracking domains',
      grant: 'tracking:write',
      summary: 'Ask whether the DNS provider publishes the record by itself (Domain Connect)',
      params: IdParams,
      replies: { 200: ConnectReply },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: connectJson(await connect(world, connecting, scope, params.id)),
      }),
    }),
  ];
}

function making(world: TrackingWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/tracking-domains',
      tag: 'tracking domains',
      grant: 'tracking:write',
      summary: 'Add a tracking domain; the answer names the CNAME record that proves it',
      body: fields({
        name: word(253, { minLength: 3, description: 'below a domain: click.example.com' }),
        share: Type.Optional(Share),
        secure: Type.Optional(Type.Boolean({ description: 'its links begin with https' })),
      }),
      replies: { 201: TrackingReply },
      example: { body: { name: 'click.client.example' } },
      run: async ({ scope, body }) => {
        const name = parseDomainName(body.name);
        if (name === null) throw invalidField('name', 'format', 'must be a domain name');
        const made = await create(world, scope, {
          name,
          share: body.share ?? 'none',
          isSecure: body.secure ?? false,
        });
        return { status: 201, body: trackingJson(world, made) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/tracking-domains/:id/check',
      tag: 'tracking domains',
      grant: 'tracking:write',
      summary: 'Look at the DNS of a tracking domain now',
      params: IdParams,
      replies: { 200: TrackingReply },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: trackingJson(world, await check(world, scope, params.id)),
      }),
    }),
  ];
}

function changing(world: TrackingWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'PATCH',
      path: '/tracking-domains/:id',
      tag: 'tracking domains',
      grant: 'tracking:write',
      summary: 'Change sharing, scheme or default of a tracking domain',
      params: IdParams,
      body: fields({
        share: Type.Optional(Share),
        secure: Type.Optional(Type.Boolean()),
        isDefault: Type.Optional(Type.Boolean({ description: 'only a proven one; one per holder' })),
      }),
      replies: { 200: TrackingReply },
      example: { params: { id: '100123' }, body: { secure: true } },
      run: async ({ scope, params, body }) => {
        const changed = await change(world, scope, params.id, {
          ...(body.share === undefined ? {} : { share: body.share }),
          ...(body.secure === undefined ? {} : { isSecure: body.secure }),
          ...(body.isDefault === undefined ? {} : { isDefault: body.isDefault }),
        });
        return { status: 200, body: trackingJson(world, changed) };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/tracking-domains/:id',
      tag: 'tracking domains',
      grant: 'tracking:write',
      summary: 'Remove a tracking domain; what was linked to it falls back to the defaults',
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

function linking(world: TrackingWorld): readonly Route[] {
  const TrackingDomainId = Type.Union([idWord, Type.Null()], { description: 'null: the defaults again' });
  return [
    defineRoute({
      method: 'PUT',
      path: '/domains/:id/tracking',
      tag: 'tracking domains',
      grant: 'tracking:write',
      summary: 'Link a tracking domain to a sending domain',
      params: IdParams,
      body: fields({ trackingDomainId: TrackingDomainId }),
      replies: { 200: fields({ trackingDomain: Type.Union([TrackingReply, Type.Null()]) }) },
      example: { params: { id: '100123' }, body: { trackingDomainId: '100124' } },
      run: async ({ scope, params, body }) => {
        const linked = await link(world, scope, params.id, body.trackingDomainId);
        const trackingDomain = linked === null ? null : trackingJson(world, linked);
        return { status: 200, body: { trackingDomain } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/tracking-choice',
      tag: 'tracking domains',
      grant: 'tracking:read',
      summary: 'Read which tracking domain mail of a sending domain gets, and why',
      description:
        "In this order: the sending domain's link, the subaccount's default, the account's default, the installation's.",
      query: fields({ domainId: Type.Optional(idWord) }),
      replies: {
        200: fields({
          url: Type.Union([Type.String(), Type.Null()]),
          source: Type.Union([
            Type.Enum(['sending_domain', 'subaccount', 'account', 'installation']),
            Type.Null(),
          ]),
        }),
      },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const chosen = await choice(world, scope, query.domainId ?? null);
        return { status: 200, body: { url: chosen?.url ?? null, source: chosen?.source ?? null } };
      },
    }),
  ];
}
