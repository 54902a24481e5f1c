import type { SuspensionAuthority, SuspensionKind } from '../../../src/features/suspensions/rules.ts';

export const kindTexts: Readonly<Record<SuspensionKind, string>> = {
  site: 'to a site',
  domain: 'to a domain',
  pool: 'from a pool',
  tag: 'with a tag',
};

export const authorityTexts: Readonly<Record<SuspensionAuthority, string>> = {
  operator: 'the operator of the installation',
  parent: 'the account',
  subaccount: 'the subaccount',
};
