/** The contract with SparkPost's callers as a table (`../shared/endpoints.ts`). */
import type { Contract } from '../shared/endpoints.ts';

export const sparkpostContract: Contract = {
  name: 'sparkpost',
  title: 'SparkPost dialect',
  intro: `Origin \`<server>/sparkpost\`, an account's or subaccount's key; what SparkPost calls the primary account is the account's own subaccount.`,
  endpoints: [
    {
      endpoint: 'GET /api/v1/subaccounts',
      priority: 'P1',
      file: 'test/scenarios/sparkpost-subaccounts.test.ts',
      test: 'subaccounts are made with a key, listed, read and changed; faults come all at once',
    },
  ],
  semantics: [],
};
