/** The contract with SparkPost's callers as a table (`../shared/endpoints.ts`). */
import type { Contract, Endpoint, Priority, Proof } from '../shared/endpoints.ts';
import { accountSemantics } from './contract-account.ts';
import { semantics } from './contract-semantics.ts';
import { proof } from './proof.ts';

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
const dkimKeys = proof(
  'dkim-keys',
  'the keys of a domain are listed, one is brought, looked at, replaced and deleted',
);
const tracking = proof(
  'domains',
  'tracking domains are added, read, changed, checked and deleted, each with one owner',
);
const inbound = proof(
  'inbound',
  'inbound domains and relay webhooks are kept by the primary account, and mail is relayed in batches of one',
);
const events = proof(
  'events',
  'what became of a transmission is searched by type, recipient and transmission, newest first',
);
const templates = proof(
  'templates',
  'a template is made, read, changed, published, previewed, listed and deleted',
);
const webhooks = proof('webhooks', 'a webhook is probed, made, listed, read, changed, validated and deleted');
const metrics = proof(
  'metrics',
  'deliverability is summed, grouped, filtered and told in steps; the primary account is number 0',
);
const reasons = proof(
  'metrics',
  'what bounced, was rejected or delayed is told by reason and domain, what arrived by attempt and subject',
);
const refused = proof(
  'refusals',
  'each row of the table of refusals has its status and body to the letter, in both families',
);
const met = proof('metrics', 'what was met is listed by name, and figures say what they cannot tell');
const pools = proof('account', 'pools are made, listed, renamed and deleted; the default one is reserved');
const ips = proof('account', 'sending IPs are those that the operator gave to the account');
const account = proof('account', 'the account is read with what it used, and renamed; a subaccount has none');
const used = proof('privacy', 'what was sent in the day and in the month is told to the primary account');
const forgotten = proof(
  'privacy',
  'a person asks to be forgotten: erased for whoever asks, in all subaccounts when they are meant',
);
const leftAlone = proof(
  'privacy',
  'a person opts out: both types stop for whoever asks, in all subaccounts when they are meant',
);
const users = proof(
  'users',
  'people are invited, listed, read, given another access level and removed by the primary account',
);
const userSubaccounts = proof(
  'users',
  'a person is bound to subaccounts: one at the invitation, more and fewer later, never none',
);
const watched = proof('monitoring', 'alerts are listed as they stand, to the primary account alone');
const blocklists = proof(
  'monitoring',
  'blocklist monitors are the source addresses, with what lists them now',
);
const samples = proof('events', 'events are documented, and there are samples of each');
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
  ...proven('P3', dkimKeys, [
    'GET /sending-domains/:domain/dkim-keys',
    'POST /sending-domains/:domain/dkim-keys',
    'GET /sending-domains/:domain/dkim-keys/:key',
    'PUT /sending-domains/:domain/dkim-keys/:key',
    'DELETE /sending-domains/:domain/dkim-keys/:key',
    'POST /sending-domains/:domain/dkim-keys/:key/verify',
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
  ...proven('P1', webhooks, [
    'POST /webhooks',
    'GET /webhooks',
    'GET /webhooks/:id',
    'PUT /webhooks/:id',
    'DELETE /webhooks/:id',
    'POST /webhooks/:id/validate',
  ]),
  ...proven(
    'P1',
    proof('webhooks', 'a batch that is not taken comes again under its id, and is in the status of batches'),
    ['GET /webhooks/:id/batch-status'],
  ),
  ...proven('P1', proof('webhooks', 'events are documented, by class, and there are samples of each'), [
    'GET /webhooks/events/documentation',
    'GET /webhooks/events/samples',
  ]),
  ...proven('P2', samples, [
    'GET /message-events/events/documentation',
    'GET /message-events/events/samples',
  ]),
  ...proven('P3', samples, ['GET /events/message/documentation', 'GET /events/message/samples']),
  ...proven('P1', metrics, ['GET /metrics/deliverability', 'GET /metrics/deliverability/subaccount']),
  ...proven(
    'P2',
    metrics,
    [
      'domain',
      'watched-domain',
      'sending-domain',
      'sending-ip',
      'ip-pool',
      'campaign',
      'template',
      'mailbox-provider',
      'mailbox-provider-region',
      'time-series',
      'bounce-classification',
    ].map((each) => `GET /metrics/deliverability/${each}`),
  ),
  ...proven(
    'P2',
    reasons,
    [
      'bounce-reason',
      'bounce-reason/domain',
      'rejection-reason',
      'rejection-reason/domain',
      'delay-reason',
      'delay-reason/domain',
      'link-name',
      'attempt',
      'subject-campaign',
    ].map((each) => `GET /metrics/deliverability/${each}`),
  ),
  ...proven('P2', met, [
    'GET /metrics/subject-campaigns',
    'GET /metrics',
    'GET /metrics/campaigns',
    'GET /metrics/domains',
    'GET /metrics/templates',
    'GET /metrics/sending-ips',
    'GET /metrics/ip-pools',
    'GET /metrics/sending-domains',
    'GET /metrics/mailbox-providers',
  ]),
  ...proven('P2', pools, [
    'POST /ip-pools',
    'GET /ip-pools',
    'GET /ip-pools/:id',
    'PUT /ip-pools/:id',
    'DELETE /ip-pools/:id',
  ]),
  ...proven('P2', inbound, [
    'POST /inbound-domains',
    'GET /inbound-domains',
    'GET /inbound-domains/:domain',
    'DELETE /inbound-domains/:domain',
    'POST /relay-webhooks',
    'GET /relay-webhooks',
    'GET /relay-webhooks/:id',
    'PUT /relay-webhooks/:id',
    'DELETE /relay-webhooks/:id',
    'POST /relay-webhooks/:id/validate',
  ]),
  ...proven('P2', refused, ['PUT /recipient-lists', 'DELETE /recipient-lists']),
  ...proven('P2', ips, ['GET /sending-ips', 'GET /sending-ips/:ip', 'PUT /sending-ips/:ip']),
  ...proven('P2', account, ['GET /account', 'PUT /account']),
  ...proven('P3', used, ['GET /usage']),
  ...proven('P3', watched, ['GET /alerts']),
  ...proven('P3', blocklists, ['GET /blocklist-monitors']),
  ...proven('P3', users, [
    'GET /users',
    'GET /users/:username',
    'PUT /users/:username',
    'DELETE /users/:username',
    'POST /users/invite',
    'GET /users/pending-invites',
    'DELETE /users/pending-invites/:id',
  ]),
  ...proven('P3', userSubaccounts, [
    'POST /users/:username/subaccounts',
    'DELETE /users/:username/subaccounts/:id',
  ]),
  ...proven('P3', forgotten, ['POST /data-privacy/rtbf-request']),
  ...proven('P3', leftAlone, ['POST /data-privacy/opt-out-request']),
];

/** Under `/api/v1`: the words for a path that is not there. */
const nothing = '404 Resource could not be found';
const notServed = [
  'GET /ab-test',
  'POST /ab-test',
  'GET /ab-test/:id',
  'PUT /ab-test/:id',
  'DELETE /ab-test/:id',
  'POST /ab-test/:id/cancel',
  'POST /ab-test/draft',
  'GET /ab-test/draft/:id',
  'PUT /ab-test/draft/:id',
  'DELETE /ab-test/draft/:id',
  'POST /ab-test/draft/:id/schedule',
  'GET /recipient-validation/single/:address',
  'GET /seeds',
  'POST /ingest/events',
  'GET /events/ingest',
  'GET /bounce-domains',
  'POST /tracking-domains/:domain/certificate/check',
  'POST /tracking-domains/:domain/certificate/enable',
] as const;

export const refusedEndpoints: readonly Endpoint[] = notServed.map((each) => ({
  endpoint: each.replace(' /', ' /api/v1/'),
  priority: 'P3',
  refusal: nothing,
}));

export const sparkpostContract: Contract = {
  name: 'sparkpost',
  title: 'SparkPost dialect',
  intro:
    "The origin is `<server>/sparkpost`, the key an account's or a subaccount's. What SparkPost calls the primary account is the " +
    "account's own subaccount.",
  endpoints: [...endpoints, ...refusedEndpoints],
  semantics: [...semantics, ...accountSemantics],
};
