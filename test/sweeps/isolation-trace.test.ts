import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Database } from '../../src/base/database/database.ts';
import { silentLog } from '../../src/base/log.ts';
import { makeAccess } from '../../src/features/access/index.ts';
import type { HttpServer } from '../../src/http/server.ts';
import {
  bearer,
  exampleCall,
  missingLike,
  nounsOf,
  openDoor,
  routeName,
  withStage,
} from '../../src/isolation/index.ts';
import type { Stage } from '../../src/isolation/index.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { groundOf, openSideDoor, routesOn } from './isolation-ground.ts';

let world: World;
let traced: Database;
let side: HttpServer;
const statements: string[] = [];

before(async () => {
  world = await startWorld();
  const trace = (sql: string): void => void statements.push(sql);
  traced = new Database(world.database.target, silentLog, { tenant: 2, engine: 2, trace });
  // Who asks is found on the program's own connections: those answers are kept for a second, and so differ by chance.
  side = await openSideDoor(world, routesOn(world, traced));
});
after(async () => {
  await side[Symbol.asyncDispose]();
  await traced[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

async function during(work: () => Promise<unknown>): Promise<readonly string[]> {
  statements.length = 0;
  await work();
  return [...statements];
}

function strangersOf({ b, stranger }: Stage): readonly (readonly [string, string])[] {
  return [
    ['sibling', b.secret],
    ['foreign account', stranger.account.secret],
  ];
}

test('a foreign id runs the same statements as one that nobody has, on every route that takes an id', async () => {
  await withStage(groundOf(world), async (stage) => {
    const door = openDoor(groundOf(world, side.port).target);
    let compared = 0;
    for (const route of routesOn(world).filter(({ path }) => path.includes('/:'))) {
      for (const [who, secret] of strangersOf(stage)) {
        const forms = [...nounsOf(route)].map(([param, noun]) => ({
          param,
          ids: stage.a.things.get(noun)?.ids ?? [],
        }));
        for (const [at] of (forms[0]?.ids ?? []).entries()) {
          const foreign = Object.fromEntries(forms.map(({ param, ids }) => [param, ids[at] ?? ids[0] ?? '']));
          const missing = Object.fromEntries(
            Object.entries(foreign).map(([param, id]) => [param, missingLike(id)]),
          );
          const traceOf = (params: Record<string, string>): Promise<readonly string[]> =>
            during(() => door(exampleCall(route, params, bearer(secret))));
          const ofForeign = await traceOf(foreign);
          assert.deepEqual(ofForeign, await traceOf(missing), `${routeName(route)} as ${who}`);
          compared += ofForeign.length;
        }
      }
    }
    assert.ok(compared > 100, `${compared} statements compared`);
  });
});

test('acting for a foreign subaccount runs the same statements as acting for none', async () => {
  await withStage(groundOf(world), async ({ a, stranger }) => {
    const credential = { kind: 'bearer', secret: stranger.account.secret } as const;
    for (const form of [a.subaccountId, `external:${a.word}`]) {
      const act = (subaccount: string): Promise<readonly string[]> =>
        during(async () => {
          const fresh = makeAccess({ db: traced, clock: world.clock, log: silentLog });
          const facts = { remoteAddress: '127.0.0.1', requestId: 'trace', subaccount };
          await assert.rejects(fresh.authenticate(credential, facts), { code: 'not_found' });
          await fresh[Symbol.asyncDispose]();
        });
      const foreign = await act(form);
      assert.ok(foreign.length > 1, 'there is something to compare');
      assert.deepEqual(foreign, await act(missingLike(form)), form);
    }
  });
});
