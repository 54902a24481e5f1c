/** The contract with SparkPost's callers as a table (`../shared/endpoints.ts`). */
import type { Contract, Endpoint, Priority, Proof, Semantics } from '../shared/endpoints.ts';

function proof(topic: string, test: string): Proof {
  return { file: `test/scenarios/sparkpost-${topic}.test.ts`, test };
}

/** Endpoints below `/api/v1` that one test proves. */
function proven(priority: Priority, by: Proof, endpoints: readonly string[]): readonly Endpoint[] {
  return endpoints.map((each) => ({ endpoint: each.replace(' /', ' /api/v1/'), priority, ...by }));
}

const p2 = (by: Proof): Proof & { readonly priority: 'P2' } => ({ priority: 'P2', ...by });

const subaccounts = proof(
  'subaccounts',
  'subaccounts are made with a key, listed, read and changed; faults come all at once',
);
const keys = proof(
  'subaccounts',
  'the header says whose API key it is; a key is shown once and known by its first four digits',
);
const suppressions = proof(
  'suppressions',
  'entries are put, read, counted and taken off, one per address and type',
);

const held = proof(
  'transmissions',
  'scheduled mail is read, listed and taken back by id or by campaign, in the own scope only',
);
const lists = proof('lists', 'recipient lists are kept by the primary account and sent to as a whole');
const domains = proof(
  'domains',
  'a sending domain is added with its key, listed, shared, checked and deleted',
);
const tracking = proof(
  'domains',
  'tracking domains are added, read, changed, checked and deleted, each with one owner',
);
const events = proof(
  'events',
  'what became of a transmission is searched by type, recipient and transmission, newest first',
);
const templates = proof(
  'templates',
  'a template is made, read, changed, published, previewed, listed and deleted',
);
const snippets = proof('templates', 'snippets are kept beside templates, merged part by part, and shared');

const endpoints: readonly Endpoint[] = [
  ...proven('P1', subaccounts, [
    'POST /subaccounts',
    'GET /subaccounts',
    'GET /subaccounts/:id',
    'PUT /subaccounts/:id',
  ]),
  ...proven('P2', subaccounts, ['GET /subaccounts/summary']),
  ...proven('P2', keys, [
    'POST /api-keys',
    'GET /api-keys',
    'GET /api-keys/:id',
    'PUT /api-keys/:id',
    'DELETE /api-keys/:id',
  ]),
  ...proven('P3', proof('subaccounts', 'what a key may be granted can be asked for'), [
    'GET /authenticate/grants',
  ]),
  ...proven('P1', suppressions, [
    'PUT /suppression-list',
    'PUT /suppression-list/:recipient',
    'GET /suppression-list/:recipient',
    'GET /suppression-list',
    'DELETE /suppression-list/:recipient',
  ]),
  ...proven('P2', suppressions, ['GET /suppression-list/summary']),
  ...proven(
    'P1',
    proof('transmissions', 'each recipient gets a mail of its own, written with the data of all and its own'),
    ['POST /transmissions'],
  ),
  ...proven('P2', held, [
    'GET /transmissions',
    'GET /transmissions/:id',
    'DELETE /transmissions',
    'DELETE /transmissions/:id',
  ]),
  ...proven('P2', lists, [
    'GET /recipient-lists',
    'GET /recipient-lists/:id',
    'POST /recipient-lists',
    'PUT /recipient-lists/:id',
    'DELETE /recipient-lists/:id',
  ]),
  ...proven('P1', domains, [
    'GET /sending-domains',
    'GET /sending-domains/:domain',
    'POST /sending-domains',
    'POST /sending-domains/:domain/verify',
    'PUT /sending-domains/:domain',
    'DELETE /sending-domains/:domain',
  ]),
  ...proven('P2', tracking, [
    'GET /tracking-domains',
    'GET /tracking-domains/:domain',
    'POST /tracking-domains',
    'POST /tracking-domains/:domain/verify',
    'PUT /tracking-domains/:domain',
    'DELETE /tracking-domains/:domain',
  ]),
  ...proven('P1', events, ['GET /events/message']),
  ...proven('P2', events, ['GET /message-events']),
  ...proven('P1', templates, [
    'GET /templates',
    'GET /templates/:id',
    'POST /templates',
    'PUT /templates/:id',
    'DELETE /templates/:id',
    'POST /templates/:id/preview',
  ]),
  ...proven('P1', proof('templates', 'the previewer renders the language, by part'), [
    'POST /utils/content-previewer',
  ]),
  ...['GET', 'POST'].map((verb) => ({ endpoint: `${verb} /api/labs/snippets`, ...p2(snippets) })),
  ...['GET', 'PUT', 'DELETE'].map((verb) => ({
    endpoint: `${verb} /api/labs/snippets/:id`,
    ...p2(snippets),
  })),
];

/** Under `/api/v1`: the words for a path that is not there. */
const nothing = '404 Resource could not be found';
const notServed = [
  'GET /ab-test',
  'POST /ab-test',
  'POST /data-privacy/rtbf-request',
  'POST /data-privacy/opt-out-request',
  'GET /recipient-validation/single/:address',
  'GET /seeds',
  'GET /alerts',
  'GET /blocklist-monitors',
  'POST /ingest/events',
  'GET /users',
  'GET /usage',
  'GET /sending-domains/:domain/dkim-keys',
  'GET /events/message/documentation',
  'GET /events/message/samples',
] as const;

export const refusedEndpoints: readonly Endpoint[] = notServed.map((each) => ({
  endpoint: each.replace(' /', ' /api/v1/'),
  priority: 'P3',
  refusal: nothing,
}));

const semantics: readonly Semantics[] = [
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
    ...proof('suppressions', 'bad entries are named, types are demanded, a list_id is refused'),
  },
  {
    section: '8',
    says: 'entries with a list_id stop only mail of that list',
    differs: 'an entry covers all lists, so a list_id is refused',
  },
  {
    section: '8',
    says: 'from and to of the list compare when an entry was updated',
    differs: 'they compare when it was made',
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
    differs: 'at accept: what is published later does not reach mail that is scheduled',
  },
  {
    section: '5',
    says: 'email_rfc822 and amp_html of a call',
    differs: 'refused with code 1300',
  },
  {
    section: '5',
    says: 'the language is applied to from, reply_to and headers',
    differs: 'to subject, text and html',
  },
  {
    section: '5',
    says: 'return_path, tracking_domain, override, skip_suppression, inline_css, dkim_key',
    differs: 'passed over: domains and accounts say it',
  },
  {
    section: '6',
    says: 'description, options and headers of a stored template',
    differs: 'headers are refused, description and options passed over',
  },
  {
    section: '5',
    says: 'cc and bcc are recipients with header_to, bcc without a header',
    ...proof('transmissions', 'cc and bcc are recipients that show the primary one'),
  },
  {
    section: '5',
    says: 'cancelling a campaign stays within the own scope; too late is told with 2003 and 2006',
    ...held,
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
    section: '7',
    says: 'dkim keys of the caller, default bounce domains, mailbox verification',
    differs: 'refused with code 1300; a domain is proven by our own records, which POST lists',
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
    section: '8',
    says: 'a suppressed send is injection and bounce 25',
    ...proof('events', 'suppressed mail is told as accepted and bounced with class 25'),
  },
  {
    section: '9',
    says: 'filters by campaign, template, sender, pool; counts of any size',
    differs: 'those filters are refused; a call looks at ten thousand events and counts what it found',
  },
];

export const sparkpostContract: Contract = {
  name: 'sparkpost',
  title: 'SparkPost dialect',
  intro:
    "The origin is `<server>/sparkpost`, the key an account's or a subaccount's. What SparkPost calls the primary account is the " +
    "account's own subaccount.",
  endpoints: [...endpoints, ...refusedEndpoints],
  semantics,
};
