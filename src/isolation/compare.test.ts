import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparable, difference, leaksIn, missingLike, randomWord } from './compare.ts';
import type { Reply } from './door.ts';

const reply = (body: string, headers: Record<string, string> = {}): Reply => ({
  status: 404,
  headers: { 'lettershop-request-id': 'req_a9', date: 'Tue', 'content-length': '9', ...headers },
  body,
});

test('two replies are the same but for their request id, their date and what was sent', () => {
  const first = reply('{"detail":"no 100123","requestId":"req_a9"}');
  const second = reply('{"detail":"no 900777","requestId":"req_b10"}', {
    'lettershop-request-id': 'req_b10',
    date: 'Wed',
    'content-length': '10',
  });
  assert.equal(difference(comparable(first, ['100123']), comparable(second, ['900777'])), null);
  assert.notEqual(difference(comparable(first, []), comparable(second, [])), null);
});

test('one other header, one other byte or another status is a difference', () => {
  const plain = comparable(reply('x'), []);
  for (const other of [reply('x', { etag: 'a' }), reply('x '), { ...reply('x'), status: 403 }])
    assert.notEqual(difference(plain, comparable(other, [])), null);
});

test("A's words are found in bodies and headers, but not where the caller only hears itself", () => {
  const secrets = { canary: 'canaryabc', ids: ['1005', '100123', 'external:canaryabc'] };
  const found = (body: string, sent: string[] = [], headers = {}): readonly string[] =>
    leaksIn(reply(body, headers), secrets, sent);
  assert.deepEqual(found('{"subject":"Re: CanaryABC"}'), ['canaryabc']);
  assert.deepEqual(found('{}', [], { location: '/api/v1/keys/x?100123' }), ['100123']);
  assert.deepEqual(found('{"next":"100123"}', ['100123']), []);
  assert.deepEqual(found('{"id":"2100123","subaccountId":1005}'), ['1005']);
  assert.deepEqual(found('{"sizeBytes":1005,"at":"1005-01-01"}'), []);
  assert.deepEqual(found('{"detail":"subaccount 1005 is paused"}'), ['1005']);
  assert.deepEqual(found('{"to":"canaryabc@inbox.test"}', ['x@canaryabc.example.com']), ['canaryabc']);
});

test('an id that nobody has looks like the one that somebody has', () => {
  for (const id of [
    '1005',
    '100123',
    '3765478512744464391',
    'external:client-1',
    'lk_Ab9',
    'a@b.example.com',
  ]) {
    const other = missingLike(id);
    assert.notEqual(other, id);
    assert.equal(
      other.replaceAll(/[a-z]/gi, 'a').replace(/^\d+$/, '0'),
      id.replaceAll(/[a-z]/gi, 'a').replace(/^\d+$/, '0'),
    );
    assert.ok(!/^\d+$/.test(id) || BigInt(other) < 2n ** 63n);
  }
  assert.match(randomWord('canary'), /^canary[a-z]{14}$/);
});
