/** Whether a name that A uses answers otherwise than one that nobody uses: a clash would tell that it exists. */
import { present } from '../base/assert.ts';
import { comparable, difference, randomWord } from './compare.ts';
import type { Door, Reply } from './door.ts';
import { idempotencyKey, sentFor } from './holders.ts';
import type { Holder } from './holders.ts';
import type { Judge } from './judge.ts';
import type { Thing } from './things.ts';

export type Namer = { readonly name: string; readonly authorization: string; readonly own: Holder };

/**
 * Makes everything once more as somebody else, under A's names and Idempotency-Keys and under fresh ones. Last, as it
 * spreads the canary.
 */
export async function tryNames(
  { door, a, judge }: { readonly door: Door; readonly a: Holder; readonly judge: Judge },
  things: readonly Thing[],
  namers: readonly Namer[],
): Promise<void> {
  for (const { name, authorization, own } of namers) {
    const fresh = randomWord('canary');
    const ownId = (noun: string): string => present(own.things.get(noun)?.ids[0]);
    for (const thing of things.filter(
      ({ noun, ofPerson }) => own.things.has(noun) && ofPerson === undefined,
    )) {
      const path = thing.path(ownId);
      const create = (word: string): Promise<Reply> =>
        door({
          method: 'POST',
          path,
          authorization,
          headers: { 'idempotency-key': idempotencyKey(word, thing) },
          ...sentFor(thing, word, thing.body(word, ownId)),
        });
      const taken = await create(a.word);
      const free = await create(fresh);
      judge.count(name, 2);
      const told = difference(summary(taken, a.word), summary(free, fresh));
      if (told !== null) judge.blame(`POST ${path} under A's name`, name, told);
    }
  }
}

/** What was made differs by its ids; a refusal must be the same to the letter. */
function summary(reply: Reply, word: string): string {
  if (reply.status < 300) return String(reply.status);
  return comparable(reply, []).replaceAll(word, '(word)');
}
