/**
 * Every page there is, as data: routes, menu, command palette, screenshots and docs/console.md come from this one list.
 * `reads` is the call that the page cannot do without: its grant decides who sees the page, so menu and API agree.
 * The page itself is `console/pages/<name>.tsx`, which exports `Page`.
 */
import type { Calls } from './api/calls.ts';
import type { IconName } from './parts/icons.ts';

export const groups = ['', 'Sending', 'Set up', 'Watch', 'Account'] as const;

export type PageAbout = {
  readonly name: string;
  /** Parameters as `$id`. */
  readonly path: string;
  readonly title: string;
  readonly reads: keyof Calls;
  /** Absent: no entry in the menu, reached from another page. */
  readonly menu?: { readonly group: (typeof groups)[number]; readonly icon: IconName };
  /** Only with the whole account in view, not through the lens of one subaccount. */
  readonly isOfAccount?: true;
  /** Which entry of the menu is lit on a page without one. */
  readonly under?: string;
};

export const pages = [
  {
    name: 'overview',
    path: '/',
    title: 'Overview',
    reads: 'GET /me',
    menu: { group: '', icon: 'home' },
  },

  // Sending
  {
    name: 'messages',
    path: '/messages',
    title: 'Messages',
    reads: 'GET /messages',
    menu: { group: 'Sending', icon: 'mail' },
  },
  {
    name: 'message',
    path: '/messages/$id',
    title: 'Message',
    reads: 'GET /messages/{id}',
    under: 'messages',
  },
  {
    name: 'queue',
    path: '/queue',
    title: 'Queue',
    reads: 'GET /queue',
    menu: { group: 'Sending', icon: 'queue' },
  },
  {
    name: 'suspensions',
    path: '/suspensions',
    title: 'Suspensions',
    reads: 'GET /suspensions',
    menu: { group: 'Sending', icon: 'pause' },
  },
  {
    name: 'sites',
    path: '/sites',
    title: 'Sites',
    reads: 'GET /sites',
    menu: { group: 'Sending', icon: 'send' },
  },
  {
    name: 'captures',
    path: '/captures',
    title: 'Captured mail',
    reads: 'GET /captures',
    menu: { group: 'Sending', icon: 'inbox' },
  },
  {
    name: 'capture',
    path: '/captures/$id',
    title: 'Captured message',
    reads: 'GET /captures/{id}/content',
    under: 'captures',
  },

  {
    name: 'suppressions',
    path: '/suppressions',
    title: 'Suppressions',
    reads: 'GET /suppressions',
    menu: { group: 'Sending', icon: 'block' },
  },

  {
    name: 'lists',
    path: '/lists',
    title: 'Lists',
    reads: 'GET /lists',
    menu: { group: 'Sending', icon: 'people' },
  },
  {
    name: 'list',
    path: '/lists/$id',
    title: 'List',
    reads: 'GET /lists/{id}',
    under: 'lists',
  },

  {
    name: 'exports',
    path: '/exports',
    title: 'Exports',
    reads: 'GET /exports',
    menu: { group: 'Sending', icon: 'download' },
  },

  // Set up
  {
    name: 'domains',
    path: '/domains',
    title: 'Domains',
    reads: 'GET /domains',
    menu: { group: 'Set up', icon: 'globe' },
  },
  {
    name: 'domain',
    path: '/domains/$id',
    title: 'Domain',
    reads: 'GET /domains/{id}',
    under: 'domains',
  },
  {
    name: 'dmarc',
    path: '/domains/$id/dmarc',
    title: 'DMARC reports',
    reads: 'GET /domains/{id}/dmarc/reports',
    under: 'domains',
  },
  {
    name: 'tracking-domains',
    path: '/tracking-domains',
    title: 'Tracking',
    reads: 'GET /tracking-domains',
    menu: { group: 'Set up', icon: 'eye' },
  },
  {
    name: 'tracking-domain',
    path: '/tracking-domains/$id',
    title: 'Tracking domain',
    reads: 'GET /tracking-domains/{id}',
    under: 'tracking-domains',
  },
  {
    name: 'senders',
    path: '/senders',
    title: 'Senders',
    reads: 'GET /senders',
    menu: { group: 'Set up', icon: 'person' },
  },
  {
    name: 'keys',
    path: '/keys',
    title: 'Keys',
    reads: 'GET /keys',
    menu: { group: 'Set up', icon: 'key' },
  },
  { name: 'key', path: '/keys/$id', title: 'Key', reads: 'GET /keys/{id}', under: 'keys' },
  {
    name: 'smtp-user',
    path: '/smtp-users/$id',
    title: 'SMTP user',
    reads: 'GET /smtp-users/{id}',
    under: 'keys',
  },
  {
    name: 'webhooks',
    path: '/webhooks',
    title: 'Webhooks',
    reads: 'GET /webhooks',
    menu: { group: 'Set up', icon: 'hook' },
  },
  {
    name: 'webhook',
    path: '/webhooks/$id',
    title: 'Webhook',
    reads: 'GET /webhooks/{id}',
    under: 'webhooks',
  },
  {
    name: 'templates',
    path: '/templates',
    title: 'Templates',
    reads: 'GET /templates',
    menu: { group: 'Set up', icon: 'template' },
  },
  {
    name: 'template',
    path: '/templates/$id',
    title: 'Template',
    reads: 'GET /templates/{id}',
    under: 'templates',
  },
  {
    name: 'snippets',
    path: '/snippets',
    title: 'Snippets',
    reads: 'GET /snippets',
    menu: { group: 'Set up', icon: 'box' },
  },
  {
    name: 'snippet',
    path: '/snippets/$id',
    title: 'Snippet',
    reads: 'GET /snippets/{id}',
    under: 'snippets',
  },

  // Watch
  {
    name: 'figures',
    path: '/figures',
    title: 'Figures',
    reads: 'GET /figures',
    menu: { group: 'Watch', icon: 'chart' },
  },
  {
    name: 'reports',
    path: '/reports',
    title: 'Reports',
    reads: 'GET /reports',
    menu: { group: 'Watch', icon: 'report' },
  },
  {
    name: 'report',
    path: '/reports/$id',
    title: 'Report',
    reads: 'GET /reports/{id}',
    under: 'reports',
  },
  {
    name: 'alerts',
    path: '/alerts',
    title: 'Alerts',
    reads: 'GET /alerts',
    menu: { group: 'Watch', icon: 'warn' },
  },
  {
    name: 'alert',
    path: '/alerts/$id',
    title: 'Alert',
    reads: 'GET /alerts/{id}',
    under: 'alerts',
  },
  {
    name: 'events',
    path: '/events',
    title: 'Events',
    reads: 'GET /events',
    menu: { group: 'Watch', icon: 'bell' },
  },
  {
    name: 'logs',
    path: '/logs',
    title: 'Logs',
    reads: 'GET /logs',
    menu: { group: 'Watch', icon: 'log' },
  },
  {
    name: 'log',
    path: '/logs/$id',
    title: 'Request',
    reads: 'GET /logs/{id}',
    under: 'logs',
  },
  {
    name: 'reputations',
    path: '/reputation',
    title: 'Reputation',
    reads: 'GET /reputation',
    menu: { group: 'Watch', icon: 'star' },
  },
  {
    name: 'reputation',
    path: '/reputation/$id',
    title: 'Reputation of a subaccount',
    reads: 'GET /subaccounts/{id}/reputation',
    under: 'reputations',
  },
  {
    name: 'blocklists',
    path: '/blocklists',
    title: 'Blocklists',
    reads: 'GET /blocklists',
    menu: { group: 'Watch', icon: 'block' },
    isOfAccount: true,
  },
  {
    name: 'audit',
    path: '/audit',
    title: 'Audit log',
    reads: 'GET /audit',
    menu: { group: 'Watch', icon: 'shield' },
  },
  {
    name: 'change',
    path: '/audit/$id',
    title: 'Change',
    reads: 'GET /audit/{id}',
    under: 'audit',
  },

  // Account
  {
    name: 'subaccounts',
    path: '/subaccounts',
    title: 'Subaccounts',
    reads: 'GET /subaccounts',
    menu: { group: 'Account', icon: 'tenants' },
    isOfAccount: true,
  },
  {
    name: 'subaccount',
    path: '/subaccounts/$id',
    title: 'Subaccount',
    reads: 'GET /subaccounts/{id}',
    under: 'subaccounts',
  },
  {
    name: 'quota',
    path: '/quota',
    title: 'Quota',
    reads: 'GET /quota',
    menu: { group: 'Account', icon: 'gauge' },
  },
  {
    name: 'pools',
    path: '/pools',
    title: 'Pools',
    reads: 'GET /pools',
    menu: { group: 'Account', icon: 'pool' },
    isOfAccount: true,
  },
  {
    name: 'pool',
    path: '/pools/$id',
    title: 'Pool',
    reads: 'GET /pools/{id}',
    under: 'pools',
    isOfAccount: true,
  },
  {
    name: 'people',
    path: '/people',
    title: 'People',
    reads: 'GET /users',
    menu: { group: 'Account', icon: 'people' },
  },
  {
    name: 'person',
    path: '/people/$id',
    title: 'Person',
    reads: 'GET /users/{id}',
    under: 'people',
  },
  {
    name: 'brand',
    path: '/brand',
    title: 'Brand',
    reads: 'GET /brand',
    menu: { group: 'Account', icon: 'star' },
  },
  {
    name: 'profile',
    path: '/profile',
    title: 'Your login',
    reads: 'GET /me',
  },
] as const satisfies readonly PageAbout[];

export type PageName = (typeof pages)[number]['name'];
type PathOf<N extends PageName> = Extract<(typeof pages)[number], { readonly name: N }>['path'];
type ParamsIn<P extends string> = P extends `${string}$${infer Name}/${infer Rest}`
  ? Name | ParamsIn<`/${Rest}`>
  : P extends `${string}$${infer Name}`
    ? Name
    : never;

/** What the path of a page needs: nothing, or one value for each `$name` in it. */
export type Params<N extends PageName> = [ParamsIn<PathOf<N>>] extends [never]
  ? []
  : [params: Readonly<Record<ParamsIn<PathOf<N>>, string | number>>];

/** The one maker of a page's path, below the base path and without its search. */
export function pathTo<N extends PageName>(name: N, ...[params]: Params<N>): string {
  const path = pages.find((page) => page.name === name)?.path ?? '/';
  const values = (params ?? {}) as Readonly<Record<string, string | number>>;
  return path.replace(/\$(\w+)/g, (_, part: string) => encodeURIComponent(values[part] ?? ''));
}
