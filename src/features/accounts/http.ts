import { Type } from 'typebox';
import { defineRoute, fields, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { refuse } from '../refusals/index.ts';
import { change, get } from './operations.ts';
import type { ChangingWorld } from './operations.ts';
import type { Account } from './sql.ts';

const UnknownMail = Type.Enum(['refused', 'rejected'], {
  description:
    'what becomes of mail over SMTP that names a subaccount which is not there: the login is refused, or the mail is taken and ends as rejected',
});

const FeedbackHeaders = Type.Boolean({
  description:
    'mail carries CFBL-Address and CFBL-Feedback-ID (RFC 9477), so that complaints find it; each copy is then signed for itself',
});

const softBounceFields = {
  count: Type.Integer({ minimum: 2, maximum: 100, description: 'messages that ended with a soft bounce' }),
  days: Type.Integer({ minimum: 1, maximum: 90, description: 'within so many days' }),
  spanHours: Type.Integer({ minimum: 0, maximum: 2160, description: 'the first and the last so far apart' }),
  holdHours: Type.Integer({
    minimum: 1,
    maximum: 2160,
    description: 'hold their address for so long, unless `/suppression-settings` say otherwise',
  }),
};
const { count, days, spanHours, holdHours } = softBounceFields;
const SoftBounceChange = fields({
  count: Type.Optional(count),
  days: Type.Optional(days),
  spanHours: Type.Optional(spanHours),
  holdHours: Type.Optional(holdHours),
});

const AccountReply = fields({
  id: Type.Integer(),
  name: Type.String(),
  status: Type.String(),
  retentionDays: Type.Integer({ description: 'how long messages, content and events are kept' }),
  logRequests: Type.Boolean({ description: 'requests at the API and SMTP doors are kept in `GET /logs`' }),
  trial: Type.Boolean({ description: 'its subaccounts are made on trial; the operator ends it' }),
  unknownSubaccountMail: UnknownMail,
  feedbackHeaders: FeedbackHeaders,
  turnWeight: Type.Integer({
    description: 'turns where another account of the installation has one; only the operator gives more',
  }),
  softBounces: fields(softBounceFields),
  ownSubaccountId: Type.Integer({ description: 'the account itself, as a sender' }),
  createdAt: Type.String(),
});

function accountJson(account: Account) {
  return {
    id: Number(account.id),
    name: account.name,
    status: account.status,
    retentionDays: account.retentionDays,
    logRequests: account.logRequests,
    trial: account.isTrial,
    unknownSubaccountMail: account.unknownSubaccountMail,
    feedbackHeaders: account.hasFeedbackHeaders,
    turnWeight: account.turnWeight,
    softBounces: account.softBounces,
    ownSubaccountId: Number(account.ownSubaccountId),
    createdAt: account.createdAt.toISOString(),
  };
}

export function accountRoutes(world: ChangingWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/account',
      tag: 'account',
      grant: 'settings:read',
      summary: 'Read the account',
      replies: { 200: AccountReply },
      example: {},
      run: async ({ scope }) => {
        // A subaccount's key does not learn what its parent is called.
        if (scope.reach !== 'account') throw refuse('not_found');
        return { status: 200, body: accountJson(await get(world, scope)) };
      },
    }),
    defineRoute({
      method: 'PATCH',
      path: '/account',
      tag: 'account',
      grant: 'settings:write',
      summary: 'Change the account',
      body: fields({
        name: Type.Optional(word(200)),
        retentionDays: Type.Optional(
          Type.Union([Type.Literal(7), Type.Literal(30), Type.Literal(90), Type.Literal(400)]),
        ),
        logRequests: Type.Optional(Type.Boolean()),
        unknownSubaccountMail: Type.Optional(UnknownMail),
        feedbackHeaders: Type.Optional(FeedbackHeaders),
        trial: Type.Optional(
          Type.Boolean({
            description: 'from now on subaccounts are made on trial; only the operator ends it',
          }),
        ),
        turnWeight: Type.Optional(
          Type.Integer({ minimum: 1, maximum: 100, description: 'no more than now' }),
        ),
        softBounces: Type.Optional(SoftBounceChange),
      }),
      replies: { 200: AccountReply },
      example: { body: { name: 'Example Ltd' } },
      run: async ({ scope, body }) => ({ status: 200, body: accountJson(await change(world, scope, body)) }),
    }),
  ];
}
