/** Which domain bounces come back by: the default of its holder, and hosts of those that mail names. */
import { sql } from 'kysely';
import { present } from '../../base/assert.ts';
import type { Db, Tx } from '../../base/database/database.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { bounceHostOf } from './bounce-proof.ts';
import type { Holder } from './model.ts';
import { live, takesBounces } from './sql.ts';
import type { DomainRow } from './sql.ts';

const defaultLock = 5_117_304;

/** The holder has one at most: another that was it is it no longer. Of two at the same moment the later stays. */
export async function setDefaultBounce(
  tx: Tx,
  { id, subaccountId }: DomainRow,
  isDefault: boolean,
): Promise<void> {
  await sql`/* domains.lock_default_bounce */
    select pg_advisory_xact_lock(${sql.lit(defaultLock)}, ${subaccountId}::int)`.execute(tx);
  if (isDefault)
    await sql`/* domains.clear_default_bounce */
      update domains set is_default_bounce = false
      where subaccount_id = ${subaccountId} and is_default_bounce and id <> ${id}`.execute(tx);
  await sql`/* domains.set_default_bounce */
    update domains set is_default_bounce = ${isDefault} where id = ${id}`.execute(tx);
}

export type AskedDefault = {
  readonly accountId: AccountId;
  /** Whose default comes first; null where the list has room for all of them. */
  readonly subaccountId: SubaccountId | null;
};

const defaultsText = `/* domains.find_default_bounces */
select i.ord::int, h.* from unnest($1::int[], $2::int[]) with ordinality as i (account_id, subaccount_id, ord)
cross join lateral (
  select d.id, d.subaccount_id, d.name, d.is_builtin, d.share = 'use' as is_shared from domains d
  where d.account_id = i.account_id and d.is_default_bounce and ${takesBounces} and ${live}
  order by (d.subaccount_id = i.subaccount_id) is true desc, d.share = 'use' desc, d.id limit $3
) h`;

/** HOT PATH (engine), as `findCovers`: the default bounce domains of accounts that take bounces now, up to `limit` of each. */
export async function findDefaultBounces(
  connection: HotConnection,
  asked: readonly AskedDefault[],
  limit: number,
): Promise<readonly (readonly Holder[])[]> {
  const rows = await connection.query<{
    ord: number;
    id: string;
    subaccount_id: SubaccountId;
    name: string;
    is_builtin: boolean;
    is_shared: boolean;
  }>('domains.find_default_bounces', defaultsText, [
    asked.map(({ accountId }) => accountId),
    asked.map(({ subaccountId }) => subaccountId),
    limit,
  ]);
  const found = asked.map((): Holder[] => []);
  for (const { ord, id, subaccount_id: subaccountId, name, is_builtin, is_shared } of rows.rows)
    present(found[ord - 1], 'only what was asked is answered').push({
      subaccountId,
      isShared: is_shared,
      takesBounces: true,
      domain: { id, name, isBuiltin: is_builtin },
    });
  return found;
}

/** Engine: the bounce host of a domain that takes bounces now, whoever holds it; null for another. */
export async function findBounceHost(db: Db, id: string): Promise<string | null> {
  const rows = await sql<{ name: string; toItself: boolean }>`/* domains.bounce_host */
    select d.name, d.is_bounce_proven and d.bounces_to_itself as "toItself" from domains d where d.id = ${id} and ${sql.raw(takesBounces)} and ${sql.raw(live)}`.execute(
    db,
  );
  const [found] = rows.rows;
  return found === undefined ? null : bounceHostOf(found.name, found.toItself);
}

/** Engine: those of the names by which, themselves, bounces come back now. */
export async function findBounceHosts(db: Db, names: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await sql<{ name: string }>`/* domains.bounce_hosts */
    select distinct d.name from domains d
    where d.name = any(${names}::text[]) and d.bounces_to_itself and d.is_bounce_proven and ${sql.raw(live)}`.execute(
    db,
  );
  return new Set(rows.rows.map(({ name }) => name));
}
