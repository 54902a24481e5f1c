/**
 * Connections to PostgreSQL, by what they may do. Two roles besides the owner:
 * - `tenant`: row security decides; only `scoped()` reaches it, with the Scope set locally in the transaction;
 * - `engine`: works across tenants in one batch (accept, claim, complete, event append), by its own explicit policy.
 * The owner migrates and makes partitions; under forced row security it sees no tenant's rows.
 */
import { Kysely, PostgresDialect, sql } from 'kysely';
import type { Transaction } from 'kysely';
import { escapeLiteral, Pool } from 'pg';
import type { ClientConfig, PoolClient } from 'pg';
import type { Log } from '../log.ts';
import type { Scope } from '../scope.ts';
import { keepPlans } from './kept-plans.ts';
import { toStoreLost } from './store-lost.ts';
import type { DB } from './tables.ts';

export type { DB } from './tables.ts';

/** What to connect to: an embedded cluster's socket or an outside server. */
export type ConnectionTarget = ClientConfig;

export type Role = 'owner' | 'tenant' | 'engine';

/** Reads and writes inside one transaction; a pool is not one, so that forgetting the transaction does not compile. */
export type Tx = Transaction<DB>;
export type Db = Kysely<DB>;

export const schemaName = 'lettershop';

/** Limits that the options of a DATABASE_URL may set otherwise. */
const roleLimits: Record<Role, string> = {
  owner: '',
  tenant: '-c statement_timeout=30000 -c idle_in_transaction_session_timeout=10000',
  engine: '-c statement_timeout=30000 -c idle_in_transaction_session_timeout=5000',
};

// A statement that reads a few rows waits longer for its workers to start (10 to 70 ms) than it would read: before a new
// partition is analyzed, a look-up of one message by its id is planned that way.
const oneWorker = '-c max_parallel_workers_per_gather=0 -c jit=off';

const roleSettings: Record<Role, string> = {
  owner: '',
  tenant: `-c role=lettershop_tenant ${oneWorker}`,
  // Plans of hot statements are pinned: with fresh tables the planner would choose scans that turn bad when they grow.
  engine:
    `-c role=lettershop_engine ${oneWorker}` +
    ' -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan',
};

/** The client settings for one role: search path and limits are set at connect, not by statements. */
export function clientConfig(target: ConnectionTarget, role: Role, applicationName: string): ClientConfig {
  const ours = `-c search_path=${schemaName} -c timezone=UTC ${roleSettings[role]}`;
  const options = `${roleLimits[role]} ${target.options ?? ''} ${ours}`;
  return {
    ...target,
    options,
    application_name: applicationName,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  };
}

export type DatabaseOptions = {
  /** Connections per pool. */
  readonly tenant: number;
  readonly engine: number;
  /** Gets the text of every statement of a tenant's or the engine's, its values left out: for tests. */
  readonly trace?: (sql: string) => void;
};

export class Database implements AsyncDisposable {
  readonly target: ConnectionTarget;
  /** Across tenants; for the few named files whose header says so, and for what happens before a Scope exists. */
  readonly engine: Db;
  readonly owner: Db;
  readonly #tenant: Db;

  constructor(
    target: ConnectionTarget,
    log: Log,
    { tenant, engine, trace }: DatabaseOptions = { tenant: 10, engine: 6 },
  ) {
    this.target = target;
    this.#tenant = open(target, 'tenant', tenant, log, trace);
    this.engine = open(target, 'engine', engine, log, trace);
    this.owner = open(target, 'owner', 2, log);
  }

  /**
   * One transaction that sees and changes only what `scope` may: row security asks the settings made here. They go to the
   * store together with its begin: a read of one statement takes three round trips instead of four.
   */
  async scoped<T>(scope: Scope, run: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#tenant.connection().execute(async (connection) => {
      await sql.raw(beginAs(scope)).execute(connection);
      try {
        const result = await run(connection as Tx);
        await sql`commit`.execute(connection);
        return result;
      } catch (error) {
        // What fails here is a connection that is lost, and says less than why.
        await sql`rollback`.execute(connection).catch(() => undefined);
        throw error;
      }
    });
  }

  /** A tenant transaction without any scope: sees nothing. Only for the test that proves it. */
  async unscoped<T>(run: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#tenant.transaction().execute(run);
  }

  /** Opens the connection that stays in each pool, so that the first caller does not wait for a backend to start. */
  async warm(): Promise<void> {
    await Promise.all(
      [this.#tenant, this.engine].map((pool) => sql`/* database.warm */ select 1`.execute(pool)),
    );
  }

  async asEngine<T>(run: (tx: Tx) => Promise<T>): Promise<T> {
    return this.engine.transaction().execute(run);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#tenant.destroy(), this.engine.destroy(), this.owner.destroy()]);
  }
}

/** Two statements take no parameters: values stand in the text as literals. */
function beginAs({ accountId, reach, actor, subaccountId, requestId }: Scope): string {
  const settings = {
    account_id: accountId,
    reach: reach === 'account' ? '*' : [reach].flat().join(','),
    actor: `${actor.kind}:${actor.id}`,
    subaccount: subaccountId,
    request: requestId,
  };
  const set = Object.entries(settings).map(
    ([name, value]) => `set_config('app.${name}', ${escapeLiteral(String(value))}, true)`,
  );
  return `begin; ${scopeMark} select ${set.join(', ')}`;
}

const scopeMark = '/* database.scope */';

/** The text of a statement; of a begin that sets a scope without it, as its values stand in it. */
function told(text: string): string {
  return text.includes(scopeMark) ? `begin; ${scopeMark}` : text;
}

function open(
  target: ConnectionTarget,
  role: Role,
  max: number,
  log: Log,
  trace?: DatabaseOptions['trace'],
): Db {
  const pool = new Pool({
    ...clientConfig(target, role, `lettershop ${role}`),
    max,
    // One stays, so that the first page after a quiet minute does not wait for a backend to start (40 ms).
    min: 1,
    idleTimeoutMillis: 60_000,
  });
  pool.on('error', (error) => log.warn({ error: error.message, role }, 'a database connection was lost'));
  pool.on('connect', (client) => {
    // One that is lost in use tells by its query; without a listener it would end the program besides.
    client.on('error', () => undefined);
    if (role === 'engine') keepPlans(client);
    tellLosses(client);
  });
  const connect = (): Promise<PoolClient> => pool.connect().catch(rethrow);
  return new Kysely<DB>({
    dialect: new PostgresDialect({ pool: { options: pool.options, connect, end: () => pool.end() } }),
    ...(trace === undefined ? {} : { log: ({ query }) => trace(told(query.sql)) }),
  });
}

function rethrow(error: unknown): never {
  throw toStoreLost(error);
}

function tellLosses(client: PoolClient): void {
  const query = client.query.bind(client) as (...given: readonly unknown[]) => unknown;
  client.query = ((...given: readonly unknown[]) => {
    const answer = query(...given);
    return answer instanceof Promise ? answer.catch(rethrow) : answer;
  }) as PoolClient['query'];
}
