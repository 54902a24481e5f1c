/** What SparkPost's callers are promised of the search of events, line by line (`contract.ts`). */
import type { Semantics } from '../shared/endpoints.ts';
import { proof } from './proof.ts';

export const eventSemantics: readonly Semantics[] = [
  {
    section: '9',
    says: 'filters by template and pool',
    ...proof('events', 'events are found by template and pool, which a subaccount cannot ask for'),
  },
  {
    section: '9',
    says: 'filters by sender, mailbox provider, its region and sending IP, of the events that know them (attempts); by A/B test, of which none is',
    ...proof(
      'events',
      'events are found by sender, by whose hosts and from which address an attempt went; none is of an A/B test',
    ),
  },
  {
    section: '9',
    says: 'counts of any size',
    ...proof(
      'counts',
      'a count is of all that is found, more than ten thousand, on each page; a sibling counts its own',
    ),
  },
  {
    section: '9',
    says: 'counts by filters that nothing is indexed by (reasons, ip_pools, template_ids, more than 50 values, bounce classes but 10, 20 and 50)',
    differs:
      'counted as far as a call looks in eight seconds, and so is what takes four seconds to count; the cursor goes on to the last',
  },
];
