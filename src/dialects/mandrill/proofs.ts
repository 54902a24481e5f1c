/** The tests that prove the contract, by scenario: each has its name in the table (`contract.ts`). */
import type { Proof } from '../shared/endpoints.ts';

/** Of `test/scenarios/mandrill-<file>.test.ts`, by what they are called in the table. */
function scenario<const Titles extends Readonly<Record<string, string>>>(
  file: string,
  titles: Titles,
): { readonly [name in keyof Titles]: Proof } {
  const proofs = Object.entries(titles).map(([name, test]) => [
    name,
    { file: `test/scenarios/mandrill-${file}.test.ts`, test },
  ]);
  return Object.fromEntries(proofs) as { readonly [name in keyof Titles]: Proof };
}

export const subaccounts = scenario('subaccounts', {
  transport: 'every version of the path with and without .json answers, an error is told in four members',
  users: 'users/ping, ping2 and info tell who the account is and what waits',
  managed: 'a subaccount is added under an id of its own, listed by prefix, read, changed and deleted',
  stopped: 'pause and resume are idempotent and show in the status',
});
export const messages = scenario('messages', {
  sending: 'a mail to two is two mails, each with an id of its own and only its own recipient',
  preserved: 'preserve_recipients shows everybody of type to and cc, never bcc',
  merged: 'merge variables are filled in, those of a recipient before the global ones, in both languages',
  named: 'merge variables are filled into the name of the sender, and into no header',
  decided:
    'a malformed recipient is invalid, a denied one rejected, an unproven sender unsigned, and the others are sent',
  many: 'more than ten recipients, and async, are answered queued',
  wrong: 'wrong fields are told by their names, those of the message beneath it',
  scoped: 'mail for a subaccount is that one’s; an unknown one fails the whole call; denylists are apart',
  paused: 'mail of a paused subaccount is queued, shows in the backlog and leaves on resume',
  overQuota: 'mail over the quota of a subaccount waits in the backlog and holds up nobody else',
  scheduled: 'scheduled mail is listed, given another time and cancelled',
  searched: 'a search finds by words, fields, tags, senders and days; what is not there is unknown',
  parsed: 'a raw message is taken apart',
});
export const looking = scenario('search', {
  all: 'a search looks at all mail of its time, newest first, and its series counts all that is found',
});
export const things = scenario('things', {
  denied: 'a denylist is one subaccount’s: added, listed and deleted there alone',
  narrow: 'an entry that does not stop all mail says so in its detail',
  expired: 'what has expired blocks nothing, and is listed where it is asked for alone',
  lifetimes:
    'bounces stand for as long as Mandrill’s where the settings say so, and longer each time they come again',
  allowed:
    'the allowlist is the account’s: who goes on it leaves all denylists, and whitelist is its older name',
  domains: 'a sending domain is added once, looked at again, and deleted unless it is verified',
  templates:
    'a template is found by name and slug, published or a draft, changed, listed by label and deleted',
  written: 'a mail is written from the published template with regions and variables, for every subaccount',
  tracking: 'a tracking domain is added once, looked at again and deleted',
  refused: 'what is not offered says so in Mandrill’s words, and a marketing template is unknown',
});
export const figures = scenario('figures', {
  counted: 'senders, tags, the account and a subaccount show what was sent, by windows and hours',
  byTemplate: 'a template shows by the hour what was sent from it, and each mail names it',
  foundByHour: 'what a search finds is counted by the hour in which it was sent',
  switched: 'track_opens, track_clicks, auto_text and inline_css are obeyed, and off when they say so',
  switchedByHeader: 'X-MC-Track, X-MC-Autotext and X-MC-InlineCSS say exactly what is on',
});
export const metadata = scenario('metadata', {
  fields: 'fields of metadata are named, shown by their template, searched, exported as columns and removed',
  strangeFields:
    'an unknown field, one too many, a second of its name and a broken template are refused in Mandrill’s words',
  sharedFields: 'the account’s fields are for its subaccounts, which cannot change them',
  untagged: 'a tag is taken out of the figures, stays on its mail, and comes back with new mail',
  mailed: 'a domain is verified by a mail to whoever administers it, and signs once its DKIM record is there',
});
export const exported = scenario('exports', {
  listsOut:
    'denylists and the allowlist are exported as archives, by mail as well, and listed with their state',
  activityOut: 'activity is exported by time, tags, senders and states, bounces with what was said',
  olderOut: 'the older names and forms of the path make the same exports',
  strangeOut: 'an unknown export, wrong fields and too many at once are refused in Mandrill’s words',
});
export const options = scenario('options', {
  writtenHtml: 'auto_html makes HTML of a text that has none, with its variables filled in, and of no other',
  analytics: 'google_analytics_domains and _campaign put parameters into links of these hosts alone',
  hidden: 'view_content_link false shows what a mail says to nobody but its recipients',
  stripped: 'url_strip_qs tells clicks without the query, the link leads where it led',
  ownHost: 'tracking_domain is where links lead once it is verified; one that is not is the usual one',
  signedBy: 'signing_domain changes nothing, as with the provider: the From domain signs',
  returned:
    'return_path_domain is where bounces come back by, if the sender may use it, and is refused otherwise',
});
export const refusals = scenario('refusals', {
  eachError: 'each error that can come up has its status, code, name and message, over HTTP',
  odd: 'what is no JSON object has no key, a form has its own, other formats are said not to be there',
  failures:
    'the official SDK resolves every failure with an Error that holds the answer, and never takes one for success',
});
export const webhooks = scenario('webhooks', {
  hooks: 'a webhook is probed, made, listed, read, changed and deleted; what does not answer is no URL',
  told: 'events come as a signed form, only those that were asked for, with the message and its subaccount',
  ofTemplate: 'an event names the template of its mail',
  toldLater: 'held mail has its send event when it leaves',
});
export const inbound = scenario('inbound', {
  kept: 'inbound domains and routes are added, looked at, changed and deleted; what is not there is unknown',
  told: 'a mail that comes is told as a signed form, with its attachments, images and results',
  handedIn: 'a raw message is handed in for those it names, and the routes that take it are told',
});
export const ips = scenario('ips', {
  none: 'without a dedicated IP there is the default pool alone; pools are made once, read and deleted',
  moved: 'a dedicated IP is shown, put into a pool, warmed up and told by its name',
});
export const raw = scenario('raw', {
  whole: 'a raw message goes as it stands, its control headers are obeyed and taken out',
  wholeToMany:
    'the recipients of a raw message are those of the call, each sees only himself, and variables are filled in',
  wire: 'over SMTP the control headers of a mail are obeyed, encoded words decoded, and taken out',
  wireLost:
    'over SMTP a mail for an unknown subaccount is taken and fails afterwards: it is rejected, and told',
  wireRefused: 'over SMTP an unproven sender is refused, and another login obeys no X-MC header',
});
export const leaving = scenario('unsubscribing', {
  left: 'an address that unsubscribes leads on with who it was, and mail of this kind is rejected from then on',
  ofSender: 'who unsubscribes leaves one sender for a year, where the settings say so',
  both: 'Handlebars has the same address, in text as well; one that is none of the web asks on our page',
});
export const events = scenario('webhook-events', {
  each: 'every type of event comes, signed as an independent HMAC says, with the state that the mail then has',
});
export const headers = scenario('headers', {
  'X-MC-Subaccount': 'X-MC-Subaccount says whose mail it is, in any case of its letters',
  'X-MC-Tags': 'X-MC-Tags are separated by commas, blanks around them do not count',
  'X-MC-Metadata':
    'X-MC-Metadata may come again, and for single recipients, whose values go first; broken JSON is not there',
  'X-MC-MergeVars':
    'X-MC-MergeVars are filled in, folded and encoded as they come, those of a recipient before the global ones',
  'X-MC-MergeLanguage': 'X-MC-MergeLanguage chooses the language of the variables',
  'X-MC-Template': 'X-MC-Template puts the mail into its region, main or the one that is named',
  'X-MC-SendAt': 'X-MC-SendAt lets it leave later',
  'X-MC-PreserveRecipients': 'X-MC-PreserveRecipients shows everybody, its absence only each himself',
  'X-MC-BccAddress': 'X-MC-BccAddress gets a copy that nobody sees',
  'X-MC-IpPool': 'X-MC-IpPool names a pool; one that is not there is the default one',
  'all X-MC headers are taken out': 'X-MC-Important is taken, and no X-MC header leaves with any mail',
});
export const isolated: Proof = {
  file: 'test/sweeps/isolation-mandrill.test.ts',
  test: 'through the Mandrill dialect a foreign thing is a thing that is not there',
};
