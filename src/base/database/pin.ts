import { sql } from 'kysely';
import type { Tx } from './database.ts';

/**
 * For the rest of the transaction rows are read in the order of an index: a limit then ends the reading. On a table that
 * filled a moment ago the planner counts on a handful of rows, reads a tenant's million by bitmap, and sorts them.
 */
export async function readInOrder(tx: Tx): Promise<void> {
  await sql`/* database.read_in_order */ select set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true)`.execute(
    tx,
  );
}
