import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId, Grant, SubaccountId } from '../../base/scope.ts';
import type { Hearer } from '../users/index.ts';
import { note, tellEach } from './news.ts';
import type { News } from './news.ts';
import { digest } from './words.ts';

const base = { accountId: 1 as AccountId, subaccountId: 1002 as SubaccountId, at: new Date(0) };

test('what happens to one thing again and again is one line with its number, in the words of the newest', () => {
  const reached = (max: number): News => ({
    ...base,
    kind: 'quota.reached',
    data: { level: 'subaccount', period: 'hour', max },
  });
  const lost: News = { ...base, kind: 'domain.lost', data: { name: 'example.com' } };
  const { noted } = note([reached(10), lost, reached(20), reached(30)]);
  assert.deepEqual(
    noted.map(({ kind, n, line }) => [kind, n, line]),
    [
      ['quota.reached', 3, 'Subaccount 1002: the limit of 30 messages per hour is reached'],
      [
        'domain.lost',
        1,
        'example.com (subaccount 1002): its DNS records are not right any more, so it cannot send',
      ],
    ],
  );
});

test('a digest names twenty things and counts the rest', () => {
  const told = Array.from({ length: 25 }, (_, index) => ({ line: `thing ${index}`, n: index === 0 ? 3 : 1 }));
  const { subject, content } = digest('domain.lost', told);
  const lines = content.paragraphs[0]?.split('\n') ?? [];
  assert.equal(subject, 'Domains cannot send any more');
  assert.deepEqual([lines.length, lines[0], lines.at(-1)], [21, 'thing 0 (3 times)', 'and 5 more']);
});

test('what is over before it was told is not told; what comes after that is', () => {
  const lost: News = { ...base, kind: 'domain.lost', data: { name: 'example.com' } };
  const proven: News = { ...lost, kind: 'domain.proven' };
  const policy = (to: string, isStricter: boolean, mayHurt: boolean): News => ({
    ...base,
    kind: 'sender.policy_changed',
    data: { senderId: '7', email: 'ada@example.com', to, isStricter, mayHurt },
  });
  const said = (news: readonly News[]): unknown => {
    const { noted, over } = note(news);
    return { noted: noted.map(({ line, n }) => [line, n]), over: over.map(({ subject }) => subject) };
  };
  const line = 'example.com (subaccount 1002): its DNS records are not right any more, so it cannot send';
  assert.deepEqual(said([lost, proven]), { noted: [], over: ['1002 example.com'] });
  assert.deepEqual(said([lost, proven, lost]), { noted: [[line, 1]], over: ['1002 example.com'] });
  const strict = 'ada@example.com (subaccount 1002): now p=reject';
  assert.deepEqual(said([policy('reject', true, true)]), { noted: [[strict, 1]], over: [] });
  assert.deepEqual(said([policy('reject', true, true), policy('quarantine', false, true)]), {
    noted: [[strict, 1]],
    over: [],
  });
  assert.deepEqual(said([policy('reject', true, true), policy('none', false, false)]), {
    noted: [],
    over: ['7'],
  });
});

test('an owner hears of all of the account; others of their own subaccounts, and of what they may read there', () => {
  const hearer = (
    id: string,
    reach: Hearer['reach'],
    subaccountId: number,
    grants: Grant[],
    accountId = 1,
  ): Hearer => ({
    id,
    email: `${id}@example.com`,
    accountId: accountId as AccountId,
    reach,
    subaccountId: subaccountId as SubaccountId,
    grants: new Set(grants),
  });
  const hearers = [
    hearer('owner', 'account', 1001, []),
    hearer('both', 'subaccount', 1002, ['domains:read', 'quotas:read']),
    hearer('both', 'subaccount', 1003, ['quotas:read']),
    hearer('other', 'subaccount', 1003, ['domains:read', 'quotas:read']),
    hearer('foreign', 'account', 2001, [], 2),
  ];
  const at = (subaccountId: number): Pick<News, 'accountId' | 'subaccountId' | 'at'> => ({
    ...base,
    subaccountId: subaccountId as SubaccountId,
  });
  const full = (subaccountId: number, level: string): News => ({
    ...at(subaccountId),
    kind: 'quota.reached',
    data: { level, period: 'day', max: 5 },
  });
  const lost = (subaccountId: number): News => ({
    ...at(subaccountId),
    kind: 'domain.lost',
    data: { name: `d${subaccountId}.example` },
  });
  const { noted } = note([full(1001, 'account'), full(1002, 'subaccount'), lost(1002), lost(1003)]);
  const told = Map.groupBy(tellEach(noted, hearers), ({ userId }) => userId);
  assert.deepEqual(
    Object.fromEntries([...told].map(([id, rows]) => [id, rows.map(({ subject }) => subject)])),
    {
      owner: ['1001 account day', '1002 subaccount day', '1002 d1002.example', '1003 d1003.example'],
      both: ['1002 subaccount day', '1002 d1002.example'],
      other: ['1003 d1003.example'],
    },
  );
});
