/** Statements of the program itself, about no tenant. */
import { sql } from 'kysely';
import type { Db } from '../base/database/database.ts';

/** The fingerprint of the master key that this database was first used with; `fingerprint` becomes it when there is none. */
export async function knownFingerprint(db: Db, fingerprint: string): Promise<string> {
  const rows = await sql<{ value: string }>`/* main.known_fingerprint */
    insert into installation (name, value) values ('master_key', to_jsonb(${fingerprint}::text))
    on conflict (name) do update set name = excluded.name returning value`.execute(db);
  return rows.rows[0]?.value ?? '';
}

export async function recordFingerprint(db: Db, fingerprint: string): Promise<void> {
  await sql`/* main.record_fingerprint */
    update installation set value = to_jsonb(${fingerprint}::text) where name = 'master_key'`.execute(db);
}

/** A secret of the installation, sealed; `made` becomes it when there is none. Base64. */
export async function knownSecret(db: Db, name: string, made: string): Promise<string> {
  const rows = await sql<{ value: string }>`/* main.known_secret */
    insert into installation (name, value) values (${name}, to_jsonb(${made}::text))
    on conflict (name) do update set name = excluded.name returning value`.execute(db);
  return rows.rows[0]?.value ?? '';
}

export async function recordSecret(db: Db, name: string, sealed: string): Promise<void> {
  await sql`/* main.record_secret */
    update installation set value = to_jsonb(${sealed}::text) where name = ${name}`.execute(db);
}

/** Owner: partitions of now and next are made, those whose mail is older than its class dropped. */
export async function keepPartitions(db: Db, now: Date): Promise<void> {
  await sql`/* main.make_partitions */ call make_partitions(${now})`.execute(db);
  await sql`/* main.drop_partitions */ call drop_old_partitions(${now})`.execute(db);
}

/** Rejects when the database does not answer. */
export async function ping(db: Db): Promise<void> {
  await sql`/* main.ping */ select 1`.execute(db);
}

/** Milliseconds between this machine's clock and the database's. */
export async function clockSkewMs(db: Db): Promise<number> {
  const before = Date.now();
  const rows = await sql<{ now: Date }>`/* main.now */ select now()`.execute(db);
  return Math.abs((rows.rows[0]?.now.getTime() ?? 0) - (before + Date.now()) / 2);
}
