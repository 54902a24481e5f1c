/** Waiting for erasures: tests only. */
import { sql } from 'kysely';
import type { World } from '../world.ts';

/** The second look comes some seconds after the first: moves the clock to it once it is waited for. */
export async function hastenErasure({ database, clock }: World, id: string): Promise<void> {
  const rows = await sql<{ not_before: string }>`
    select coalesce(progress ->> 'notBefore', '0') as not_before from erasures where id = ${id}`.execute(
    database.db.engine,
  );
  const ms = Number(rows.rows[0]?.not_before ?? 0) - clock.now();
  if (ms > 0) clock.move(ms);
}
