import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DnsOutcome } from '../../base/dns/index.ts';
import type { AggregateReport } from '../../mail/aggregate/index.ts';
import {
  hasRoom,
  questionFor,
  readAnswer,
  reportProblem,
  reportsPerDayMax,
  rowsPerDayMax,
  totalsOf,
} from './rules.ts';

const now = Date.UTC(2026, 10, 25);
const dayMs = 86_400_000;

const report: AggregateReport = {
  reporter: 'recv.test',
  reference: 'r1',
  beginsAt: now - 2 * dayMs,
  endsAt: now - dayMs,
  domain: 'x.test',
  policy: 'none',
  rows: (['pass', 'fail'] as const).flatMap((dkim) =>
    (['pass', 'fail'] as const).map((spf) => ({
      source: '192.0.2.1',
      headerFrom: 'x.test',
      disposition: 'none' as const,
      dkim,
      spf,
      messages: 2,
    })),
  ),
};

test('a report counts for its own proven domain and its own time only', () => {
  const own = { name: 'x.test', isProven: true };
  assert.equal(reportProblem(report, own, now), null);
  const foreign = 'a report about a domain that is not proven here';
  assert.equal(reportProblem(report, { ...own, isProven: false }, now), foreign);
  assert.equal(reportProblem({ ...report, domain: 'sub.x.test' }, own, now), foreign);
  assert.equal(reportProblem({ ...report, domain: 'test' }, own, now), foreign);
  assert.equal(reportProblem({ ...report, endsAt: now - 91 * dayMs }, own, now), 'a report of long ago');
  assert.equal(reportProblem({ ...report, endsAt: now + 3 * dayMs }, own, now), 'a report of the future');
  assert.deepEqual(totalsOf(report), { messages: 8, passed: 6 });
});

test('what comes in a day is bounded by reports and by rows', () => {
  assert.equal(hasRoom({ reports: reportsPerDayMax - 1, rows: 0 }, 1), true);
  assert.equal(hasRoom({ reports: reportsPerDayMax, rows: 0 }, 1), false);
  assert.equal(hasRoom({ reports: 1, rows: rowsPerDayMax - 1 }, 1), true);
  assert.equal(hasRoom({ reports: 1, rows: rowsPerDayMax - 1 }, 2), false);
});

test('a list is asked backwards, by octets or by nibbles', () => {
  assert.equal(questionFor('192.0.2.10', 'bl.test'), '10.2.0.192.bl.test');
  assert.equal(questionFor('2001:db8::a', 'bl.test'), `a.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.bl.test`);
});

test('only an answer of the list itself is believed', () => {
  const found = (...data: string[]): DnsOutcome => ({
    kind: 'found',
    records: data.map((each) => ({ name: 'x', type: 'A', data: each })),
    ttlSeconds: 1,
    authentic: false,
  });
  assert.deepEqual(readAnswer({ kind: 'nxdomain' }, ''), { state: 'clear', codes: [], reason: '' });
  assert.deepEqual(readAnswer({ kind: 'nodata' }, ''), { state: 'clear', codes: [], reason: '' });
  assert.deepEqual(readAnswer(found('127.0.0.4', '127.0.0.2'), 'why'), {
    state: 'listed',
    codes: ['127.0.0.2', '127.0.0.4'],
    reason: 'why',
  });
  assert.equal(readAnswer(found('127.255.255.254'), ''), null, 'the list refuses the resolver');
  assert.equal(readAnswer(found('192.0.2.80'), ''), null, 'a resolver that answers everything');
  assert.equal(readAnswer({ kind: 'failed', reason: 'timeout' }, ''), null);
});
