import assert from 'node:assert/strict';
import { cpSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { sql } from 'kysely';
import { migrate } from '../../base/database/migrate.ts';
import { openTestDatabase } from '../../../test/database.ts';

/** The last migration in which a series said how long its mail took, too. */
const before = 55;

test('an installation of before has its figures, with how long mail took, and those of its accounts at once', async () => {
  await using database = await openTestDatabase();
  const { db, target } = database;
  // The template is of now: this one begins anew.
  await sql`drop schema lettershop cascade`.execute(db.owner);
  const folder = mkdtempSync(join(tmpdir(), 'lettershop-migrations-'));
  try {
    for (const file of globSync('migrations/*.sql'))
      if (Number.parseInt(basename(file), 10) <= before) cpSync(file, join(folder, basename(file)));
    await migrate(target, folder, new Date());
    await sql`insert into series (account_id, subaccount_id, id, hash, opened_on, kind, class, wait, is_first, tags, folded, recipient_domain)
      select 7, 8 + n % 2, n, gen_random_uuid(), '2030-01-01', 'message.delivered', 'new', 3, true, '[]', '{}', 'd' || n
      from generate_series(1, 6) n`.execute(db.engine);
    await sql`insert into hourly_figures (account_id, subaccount_id, at, series_id, n)
      select 7, 8 + n % 2, '2030-01-01T00:00Z'::timestamptz + make_interval(hours => n / 4), n, 10 from generate_series(1, 6) n`.execute(
      db.engine,
    );
    await migrate(target, 'migrations', new Date());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const { rows } =
    await sql`select account_id, at, kind, class, wait, is_first, n from account_figures order by at`.execute(
      db.engine,
    );
  const same = { account_id: 7, kind: 'message.delivered', class: 'new', wait: 3, is_first: true };
  const cells = await sql`select distinct wait from hourly_figures`.execute(db.engine);
  assert.deepEqual(cells.rows, [{ wait: 3 }]);
  assert.deepEqual(rows, [
    { ...same, at: new Date('2030-01-01T00:00Z'), n: '30' },
    { ...same, at: new Date('2030-01-01T01:00Z'), n: '30' },
  ]);
});
