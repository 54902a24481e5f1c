import assert from 'node:assert/strict';
import { once } from 'node:events';
import { before, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { routesAsData, unknownNouns, withoutMailing } from '../../src/isolation/index.ts';
import { nativeRoutes } from '../../src/main/routes.ts';
import type { Proven } from './isolation-run.ts';

const routes = routesAsData(nativeRoutes);

let proven: Proven;
before(async () => {
  const worker = new Worker(new URL('./isolation-run.ts', import.meta.url));
  const told: Proven[] = [];
  worker.on('message', (each: Proven) => told.push(each));
  // Rejects with what the thread failed of, also when that is the end of its world.
  const [code] = (await once(worker, 'exit')) as [number];
  assert.equal(code, 0);
  const [first] = told;
  assert.ok(first !== undefined);
  proven = first;
});

test('nobody sees, uses or hears of what is not theirs', () => {
  assert.deepEqual(proven.report.leaks, []);
});

test('the proof looked at every route with every credential, and at things that are there', () => {
  const { report } = proven;
  const untried = report.untried.filter((what) => !what.startsWith('keys of a '));
  assert.deepEqual([report.blind, untried, report.throttled], [[], [], 0]);
  assert.ok(report.routes > 30, `${report.routes} routes`);
  assert.ok(report.credentials > 15, `${report.credentials} credentials`);
  assert.ok(report.cases > (report.routes * report.credentials) / 2, `${report.cases} cases`);
  for (const { name, cases } of report.byCredential) assert.ok(cases > 0, name);
});

test('the throw-away tenants are taken down: no key, no domain, no active subaccount is left of them', () => {
  assert.deepEqual(proven.left, []);
});

test('a route that names a noun which nobody knows how to make is called by its name', () => {
  const [first] = routes;
  assert.ok(first !== undefined);
  const planted = { ...first, method: 'GET', path: '/groups/:id/members/:member' } as const;
  assert.deepEqual(unknownNouns([...routes, planted]), [
    'GET /groups/:id/members/:member needs a thing of "groups"',
    'GET /groups/:id/members/:member needs a thing of "groups/members"',
  ]);
});

test('where mail leaves, the proof has nothing written to anybody, and says what it therefore left out', () => {
  const { tried, untried } = withoutMailing(routes, false);
  assert.deepEqual(untried.toSorted(), [
    'POST /domains/:id/forward',
    'POST /domains/:id/mail-proof',
    'POST /senders',
    'POST /senders/:id/resend',
    'POST /templates/:id/test',
  ]);
  assert.equal(tried.length + untried.length, routes.length);
  assert.equal(withoutMailing(routes, true).tried, routes);
});
