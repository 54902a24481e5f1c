import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Keyring } from '../../base/seal.ts';
import { makeLink, readLink } from './links.ts';
import { nextAt, rangeOf } from './rules.ts';

const at = (text: string): number => Date.parse(text);
const iso = (ms: number): string => new Date(ms).toISOString();

test('a report covers whole days of its zone, also those of 23 and 25 hours', () => {
  const range = (period: Parameters<typeof rangeOf>[0], zone: string, now: string) => {
    const { from, until } = rangeOf(period, zone, at(now));
    return [iso(from), iso(until)];
  };
  assert.deepEqual(range('yesterday', 'UTC', '2030-03-01T00:30:00Z'), [
    '2030-02-28T00:00:00.000Z',
    '2030-03-01T00:00:00.000Z',
  ]);
  // 23:30 UTC is the 2nd in Vienna.
  assert.deepEqual(range('yesterday', 'Europe/Vienna', '2030-01-01T23:30:00Z'), [
    '2029-12-31T23:00:00.000Z',
    '2030-01-01T23:00:00.000Z',
  ]);
  // The clock goes forward on 31 March 2030 and back on 27 October.
  assert.deepEqual(range('yesterday', 'Europe/Vienna', '2030-04-01T10:00:00Z'), [
    '2030-03-30T23:00:00.000Z',
    '2030-03-31T22:00:00.000Z',
  ]);
  assert.deepEqual(range('yesterday', 'Europe/Vienna', '2030-10-28T10:00:00Z'), [
    '2030-10-26T22:00:00.000Z',
    '2030-10-27T23:00:00.000Z',
  ]);
  assert.deepEqual(range('last_month', 'America/New_York', '2030-01-15T10:00:00Z'), [
    '2029-12-01T05:00:00.000Z',
    '2030-01-01T05:00:00.000Z',
  ]);
  assert.deepEqual(range('last_7_days', 'Asia/Kathmandu', '2030-01-15T10:00:00Z'), [
    '2030-01-07T18:15:00.000Z',
    '2030-01-14T18:15:00.000Z',
  ]);
});

test('the next time of a schedule is after now, on its day and at its hour of the zone', () => {
  const next = (every: 'daily' | 'weekly' | 'monthly', zone: string, now: string): string =>
    iso(nextAt({ every, hour: 6 }, zone, at(now)));
  assert.equal(next('daily', 'UTC', '2030-01-01T05:59:59Z'), '2030-01-01T06:00:00.000Z');
  assert.equal(next('daily', 'UTC', '2030-01-01T06:00:00Z'), '2030-01-02T06:00:00.000Z');
  assert.equal(next('daily', 'Europe/Vienna', '2030-03-30T12:00:00Z'), '2030-03-31T04:00:00.000Z');
  assert.equal(next('weekly', 'UTC', '2030-01-01T12:00:00Z'), '2030-01-07T06:00:00.000Z');
  assert.equal(next('monthly', 'Australia/Sydney', '2030-01-31T12:00:00Z'), '2030-01-31T19:00:00.000Z');
});

test('a link is read back until it expires, and not when a character of it is another', () => {
  const ring = new Keyring([Buffer.alloc(32, 7)]);
  const link = { reportId: '100123', expiresAt: 1_900_000_000_000, tag: 'größe/1' };
  const token = makeLink(ring, link);
  assert.deepEqual(readLink(ring, token, link.expiresAt - 1), link);
  assert.equal(readLink(ring, token, link.expiresAt), null);
  for (let index = 0; index < token.length - 1; index++) {
    const other = token[index] === 'A' ? 'B' : 'A';
    const changed = token.slice(0, index) + other + token.slice(index + 1);
    assert.equal(readLink(ring, changed, 0), null, `character ${index}`);
  }
  assert.equal(readLink(new Keyring([Buffer.alloc(32, 8)]), token, 0), null);
});
