import { Type } from 'typebox';
import { defineRoute, fields } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import type { Usable } from './acting.ts';
import { grantList, partJson, PartReply, reachText, SubaccountPartReply } from './json.ts';
import { me, setTold, switchTo } from './me.ts';
import type { UserWorld } from './operations.ts';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(shape: T) =>
  Type.Union([shape, Type.Null()]);
const TenantId = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });

const CurrentReply = fields({
  accountId: Type.Integer(),
  reach: Type.Union([Type.Literal('account'), Type.Array(Type.Integer())], {
    description: 'the whole account, or these subaccounts',
  }),
  subaccountId: Type.Integer({ description: 'in whose name new things are made' }),
  grants: Type.Array(Type.String()),
  templates: Nullable(Type.Array(Type.String())),
  canChange: Type.Boolean(),
});
const IsTold = Type.Boolean({ description: 'whether notices are mailed to you' });
const AccountReply = fields({
  id: Type.Integer(),
  name: Type.String(),
  account: Nullable(fields({ ...PartReply.properties, isTold: IsTold })),
  subaccounts: Type.Array(fields({ ...SubaccountPartReply.properties, name: Type.String(), isTold: IsTold })),
});
const MeReply = fields({
  kind: Type.Enum(['key', 'user', 'system']),
  user: Nullable(
    fields({ id: Type.String(), email: Type.String(), name: Type.String(), hasSecondFactor: Type.Boolean() }),
  ),
  current: CurrentReply,
  accounts: Type.Array(AccountReply, { description: 'where a person can work; none for a key' }),
});

function accountsJson(memberships: readonly Usable[]) {
  return [...Map.groupBy(memberships, ({ accountId }) => accountId)].map(([id, rows]) => {
    const whole = rows.find(({ reach }) => reach === 'account');
    return {
      id: Number(id),
      name: rows[0]?.accountName ?? '',
      account: whole === undefined ? null : { ...partJson(whole), isTold: whole.isTold },
      subaccounts: rows
        .filter(({ reach }) => reach === 'subaccount')
        .map((row) => ({
          id: Number(row.subaccountId),
          ...partJson(row),
          name: row.subaccountName,
          isTold: row.isTold,
        })),
    };
  });
}

export function meRoutes(world: UserWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/me',
      tag: 'me',
      grant: null,
      summary: 'Read who you are, what this call acts for, and where you can work',
      description:
        'A login session acts for the account of the header `Lettershop-Account`, else for what it was switched to, else for its first account; `Lettershop-Subaccount` names the subaccount, as with keys. Who was given several subaccounts and names none reads across them what each allows; `Lettershop-Subaccounts` narrows any reading to some of those that are reached.',
      replies: { 200: MeReply },
      example: {},
      run: async ({ scope }) => {
        const { login, memberships } = await me(world, scope);
        const current = {
          accountId: Number(scope.accountId),
          reach: reachText(scope.reach),
          subaccountId: Number(scope.subaccountId),
          grants: grantList(scope.grants),
          templates: scope.bounds.templates,
          canChange: scope.canChange,
        };
        return {
          status: 200,
          body: { kind: scope.actor.kind, user: login, current, accounts: accountsJson(memberships) },
        };
      },
    }),
    defineRoute({
      method: 'PUT',
      isPersonal: true,
      path: '/me/current',
      tag: 'me',
      grant: null,
      summary: 'Switch this login session to another account or subaccount',
      body: fields({ accountId: TenantId, subaccountId: Type.Optional(Nullable(TenantId)) }),
      replies: { 204: null },
      example: { body: { accountId: 1001 } },
      run: async ({ scope, body }) => {
        await switchTo(world, scope, { accountId: body.accountId, subaccountId: body.subaccountId ?? null });
        return { status: 204 };
      },
    }),
    defineRoute({
      method: 'PUT',
      isPersonal: true,
      path: '/me/notices',
      tag: 'me',
      grant: null,
      summary: 'Say whether notices are mailed to you',
      description:
        'Owners are told of limits, domains, senders, webhooks and reputation of their whole account, other people of the subaccounts that were given to them, as far as they may read there. Without a subaccount it is said for all that you have in the account.',
      body: fields({
        accountId: TenantId,
        subaccountId: Type.Optional(Nullable(TenantId)),
        isTold: Type.Boolean(),
      }),
      replies: { 204: null },
      example: { body: { accountId: 1001, isTold: false } },
      run: async ({ scope, body }) => {
        const { accountId, subaccountId = null, isTold } = body;
        await setTold(world, scope, { accountId, subaccountId, isTold });
        return { status: 204 };
      },
    }),
  ];
}
