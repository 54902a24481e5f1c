import type { Database } from '../../base/database/database.ts';
import type { Scope } from '../../base/scope.ts';
import { refuse } from '../refusals/index.ts';
import type { AuditEntry } from './model.ts';
import { findEntry, listEntries } from './sql.ts';
import type { AuditFilter } from './sql.ts';

export type AuditWorld = { readonly db: Database };

/** What an account did, its subaccounts' doings included: only with the reach of the account. */
export async function list(
  world: AuditWorld,
  scope: Scope,
  filter: AuditFilter,
): Promise<readonly AuditEntry[]> {
  if (scope.reach !== 'account') throw refuse('not_found');
  return world.db.scoped(scope, (tx) => listEntries(tx, filter));
}

export async function get(world: AuditWorld, scope: Scope, id: string): Promise<AuditEntry> {
  const entry = scope.reach === 'account' ? await world.db.scoped(scope, (tx) => findEntry(tx, id)) : null;
  if (entry === null) throw refuse('not_found');
  return entry;
}
