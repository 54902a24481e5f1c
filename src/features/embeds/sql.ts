import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { EmbedPage, Theme } from './model.ts';

export type Embed = {
  /** That of its key. */
  readonly id: string;
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly name: string;
  readonly pages: readonly EmbedPage[];
  readonly grants: readonly string[];
  readonly frameAncestors: readonly string[];
  readonly theme: Theme;
  readonly sessionSeconds: number;
  /** Of the link until it is opened, then of the session. */
  readonly expiresAt: Date;
  readonly madeByKey: string | null;
  readonly madeByUser: string | null;
  readonly openedAt: Date | null;
  readonly openedFrom: string | null;
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
};

type Row = {
  id: string;
  account_id: AccountId;
  subaccount_id: SubaccountId;
  name: string;
  pages: string[];
  grants: string[];
  frame_ancestors: string[];
  theme: string;
  session_seconds: number;
  expires_at: Date;
  made_by_key: string | null;
  made_by_user: string | null;
  opened_at: Date | null;
  opened_from: string | null;
  last_used_at: Date | null;
  created_at: Date;
};

const columns = sql`e.id, e.account_id, e.subaccount_id, k.name, e.pages, k.grants, e.frame_ancestors, e.theme, e.session_seconds,
  k.expires_at, k.made_by_key, k.made_by_user, e.opened_at, host(e.opened_from) as opened_from, k.last_used_at, e.created_at`;

function toEmbed(row: Row): Embed {
  return {
    id: row.id,
    accountId: row.account_id,
    subaccountId: row.subaccount_id,
    name: row.name,
    pages: row.pages as EmbedPage[],
    grants: row.grants,
    frameAncestors: row.frame_ancestors,
    theme: row.theme as Theme,
    sessionSeconds: row.session_seconds,
    expiresAt: row.expires_at,
    madeByKey: row.made_by_key,
    madeByUser: row.made_by_user,
    openedAt: row.opened_at,
    openedFrom: row.opened_from,
    lastUsedAt: row.last_used_at,
    createdAt: row.created_at,
  };
}

export type NewEmbed = Pick<
  Embed,
  'id' | 'accountId' | 'subaccountId' | 'pages' | 'frameAncestors' | 'theme' | 'sessionSeconds'
> & { readonly tokenHash: Buffer };

export async function insertEmbed(tx: Tx, made: NewEmbed, now: Date): Promise<void> {
  await sql`/* embeds.insert */
    insert into embeds (account_id, subaccount_id, id, token_hash, pages, frame_ancestors, theme, session_seconds, created_at)
    values (${made.accountId}, ${made.subaccountId}, ${made.id}, ${made.tokenHash}, ${made.pages}::text[],
      ${made.frameAncestors}::text[], ${made.theme}, ${made.sessionSeconds}, ${now})`.execute(tx);
}

export async function findEmbed(tx: Tx, id: string): Promise<Embed | null> {
  const { rows } = await sql<Row>`/* embeds.find */
    select ${columns} from embeds e join keys k on k.id = e.id where e.id = ${id}`.execute(tx);
  return rows[0] === undefined ? null : toEmbed(rows[0]);
}

/** Those whose time is not over, newest first. */
export async function listLive(
  tx: Tx,
  page: {
    readonly before: string | null;
    readonly limit: number;
    readonly now: Date;
    readonly subaccountId: SubaccountId | null;
  },
): Promise<readonly Embed[]> {
  const { rows } = await sql<Row>`/* embeds.list */
    select ${columns} from embeds e join keys k on k.id = e.id
    where k.expires_at > ${page.now} and (${page.before}::bigint is null or e.id < ${page.before}::bigint)
      ${page.subaccountId === null ? sql`` : sql`and e.subaccount_id = ${page.subaccountId}`}
    order by e.id desc limit ${page.limit}`.execute(tx);
  return rows.map(toEmbed);
}

/** Engine, before a Scope exists: whatever became of it. */
export async function findByToken(db: Db, tokenHash: Buffer): Promise<Embed | null> {
  const { rows } = await sql<Row>`/* embeds.by_token */
    select ${columns} from embeds e join keys k on k.id = e.id where e.token_hash = ${tokenHash}`.execute(db);
  return rows[0] === undefined ? null : toEmbed(rows[0]);
}

/** True for one caller alone, however many ask at once. */
export async function markOpened(tx: Tx, id: string, now: Date, remoteAddress: string): Promise<boolean> {
  const result = await sql`/* embeds.open */
    update embeds set opened_at = ${now}, opened_from = ${remoteAddress}::inet where id = ${id} and opened_at is null`.execute(
    tx,
  );
  return (result.numAffectedRows ?? 0n) === 1n;
}
