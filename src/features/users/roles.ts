/** Which grants a role or a page stands for: pure, shared with the console. */
import { fullGrants, grants as allGrants } from '../../base/scope.ts';
import type { Grant } from '../../base/scope.ts';
import type { Page, Part, Reached, Role } from './model.ts';

const reporting: readonly Grant[] = [
  'metrics:read',
  'reports:write',
  'events:read',
  'messages:read',
  'templates:read',
  'subaccounts:read',
];
const designer: readonly Grant[] = [
  'templates:read',
  'templates:write',
  'templates:preview',
  'metrics:read',
  'domains:read',
  'senders:read',
  'lists:read',
  'brands:read',
  'subaccounts:read',
];
const accountant: readonly Grant[] = [
  'billing:read',
  'billing:write',
  'quotas:read',
  'metrics:read',
  'subaccounts:read',
];
const notOfDevelopers: ReadonlySet<Grant> = new Set<Grant>([
  'billing:read',
  'billing:write',
  'users:read',
  'users:write',
  'pools:write',
  'quotas:write',
  'settings:write',
  'brands:write',
  'erasures:write',
  'keys:secrets',
  'audit:read',
]);
const notOfManagers: ReadonlySet<Grant> = new Set<Grant>([
  'billing:read',
  'billing:write',
  'pools:write',
  'settings:write',
  'erasures:write',
  'keys:secrets',
]);

/** An admin may do all but read secrets again, which keeps owners above admins. */
export const roleGrants: Readonly<Record<Exclude<Role, 'custom'>, readonly Grant[]>> = {
  owner: allGrants,
  admin: allGrants.filter((grant) => grant !== 'keys:secrets'),
  manager: allGrants.filter((grant) => !notOfManagers.has(grant)),
  developer: allGrants.filter((grant) => !notOfDevelopers.has(grant)),
  designer,
  accountant,
  reporting,
};

export const pageGrants: Readonly<Record<Page, readonly Grant[]>> = {
  statistics: ['metrics:read', 'reports:write'],
  messages: ['messages:send', 'messages:read', 'messages:content', 'smtp:send', 'events:read'],
  domains: ['domains:read', 'domains:write', 'tracking:read', 'tracking:write'],
  senders: ['senders:read', 'senders:write'],
  templates: ['templates:read', 'templates:write', 'templates:preview'],
  lists: ['lists:read', 'lists:write'],
  suppressions: ['suppressions:read', 'suppressions:write', 'erasures:read', 'erasures:write'],
  webhooks: ['webhooks:read', 'webhooks:write'],
  subaccounts: ['subaccounts:read', 'subaccounts:write'],
  keys: ['keys:read', 'keys:write', 'keys:secrets', 'embeds:write'],
  users: ['users:read', 'users:write'],
  pools: ['pools:read', 'pools:write'],
  quotas: ['quotas:read', 'quotas:write'],
  billing: ['billing:read', 'billing:write'],
  settings: ['settings:read', 'settings:write', 'brands:read', 'brands:write'],
  inbound: ['inbound:read', 'inbound:write'],
  monitoring: ['monitoring:read', 'monitoring:write'],
  logs: ['logs:read'],
  audit: ['audit:read'],
};

/** What is left of a role after its hidden pages and below the account. */
export function grantsOf(part: Part & Pick<Reached, 'reach'>): ReadonlySet<Grant> {
  const given = part.role === 'custom' ? (part.grants ?? []) : roleGrants[part.role];
  const hidden = new Set(part.hiddenPages.flatMap((page) => pageGrants[page]));
  const possible = new Set(fullGrants(part.reach));
  return new Set(given.filter((grant) => possible.has(grant) && !hidden.has(grant)));
}
