/** The contract with SparkPost's callers as a table (`../shared/endpoints.ts`). */
import type { Contract, Endpoint, Priority, Proof, Semantics } from '../shared/endpoints.ts';

function proof(topic: string, test: string): Proof {
  return { file: `test/scenarios/sparkpost-${topic}.test.ts`, test };
}

/** Endpoints below `/api/v1` that one test proves. */
function proven(priority: Priority, by: Proof, endpoints: readonly string[]): readonly Endpoint[] {
  return endpoints.map((each) => ({ endpoint: each.replace(' /', ' /api/v1/'), priority, ...by }));
}

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
];

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
];

export const sparkpostContract: Contract = {
  name: 'sparkpost',
  title: 'SparkPost dialect',
  intro:
    "The origin is `<server>/sparkpost`, the key an account's or a subaccount's. What SparkPost calls the primary account is the " +
    "account's own subaccount.",
  endpoints,
  semantics,
};
