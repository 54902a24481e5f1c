import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Scope } from '../../base/scope.ts';
import type { SendingDomain } from '../domains/index.ts';
import { bouncesOf } from './bounces.ts';

const scope = { accountId: 1, subaccountId: 2, bounds: { domain: null } } as unknown as Scope;

/** Names that somebody looked up; the known ones are found. */
function names(known: readonly string[]) {
  const asked: string[] = [];
  return {
    asked,
    world: {
      sendingDomains: {
        findBounce: (_account: number, _subaccount: number, name: string): Promise<SendingDomain | null> => {
          asked.push(name);
          const id = String(known.indexOf(name));
          return Promise.resolve(known.includes(name) ? { id, name, isBuiltin: false } : null);
        },
        defaultBounce: () => Promise.resolve(null),
      },
    },
  };
}

const recipientsOf = (some: readonly string[]) => some.map((bounceDomain) => ({ bounceDomain }));
const many = Array.from({ length: 1000 }, (_, index) => `n${index}.example`);

test('a call that names a thousand bounce domains which nobody has asks for few of them', async () => {
  const { asked, world } = names([]);
  await assert.rejects(bouncesOf(world, scope, { bounceDomain: null, recipients: recipientsOf(many) }), {
    code: 'request.invalid',
  });
  assert.ok(asked.length <= 16, `${asked.length} were asked for`);
});

test('each name that a call gives to recipients is asked for once', async () => {
  const { asked, world } = names(many);
  const recipients = recipientsOf([...many, ...many]);
  const { shared, own } = await bouncesOf(world, scope, { bounceDomain: null, recipients });
  assert.deepEqual([shared, own.size, own.get('n999.example')], [null, 1000, '999']);
  assert.deepEqual(asked, many);
});
