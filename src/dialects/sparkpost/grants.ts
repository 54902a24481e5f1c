/** SparkPost's words for grants, both ways (`../grant-words.ts`; contract, section 1). */
import type { Grant } from '../../base/scope.ts';
import { grantWords } from '../grant-words.ts';
import type { GrantWords } from '../grant-words.ts';

const pairs = Object.entries(grantWords).flatMap(([grant, words]: [string, GrantWords]) =>
  (words.sparkpost ?? []).map((word) => ({ grant: grant as Grant, word })),
);

/** Words that SparkPost has and nothing of ours answers to: taken, and held by nobody. */
const idle = ['ab-testing/manage', 'events/ingest', 'recipient-validation/manage', 'support/manage'] as const;

export const sparkpostGrants: readonly string[] = [
  ...new Set([...pairs.map(({ word }) => word), ...idle]),
].toSorted();

/** What a subaccount's key may hold; everything else is refused when the key is made. */
export const subaccountGrants: readonly string[] = [
  'smtp/inject',
  'sending_domains/manage',
  'tracking_domains/view',
  'tracking_domains/manage',
  'message_events/view',
  'suppression_lists/manage',
  'transmissions/view',
  'transmissions/modify',
  'webhooks/view',
  'webhooks/modify',
  'templates/view',
  'templates/modify',
  'templates/preview',
];

/** `manage` and `modify` imply the matching `view`. */
function implied(word: string): readonly string[] {
  const [noun = '', verb = ''] = word.split('/');
  return verb === 'manage' || verb === 'modify' ? [word, `${noun}/view`] : [word];
}

export function toGrants(words: readonly string[]): readonly Grant[] {
  const held = new Set(words.flatMap(implied));
  return [...new Set(pairs.filter(({ word }) => held.has(word)).map(({ grant }) => grant))];
}

/** A word is held when everything is that it stands for. */
export function toWords(grants: readonly string[]): readonly string[] {
  const held = new Set(grants);
  return sparkpostGrants.filter((word) => {
    const needed = toGrants([word]);
    return needed.length > 0 && needed.every((grant) => held.has(grant));
  });
}
