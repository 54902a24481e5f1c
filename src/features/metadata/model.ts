import type { SubaccountId } from '../../base/scope.ts';

export type MetadataField = {
  readonly id: string;
  readonly subaccountId: SubaccountId;
  readonly name: string;
  /** Handlebars; `{{value}}` is the field's own, the others go by their names. Empty: as it is. */
  readonly viewTemplate: string;
  /** use: the account's, for all of its subaccounts. */
  readonly share: 'none' | 'use';
  readonly createdAt: Date;
};

/** Of one holder. */
export const fieldsMax = 10;
