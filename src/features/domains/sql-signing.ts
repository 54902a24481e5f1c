/** Which domain signs for which. */
import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import { live } from './sql.ts';

/** Null: it signs for itself. */
export async function setSigningDomain(tx: Tx, id: string, signingDomainId: string | null): Promise<void> {
  await sql`/* domains.set_signing_domain */
    update domains set signing_domain_id = ${signingDomainId} where id = ${id}`.execute(tx);
}

/** Of those that the scope sees, the domains that this one signs for. */
export async function findSignedBy(tx: Tx, id: string): Promise<readonly string[]> {
  const rows = await sql<{ id: string }>`/* domains.signed_by */
    select id from domains where signing_domain_id = ${id}`.execute(tx);
  return rows.rows.map((row) => row.id);
}

export type Signer = { readonly name: string; readonly signerId: string; readonly signerName: string };

/**
 * Engine: the name of a domain, and who signs for it: the one that its holder has named, while that is proven, of the same account,
 * and the holder's own or shared for use; else itself. Null when it is gone.
 */
export async function findSigner(db: Db, id: string): Promise<Signer | null> {
  const rows = await sql<Signer>`/* domains.signer */
    select f.name, coalesce(d.id, f.id)::text as "signerId", coalesce(d.name, f.name) as "signerName"
    from domains f left join domains d on d.id = f.signing_domain_id and d.account_id = f.account_id and ${sql.raw(live)}
      and (d.subaccount_id = f.subaccount_id or d.share = 'use')
    where f.id = ${id}`.execute(db);
  return rows.rows[0] ?? null;
}
