/** Statements of the proof's own set-up, run by the operator across tenants. */
import { sql } from 'kysely';
import type { Tx } from '../base/database/database.ts';
import type { AccountId } from '../base/scope.ts';

/** Engine: a throw-away domain counts as proven, as nobody publishes DNS records for it. */
export async function proveDomain(tx: Tx, accountId: AccountId, id: string, at: Date): Promise<void> {
  await sql`/* isolation.prove_domain */
    update domains set state = 'proven', is_builtin = true, proven_at = ${at}, next_check_at = null
    where account_id = ${accountId} and id = ${id}`.execute(tx);
}
