/** How the tables' words become the API's: pure. */
import type { AuditAction } from './model.ts';

const day = 86_400_000;
export const entryLifeMs = 400 * day;

/** A table that is not named here is told by its own name. */
const nounByTable: ReadonlyMap<string, string> = new Map([
  ['accounts', 'account'],
  ['subaccounts', 'subaccount'],
  ['keys', 'key'],
  ['embeds', 'embed'],
  ['domains', 'domain'],
  ['quotas', 'quota'],
  ['pools', 'pool'],
  ['suppressions', 'suppression'],
  ['suppression_settings', 'suppression settings'],
  ['suppression_imports', 'suppression_import'],
  ['memberships', 'membership'],
  ['invitations', 'invitation'],
  ['invitation_memberships', 'invitation membership'],
]);
const tableByNoun: ReadonlyMap<string, string> = new Map(
  [...nounByTable].map(([table, noun]) => [noun, table]),
);

export function nounOf(table: string): string {
  return nounByTable.get(table) ?? table;
}

export function tableOf(noun: string): string {
  return tableByNoun.get(noun) ?? noun;
}

const hidden = '(secret)';

/** Columns as field names. A change is always [before, after], also of what is not shown. */
export function fieldsOf(
  action: AuditAction,
  changes: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(changes).map(([column, value]) => [
      column.replaceAll(/_(\w)/g, (_all, letter: string) => letter.toUpperCase()),
      action === 'changed' && value === hidden ? [hidden, hidden] : value,
    ]),
  );
}
