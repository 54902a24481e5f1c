/** Views of a subaccount inside another product, and the pages of the console that they may show. Shared with the console. */
import type { Grant } from '../../base/scope.ts';

/**
 * The pages that can be shown, with what their first call needs. Left out is what is about the account, about people or
 * about credentials. A test holds it against the console's own list.
 */
export const embedPages = {
  overview: null,
  messages: 'messages:read',
  queue: 'messages:read',
  suspensions: 'messages:read',
  captures: 'messages:content',
  suppressions: 'suppressions:read',
  lists: 'lists:read',
  exports: null,
  domains: 'domains:read',
  'tracking-domains': 'tracking:read',
  senders: 'senders:read',
  webhooks: 'webhooks:read',
  templates: 'templates:read',
  snippets: 'templates:read',
  figures: 'metrics:read',
  reports: 'metrics:read',
  alerts: 'monitoring:read',
  events: 'events:read',
  logs: 'logs:read',
  reputations: 'metrics:read',
  quota: 'quotas:read',
} as const satisfies Readonly<Record<string, Grant | null>>;

export type EmbedPage = keyof typeof embedPages;
export const embedPageNames = Object.keys(embedPages) as [EmbedPage, ...EmbedPage[]];

/** Shown when nothing is said, as far as the grants go. */
export const defaultPages: readonly EmbedPage[] = [
  'overview',
  'messages',
  'suppressions',
  'domains',
  'figures',
];

/** What leads to more credentials or to other people is never part of a view. */
export const neverEmbedded: ReadonlySet<Grant> = new Set<Grant>([
  'smtp:send',
  'keys:write',
  'keys:secrets',
  'embeds:write',
  'users:read',
  'users:write',
]);

export const themes = ['light', 'dark', 'auto'] as const;
export type Theme = (typeof themes)[number];

export const linkSeconds = { least: 5, usual: 60, most: 600 } as const;
export const sessionSeconds = { least: 60, usual: 3600, most: 43_200 } as const;
export const ancestorsMax = 10;
