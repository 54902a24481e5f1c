/**
 * Where a recipient's address may stand, column by column, and what becomes of it: pure. `traces.test.ts` asks the catalog
 * for every column that could hold an address and fails for one that nobody has spoken about here.
 */

export type Trace = {
  readonly table: string;
  /** Tells the rows of a subaccount apart and orders them. */
  readonly key: string;
  readonly keyType: 'bigint' | 'bytea';
  /** Searched for the address. */
  readonly columns: readonly string[];
  /**
   * replaced: another address stands in its place. deleted: the row goes. blanked: the columns go, the row stays.
   * cancelled and forgotten: mail, as `sql-mail.ts` does it.
   */
  readonly becomes: 'replaced' | 'deleted' | 'blanked' | 'cancelled' | 'forgotten';
};

const byId = { key: 'id', keyType: 'bigint' } as const;

/**
 * In the order of the work. The queue first, so that nothing is told of the person any more while the rest is read; the
 * hash is left before it, and once more after it for what a last attempt has added. What is audited comes before the
 * audit. Mail that was asked for keeps counting, without a name (`outbox`).
 */
const firstLook: readonly (Trace | 'suppressions')[] = [
  'suppressions',
  { table: 'queue', key: 'message_id', keyType: 'bigint', columns: [], becomes: 'cancelled' },
  {
    table: 'captures',
    ...byId,
    columns: ['recipient', 'mail_from', 'subject', 'content'],
    becomes: 'deleted',
  },
  'suppressions',
  { table: 'inbound_contents', ...byId, columns: ['bytes'], becomes: 'deleted' },
  {
    table: 'inbound_mails',
    ...byId,
    columns: ['recipient', 'mail_from', 'from_address', 'subject', 'helo'],
    becomes: 'deleted',
  },
  { table: 'outbox', ...byId, columns: ['recipient', 'subject', 'content'], becomes: 'deleted' },
  { table: 'asked_mails', ...byId, columns: ['recipient'], becomes: 'replaced' },
  { table: 'suppressions', ...byId, columns: ['reason', 'sender', 'list'], becomes: 'replaced' },
  { table: 'suppression_imports', ...byId, columns: ['bad_lines'], becomes: 'replaced' },
  {
    table: 'list_recipients',
    ...byId,
    columns: ['address', 'name', 'data', 'metadata', 'tags'],
    becomes: 'deleted',
  },
  { table: 'recipient_lists', ...byId, columns: ['description', 'attributes'], becomes: 'replaced' },
  { table: 'suspensions', ...byId, columns: ['reason'], becomes: 'replaced' },
  { table: 'queue_actions', ...byId, columns: ['filter'], becomes: 'replaced' },
  {
    table: 'attempt_transcripts',
    key: 'message_id',
    keyType: 'bigint',
    columns: ['text'],
    becomes: 'deleted',
  },
  { table: 'messages', ...byId, columns: ['recipient', 'data'], becomes: 'forgotten' },
  { table: 'submissions', ...byId, columns: ['subject', 'options'], becomes: 'replaced' },
  { table: 'reports', ...byId, columns: ['name', 'query'], becomes: 'replaced' },
  { table: 'exports', ...byId, columns: ['query', 'notify'], becomes: 'replaced' },
  {
    table: 'series',
    ...byId,
    columns: ['tags', 'campaign', 'reason', 'link', 'subject'],
    becomes: 'replaced',
  },
  { table: 'events', key: 'seq', keyType: 'bigint', columns: ['data'], becomes: 'replaced' },
  {
    table: 'idempotency_keys',
    key: 'key_hash',
    keyType: 'bytea',
    columns: ['answer'],
    becomes: 'replaced',
  },
  { table: 'audit_entries', ...byId, columns: ['subject_id', 'changes'], becomes: 'replaced' },
  {
    table: 'request_logs',
    ...byId,
    columns: ['path', 'user_agent', 'request', 'response'],
    becomes: 'blanked',
  },
  {
    table: 'webhook_deliveries',
    ...byId,
    columns: ['error', 'request_body', 'response_headers', 'response_body'],
    becomes: 'blanked',
  },
];

/** Written beside what they tell of, a moment after it: a row may land once its table has been read. */
const writtenLate: ReadonlySet<string> = new Set([
  'attempt_transcripts',
  'request_logs',
  'webhook_deliveries',
]);

/** `late rows`: what is on its way is waited for, then those tables are read a second time. */
export const steps: readonly (Trace | 'suppressions' | 'late rows')[] = [
  ...firstLook,
  'late rows',
  ...firstLook.filter((step) => step !== 'suppressions' && writtenLate.has(step.table)),
];

/** Columns of other text, and why no recipient's address is looked for there; `*`: every column of the table. */
export const untouched: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  accounts: { name: 'the account itself' },
  subaccounts: {
    name: 'the tenant itself',
    external_id: 'the tenant itself',
    notes: 'what the account notes about its client',
    profile: 'who the tenant is as a sender',
    stop_reasons: 'what an authority says of the tenant',
  },
  keys: {
    public_id: 'made here',
    secret_hash: 'a hash',
    name: 'a label of the tenant',
    grants: 'words of one list',
    domain_limit: 'a domain of the tenant',
  },
  users: { '*': 'people with a login of their own, who are no recipients' },
  login_links: { '*': 'tokens of people with a login' },
  sessions: { '*': 'tokens of people with a login' },
  login_methods: { '*': 'of people with a login' },
  login_proofs: { '*': 'of people with a login, for minutes' },
  login_rates: { '*': 'of people with a login, for minutes' },
  passkeys: { '*': 'of people with a login' },
  second_factors: { '*': 'of people with a login' },
  memberships: { '*': 'of people with a login' },
  invitations: { '*': 'of people who get a login' },
  invitation_memberships: { '*': 'of people who get a login' },
  installation: { '*': 'facts of the installation' },
  nodes: { '*': 'machines' },
  schema_migrations: { '*': 'of the program' },
  partitioned_tables: { '*': 'of the program' },
  unaudited_tables: { '*': 'of the program' },
  event_spans: { '*': 'of the program' },
  postings: { '*': 'hashes of words, numbers' },
  event_cursors: { '*': 'of the program' },
  templates: { '*': 'names and slugs that the tenant gave' },
  template_versions: { '*': "what the tenant writes to many; a person's own text stands in the mail" },
  recipient_lists: { slug: 'a label of the tenant', name: 'a label of the tenant' },
  domains: { '*': "the tenant's domains and what DNS said of them" },
  domain_keys: { '*': "keys of the tenant's domains" },
  domain_mail_proofs: { token_hash: 'a hash' },
  domain_owners: { '*': 'names of domains' },
  tracking_domains: { '*': "the tenant's domains and what DNS said of them" },
  inbound_domains: { '*': "the tenant's domains and what DNS said of them" },
  brands: { '*': "the tenant's own name, colour and address for help" },
  brand_logos: { '*': "the tenant's own picture" },
  brand_hosts: { '*': "the tenant's hosts and what DNS said of them" },
  inbound_routes: { '*': 'where the tenant receives its mail' },
  inbound_route_health: { '*': 'what an endpoint of the tenant answered' },
  inbound_mails: {
    authentication: 'names of domains, and words of lists',
    state: 'a word of one list',
    last_error: 'what an endpoint of the tenant answered',
  },
  tracking_settings: { '*': 'switches' },
  suppression_settings: { '*': 'hours, and a word of two' },
  engagements: { kind: 'a word of one list' },
  senders: { '*': 'addresses of the tenant as a sender, proven by their holders' },
  sender_letters: { '*': "the tenant's own text" },
  webhooks: { '*': 'where the tenant is told' },
  webhook_days: { kind: 'a word of one list' },
  webhook_deliveries: { request_headers: 'signatures and the tenant’s own words' },
  inbound_reports: { kind: 'a word of one list' },
  inbound_unread: { '*': 'mail that belongs to no tenant, ends after thirty days' },
  source_addresses: { '*': 'machines' },
  dmarc_reports: { '*': 'names of organizations and domains' },
  dmarc_rows: { '*': 'addresses of machines, and domains' },
  blocklist_states: { '*': 'machines, and what a list says of them' },
  site_limits: { '*': 'names of mail hosts' },
  site_states: { '*': 'names of mail hosts' },
  domain_sites: { '*': 'names of domains and mail hosts' },
  sts_policies: { '*': 'names of domains and mail hosts' },
  tls_sessions: { '*': 'names of domains and mail hosts, and numbers' },
  tls_reports: { '*': 'names of domains, and where they publish that reports go' },
  suspensions: { value: 'a domain, a pool or a tag', set_by: 'a number' },
  submissions: {
    door: 'a word of one list',
    mail_from: 'the tenant as the sender',
    from_address: 'the tenant as the sender',
    content: 'changed with its copies (step messages): gone when all of them are erased',
  },
  queue: {
    domain: 'its mail is cancelled (step queue)',
    last_site: 'its mail is cancelled (step queue)',
    tags: 'its mail is cancelled (step queue)',
  },
  events: { kind: 'a word of one list' },
  idempotency_keys: { key_hash: 'a hash', fingerprint: 'a hash' },
  suppressions: {
    address: "by the suppressions feature's own step: a hash stays",
    source: 'a word of one list',
    only_list: 'the id of a mailing list, in which no @ can stand',
    only_sender: 'the tenant as the sender',
  },
  soft_bounces: { address: "by the suppressions feature's own step" },
  perhaps_delivered: { '*': 'numbers of messages, and words of lists' },
  bulk_sends: { '*': 'numbers of calls and copies' },
  pools: { name: 'a label of the tenant' },
  quotas: { '*': 'numbers' },
  usage_months: { '*': 'numbers' },
  alerts: { '*': 'where the tenant, or a person of it with a login, is told' },
  alert_firings: { '*': 'words of lists, numbers, and what an endpoint answered' },
  quota_tellings: { '*': 'words of lists, numbers' },
  notice_subjects: {
    '*': "numbers of subaccounts, the tenant's domains, addresses of it as a sender, and where it is told",
  },
  outcome_hours: { '*': 'numbers' },
  reputations: { '*': 'words of lists, numbers, and why somebody decided about the tenant' },
  reputation_steps: { '*': 'words of lists, numbers, and why somebody decided about the tenant' },
  reputation_limits: { '*': 'numbers' },
  series: {
    kind: 'a word of one list',
    class: 'a word of one list',
    sending_domain: 'a domain of the tenant',
    sender_address: 'the tenant as the sender',
    recipient_domain: 'a domain, of whoever is there',
    site: 'names of mail hosts',
    source: 'an address of a machine',
    attempt: 'a number',
    folded: 'words of one list',
  },
  reports: {
    share: 'a word of one list',
    period: 'a word of one list',
    every: 'a word of one list',
  },
  metadata_fields: { '*': 'names and views that the tenant gave' },
  embeds: {
    token_hash: 'a hash',
    pages: 'words of one list',
    frame_ancestors: "hosts of the account's own product",
    theme: 'a word of one list',
  },
  exports: {
    kind: 'a word of one list',
    form: 'a word of one list',
    state: 'a word of one list',
    reached: 'numbers',
    problem: 'our own words',
  },
  account_figures: { '*': 'numbers' },
  hourly_figures: { '*': 'numbers' },
  daily_figures: { '*': 'numbers' },
  known_recipients: { '*': 'a hash, which goes with the step suppressions' },
  audit_entries: {
    actor_kind: 'a word of one list',
    actor_id: 'a number',
    request_id: 'made here',
    subject: 'the name of a table',
  },
  request_logs: {
    request_id: 'made here',
    method: 'a word of one list',
    pattern: 'a path of the reference',
    actor_kind: 'a word of one list',
    actor_id: 'a number',
  },
  erasures: {
    sealed_address: 'sealed, and gone at the end',
    progress: 'numbers',
    counts: 'numbers',
  },
};

/** How the address may stand in a column: plain, within JSON, in a URL, in bytes as `encode(..., 'escape')` prints them. */
export function formsOf(address: string): readonly string[] {
  const lower = address.toLowerCase();
  const bytes = [...Buffer.from(lower, 'utf8')].map((byte) =>
    byte < 128 ? String.fromCodePoint(byte) : `\\${byte.toString(8)}`,
  );
  const forms = [
    lower,
    JSON.stringify(lower).slice(1, -1),
    encodeURIComponent(lower).toLowerCase(),
    bytes.join(''),
  ];
  return [...new Set(forms)];
}

/** For PostgreSQL's `~*`: any of the forms, not within a longer address. */
export function patternOf(forms: readonly string[]): string {
  const any = forms.map((form) => form.replaceAll(/[^a-z0-9\u0080-\u{10ffff}]/gu, '\\$&')).join('|');
  return `(?<![a-z0-9._%+-])(?:${any})(?![a-z0-9-]|\\.[a-z0-9])`;
}
