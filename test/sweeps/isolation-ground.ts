/** What the tests of isolation share: the program's routes on a database of the test's choosing, behind a door of its own. */
import type { Database } from '../../src/base/database/database.ts';
import { silentLog } from '../../src/base/log.ts';
import type { Route } from '../../src/base/route.ts';
import { Throttle } from '../../src/features/access/index.ts';
import { embedPages } from '../../src/http/embed-page.ts';
import { startHttp } from '../../src/http/server.ts';
import type { HttpServer } from '../../src/http/server.ts';
import { makeOperator } from '../../src/isolation/index.ts';
import type { Target } from '../../src/isolation/index.ts';
import { nativeRoutes } from '../../src/main/routes.ts';
import type { World } from '../world.ts';

/** The real routes, run on the program's parts but for the database, when one is given. */
export function routesOn({ program, clock }: World, db: Database = program.store.db): readonly Route[] {
  return nativeRoutes({
    ...program,
    config: {} as never,
    log: silentLog,
    clock,
    store: { ...program.store, db },
    messages: { ...program.messages, db },
    domains: { ...program.domains, db },
    tracking: { ...program.tracking, db },
    senders: { ...program.senders, db },
    brands: { ...program.brands, db },
  });
}

/** One more HTTP door to the program, with these routes. */
export function openSideDoor({ program, clock }: World, routes: readonly Route[]): Promise<HttpServer> {
  return startHttp({
    host: '127.0.0.1',
    port: 0,
    routes,
    authenticate: program.access.authenticate,
    trustedProxies: [],
    bodyLimitBytes: 1_048_576,
    checkReplies: 'throw',
    log: silentLog,
    readiness: () => Promise.resolve({ ready: true }),
    observeRequest: program.requestLog.seeRequest,
    pages: embedPages({
      db: program.store.db,
      clock,
      access: program.access,
      publicUrl: program.publicUrl,
      console: { files: null, publicUrl: program.publicUrl },
      throttle: new Throttle(clock),
    }),
  });
}

export function groundOf(
  world: World,
  httpPort = world.program.doors.httpPort,
): { target: Target; operator: ReturnType<typeof makeOperator> } {
  const { database, clock, program } = world;
  const smtp = { host: '127.0.0.1', port: world.smtpPort };
  return {
    target: { url: `http://127.0.0.1:${httpPort}`, smtp },
    operator: makeOperator({ db: database.db, clock, access: program.access, captures: true }),
  };
}
