import type { Proof } from '../shared/endpoints.ts';

/** A test of the dialect's own. */
export function proof(topic: string, test: string): Proof {
  return { file: `test/scenarios/sparkpost-${topic}.test.ts`, test };
}
