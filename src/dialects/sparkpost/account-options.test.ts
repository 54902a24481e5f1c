import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { optionsOf, withOptions } from './account-options.ts';
import type { AccountOptions, AccountWords } from './account-options.ts';

const silent = { opens: null, initialOpens: null, clicks: null, textClicks: null };
const nothing: AccountWords = { ...silent, smtp: silent, transactionalUnsubscribe: null, lane: null };
const documented: AccountOptions = {
  smtp_tracking_default: false,
  rest_tracking_default: true,
  transactional_unsub: false,
  transactional_default: false,
  initial_open_pixel_tracking: true,
  click_tracking: true,
};

const word = fc.constantFrom(true, false, null);
const words = fc.record({ opens: word, initialOpens: word, clicks: word, textClicks: word });
const anything: fc.Arbitrary<AccountWords> = fc
  .tuple(words, words, word, fc.constantFrom('transactional' as const, 'bulk' as const, null))
  .map(([all, smtp, transactionalUnsubscribe, lane]) => ({ ...all, smtp, transactionalUnsubscribe, lane }));
const given = fc.record(
  {
    smtp_tracking_default: fc.boolean(),
    rest_tracking_default: fc.boolean(),
    transactional_unsub: fc.boolean(),
    transactional_default: fc.boolean(),
    initial_open_pixel_tracking: fc.boolean(),
    click_tracking: fc.boolean(),
  },
  { requiredKeys: [] },
);

test('an account that says nothing has the documented options, and saying them changes no word', () => {
  assert.deepEqual(optionsOf(nothing), documented);
  assert.equal(withOptions(nothing, documented), null);
  assert.deepEqual(withOptions(nothing, { click_tracking: false }), { ...nothing, clicks: false });
});

test('whatever was said natively, options that are put are read again, also those of doors that are off', () => {
  fc.assert(
    fc.property(anything, fc.array(given, { minLength: 1, maxLength: 5 }), (first, calls) => {
      let own = withOptions(first, { click_tracking: !optionsOf(first).click_tracking }) ?? first;
      for (const call of calls) {
        const wanted = { ...optionsOf(own), ...call };
        own = withOptions(own, call) ?? own;
        assert.deepEqual(optionsOf(own), wanted);
      }
    }),
  );
});

test('a kind that is taken away is off for both doors, and a door that is off tracks nothing', () => {
  // As mail without a word of its own gets it: the account is the widest place.
  const effective = (own: AccountWords, isSmtp: boolean): readonly boolean[] => {
    const [otherwise, first] = isSmtp ? [false, own.smtp] : [true, silent];
    const opens = first.opens ?? own.opens ?? otherwise;
    return [
      opens,
      first.initialOpens ??
        (first.opens === false ? false : null) ??
        own.initialOpens ??
        (own.opens === false ? false : otherwise),
      first.clicks ?? own.clicks ?? otherwise,
    ];
  };
  fc.assert(
    fc.property(anything, given, (first, call) => {
      const before = optionsOf(first);
      const own = withOptions(first, { ...call, click_tracking: !before.click_tracking }) ?? first;
      const { rest_tracking_default: rest, smtp_tracking_default: smtp, ...kinds } = optionsOf(own);
      const of = (isOn: boolean): readonly boolean[] => [
        isOn,
        isOn && kinds.initial_open_pixel_tracking,
        isOn && kinds.click_tracking,
      ];
      assert.deepEqual([effective(own, false), effective(own, true)], [of(rest), of(smtp)]);
    }),
  );
});
