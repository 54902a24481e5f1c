/** What SparkPost's callers are promised of figures, line by line (`contract.ts`). */
import type { Semantics } from '../shared/endpoints.ts';
import { proof } from './proof.ts';

export const metricSemantics: readonly Semantics[] = [
  {
    section: '11',
    says: 'metrics of first attempts and initial opens, half days',
    ...proof('tracking', 'what arrived at once or later and what was shown first is told by half days'),
  },
  {
    section: '11',
    says: 'steps below an hour',
    ...proof('metrics', 'a day is told by the minute, with filters; more than a day is refused'),
  },
  {
    section: '11',
    says: 'metrics of volume (of delivered mail, as it left) and of time to delivery',
    ...proof('volume', 'volume in bytes and time to delivery are told, by first and by later attempts'),
  },
  {
    section: '11',
    says: 'query_filters, with eq, notEq, like and notLike; subaccounts by eq and notEq',
    ...proof(
      'volume',
      'query_filters hold together, each by AND or OR, with values, parts of values, and none of them',
    ),
  },
  {
    section: '11',
    says: 'count_unique_confirmed_opened: messages that a person opened or followed a link of, once each, from the update that counts it on',
    file: 'test/scenarios/figures-engaged.test.ts',
    test: 'count_unique_confirmed_opened is told in sums, groupings and steps',
  },
  {
    section: '11',
    says: 'benchmarks',
    differs: 'refused with 400: figures are of this installation alone',
  },
];
