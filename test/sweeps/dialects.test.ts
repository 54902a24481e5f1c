import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { contractFaults } from '../../src/dialects/shared/endpoints.ts';
import { mandrillContract } from '../../src/dialects/mandrill/contract.ts';
import { mandrillCalls } from '../../src/dialects/mandrill/index.ts';
import { sparkpostContract } from '../../src/dialects/sparkpost/contract.ts';
import { sparkpostRoutes } from '../../src/dialects/sparkpost/index.ts';

const read = (path: string): string | null => (existsSync(path) ? readFileSync(path, 'utf8') : null);

test('each line of a contract has its test or its refusal, and each route its line', () => {
  assert.deepEqual(contractFaults(sparkpostContract, sparkpostRoutes(), read), []);
  const served = mandrillCalls.map(({ call }) => ({ method: 'POST', path: `/${call}` }));
  assert.deepEqual(contractFaults(mandrillContract, served, read), []);
});

test('an empty cell, a missing test and an unknown route are named', () => {
  const contract = {
    ...sparkpostContract,
    endpoints: [
      { endpoint: 'GET /a', priority: 'P1', file: 'test/sweeps/dialects.test.ts', test: '' },
      { endpoint: 'GET /b', priority: 'P2', refusal: 'no' },
    ],
    semantics: [{ section: '1', says: 'x', file: 'nowhere.ts', test: 'y' }],
  } as const;
  assert.deepEqual(contractFaults(contract, [{ method: 'GET', path: '/c' }], read), [
    'GET /c is not in the table',
    'GET /a has a test and no route',
    'GET /b may not be refused, or not without words',
    'GET /a: no test "" in test/sweeps/dialects.test.ts',
    'x: no test "y" in nowhere.ts',
  ]);
});
