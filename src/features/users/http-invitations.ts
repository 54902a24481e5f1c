import { Type } from 'typebox';
import { defineRoute, fields, nextCursor, pageQuery, pageReply, text, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { change, get, invite, lifeDays, list, resend, revoke } from './invitations.ts';
import type { InvitationWorld } from './invitations.ts';
import { GivenFields, IdParams, InvitationReply, invitationJson, Subaccounts } from './json.ts';

const Offered = {
  ...GivenFields,
  subaccounts: Type.Optional(Type.Array(Subaccounts.items, { minItems: 1, maxItems: 1000 })),
  note: Type.Optional(text(500, { description: 'stands in the mail' })),
};

export function invitationRoutes(world: InvitationWorld): readonly Route[] {
  return [inviteRoute(world), ...reading(world), ...changing(world)];
}

function inviteRoute(world: InvitationWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/invitations',
    tag: 'users',
    grant: 'users:write',
    summary: 'Invite a person by mail',
    description:
      'With a role to the whole account, or to the subaccount that the call acts for; or with a list of subaccounts. The mail holds a link that works once.',
    body: fields({
      email: word(254, { format: 'email' }),
      ...Offered,
      lifeDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 30, default: lifeDays })),
    }),
    replies: { 201: InvitationReply },
    example: { body: { email: 'ada@example.com', role: 'reporting', note: 'For the monthly figures.' } },
    run: async ({ scope, body, request }) => ({
      status: 201,
      body: invitationJson(
        await invite(world, scope, {
          ...body,
          note: body.note ?? '',
          lifeDays: body.lifeDays ?? lifeDays,
          host: request.header('host') ?? '',
        }),
      ),
    }),
  });
}

function reading(world: InvitationWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/invitations',
      tag: 'users',
      grant: 'users:read',
      summary: 'List invitations that were not accepted yet',
      query: pageQuery({}),
      replies: { 200: pageReply(InvitationReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const { limit = 50, cursor = '0' } = query;
        const invitations = await list(world, scope, { after: cursor, limit });
        return {
          status: 200,
          body: { items: invitations.map(invitationJson), next: nextCursor(invitations, limit) },
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/invitations/:id',
      tag: 'users',
      grant: 'users:read',
      summary: 'Read one invitation',
      params: IdParams,
      replies: { 200: InvitationReply },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: invitationJson(await get(world, scope, params.id)),
      }),
    }),
  ];
}

function changing(world: InvitationWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'PATCH',
      path: '/invitations/:id',
      tag: 'users',
      grant: 'users:write',
      summary: 'Change what an invitation offers, until it is accepted',
      params: IdParams,
      body: fields(Offered),
      replies: { 200: InvitationReply },
      example: { params: { id: '100123' }, body: { role: 'designer' } },
      run: async ({ scope, params, body }) => ({
        status: 200,
        body: invitationJson(await change(world, scope, params.id, body)),
      }),
    }),
    defineRoute({
      method: 'POST',
      path: '/invitations/:id/resend',
      tag: 'users',
      grant: 'users:write',
      summary: 'Mail an invitation again, with a new link',
      params: IdParams,
      replies: { 200: InvitationReply },
      example: { params: { id: '100123' } },
      run: async ({ scope, params, request }) => ({
        status: 200,
        body: invitationJson(await resend(world, scope, params.id, request.header('host') ?? '')),
      }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/invitations/:id',
      tag: 'users',
      grant: 'users:write',
      summary: 'Revoke an invitation',
      params: IdParams,
      replies: { 204: null },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => {
        await revoke(world, scope, params.id);
        return { status: 204 };
      },
    }),
  ];
}
