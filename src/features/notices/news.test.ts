import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { digest, note } from './news.ts';
import type { News } from './news.ts';

const base = { accountId: 1 as AccountId, subaccountId: 1002 as SubaccountId, at: new Date(0) };

test('what happens to one thing again and again is one line with its number, in the words of the newest', () => {
  const reached = (max: number): News => ({
    ...base,
    kind: 'quota.reached',
    data: { level: 'subaccount', period: 'hour', max },
  });
  const lost: News = { ...base, kind: 'domain.lost', data: { name: 'example.com' } };
  const noted = note([reached(10), lost, reached(20), reached(30)]);
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
