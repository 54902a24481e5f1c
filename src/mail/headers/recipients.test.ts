import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dropRecipient, erasedAddress, withoutAddress } from './recipients.ts';

const dropped = (text: string, address = 'ada@inbox.test'): string =>
  dropRecipient(Buffer.from(text, 'utf8'), address).toString('utf8');

test('a recipient goes out of To and Cc with the display name, the others stay', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['To: ada@inbox.test, bob@inbox.test\r\n', 'To: bob@inbox.test\r\n'],
    ['To: "Lovelace, Ada" <ADA@inbox.test>,\r\n Bob <bob@inbox.test>\r\n', 'To: Bob <bob@inbox.test>\r\n'],
    ['Cc: bob@inbox.test, ada@inbox.test (the, first), c@x.test\r\n', 'Cc: bob@inbox.test,\r\n c@x.test\r\n'],
    ['To: ada@inbox.test\r\nCc: Ada <ada@inbox.test>\r\n', 'To: undisclosed-recipients:;\r\n'],
    ['To: friends: ada@inbox.test, bob@inbox.test;\r\n', 'To: undisclosed-recipients:;\r\n'],
    ['To: "\\" <ada@inbox.test>, x" <bob@inbox.test>\r\n', 'To: undisclosed-recipients:;\r\n'],
    ['X-For: ada@inbox.test\r\n', `X-For: ${erasedAddress}\r\n`],
    ['To: ada@inbox.test.example, lada@inbox.test\r\n', 'To: ada@inbox.test.example, lada@inbox.test\r\n'],
  ];
  for (const [before, after] of cases) {
    assert.equal(dropped(`${before}Subject: s\r\n\r\nbody\r\n`), `${after}Subject: s\r\n\r\nbody\r\n`);
  }
});

test('an address in the text is replaced, a longer one that holds it is not, and other bytes stay', () => {
  const body = 'Dear ada@inbox.test, ü, ask <ADA@INBOX.TEST>. Not bada@inbox.test, ada@inbox.testing.\r\n';
  assert.equal(
    dropped(`Subject: s\r\n\r\n${body}`),
    `Subject: s\r\n\r\nDear ${erasedAddress}, ü, ask <${erasedAddress}>. Not bada@inbox.test, ada@inbox.testing.\r\n`,
  );
  const bytes = Buffer.from([0, 255, 13, 10, 13, 10, 200]);
  assert.deepEqual(dropRecipient(bytes, 'ada@inbox.test'), bytes);
  assert.equal(dropped('To: jü@inbox.test\r\n\r\nan jü@inbox.test', 'jü@inbox.test').includes('jü@'), false);
  assert.equal(withoutAddress('o.+x@inbox.test', 'o.+x@inbox.test'), erasedAddress);
});
