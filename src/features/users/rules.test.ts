import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { grants as allGrants } from '../../base/scope.ts';
import type { AccountId, Grant, SubaccountId } from '../../base/scope.ts';
import { actingOf } from './acting.ts';
import type { Usable } from './acting.ts';
import { pages, roles } from './model.ts';
import type { Part, Reached, Role } from './model.ts';
import { grantsOf, pageGrants, roleGrants } from './roles.ts';
import { commonPart, covers, isBelow, partProblem, powerOf, resendProblem } from './rules.ts';

type Whole = Part & Reached;

function part(role: Role, more: Partial<Whole> = {}): Whole {
  const grants = role === 'custom' ? (more.grants ?? []) : null;
  return {
    role,
    templates: null,
    hiddenPages: [],
    reach: 'account',
    subaccountId: 1 as SubaccountId,
    ...more,
    grants,
  };
}
const below = (id: number, role: Role, more: Partial<Whole> = {}): Whole =>
  part(role, { reach: 'subaccount', subaccountId: id as SubaccountId, ...more });
const power = (...parts: Whole[]) => powerOf(parts);

test('who may edit whom: only somebody whose grants are a true part of their own', () => {
  const editors = ['owner', 'admin', 'manager', 'developer', 'designer', 'accountant', 'reporting'] as const;
  const table = editors.map((editor) => [
    editor,
    editors.filter((target) => isBelow(power(part(target)), power(part(editor)))).join(' '),
  ]);
  assert.deepEqual(table, [
    ['owner', 'admin manager developer designer accountant reporting'],
    ['admin', 'manager developer designer accountant reporting'],
    ['manager', 'developer designer reporting'],
    ['developer', 'designer reporting'],
    ['designer', ''],
    ['accountant', ''],
    ['reporting', ''],
  ]);
});

test('reach counts as well: one subaccount is less than all, and nothing against another', () => {
  const cases: readonly (readonly [string, Whole[], Whole[], boolean])[] = [
    ['account over subaccount, same role', [part('manager')], [below(2, 'manager')], true],
    ['subaccount over account', [below(2, 'manager')], [part('reporting')], false],
    ['same subaccount, higher role', [below(2, 'manager')], [below(2, 'reporting')], true],
    ['another subaccount', [below(2, 'manager')], [below(3, 'reporting')], false],
    ['two over one of them', [below(2, 'manager'), below(3, 'manager')], [below(3, 'manager')], true],
    ['one over two', [below(2, 'manager')], [below(2, 'reporting'), below(3, 'reporting')], false],
    ['equal', [below(2, 'manager')], [below(2, 'manager')], false],
    ['all templates over some', [part('designer')], [part('designer', { templates: ['5'] })], true],
    ['some over all', [part('designer', { templates: ['5'] })], [part('designer')], false],
    [
      'other templates',
      [part('designer', { templates: ['5'] })],
      [part('designer', { templates: ['6'] })],
      false,
    ],
    ['a hidden page makes less', [part('admin')], [part('admin', { hiddenPages: ['billing'] })], true],
  ];
  for (const [name, editor, target, may] of cases)
    assert.equal(isBelow(power(...target), power(...editor)), may, name);
});

test('what may be handed out is within what the giver holds', () => {
  const given = (giver: Whole, what: Whole) => partProblem(power(giver), what)?.rule ?? 'ok';
  assert.equal(given(part('admin'), part('admin')), 'ok');
  assert.equal(given(part('admin'), part('owner')), 'held');
  assert.equal(given(part('owner'), part('owner')), 'ok');
  assert.equal(given(part('owner'), below(2, 'owner')), 'owner');
  assert.equal(given(part('owner'), part('owner', { hiddenPages: ['keys'] })), 'owner');
  assert.equal(given(part('developer'), part('custom', { grants: ['domains:read'] })), 'ok');
  assert.equal(given(part('developer'), part('custom', { grants: ['users:write'] })), 'held');
  assert.equal(given(below(2, 'manager'), below(2, 'developer')), 'ok');
  assert.equal(given(below(2, 'manager'), below(3, 'developer')), 'held');
  assert.equal(given(below(2, 'manager'), part('reporting')), 'held');
  assert.equal(given(part('admin', { hiddenPages: ['billing'] }), part('accountant')), 'held');
  assert.equal(
    given(part('manager', { templates: ['5'] }), part('designer', { templates: ['5', '6'] })),
    'held',
  );
  assert.equal(partProblem(power(part('owner')), { ...part('custom'), grants: null })?.rule, 'required');
  assert.equal(partProblem(power(part('owner')), { ...part('designer'), grants: [] })?.rule, 'role');
});

test('a hidden page takes its grants away, and below the account the account-only ones are never there', () => {
  for (const page of pages) {
    const left = grantsOf(part('owner', { hiddenPages: [page] }));
    for (const grant of pageGrants[page]) assert.ok(!left.has(grant), `${page} ${grant}`);
  }
  for (const role of roles)
    assert.ok(!grantsOf(below(2, role, { grants: ['billing:read'] })).has('billing:read'), role);
  assert.deepEqual(
    new Set(Object.values(pageGrants).flat()),
    new Set(allGrants),
    'every grant is of some page',
  );
  assert.ok(roleGrants.admin.length === allGrants.length - 1);
});

const aPower = fc.array(
  fc.record({
    subaccountId: fc.constantFrom(null, 2 as SubaccountId, 3 as SubaccountId),
    grants: fc.uniqueArray(fc.constantFrom<Grant>(...allGrants.slice(0, 5))).map((list) => new Set(list)),
    templates: fc.option(fc.uniqueArray(fc.constantFrom('5', '6', '7'))),
  }),
  { maxLength: 3 },
);

test('to be below is an order: never both ways, never oneself, and through others', () => {
  fc.assert(
    fc.property(aPower, aPower, aPower, (a, b, c) => {
      assert.ok(covers(a, a));
      assert.ok(!isBelow(a, a));
      assert.ok(!(isBelow(a, b) && isBelow(b, a)));
      if (isBelow(a, b) && isBelow(b, c)) assert.ok(isBelow(a, c));
    }),
  );
});

function usable(accountId: number, whole: Whole, externalId: string | null = null): Usable {
  return {
    ...whole,
    accountId: accountId as AccountId,
    userId: '9',
    accountName: 'a',
    subaccountName: 's',
    externalId,
    canChange: true,
    isTold: true,
  };
}

test('a call acts for what it names, else for what the session was switched to, else for the first account', () => {
  const all = [
    usable(10, part('admin', { subaccountId: 11 as SubaccountId })),
    usable(20, below(22, 'developer'), 'client'),
    usable(20, below(23, 'reporting')),
  ];
  const wish = { account: null, target: null, currentAccount: null, currentSubaccount: null };
  const told = (more: Partial<Parameters<typeof actingOf>[1]>) => {
    const acting = actingOf(all, { ...wish, ...more });
    if (acting === null) return 'nothing';
    if (acting.kind === 'account')
      return `account ${acting.membership.accountId} ${JSON.stringify(acting.target)}`;
    return `subaccounts ${acting.memberships.map(({ subaccountId }) => subaccountId).join(' ')}`;
  };
  assert.equal(told({}), 'account 10 null');
  assert.equal(told({ account: 20 }), 'subaccounts 22 23');
  assert.equal(told({ account: 30 }), 'nothing');
  assert.equal(told({ currentAccount: 20 }), 'subaccounts 22 23');
  assert.equal(told({ currentAccount: 20, currentSubaccount: 23 }), 'subaccounts 23');
  assert.equal(told({ currentAccount: 20, currentSubaccount: 99 }), 'subaccounts 22 23');
  assert.equal(told({ currentAccount: 30 }), 'account 10 null');
  assert.equal(told({ account: 20, target: { externalId: 'client' } }), 'subaccounts 22');
  assert.equal(told({ account: 20, target: { id: 24 } }), 'nothing');
  assert.equal(told({ currentAccount: 10, currentSubaccount: 12 }), 'account 10 {"id":12}');
  assert.equal(told({ account: 10, currentAccount: 10, currentSubaccount: 12 }), 'account 10 null');
  assert.equal(actingOf([], wish), null);
});

test('across several subaccounts a person reads what all of them allow, and no more', () => {
  const common = commonPart([below(2, 'developer'), below(3, 'reporting')]);
  assert.ok(common.grants.has('messages:read'));
  assert.ok(!common.grants.has('messages:send') && !common.grants.has('domains:read'));
  const narrowed = (one: string[] | null, other: string[] | null) =>
    commonPart([below(2, 'designer', { templates: one }), below(3, 'designer', { templates: other })]);
  assert.deepEqual(narrowed(['5'], ['6']).templates, ['5', '6']);
  assert.ok(narrowed(['5'], ['6']).grants.has('templates:read'));
  assert.ok(
    !narrowed(['5'], null).grants.has('templates:read'),
    'one of all and one of some: named apart only',
  );
});

test('an invitation is mailed at most once a minute and ten times', () => {
  const sentAt = new Date(1_000_000);
  const told = (sentCount: number, afterMs: number) =>
    resendProblem({ sentAt, sentCount }, sentAt.getTime() + afterMs)?.code ?? null;
  assert.deepEqual(
    [told(1, 59_999), told(1, 60_000), told(9, 60_000), told(10, 60_000)],
    ['conflict.state', null, null, 'limit.reached'],
  );
  assert.equal(resendProblem({ sentAt, sentCount: 1 }, 1_000_001)?.retryAfterSeconds, 60);
});
