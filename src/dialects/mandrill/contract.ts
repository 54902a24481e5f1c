/** The contract as a table; docs/mandrill.md is made from it. */
import { notOffered } from './not-offered.ts';
import type { Contract, Endpoint, Priority, Proof } from '../shared/endpoints.ts';

const proof =
  (file: string) =>
  (test: string): Proof => ({ file: `test/scenarios/mandrill-${file}.test.ts`, test });
const subaccounts = proof('subaccounts');

const transport = subaccounts(
  'every version of the path with and without .json answers, an error is told in four members',
);
const users = subaccounts('users/ping, ping2 and info tell who the account is and what waits');
const managed = subaccounts(
  'a subaccount is added under an id of its own, listed by prefix, read, changed and deleted',
);
const stopped = subaccounts('pause and resume are idempotent and show in the status');

const messages = proof('messages');
const sending = messages('a mail to two is two mails, each with an id of its own and only its own recipient');
const preserved = messages('preserve_recipients shows everybody of type to and cc, never bcc');
const merged = messages(
  'merge variables are filled in, those of a recipient before the global ones, in both languages',
);
const decided = messages(
  'a malformed recipient is invalid, a denied one rejected, an unproven sender unsigned, and the others are sent',
);
const many = messages('more than ten recipients, and async, are answered queued');
const wrong = messages('wrong fields are told by their names, those of the message beneath it');
const scoped = messages(
  'mail for a subaccount is that one’s; an unknown one fails the whole call; denylists are apart',
);
const paused = messages('mail of a paused subaccount is queued, shows in the backlog and leaves on resume');
const overQuota = messages(
  'mail over the quota of a subaccount waits in the backlog and holds up nobody else',
);
const scheduled = messages('scheduled mail is listed, given another time and cancelled');
const searched = messages(
  'a search finds by words, fields, tags, senders and days; what is not there is unknown',
);
const parsed = messages('a raw message is taken apart');
const things = proof('things');
const denied = things('a denylist is one subaccount’s: added, listed and deleted there alone');
const allowed = things(
  'the allowlist is the account’s: who goes on it leaves all denylists, and whitelist is its older name',
);
const domains = things('a sending domain is added once, looked at again, and deleted unless it is verified');
const templates = things(
  'a template is found by name and slug, published or a draft, changed, listed by label and deleted',
);
const written = things(
  'a mail is written from the published template with regions and variables, for every subaccount',
);

const figures = proof('figures');
const counted = figures(
  'senders, tags, the account and a subaccount show what was sent, by windows and hours',
);
const switched = figures(
  'track_opens, track_clicks, auto_text and inline_css are obeyed, and off when they say so',
);
const switchedByHeader = figures('X-MC-Track, X-MC-Autotext and X-MC-InlineCSS say exactly what is on');

const metadata = proof('metadata');
const fields = metadata(
  'fields of metadata are named, shown by their template, searched, exported as columns and removed',
);
const strangeFields = metadata(
  'an unknown field, one too many, a second of its name and a broken template are refused in Mandrill’s words',
);
const sharedFields = metadata('the account’s fields are for its subaccounts, which cannot change them');
const untagged = metadata(
  'a tag is taken out of the figures, stays on its mail, and comes back with new mail',
);
const mailed = metadata(
  'a domain is verified by a mail to whoever administers it, and signs once its DKIM record is there',
);
const exported = proof('exports');
const listsOut = exported(
  'denylists and the allowlist are exported as archives, by mail as well, and listed with their state',
);
const activityOut = exported(
  'activity is exported by time, tags, senders and states, bounces with what was said',
);
const olderOut = exported('the older names and forms of the path make the same exports');
const strangeOut = exported(
  'an unknown export, wrong fields and too many at once are refused in Mandrill’s words',
);

const options = proof('options');
const writtenHtml = options(
  'auto_html makes HTML of a text that has none, with its variables filled in, and of no other',
);
const analytics = options(
  'google_analytics_domains and _campaign put parameters into links of these hosts alone',
);
const hidden = options('view_content_link false shows what a mail says to nobody but its recipients');
const stripped = options('url_strip_qs tells clicks without the query, the link leads where it led');
const ownHost = options(
  'tracking_domain is where links lead once it is verified; one that is not is the usual one',
);
const signedBy = options('signing_domain changes nothing, as with the provider: the From domain signs');
const returned = options(
  'return_path_domain is obeyed where bounces come back to anyway, and refused elsewhere',
);

const webhooks = proof('webhooks');
const hooks = webhooks(
  'a webhook is probed, made, listed, read, changed and deleted; what does not answer is no URL',
);
const told = webhooks(
  'events come as a signed form, only those that were asked for, with the message and its subaccount',
);
const toldLater = webhooks('held mail has its send event when it leaves');
const tracking = things('a tracking domain is added once, looked at again and deleted');
const refused = things(
  'what is not offered says so in Mandrill’s words, and a marketing template is unknown',
);
const raw = proof('raw');
const whole = raw('a raw message goes as it stands, its control headers are obeyed and taken out');
const wholeToMany = raw(
  'the recipients of a raw message are those of the call, each sees only himself, and variables are filled in',
);
const wire = raw('over SMTP the control headers of a mail are obeyed, encoded words decoded, and taken out');
const wireRefused = raw(
  'over SMTP an unknown subaccount and an unproven sender are refused, and another login obeys no X-MC header',
);
const isolated: Proof = {
  file: 'test/sweeps/isolation-mandrill.test.ts',
  test: 'through the Mandrill dialect a foreign thing is a thing that is not there',
};

function proven(priority: Priority, by: Proof, ...calls: readonly string[]): readonly Endpoint[] {
  return calls.map((call) => ({ endpoint: `POST /${call}`, priority, ...by }));
}

export const mandrillContract: Contract = {
  name: 'mandrill',
  title: 'Mandrill dialect',
  intro:
    'Base path `<server>/mandrill/api/1.3` (any version from 1.0, with and without `.json`), the key of an account or of a subaccount in the body. ' +
    'What Mandrill calls the primary account is the account’s own subaccount.',
  endpoints: [
    ...proven('P1', users, 'users/ping', 'users/ping2', 'users/info'),
    ...proven(
      'P1',
      managed,
      'subaccounts/list',
      'subaccounts/add',
      'subaccounts/info',
      'subaccounts/update',
      'subaccounts/delete',
    ),
    ...proven('P1', stopped, 'subaccounts/pause', 'subaccounts/resume'),
    ...proven('P1', sending, 'messages/send'),
    ...proven('P1', written, 'messages/send-template'),
    ...proven('P1', searched, 'messages/search', 'messages/info'),
    ...proven('P2', sending, 'messages/content'),
    ...proven('P2', parsed, 'messages/parse'),
    ...proven('P2', scheduled, 'messages/list-scheduled', 'messages/cancel-scheduled', 'messages/reschedule'),
    ...proven('P1', denied, 'rejects/add', 'rejects/list', 'rejects/delete'),
    ...proven('P2', allowed, 'allowlists/add', 'allowlists/list', 'allowlists/delete'),
    ...proven('P2', allowed, 'whitelists/add', 'whitelists/list', 'whitelists/delete'),
    ...proven('P1', domains, 'senders/domains', 'senders/add-domain', 'senders/check-domain'),
    ...proven('P2', domains, 'senders/delete-domain'),
    ...proven(
      'P1',
      templates,
      'templates/add',
      'templates/info',
      'templates/update',
      'templates/publish',
      'templates/delete',
      'templates/list',
      'templates/render',
    ),
    ...proven('P1', whole, 'messages/send-raw'),
    ...proven(
      'P2',
      tracking,
      'urls/tracking-domains',
      'urls/add-tracking-domain',
      'urls/check-tracking-domain',
      'urls/delete-tracking-domain',
    ),
    ...proven(
      'P3',
      refused,
      'mctemplates/list',
      'mctemplates/info',
      'mctemplates/render',
      'messages/send-mc-template',
    ),
    ...Object.entries(notOffered).map(([call, refusal]): Endpoint => ({
      endpoint: `POST /${call}`,
      priority: 'P3',
      refusal,
    })),
    ...proven('P2', counted, 'users/senders', 'senders/list'),
    ...proven('P3', counted, 'senders/info', 'senders/time-series'),
    ...proven('P2', counted, 'tags/list', 'tags/info', 'tags/time-series', 'tags/all-time-series'),
    ...proven('P2', mailed, 'senders/verify-domain'),
    ...proven('P2', untagged, 'tags/delete'),
    ...proven('P2', fields, 'metadata/list', 'metadata/add', 'metadata/update', 'metadata/delete'),
    ...proven('P2', listsOut, 'exports/rejects', 'exports/allowlist', 'exports/info', 'exports/list'),
    ...proven('P2', olderOut, 'exports/whitelist'),
    ...proven('P2', activityOut, 'exports/activity'),
    ...proven(
      'P1',
      hooks,
      'webhooks/list',
      'webhooks/add',
      'webhooks/info',
      'webhooks/update',
      'webhooks/delete',
    ),
  ],
  semantics: [
    { section: '1', says: 'path forms, key in the body, lenient content types', ...transport },
    { section: '2', says: 'status, code, name and message of errors', ...transport },
    { section: '2', says: 'fields of the message are told beneath it, slashes escaped', ...wrong },
    { section: '3', says: 'ids of 32 hex digits, one for each recipient', ...sending },
    {
      section: '1',
      says: 'a subaccount’s key acts for its own alone; every other is unknown to it',
      ...isolated,
    },
    { section: '4.3.1', says: 'the subaccount is a parameter; none is the account itself', ...scoped },
    { section: '4.3.2', says: 'an unknown subaccount fails the whole call', ...scoped },
    { section: '4.3.3', says: 'domains and templates are for all subaccounts', ...written },
    { section: '4.3.4', says: 'over the quota of a subaccount mail waits in the backlog', ...overQuota },
    { section: '4.3.7', says: 'a paused subaccount’s mail is queued and leaves on resume', ...paused },
    { section: '4.3.8', says: 'denylists of subaccount and account are disjoint', ...scoped },
    { section: '4.4', says: 'the decision for each recipient, first match wins', ...decided },
    { section: '4.4', says: 'more than ten recipients and async are queued', ...many },
    { section: '4.4', says: 'preserve_recipients', ...preserved },
    { section: '4.6', says: 'the allowlist is the account’s', ...allowed },
    {
      section: '4.6',
      says: 'expired entries stay, hidden unless asked for',
      differs: 'they go: what has expired is listed nowhere; include_expired changes nothing',
    },
    {
      section: '4.6',
      says: 'lifetimes of bounce, complaint and unsubscribe entries',
      differs: 'the core’s own: what delivery and reports put on a list stays, soft bounces for 72 hours',
    },
    {
      section: '5',
      says: 'form posts, X-Mandrill-Signature over URL and fields, message and sync events',
      ...told,
    },
    { section: '5.1', says: 'held mail has no event before it leaves', ...toldLater },
    { section: '6', says: 'X-MC-* headers over SMTP are obeyed, decoded and taken out', ...wire },
    { section: '6', says: 'each recipient has an own mail, variables by recipient', ...wholeToMany },
    {
      section: '6',
      says: 'over SMTP an unknown subaccount, an unproven sender and a broken template get 250 and fail afterwards',
      differs: 'refused with 550, so that nothing is accepted that nobody hears of again',
    },
    { section: '6', says: 'another login obeys no X-MC header', ...wireRefused },
    { section: '4.4', says: 'auto_html, X-MC-AutoHtml', ...writtenHtml },
    { section: '4.4', says: 'google_analytics_domains, _campaign, X-MC-GoogleAnalytics', ...analytics },
    { section: '4.4', says: 'view_content_link, X-MC-ViewContentLink', ...hidden },
    { section: '4.4', says: 'url_strip_qs, X-MC-URLStripQS', ...stripped },
    { section: '4.4', says: 'tracking_domain, X-MC-TrackingDomain', ...ownHost },
    { section: '4.4', says: 'signing_domain, X-MC-SigningDomain: ignored', ...signedBy },
    { section: '4.4', says: 'return_path_domain, X-MC-ReturnPathDomain', ...returned },
    {
      section: '4.4',
      says: 'view_content_link false keeps no content; google_analytics_* of links that are variables as a whole',
      differs: 'it is kept and shown to nobody; a link whose host a variable says stays as it is',
    },
    { section: '6', says: 'X-MC-Track, Autotext, InlineCSS', ...switchedByHeader },
    { section: '4.4', says: 'track_opens, track_clicks, auto_text, inline_css', ...switched },
    {
      section: '4.2',
      says: 'sent_weekly, sent_total; stats by windows, opens and clicks in them',
      ...counted,
    },
    {
      section: '4.2',
      says: 'first_sent_at of a subaccount, created_at of a sender, reputation of a tag',
      differs:
        'the day of the first mail, the month of the first mail, and the reputation of the account; all time is three years',
    },
    {
      section: '3',
      says: 'hard_bounces and soft_bounces in stats',
      differs: 'a bounce that comes back as a mail counts as a hard one, whatever its class',
    },
    { section: '4.12', says: 'Metadata_FieldLimit, Unknown_MetadataField', ...strangeFields },
    { section: '4.3.3', says: 'metadata fields are for all subaccounts', ...sharedFields },
    {
      section: '4.12',
      says: 'state index while indexing',
      differs: 'active at once: what mail carries is searched without an index',
    },
    {
      section: '4.7',
      says: 'senders/verify-domain writes to any mailbox of the domain',
      differs:
        'only to admin, administrator, hostmaster, postmaster and webmaster: anybody may have another one; the DKIM record is needed all the same',
    },
    {
      section: '4.10',
      says: 'tags/delete takes the tag off the mail, too',
      differs: 'mail keeps it; figures do not',
    },
    { section: '4.13', says: 'Unknown_Export, UserError of throttled exports', ...strangeOut },
    {
      section: '4.13',
      says: 'api_keys of exports/activity',
      differs: 'refused: keys are known here by their hashes only',
    },
    { section: '4.8', says: 'up to ten labels', differs: 'one: a template has one category' },
    { section: '7', says: 'merge languages, a recipient’s values before the global ones', ...merged },
    {
      section: '4.4',
      says: 'merge tags in from_name; preserve_recipients with merge_vars of single recipients',
      differs: 'from_name goes as it stands; with values of single recipients each gets a mail of their own',
    },
    {
      section: '4.5',
      says: 'a rejected unsigned or invalid recipient has a message',
      differs: 'nothing was accepted: its id names no message, and there is no reject event',
    },
  ],
};
