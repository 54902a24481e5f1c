import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grants as allGrants } from '../../base/scope.ts';
import type { Grant } from '../../base/scope.ts';
import { embedPageNames } from './model.ts';
import { isFrameAncestor, partOf } from './rules.ts';

test('who may frame a view is named by exact origins, and nothing else can stand in the policy', () => {
  const right = [
    'https://app.example.com',
    'https://a.b',
    'https://app.example.com:8443',
    'https://localhost',
    'http://localhost:3000',
    'http://app.localhost',
    'http://127.0.0.1:9000',
    'https://xn--bcher-kva.example',
  ];
  const wrong = [
    '',
    '*',
    "'self'",
    'https:',
    'https://',
    'https://*',
    'https://*.example.com',
    'https://app.example.com/',
    'https://app.example.com/shop',
    'https://app.example.com:443',
    'https://App.example.com',
    'https://me@app.example.com',
    'https://app.example.com?x',
    'https://app.example.com;script-src',
    'https://app.example.com,https://b.example',
    "https://app.example.com 'unsafe-inline'",
    'https://app.example.com\nhttps://b.example',
    'https://bücher.example',
    'https://app.example.com:99999',
    'http://app.example.com',
    'http://127.evil.example',
    'http://localhost.evil.example',
    'http://10.0.0.1',
    'data:text/html,x',
    'null',
    'file:///x',
  ];
  assert.deepEqual(
    right.filter((each) => !isFrameAncestor(each)),
    [],
  );
  assert.deepEqual(wrong.filter(isFrameAncestor), []);
});

const all: ReadonlySet<Grant> = new Set(allGrants);
const holding = (...grants: Grant[]): ReadonlySet<Grant> => new Set(grants);
const usual = { pages: null, grants: null };

test('a view that says nothing shows what its maker can read of the usual pages, and may do no more', () => {
  assert.deepEqual(partOf(all, usual), {
    pages: ['overview', 'messages', 'suppressions', 'domains', 'figures'],
    grants: ['messages:read', 'suppressions:read', 'domains:read', 'metrics:read'],
  });
  assert.deepEqual(partOf(holding('metrics:read', 'messages:send'), usual), {
    pages: ['overview', 'figures'],
    grants: ['metrics:read'],
  });
  assert.deepEqual(
    partOf(all, { pages: ['templates', 'templates'], grants: ['templates:read', 'templates:write'] }),
    {
      pages: ['templates'],
      grants: ['templates:read', 'templates:write'],
    },
  );
});

test('nothing beyond its maker, nothing of people or credentials, and no page that could not be read', () => {
  const fault = (held: ReadonlySet<Grant>, wish: Parameters<typeof partOf>[1]): string => {
    const part = partOf(held, wish);
    return 'rule' in part ? `${part.field} ${part.rule}` : 'given';
  };
  assert.equal(fault(holding('metrics:read'), { pages: ['messages'], grants: null }), 'pages[0] grant');
  assert.equal(fault(all, { pages: ['overview', 'messages'], grants: ['metrics:read'] }), 'pages[1] grant');
  assert.equal(fault(holding('messages:read'), { pages: null, grants: ['metrics:read'] }), 'grants[0] held');
  const never = allGrants.filter(
    (grant) => fault(all, { pages: null, grants: [grant] }) === 'grants[0] never',
  );
  assert.deepEqual(never, [
    'smtp:send',
    'subaccounts:write',
    'keys:write',
    'keys:secrets',
    'embeds:write',
    'users:read',
    'users:write',
    'pools:write',
    'quotas:write',
    'billing:read',
    'billing:write',
    'settings:write',
    'audit:read',
  ]);
  assert.ok(embedPageNames.length > 10);
});
