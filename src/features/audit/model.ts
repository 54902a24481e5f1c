import type { SubaccountId } from '../../base/scope.ts';

export const auditActions = ['created', 'changed', 'deleted'] as const;
export type AuditAction = (typeof auditActions)[number];

export const actorKinds = ['key', 'user', 'system'] as const;
export type ActorKind = (typeof actorKinds)[number];

export type AuditEntry = {
  readonly id: string;
  readonly at: Date;
  readonly subaccountId: SubaccountId;
  readonly actorKind: ActorKind;
  readonly actorId: string;
  /** Null for what came by no request. */
  readonly requestId: string | null;
  readonly action: AuditAction;
  /** The table. */
  readonly subject: string;
  readonly subjectId: string;
  /** By column: [before, after] of a change, else the value. */
  readonly changes: Readonly<Record<string, unknown>>;
};
