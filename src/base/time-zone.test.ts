import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { openTestDatabase } from '../../test/database.ts';
import { isTimeZone } from './time-zone.ts';

test('a zone is a name of the time zone database, older names among them, and no offset or abbreviation', () => {
  for (const name of ['UTC', 'Europe/Vienna', 'Asia/Kolkata', 'Asia/Calcutta', 'US/Eastern', 'Etc/GMT+5'])
    assert.ok(isTimeZone(name), name);
  for (const name of [
    '',
    '+01:00',
    '-0500',
    'CST',
    'IST',
    'BST',
    'CET',
    'Europe/Atlantis',
    'Europe',
    'Vienna',
  ])
    assert.ok(!isTimeZone(name), name);
});

/** Minutes east of UTC. */
function offsetOf(name: string, at: Date): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(at);
  const part = (type: string): number => Number(parts.find((each) => each.type === type)?.value);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
  return (local - at.getTime()) / 60_000;
}

test('every zone that is taken is one to the store, and has the same time there', async () => {
  await using database = await openTestDatabase();
  const { engine } = database.db;
  const { rows: known } = await sql<{ name: string }>`select name from pg_timezone_names`.execute(engine);
  const icu = [
    'ACT',
    'AST',
    'BST',
    'CST',
    'ECT',
    'IST',
    'JST',
    'PST',
    'VST',
    'SystemV/AST4',
    'CET',
    'EET',
    'MET',
  ];
  const asked = new Set([...Intl.supportedValuesOf('timeZone'), ...known.map(({ name }) => name), ...icu]);
  const names = [...asked].filter((name) => isTimeZone(name));
  assert.ok(names.length > 550, `${names.length}`);
  for (const name of ['US/Eastern', 'Asia/Kolkata', 'Japan', 'GB-Eire', 'EST5EDT', 'Etc/GMT-14'])
    assert.ok(names.includes(name), name);
  const instants = ['2025-01-15T12:00Z', '2025-07-15T12:00Z', '2023-03-29T12:00Z', '2020-11-03T12:00Z'].map(
    (text) => new Date(text),
  );
  const { rows } = await sql<{ name: string; at: Date; minutes: number }>`
    select z.name, i.at, (extract(epoch from i.at at time zone z.name - i.at at time zone 'UTC') / 60)::int as minutes
    from unnest(${names}::text[]) z (name) cross join unnest(${instants}::timestamptz[]) i (at)`.execute(
    engine,
  );
  assert.equal(rows.length, names.length * instants.length);
  const unlike = rows.filter(({ name, at, minutes }) => offsetOf(name, at) !== minutes);
  assert.deepEqual(unlike, []);
});
