import { Type } from 'typebox';
import { defineRoute, fields, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { end, endOthers, list } from './operations.ts';
import type { ChangingWorld } from './operations.ts';

const SessionReply = fields({
  id: Type.String(),
  isCurrent: Type.Boolean({ description: 'the one that asks' }),
  createdAt: Type.String(),
  expiresAt: Type.String(),
  remoteAddress: Type.String(),
  userAgent: Type.String(),
});

export function loginRoutes(world: ChangingWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/me/sessions',
      tag: 'me',
      grant: null,
      summary: 'List your login sessions',
      replies: { 200: fields({ items: Type.Array(SessionReply) }) },
      example: {},
      run: async ({ scope }) => {
        const sessions = await list(world, scope);
        const items = sessions.map((session) => ({
          ...session,
          isCurrent: session.id === scope.actor.sessionId,
          createdAt: session.createdAt.toISOString(),
          expiresAt: session.expiresAt.toISOString(),
        }));
        return { status: 200, body: { items } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      isPersonal: true,
      path: '/me/sessions',
      tag: 'me',
      grant: null,
      summary: 'End all of your login sessions but this one',
      replies: { 204: null },
      example: {},
      run: async ({ scope }) => {
        await endOthers(world, scope);
        return { status: 204 };
      },
    }),
    defineRoute({
      method: 'DELETE',
      isPersonal: true,
      path: '/me/sessions/:id',
      tag: 'me',
      grant: null,
      summary: 'End one of your login sessions',
      params: fields({ id: word(16, { pattern: '^\\d{1,16}$' }) }),
      replies: { 204: null },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => {
        await end(world, scope, params.id);
        return { status: 204 };
      },
    }),
  ];
}
