import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';

/**
 * Takes a tag out of at most so many series that the transaction sees; how many had it. What they counted stays in every other
 * figure. They get a hash of their own, so that mail with the tag that comes later opens series with it anew.
 */
export async function removeTagFrom(tx: Tx, tag: string, limit: number): Promise<number> {
  const result = await sql`/* metrics.remove_tag */
    update series set tags = tags - ${tag}::text, hash = gen_random_uuid()
    where id = any(array(select id from series where tags ? ${tag} order by id limit ${limit} for update))`.execute(
    tx,
  );
  return Number(result.numAffectedRows ?? 0n);
}
