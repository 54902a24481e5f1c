/** Which domain signs for which. */
import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import { bounceHostOf } from './bounce-proof.ts';
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

export type Signer = {
  readonly name: string;
  /** That bounces of its mail come back to, unless the mail says otherwise. */
  readonly bounceHost: string;
  readonly signerId: string;
  readonly signerName: string;
  /** Of the signer: where complaints about what it signs may go. */
  readonly signerHost: string;
};

/** Engine: of a domain that is proven, its name, and where complaints about what it signs may go. */
export async function findProvenHost(
  db: Db,
  id: string,
): Promise<{ readonly domain: string; readonly feedbackHost: string } | null> {
  const rows = await sql<{ name: string; toItself: boolean }>`/* domains.proven_host */
    select d.name, d.is_bounce_proven and d.bounces_to_itself as "toItself" from domains d
    where d.id = ${id} and ${sql.raw(live)}`.execute(db);
  const [found] = rows.rows;
  if (found === undefined) return null;
  return { domain: found.name, feedbackHost: bounceHostOf(found.name, found.toItself) };
}

/**
 * Engine: the name of a domain, and who signs for it: the one that its holder has named, while that is proven, of the same account,
 * and the holder's own or shared for use; else itself. Null when it is gone.
 */
export async function findSigner(db: Db, id: string): Promise<Signer | null> {
  type Found = Omit<Signer, 'bounceHost' | 'signerHost'> & { isOwnHost: boolean; isSignersHost: boolean };
  const rows = await sql<Found>`/* domains.signer */
    select f.name, f.is_bounce_proven and f.bounces_to_itself and f.state = 'proven' as "isOwnHost",
      coalesce(d.id, f.id)::text as "signerId", coalesce(d.name, f.name) as "signerName",
      case when d.id is null then f.is_bounce_proven and f.bounces_to_itself and f.state = 'proven'
        else d.is_bounce_proven and d.bounces_to_itself end as "isSignersHost"
    from domains f left join domains d on d.id = f.signing_domain_id and d.account_id = f.account_id and ${sql.raw(live)}
      and (d.subaccount_id = f.subaccount_id or d.share = 'use')
    where f.id = ${id}`.execute(db);
  const [found] = rows.rows;
  if (found === undefined) return null;
  const { name, signerId, signerName, isOwnHost, isSignersHost } = found;
  return {
    name,
    bounceHost: bounceHostOf(name, isOwnHost),
    signerId,
    signerName,
    signerHost: bounceHostOf(signerName, isSignersHost),
  };
}
