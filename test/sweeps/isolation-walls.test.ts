import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { Type } from 'typebox';
import type { Db, Tx } from '../../src/base/database/database.ts';
import { defineRoute, fields, idPattern, word } from '../../src/base/route.ts';
import type { Route } from '../../src/base/route.ts';
import type { Scope } from '../../src/base/scope.ts';
import { refuse } from '../../src/features/refusals/index.ts';
import { proveIsolation } from '../../src/isolation/index.ts';
import type { Report } from '../../src/isolation/index.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { groundOf, openSideDoor, routesOn } from './isolation-ground.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Run = <T>(scope: Scope, work: (db: Db | Tx) => Promise<T>) => Promise<T>;

/** Two routes as somebody in a hurry writes them: nothing in their statements says whose rows are meant. */
function careless(run: Run): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/messages/:id/recipient',
      tag: 'messages',
      grant: 'messages:read',
      summary: 'Read the recipient of a message',
      params: fields({ id: word(19, { pattern: idPattern }) }),
      replies: { 200: fields({ recipient: Type.String() }) },
      example: { params: { id: '3765478512744464391' } },
      run: async ({ scope, params }) => {
        const { rows } = await run(scope, (db) =>
          sql<{ recipient: string }>`select recipient from messages where id = ${params.id}`.execute(db),
        );
        if (rows[0] === undefined) throw refuse('not_found');
        return { status: 200, body: rows[0] };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/domain-names',
      tag: 'domains',
      grant: 'domains:read',
      summary: 'List names',
      replies: { 200: fields({ names: Type.Array(Type.String()) }) },
      example: {},
      run: async ({ scope }) => {
        const { rows } = await run(scope, (db) =>
          sql<{ name: string }>`select name from domains`.execute(db),
        );
        return { status: 200, body: { names: rows.map(({ name }) => name) } };
      },
    }),
  ];
}

async function attack(run: Run): Promise<Report> {
  const planted = careless(run);
  await using side = await openSideDoor(world, [...routesOn(world), ...planted]);
  return await proveIsolation({ ...groundOf(world, side.port), routes: planted });
}

test('a route that asks across tenants is named, with who saw what', async () => {
  const { leaks, blind } = await attack((_scope, work) => work(world.database.db.engine));
  assert.deepEqual(blind, []);
  assert.deepEqual(
    [...new Set(leaks.map(({ where }) => where))],
    ['GET /messages/:id/recipient', 'GET /domain-names'],
  );
  const seers = new Set(leaks.map(({ who }) => who));
  for (const who of ['foreign account', 'sibling', 'sibling that names A']) assert.ok(seers.has(who), who);
  assert.ok(leaks.some(({ what }) => /holds "canary/.test(what)));
  assert.ok(leaks.some(({ what }) => what === 'answers 200, should be 404'));
});

test('the same statements as a tenant give nothing away: row security stands alone', async () => {
  const report = await attack((scope, work) => world.database.db.scoped(scope, work));
  assert.deepEqual([report.leaks, report.blind], [[], []]);
  assert.ok(report.cases > report.credentials, `${report.cases} cases`);
});
