/**
 * What each grant is called at each provider: the words that a dialect reads and prints for keys and people. Mandrill's keys
 * know no grants; Mailjet's words are the pages that a sharing may hide; Emma knows roles only, which are sets of grants.
 * The compiler names a grant that has no row. docs/grants.md is made from this (`npm run schema`).
 */
import type { Grant } from '../base/scope.ts';

export type GrantWords = {
  readonly means: string;
  readonly sparkpost?: readonly string[];
  readonly mailersend?: readonly string[];
  readonly mailjet?: readonly string[];
};

export const grantWords = {
  'messages:send': {
    means: 'hand in mail over HTTP',
    sparkpost: ['transmissions/modify'],
    mailersend: ['email_full', 'control-sendings'],
    mailjet: ['campaigns', 'transactional'],
  },
  'messages:read': {
    means: 'list messages, read their state and why they wait',
    sparkpost: ['transmissions/view'],
    mailersend: ['activity_read', 'read-activity', 'recipients_read', 'read-recipient'],
    mailjet: ['campaigns', 'transactional'],
  },
  'messages:content': {
    means: 'read what a message says, sent or received',
    mailersend: ['activity_full', 'read-email'],
  },
  'smtp:send': {
    means: 'hand in mail over SMTP',
    sparkpost: ['smtp/inject'],
    mailersend: ['smtp_users_full', 'access-smtp-credentials'],
    mailjet: ['transactional'],
  },
  'events:read': {
    means: 'read the event log',
    sparkpost: ['message_events/view'],
    mailersend: ['activity_read', 'read-activity'],
    mailjet: ['stats'],
  },
  'metrics:read': {
    means: 'read figures, reputation and health',
    sparkpost: ['metrics/view', 'signals/view', 'usage/view'],
    mailersend: ['analytics_read', 'read-analytics'],
    mailjet: ['stats', 'reports'],
  },
  'reports:write': {
    means: 'save and schedule reports',
    sparkpost: ['signals/manage'],
    mailersend: ['analytics_full'],
    mailjet: ['reports'],
  },
  'suppressions:read': {
    means: 'read the suppression list',
    sparkpost: ['suppression_lists/manage'],
    mailersend: ['suppressions_read', 'read-suppressions'],
    mailjet: ['contacts'],
  },
  'suppressions:write': {
    means: 'change the suppression list',
    sparkpost: ['suppression_lists/manage'],
    mailersend: ['suppressions_full', 'manage-suppressions'],
    mailjet: ['contacts'],
  },
  'domains:read': {
    means: 'read sending domains and their proofs',
    sparkpost: ['sending_domains/view', 'sending_domains/manage'],
    mailersend: ['domains_read', 'manage-domain'],
    mailjet: ['account'],
  },
  'domains:write': {
    means: 'add, check and remove sending domains',
    sparkpost: ['sending_domains/manage'],
    mailersend: ['domains_full', 'manage-domain'],
    mailjet: ['account'],
  },
  'tracking:read': {
    means: 'read tracking domains',
    sparkpost: ['tracking_domains/view'],
    mailersend: ['domains_read', 'control-tracking-options'],
    mailjet: ['preferences'],
  },
  'tracking:write': {
    means: 'change tracking domains and what is tracked',
    sparkpost: ['tracking_domains/manage'],
    mailersend: ['domains_full', 'control-tracking-options'],
    mailjet: ['preferences'],
  },
  'senders:read': {
    means: 'read sender identities',
    mailersend: ['sender_identity_read', 'read-sender-identities'],
    mailjet: ['account'],
  },
  'senders:write': {
    means: 'add and prove sender identities',
    mailersend: ['sender_identity_full', 'manage-sender-identities'],
    mailjet: ['account'],
  },
  'templates:read': {
    means: 'read templates and snippets',
    sparkpost: ['templates/view'],
    mailersend: ['templates_full', 'read-all-templates', 'read-own-templates'],
    mailjet: ['templates'],
  },
  'templates:write': {
    means: 'change and publish templates',
    sparkpost: ['templates/modify'],
    mailersend: ['templates_full', 'manage-template'],
    mailjet: ['templates'],
  },
  'templates:preview': {
    means: 'render a template with test data',
    sparkpost: ['templates/preview'],
    mailersend: ['templates_full', 'read-all-templates', 'read-own-templates'],
    mailjet: ['templates'],
  },
  'lists:read': {
    means: 'read recipient lists',
    sparkpost: ['recipient_lists/manage'],
    mailersend: ['recipients_read', 'read-recipient'],
    mailjet: ['contacts'],
  },
  'lists:write': {
    means: 'change recipient lists',
    sparkpost: ['recipient_lists/manage'],
    mailersend: ['recipients_full'],
    mailjet: ['contacts'],
  },
  'webhooks:read': {
    means: 'read webhooks and their deliveries',
    sparkpost: ['webhooks/view'],
    mailersend: ['webhooks_full', 'manage-webhook'],
    mailjet: ['developer'],
  },
  'webhooks:write': {
    means: 'change and replay webhooks',
    sparkpost: ['webhooks/modify'],
    mailersend: ['webhooks_full', 'manage-webhook'],
    mailjet: ['developer'],
  },
  'subaccounts:read': { means: 'read subaccounts', sparkpost: ['subaccount/view'] },
  'subaccounts:write': { means: 'make, stop and end subaccounts', sparkpost: ['subaccount/manage'] },
  'keys:read': {
    means: 'list keys and SMTP users, without secrets',
    sparkpost: ['api_keys/manage', 'grants/view'],
    mailersend: ['tokens_full', 'smtp_users_read', 'manage-api-token', 'view-smtp-users'],
    mailjet: ['developer'],
  },
  'keys:write': {
    means: 'make, change and delete keys and SMTP users',
    sparkpost: ['api_keys/manage'],
    mailersend: ['tokens_full', 'smtp_users_full', 'manage-api-token', 'manage-smtp-users'],
    mailjet: ['developer'],
  },
  'keys:secrets': {
    means: 'see secrets again, where a dialect has to show them',
    mailersend: ['smtp_users_full', 'access-smtp-credentials'],
    mailjet: ['developer'],
  },
  'embeds:write': { means: 'make, list and end views of a subaccount inside another product' },
  'users:read': {
    means: 'read people and what they may do',
    sparkpost: ['users/manage', 'users/self-manage'],
    mailersend: ['users_read'],
  },
  'users:write': {
    means: 'invite, change and remove people',
    sparkpost: ['users/manage'],
    mailersend: ['users_full'],
  },
  'pools:read': {
    means: 'read pools of source addresses',
    sparkpost: ['ip_pools/view'],
    mailersend: ['read-ip-addresses'],
  },
  'pools:write': {
    means: 'change pools of source addresses',
    sparkpost: ['ip_pools/manage'],
    mailersend: ['manage-ip-addresses'],
  },
  'quotas:read': { means: 'read quotas and what is used', sparkpost: ['usage/view'] },
  'quotas:write': { means: 'set quotas', sparkpost: ['subaccount/manage'] },
  'billing:read': {
    means: 'read plan, usage statement and invoices',
    sparkpost: ['account/view'],
    mailersend: ['read-invoice'],
    mailjet: ['billing', 'pricing'],
  },
  'billing:write': {
    means: 'change the plan',
    sparkpost: ['account/manage'],
    mailersend: ['update-plan'],
    mailjet: ['billing', 'pricing'],
  },
  'settings:read': {
    means: 'read the settings of the account',
    sparkpost: ['account/view'],
    mailjet: ['account', 'preferences'],
  },
  'settings:write': {
    means: 'change the settings of the account',
    sparkpost: ['account/manage'],
    mailersend: ['manage-account'],
    mailjet: ['account', 'preferences'],
  },
  'brands:read': { means: 'read the brand of the console and its hosts' },
  'brands:write': { means: 'change the brand of the console and its hosts' },
  'inbound:read': {
    means: 'read who incoming mail is from and what became of it, its domains and routes',
    sparkpost: ['inbound_domains/manage', 'relay_webhooks/view', 'relay_webhooks/modify'],
    mailersend: ['inbounds_full', 'manage-inbound'],
    mailjet: ['developer'],
  },
  'inbound:write': {
    means: 'change domains and routes of incoming mail, which is posted there; hand it over again',
    sparkpost: ['inbound_domains/manage', 'relay_webhooks/modify'],
    mailersend: ['inbounds_full', 'manage-inbound'],
    mailjet: ['developer'],
  },
  'monitoring:read': {
    means: 'read DMARC reports, blocklist checks and alerts',
    sparkpost: ['alerts/view'],
    mailersend: ['dmarc_monitoring_read', 'blocklist_monitoring_read'],
  },
  'monitoring:write': {
    means: 'change monitors and alerts',
    sparkpost: ['alerts/manage'],
    mailersend: ['dmarc_monitoring_full', 'blocklist_monitoring_full'],
  },
  'logs:read': {
    means: 'read API and SMTP request logs',
    mailersend: ['read-error-log'],
    mailjet: ['developer'],
  },
  'audit:read': { means: 'read who changed what' },
  'erasures:read': { means: 'read how far erasing a person is' },
  'erasures:write': { means: "erase a recipient's traces everywhere" },
} as const satisfies Record<Grant, GrantWords>;
