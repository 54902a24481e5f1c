/** Proofs of domains by mail: who was asked, with which code, and who agreed. */
import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { MailProof, ProofMailbox } from './model.ts';
import { toDomain } from './sql.ts';
import type { DomainRow, Row } from './sql.ts';

/** In place of the code that the mailbox was sent before. */
export async function putMailProof(
  tx: Tx,
  { accountId, subaccountId, id }: DomainRow,
  asked: {
    readonly mailbox: ProofMailbox;
    readonly tokenHash: Buffer;
    readonly at: Date;
    readonly expiresAt: Date;
  },
): Promise<void> {
  await sql`/* domains.put_mail_proof */
    insert into domain_mail_proofs (account_id, subaccount_id, domain_id, mailbox, token_hash, asked_at, expires_at)
    values (${accountId}, ${subaccountId}, ${id}, ${asked.mailbox}, ${asked.tokenHash}, ${asked.at}, ${asked.expiresAt})
    on conflict (domain_id, mailbox) do update set token_hash = excluded.token_hash, asked_at = excluded.asked_at,
      expires_at = excluded.expires_at, proven_at = null`.execute(tx);
}

/** Of these domains as the scope sees them: what hangs on a shared one is its holder's. */
export async function listMailProofs(
  tx: Tx,
  domainIds: readonly string[],
): Promise<ReadonlyMap<string, readonly MailProof[]>> {
  const rows = await sql<MailProof & { domainId: string }>`/* domains.mail_proofs */
    select domain_id as "domainId", mailbox, asked_at as "askedAt", expires_at as "expiresAt", proven_at as "provenAt"
    from domain_mail_proofs where domain_id = any(${domainIds}::bigint[]) order by mailbox`.execute(tx);
  return Map.groupBy(rows.rows, ({ domainId }) => domainId);
}

export type AskedProof = {
  readonly row: DomainRow;
  readonly accountName: string;
  readonly mailbox: ProofMailbox;
  readonly isProven: boolean;
};

/** Engine: what a code was sent for; null: it is another's by now, too old, or its tenant may change nothing. */
export async function findByCode(db: Db, tokenHash: Buffer, now: Date): Promise<AskedProof | null> {
  type Found = Row & { account_name: string; mailbox: ProofMailbox; is_mail_proven: boolean };
  const rows = await sql<Found>`/* domains.find_by_code */
    select d.*, a.name as account_name, p.mailbox, p.proven_at is not null as is_mail_proven
    from domain_mail_proofs p join domains d on d.id = p.domain_id join accounts a on a.id = d.account_id and a.can_change
    join subaccounts s on s.id = d.subaccount_id and s.can_change
    where p.token_hash = ${tokenHash} and p.expires_at > ${now} and not d.is_builtin`.execute(db);
  const [row] = rows.rows;
  if (row === undefined) return null;
  const { account_name: accountName, mailbox, is_mail_proven: isProven } = row;
  return { row: toDomain(row), accountName, mailbox, isProven };
}

/**
 * Engine: its mailbox agrees, which is the owner's word; the domain's DNS is looked at now. Null when it was asked anew
 * meanwhile, or the domain is gone.
 */
export async function markMailProven(
  tx: Tx,
  domainId: string,
  tokenHash: Buffer,
  now: Date,
): Promise<{ readonly isFirst: boolean } | null> {
  const proofs = await sql<{ proven_at: Date | null }>`/* domains.find_mailbox */
    select proven_at from domain_mail_proofs where domain_id = ${domainId} and token_hash = ${tokenHash} for update`.execute(
    tx,
  );
  const [proof] = proofs.rows;
  if (proof === undefined) return null;
  if (proof.proven_at !== null) return { isFirst: false };
  await sql`/* domains.mark_mailbox_proven */
    update domain_mail_proofs set proven_at = ${now} where domain_id = ${domainId} and token_hash = ${tokenHash}`.execute(
    tx,
  );
  await sql`/* domains.mark_mail_proven */
    update domains set mail_proven_at = coalesce(mail_proven_at, ${now}), next_check_at = ${now} where id = ${domainId}`.execute(
    tx,
  );
  return { isFirst: true };
}

/** Engine: of a domain whose word was lost with it, who gave it. Who has agreed since is believed, and who is asked may answer. */
export async function dropMailProofs(tx: Tx, domainId: string): Promise<void> {
  await sql`/* domains.drop_mail_proofs */
    delete from domain_mail_proofs p using domains d
    where p.domain_id = ${domainId} and p.proven_at is not null and d.id = p.domain_id and d.mail_proven_at is null`.execute(
    tx,
  );
}
