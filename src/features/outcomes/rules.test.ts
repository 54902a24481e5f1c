import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsOf } from './rules.ts';

const reply = (code: number, enhanced: string | null, text: string) => ({ code, enhanced, text });

test('an event counts where it belongs, and a bounce besides by what its reply says', () => {
  assert.deepEqual(columnsOf('message.delivered', null, null), ['delivered']);
  assert.deepEqual(columnsOf('message.deferred', 'soft', null), ['deferred']);
  assert.deepEqual(columnsOf('message.complained', null, null), ['complaints']);
  assert.deepEqual(columnsOf('message.suppressed', null, null), ['suppressed']);
  const cases: readonly (readonly [string, ReturnType<typeof reply>, readonly string[]])[] = [
    ['hard', reply(550, '5.1.1', 'no such user here'), ['hardBounces', 'unknownUsers']],
    ['hard', reply(550, null, 'user unknown'), ['hardBounces', 'unknownUsers']],
    ['hard', reply(550, '5.1.2', 'no such domain'), ['hardBounces']],
    ['block', reply(554, '5.7.1', 'message looks like spam'), ['otherBounces', 'trapBlocks']],
    ['block', reply(554, '5.7.1', 'you have hit a spam trap'), ['otherBounces', 'trapBlocks']],
    // Of the source address, which others share.
    ['block', reply(554, '5.7.1', '192.0.2.1 is listed at rbl.example'), ['otherBounces']],
    ['soft', reply(552, '5.2.2', 'mailbox full'), ['otherBounces']],
    ['undetermined', reply(250, null, 'no refusal at all'), ['otherBounces']],
  ];
  for (const [found, said, columns] of cases)
    assert.deepEqual(columnsOf('message.bounced', found, said), columns, said.text);
  assert.deepEqual(columnsOf('message.bounced_later', 'hard', null), ['hardBounces']);
});
