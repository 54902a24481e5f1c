/** What SparkPost's callers are promised besides endpoints, line by line (`contract.ts`). */
import type { Semantics } from '../shared/endpoints.ts';
import { domainSemantics } from './contract-domains.ts';
import { eventSemantics } from './contract-events.ts';
import { smtpSemantics } from './contract-smtp.ts';
import { metricSemantics } from './contract-metrics.ts';
import { proof } from './proof.ts';

export const semantics: readonly Semantics[] = [
  {
    section: '1',
    says: 'the key stands in Authorization, bare or as the user of Basic; 401 and 403 have no code',
    ...proof('subaccounts', 'strangers, unknown paths and wrong verbs are told in SparkPost words'),
  },
  {
    section: '1',
    says: 'a key without the grant is forbidden; a subaccount has no account-wide services',
    ...proof(
      'subaccounts',
      'a key without the grant is forbidden, and a subaccount has no account-wide services',
    ),
  },
  {
    section: '2',
    says: 'creation answers 200; lists of subaccounts have cursors with all filters, under the mount',
    ...proof('subaccounts', 'with a filter the list of subaccounts comes page by page'),
  },
  {
    section: '3',
    says: 'the header acts for a subaccount, 0 is the primary account; a subaccount key is fixed',
    ...proof(
      'subaccounts',
      'the header must be a number and name a subaccount of the account; a subaccount key ignores it',
    ),
  },
  {
    section: '3',
    says: 'suspended and terminated subaccounts read only, active again they change',
    ...proof('subaccounts', 'a suspended subaccount reads and changes nothing until it is active again'),
  },
  {
    section: '3',
    says: 'suppression lists are fully separate',
    ...proof('suppressions', 'lists of subaccounts and of the primary account are fully separate'),
  },
  {
    section: '8',
    says: 'pages by cursor or number, filters, total counts',
    ...proof(
      'suppressions',
      'the list comes by cursor or by page, narrowed by domain, type, source and description',
    ),
  },
  {
    section: '8',
    says: 'faults of entries are named',
    ...proof('suppressions', 'bad entries are named, types are demanded, a list_id names a list'),
  },
  {
    section: '8',
    says: 'entries with a list_id stop only mail of that list',
    ...proof('suppressions', 'entries with a list_id stop only mail whose List-Id names that list'),
  },
  {
    section: '8',
    says: 'from and to of the list compare when an entry was updated',
    ...proof('suppressions', 'from and to compare when an entry was put, the last time it was'),
  },
  {
    section: '3',
    says: 'sharing: templates of the account are used and read by subaccounts, never edited; made for one, both edit it',
    ...proof(
      'templates',
      'a template that the account shares is read and sent with by its subaccounts, and not changed',
    ),
  },
  {
    section: '3',
    says: 'the account sends in the name of a subaccount by the header; a suspended one is refused either way',
    ...proof(
      'transmissions',
      'with the header the account sends in the name of a subaccount; a suspended one sends nothing either way',
    ),
  },
  {
    section: '2',
    says: 'the table of error texts, status and body to the letter',
    ...proof(
      'refusals',
      'each row of the table of refusals has its status and body to the letter, in both families',
    ),
  },
  {
    section: '2',
    says: 'code 2010: a tracking domain that is not verified',
    ...proof('fields', 'a call overrides who a template is from, and says where its links lead'),
  },
  {
    section: '2',
    says: 'codes 1901 and 1902, 2011 and 2012, 7000, 7004',
    differs:
      'never said: what cannot be written fails by events and not by the call (1901, 1902); tracking domains wait for no review and are ' +
      'not blocked one by one (2011, 2012); no name is reserved, as nothing is sent from it without a proof (7000); a name that another ' +
      'account claims or has proven may be added, so that nobody learns of it by trying, and verify says what is wrong (7004)',
  },
  {
    section: '3',
    says: 'account key and subaccount key, with own, foreign, missing, broken and no header, active and suspended',
    file: 'test/sweeps/dialect-isolation.test.ts',
    test: 'whoever asks, and for whom: each credential sees and changes what is its own',
  },
  {
    section: '5',
    says: 'some recipients are wrong: 200, with their errors; none is right: 400 5002',
    ...proof('transmissions', 'some recipients are wrong: the others are sent to, and the errors are told'),
  },
  {
    section: '5',
    says: 'codes and texts of what is wrong with a call',
    ...proof(
      'transmissions',
      'what is missing, of the wrong type or does not go together is told with its code',
    ),
  },
  {
    section: '5',
    says: 'faults of inline content are told by events, not by the call',
    ...proof('transmissions', 'faults of inline content fail the messages and not the call'),
  },
  {
    section: '5',
    says: 'attachments and inline images',
    ...proof('transmissions', 'files and inline images come with the mail'),
  },
  {
    section: '5',
    says: 'a stored template, published or draft; its sender stands',
    ...proof('transmissions', 'a stored template writes the mail; a draft only when asked for'),
  },
  {
    section: '6',
    says: 'templates: codes 3000, 3030, 1307, 1600',
    ...proof(
      'templates',
      'ids that are taken, sources that are not valid and unpublishing are refused with their codes',
    ),
  },
  {
    section: '8',
    says: 'each type of entry stops its own kind of mail; lists of other owners are not asked',
    ...proof('transmissions', 'a suppressed recipient is accepted, and nothing is sent'),
  },
  {
    section: '15',
    says: 'snippets in inline content',
    ...proof('transmissions', 'inline content shows snippets of who sends'),
  },
  {
    section: '5',
    says: 'subdomains are not covered by a proven parent',
    differs: 'a proven name covers those below it, as natively',
  },
  {
    section: '5',
    says: 'a stored template is resolved at generation time',
    ...proof('transmissions', 'scheduled mail is written with what is published when its time has come'),
  },
  {
    section: '5',
    says: 'email_rfc822 of a call and of a template, 3020 when it cannot be taken apart',
    ...proof('templates', 'a whole mail in place of its parts is sent and stored as those parts'),
  },
  {
    section: '5',
    says: 'amp_html of a call, of a template and of a preview, between text and html',
    ...proof('templates', 'AMP stands between text and HTML, in a call and in a template'),
  },
  {
    section: '15',
    says: 'amp_html of snippets, dynamic_amp_html, braces within amp-mustache',
    ...proof(
      'templates',
      'snippets and dynamic content have AMP parts; braces of AMP templates stay, but for those of SparkPost',
    ),
  },
  {
    section: '15',
    says: 'the language is applied to from, reply_to and headers',
    ...proof('fields', 'the language writes names, addresses and values of headers, and data adds none'),
  },
  {
    section: '5',
    says: 'the address of from differs by recipient',
    ...proof('fields', 'the address of from is what it comes to for each recipient, and is proven for each'),
  },
  {
    section: '5',
    says: 'override of a template, tracking_domain, dkim_key',
    ...proof('fields', 'a call overrides who a template is from, and says where its links lead'),
  },
  {
    section: '5',
    says: 'return_path of a call and of its recipients; its domain must be one of the sender that takes bounces',
    file: 'test/scenarios/bounce-domains.test.ts',
    test: 'return_path and is_default_bounce_domain over SparkPost; what is not the sender\u2019s is refused',
  },
  {
    section: '3',
    says: 'bounce domain: return_path, else the default of the subaccount, else that of the account, else ours',
    file: 'test/scenarios/bounce-domains.test.ts',
    test: 'an owner has one default bounce domain; the account\u2019s serves subaccounts while it is shared',
  },
  {
    section: '5',
    says: 'skip_suppression',
    differs: 'passed over: nobody skips a suppression',
  },
  {
    section: '6',
    says: 'description, options and headers of a stored template',
    ...proof('fields', 'a template keeps description, options and headers, and a call falls back to them'),
  },
  {
    section: '5',
    says: 'cc and bcc are recipients with header_to, bcc without a header',
    ...proof('transmissions', 'cc and bcc are recipients that show the primary one'),
  },
  {
    section: '5',
    says: 'cancelling a campaign stays within the own scope; too late is told with 2003 and 2006',
    ...proof(
      'transmissions',
      'scheduled mail is read, listed and taken back by id or by campaign, in the own scope only',
    ),
  },
  {
    section: '3',
    says: 'sending domains: own ones, and the primary account\u2019s when shared; foreign ones are missing',
    ...proof(
      'domains',
      'a subaccount has its own domains; the account finds them, and sends through a shared one only',
    ),
  },
  {
    section: '3',
    says: 'foreign resources answer like those that do not exist',
    file: 'test/sweeps/dialect-isolation.test.ts',
    test: 'through the dialect, foreign things answer as things that nobody has, and no list holds them',
  },
  {
    section: '9',
    says: 'subaccount keys see their own events; cursors; bad dates and sizes are refused',
    ...proof(
      'events',
      'a subaccount sees its own events only; pages go by cursor, bad dates and unknown filters are refused',
    ),
  },
  {
    section: '9',
    says: 'transactional, "1" or "0", of events and webhooks; left out of mail from before it was kept',
    ...proof(
      'transactional',
      'events and webhooks say whether the mail was transactional, however that was said',
    ),
  },
  {
    section: '8',
    says: 'a suppressed send is injection and bounce 25',
    ...proof('events', 'suppressed mail is told as accepted and bounced with class 25'),
  },
  ...eventSemantics,
  {
    section: '1',
    says: 'each of our refusals is said in words, status and code of SparkPost',
    file: 'src/dialects/sparkpost/words.test.ts',
    test: 'each refusal has its status, message and code in both families, and none is a general one',
  },
  {
    section: '3',
    says: 'webhooks: header absent all events, 0 the primary account alone, N those of one; a subaccount key its own',
    ...proof(
      'webhooks',
      'whose events a webhook is told of is said by the header, and a subaccount has only its own',
    ),
  },
  {
    section: '3',
    says: 'metrics are of primary keys; subaccounts= narrows them, 0 is the primary account',
    ...proof(
      'metrics',
      'deliverability is summed, grouped, filtered and told in steps; the primary account is number 0',
    ),
  },
  {
    section: '3',
    says: 'pools and account are not available to subaccounts; any pool of the account may be named',
    ...proof('account', 'pools are made, listed, renamed and deleted; the default one is reserved'),
  },
  {
    section: '10',
    says: 'a target is probed when it is set; anything but 200 is refused and changes nothing',
    ...proof(
      'webhooks',
      'a target that does not answer with 200 is no target, and what is wrong with a webhook is told',
    ),
  },
  {
    section: '10',
    says: 'batches under msys by class, timestamps as text of seconds, batch id, token and basic credentials',
    ...proof(
      'webhooks',
      'batches hold events under msys by class, with a batch id and what the target wants to see',
    ),
  },
  {
    section: '10',
    says: 'what is not taken is sent again under the same batch id; failed batches are listed',
    ...proof(
      'webhooks',
      'a batch that is not taken comes again under its id, and is in the status of batches',
    ),
  },
  {
    section: '10',
    says: 'exception_subaccounts of a webhook for all, credentials and several custom headers together',
    ...proof(
      'webhooks',
      'a webhook for all leaves out some, and puts credentials, token and headers on its requests together',
    ),
  },
  {
    section: '10',
    says: 'auth_type oauth2: a token at creation, and a new one on 400 and 401',
    ...proof('webhooks', 'a webhook asks for a token and, when the target does not take it, for a new one'),
  },
  {
    section: '10',
    says: 'credentials of a webhook are shown; oauth2 together with other headers',
    differs:
      'what a webhook proves itself with is sealed and not shown again; oauth2 stands alone, its request is a form (RFC 6749)',
  },
  {
    section: '10',
    says: '12 attempts within 8 hours',
    differs: 'tried for five days at growing intervals, in order, as natively',
  },
  ...metricSemantics,
  {
    section: '4',
    says: 'options of the account are changed, and unset options of a call fall back to them',
    ...proof('defaults', 'options of the account are changed, read again and obeyed over REST and SMTP'),
  },
  {
    section: '4',
    says: 'tfa_required of the account',
    differs: 'refused with 400: the second factor is each person’s own; false is taken, and read',
  },
  {
    section: '5',
    says: 'open_tracking, initial_open, click_tracking and inline_css of a call',
    ...proof('tracking', 'a transmission says what of it is tracked; its styles go into the elements'),
  },
  ...domainSemantics,
  ...smtpSemantics,
];
