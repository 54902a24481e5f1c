import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../base/config.ts';
import { systemClock } from '../base/clock.ts';
import { Database } from '../base/database/database.ts';
import { silentLog } from '../base/log.ts';
import { makeAccess } from '../features/access/index.ts';
import { makeOperator, proveIsolation, routesAsData } from '../isolation/index.ts';
import type { Report, Target } from '../isolation/index.ts';
import { nativeRoutes } from '../main/routes.ts';
import type { Command } from './index.ts';
import { withDatabase } from './with-store.ts';

/** Attacks the program that runs on this data folder, with throw-away tenants. */
export const proveIsolationCommand: Command = {
  usage: '[--json]',
  does: 'attack the running program as every kind of stranger, and say what came out',
  run: async (words, config) => {
    const target = await runningTarget(config);
    if (target === null) {
      console.error(
        `lettershop prove-isolation: no program runs on ${config.LETTERSHOP_DATA_DIR}; start it first`,
      );
      return 1;
    }
    // A connection of its own: the attack outlasts what `withDatabase` opens for one question.
    const store = await withDatabase(config, (db) => Promise.resolve(db.target));
    await using db = new Database(store, silentLog, { tenant: 2, engine: 2 });
    await using access = makeAccess({ db, clock: systemClock, log: silentLog });
    const captures = config.LETTERSHOP_OUTBOUND === 'capture';
    const operator = makeOperator({ db, clock: systemClock, access, captures });
    const report = await proveIsolation({ target, routes: routesAsData(nativeRoutes), operator });
    console.log(words.includes('--json') ? JSON.stringify(report, null, 2) : tableOf(report));
    return report.leaks.length === 0 && report.blind.length === 0 ? 0 : 1;
  },
};

type Listening = { readonly host: string; readonly port: number };

async function runningTarget(config: Config): Promise<Target | null> {
  const path = join(config.LETTERSHOP_DATA_DIR, 'listening.json');
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  const { http, smtp } = JSON.parse(text) as { http: Listening; smtp: Listening };
  const host = reachable(http.host);
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${http.port}`;
  return { url, smtp: { host: reachable(smtp.host), port: smtp.port } };
}

/** A listener on every address is met on loopback. */
function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}

function tableOf(report: Report): string {
  const rows = report.byCredential.map(({ name, cases, leaks }) => [name, String(cases), String(leaks)]);
  const lines = [['credential', 'cases', 'leaks'], ...rows].map(
    ([name = '', cases = '', leaks = '']) => `${name.padEnd(48)} ${cases.padStart(7)} ${leaks.padStart(7)}`,
  );
  const total = `${report.routes} routes, ${report.credentials} credentials, ${report.cases} cases: ${
    report.leaks.length === 0 ? 'no leak' : `${report.leaks.length} LEAKS`
  }`;
  const leaks = report.leaks.map(({ where, who, what }) => `LEAK   ${where} as ${who}: ${what}`);
  const blind = report.blind.map((each) => `BLIND  ${each}`);
  const untried = report.untried.map((what) => `note   not to be had here, not tried: ${what}`);
  const throttled =
    report.throttled === 0
      ? []
      : [`note   ${report.throttled} answers only said that too many logins had failed; not judged`];
  return [...lines, '', total, ...leaks, ...blind, ...untried, ...throttled].join('\n');
}
