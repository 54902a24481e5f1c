import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify } from './index.ts';

/** code, enhanced, text, class: in our own words after what receivers of each family answer. */
const cases: readonly (readonly [number, string | null, string, string])[] = [
  [550, '5.1.1', 'The account that you tried to reach does not exist', 'hard'],
  [550, '5.1.1', 'no such user here', 'hard'],
  [550, null, 'User unknown', 'hard'],
  [550, null, 'Requested action not taken: mailbox unavailable', 'hard'],
  [553, '5.1.3', 'bad address syntax', 'hard'],
  [550, '5.1.2', 'bad destination domain', 'hard'],
  [556, '5.1.10', 'takes no mail', 'hard'],
  [550, '5.2.1', 'mailbox disabled, not accepting messages', 'hard'],
  [554, null, 'delivery error: this account is disabled', 'hard'],
  [550, '5.4.4', 'no mail host for the domain', 'hard'],
  [551, null, 'moved away', 'hard'],
  [552, '5.2.2', 'mailbox full', 'soft'],
  [452, '4.2.2', 'the inbox is out of storage space', 'soft'],
  [451, '4.7.1', 'Greylisted, try again in 5 minutes', 'soft'],
  [421, '4.3.2', 'system shutting down', 'soft'],
  [450, null, 'try later', 'soft'],
  [450, '4.1.1', 'user unknown for now', 'soft'],
  [451, '4.4.1', 'no answer from host', 'soft'],
  [550, '5.7.1', 'Service unavailable; client host blocked using a block list', 'block'],
  [554, '5.7.1', 'listed at zen.spamhaus.example', 'block'],
  [550, '5.7.1', 'message looks like spam', 'block'],
  [550, '5.7.28', 'unusual rate of mail from your network', 'block'],
  [421, '4.7.0', 'too many connections from your address', 'block'],
  [550, '5.7.350', 'content refused', 'block'],
  [554, null, 'poor reputation of your network', 'block'],
  [550, '5.7.26', 'unauthenticated mail is not accepted because of the DMARC policy', 'policy'],
  [550, '5.7.515', 'Access denied, the sending domain does not pass authentication checks', 'policy'],
  [550, '5.7.23', 'SPF check failed', 'policy'],
  [550, '5.7.25', 'the address has no PTR record', 'policy'],
  [550, '5.7.1', 'relaying denied', 'policy'],
  [552, '5.3.4', 'message too large', 'policy'],
  [554, '5.6.0', 'message content is broken', 'policy'],
  [550, '5.1.8', 'sender address rejected: its domain does not resolve', 'admin'],
  [553, '5.1.7', 'sender address has bad syntax', 'admin'],
  [554, '5.4.6', 'routing loop', 'admin'],
  [500, '5.5.1', 'command unknown', 'admin'],
  [554, null, 'transaction failed', 'undetermined'],
  [550, '5.0.0', 'something else', 'undetermined'],
];

test('replies of all families get their class', () => {
  for (const [code, enhanced, text, wanted] of cases) {
    assert.equal(classify({ code, enhanced, text }, 'rcpt').class, wanted, `${code} ${enhanced} ${text}`);
  }
});

test('a temporary reply, and one before RCPT, is never hard: they say nothing of the address', () => {
  for (const [code, enhanced, text] of cases) {
    const temporary = { code: 450, enhanced: enhanced === null ? null : `4${enhanced.slice(1)}`, text };
    assert.notEqual(classify(temporary, 'rcpt').class, 'hard', text);
    assert.notEqual(classify({ code, enhanced, text }, 'mail').class, 'hard', text);
  }
});
