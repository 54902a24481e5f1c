/** Exports: who sees which, how long they last: pure. */
import type { Grant } from '../../base/scope.ts';
import { exportKinds } from './model.ts';
import type { Export, ExportKind, ExportState } from './model.ts';

const dayMs = 86_400_000;
export const linkDays = 7;
/** After that nothing is left of it. */
export const keptDays = 30;
/** Of one subaccount, not yet counted. */
export const unfinishedMax = 10;
/** How often counting may break off before it is given up. */
export const attemptsMax = 5;

export const grantOf: Readonly<Record<ExportKind, Grant>> = {
  suppressions: 'suppressions:read',
  messages: 'messages:read',
};

/** A link is as good as reading: who may not read the kind sees no export of it. */
export function kindsFor(grants: ReadonlySet<Grant>): readonly ExportKind[] {
  return exportKinds.filter((kind) => grants.has(grantOf[kind]));
}

export function expiresAt({ finishedAt, state }: Pick<Export, 'finishedAt' | 'state'>): Date | null {
  return finishedAt === null || state !== 'complete'
    ? null
    : new Date(finishedAt.getTime() + linkDays * dayMs);
}

export function stateAt(found: Pick<Export, 'finishedAt' | 'state'>, now: number): ExportState {
  const end = expiresAt(found);
  return end !== null && end.getTime() <= now ? 'expired' : found.state;
}
