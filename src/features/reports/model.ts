import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { What } from '../metrics/index.ts';
import type { ReportPeriod, Schedule } from './kinds.ts';

export type ReportContent = {
  readonly name: string;
  /** `use`: subaccounts run the account's report too, each over its own figures. */
  readonly share: 'none' | 'use';
  readonly query: What;
  readonly period: ReportPeriod;
  readonly schedule: Schedule | null;
  /** Users who get it by mail. */
  readonly people: readonly string[];
};

export type Report = ReportContent & {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  /** Whose figures it covers: all of the account's, or the subaccount's alone. */
  readonly reach: 'account' | 'subaccount';
  readonly id: string;
  readonly nextAt: Date | null;
  readonly createdAt: Date;
};
