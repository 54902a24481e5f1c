import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from 'pg';
import { present } from '../../base/assert.ts';
import { clientConfig } from '../../base/database/database.ts';
import { openTestDatabase } from '../../../test/database.ts';
import { acceptText } from './sql-accept.ts';

type Plan = {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Parent Relationship'?: string;
  readonly Plans?: readonly Plan[];
};

function nodesOf(plan: Plan): readonly Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

/** What the index is asked for; nothing when it is walked. */
function columnsOf({ 'Index Cond': condition = '' }: Plan): string {
  return [...condition.matchAll(/\(?(\w+) = /g)].map((match) => match[1]).join(' ');
}

test('the plan is pinned: subaccount, its own one, account and quotas are found by their keys, nothing is walked', async () => {
  await using database = await openTestDatabase();
  const client = new Client(clientConfig(database.target, 'engine', 'test'));
  await client.connect();
  try {
    for (const bodies of [1, 256]) {
      const found = await client.query<{ 'QUERY PLAN': readonly [{ Plan: Plan }] }>(
        `explain (generic_plan, format json) ${acceptText(bodies)}`,
      );
      const nodes = nodesOf(present(found.rows[0])['QUERY PLAN'][0].Plan);
      assert.ok(nodes.every((node) => node['Node Type'] !== 'Seq Scan'));
      const scans = nodes.filter((node) => node['Index Name'] !== undefined);
      assert.deepEqual(scans.map((node) => `${node['Index Name']} ${columnsOf(node)}`).sort(), [
        'accounts_pkey id',
        'quotas_pkey subaccount_id level',
        'quotas_pkey subaccount_id level',
        'subaccounts_own account_id',
        'subaccounts_pkey id',
      ]);
      const own = present(scans.find((node) => node['Index Name'] === 'subaccounts_own'));
      assert.equal(
        own['Parent Relationship'],
        'SubPlan',
        'asked for one by one: no join can turn into a walk',
      );
    }
  } finally {
    await client.end();
  }
});
