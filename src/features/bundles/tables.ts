/**
 * What of a subaccount travels, table by table: the one list. `tables.test.ts` asks the catalog and fails for a tenant
 * table, or a column of one that travels, which is neither in it nor named with the reason why not.
 */
import type { Grant } from '../../base/scope.ts';
import type { Section } from './model.ts';

export type Travelling = {
  readonly table: string;
  readonly section: Section;
  readonly columns: readonly string[];
  /** Column: why it stays. Account, subaccount and id are new everywhere. */
  readonly stays: Readonly<Record<string, string>>;
};

const newThere = 'new where it arrives';
const counter = 'a counter of what was sent from here';

export const travelling: readonly Travelling[] = [
  {
    table: 'subaccounts',
    section: 'subaccount',
    columns: ['name', 'external_id', 'notes', 'is_trial', 'parent_stop', 'profile', 'pool_id'],
    stays: {
      is_own: 'it arrives as a subaccount',
      stage: 'it arrives active',
      mails_summaries: 'as the account there has it',
      allows_own_html: 'as the account there has it',
      allows_blank_template: 'as the account there has it',
      operator_stop: "the other operator's to decide",
      system_stop: 'follows from reputation there',
      is_reviewed: 'follows from reputation there',
      stop_reasons: 'said here',
      created_at: newThere,
      updated_at: newThere,
      retires_at: 'it arrives active',
      purge_at: 'it arrives active',
      purged_at: 'it arrives active',
    },
  },
  {
    table: 'quotas',
    section: 'quota',
    columns: ['hour_max', 'day_max', 'month_max', 'is_automatic'],
    stays: {
      level: "the subaccount's own only",
      hour_cap: 'follows from reputation there',
      hour_start: counter,
      hour_used: counter,
      day_start: counter,
      day_used: counter,
      month_start: counter,
      month_used: counter,
    },
  },
  {
    table: 'domains',
    section: 'domain',
    columns: ['name'],
    stays: {
      share: 'only the account shares',
      owner_token: newThere,
      state: 'unproven until its DNS proves it there',
      is_builtin: 'a gift of this installation',
      proofs: 'seen from here',
      checked_at: newThere,
      next_check_at: newThere,
      proven_at: newThere,
      mail_proven_at: newThere,
      created_at: newThere,
    },
  },
  {
    table: 'domain_keys',
    section: 'domain',
    columns: ['selector', 'algorithm', 'state', 'record', 'sealed_private_key'],
    stays: { domain_id: newThere, seen_at: newThere, created_at: newThere },
  },
  {
    table: 'keys',
    section: 'key',
    columns: [
      'kind',
      'public_id',
      'secret_hash',
      'name',
      'grants',
      'domain_limit',
      'allowed_addresses',
      'status',
      'expires_at',
    ],
    stays: {
      reach: "the subaccount's own only",
      user_id: 'keys of people stay with them',
      template_ids: 'ids of this installation: a key that is narrowed to templates stays here',
      last_used_at: 'used here',
      created_at: newThere,
    },
  },
  {
    table: 'suppressions',
    section: 'suppression',
    columns: [
      'address',
      'kind',
      'source',
      'reason',
      'sender',
      'list',
      'stops_transactional',
      'stops_bulk',
      'expires_at',
      'created_at',
    ],
    stays: {
      layer: "the subaccount's own only",
      message_id: 'mail stays where it was sent from',
      updated_at: newThere,
    },
  },
  {
    table: 'templates',
    section: 'template',
    columns: ['kind', 'slug', 'name', 'category', 'draft_version', 'published_version'],
    stays: { share: 'only the account shares', created_at: newThere, updated_at: newThere },
  },
  {
    table: 'template_versions',
    section: 'template',
    columns: ['language', 'subject', 'html', 'text', 'markup', 'defaults'],
    stays: {
      template_id: newThere,
      version: 'counted anew: the published one and the draft travel',
      share: 'only the account shares',
      created_at: newThere,
    },
  },
  {
    table: 'recipient_lists',
    section: 'list',
    columns: ['slug', 'name', 'description', 'attributes'],
    stays: { revision: 'counted anew', created_at: newThere, updated_at: newThere },
  },
  {
    table: 'list_recipients',
    section: 'recipient',
    columns: ['address', 'name', 'data', 'metadata', 'tags'],
    stays: { list_id: newThere, size_bytes: 'counted anew', created_at: newThere },
  },
];

export const leftOut: Readonly<Record<string, string>> = {
  submissions: 'mail stays where it was sent from',
  messages: 'mail stays where it was sent from',
  queue: 'mail stays where it was sent from',
  perhaps_delivered: 'mail stays where it was sent from',
  captures: 'mail stays where it was sent from',
  outbox: 'our own mail on its way',
  events: 'what happened here',
  postings: 'what happened here',
  audit_entries: 'what was changed here',
  request_logs: 'what was asked here',
  daily_counts: 'what was counted here',
  outcome_hours: 'what was counted here',
  reputations: 'follows from what was counted here',
  reputation_steps: 'follows from what was counted here',
  reputation_limits: "the account's",
  series: 'what was counted here',
  reports: 'its people have their login here, its pools and templates are numbers of this installation',
  metadata_fields: 'as the account there names them',
  exports: 'what was asked for here; its links lead here',
  hourly_figures: 'what was counted here',
  daily_figures: 'what was counted here',
  known_recipients: 'what was counted here',
  usage_months: "this account's invoice",
  idempotency_keys: 'a repeated call is a repetition here only',
  memberships: 'people have their login here',
  invitations: 'people get their login here',
  invitation_memberships: 'people get their login here',
  senders: 'whoever reads their mail proves them again where it arrives',
  sender_letters: 'goes with senders',
  tracking_domains: 'proven by a token of this account',
  tracking_links: 'goes with tracking domains',
  tracking_settings: 'said anew where its links have a host',
  engagements: 'mail stays where it was sent from',
  asked_mails: 'what was written to whom from here',
  attempt_transcripts: 'mail stays where it was sent from',
  dmarc_reports: 'what came in here; at the new place the domain has another address for reports',
  dmarc_rows: 'goes with dmarc reports',
  blocklist_states: 'of this installation',
  inbound_reports: 'mail stays where it was sent from',
  soft_bounces: 'what was counted here',
  suppression_imports: 'what was done here; its entries are suppressions',
  webhooks: 'two installations would tell the same endpoint, each with numbers of its own',
  webhook_progress: 'goes with webhooks',
  webhook_days: 'goes with webhooks',
  webhook_failures: 'goes with webhooks',
  webhook_replays: 'goes with webhooks',
  webhook_deliveries: 'goes with webhooks',
  handouts: 'goes with webhooks',
  alerts: 'people and endpoints of this installation would be told twice',
  alert_firings: 'what happened here',
  quota_tellings: 'what was told here',
  notice_subjects: 'what was told here',
  turn_weights: "its share of this account's turns",
  source_addresses: 'of this installation',
  warmup_days: 'of this installation',
  site_limits: 'how fast this installation meets a site',
  suspensions: 'what waits here',
  queue_actions: 'what was done here',
  pools: "source addresses of this installation; a subaccount's default pool is found again by its name",
  erasures: 'what was erased here; the hashes of erased people are suppressions',
};

/** What reading and writing a section takes besides `subaccounts:read` and `subaccounts:write`. */
export const sectionGrants: Readonly<Record<Section, { readonly read: Grant; readonly write: Grant }>> = {
  subaccount: { read: 'subaccounts:read', write: 'subaccounts:write' },
  quota: { read: 'quotas:read', write: 'quotas:write' },
  domain: { read: 'domains:read', write: 'domains:write' },
  key: { read: 'keys:read', write: 'keys:write' },
  suppression: { read: 'suppressions:read', write: 'suppressions:write' },
  template: { read: 'templates:read', write: 'templates:write' },
  list: { read: 'lists:read', write: 'lists:write' },
  recipient: { read: 'lists:read', write: 'lists:write' },
};
