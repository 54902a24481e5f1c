import type { Database } from '../../base/database/database.ts';
import type { Scope } from '../../base/scope.ts';
import { refuse } from '../refusals/index.ts';
import type { LogRow, WholeLogRow } from './model.ts';
import { findLog, listLogs } from './sql.ts';
import type { LogFilter } from './sql.ts';

export type LogWorld = { readonly db: Database };

export async function list(
  world: LogWorld,
  scope: Scope,
  filter: Omit<LogFilter, 'reach'>,
): Promise<readonly LogRow[]> {
  return world.db.scoped(scope, (tx) => listLogs(tx, { ...filter, reach: scope.reach }));
}

export async function get(world: LogWorld, scope: Scope, id: string): Promise<WholeLogRow> {
  const row = await world.db.scoped(scope, (tx) => findLog(tx, scope.reach, id));
  if (row === null) throw refuse('not_found');
  return row;
}
