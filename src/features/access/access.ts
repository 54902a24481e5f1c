import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import { grants as allGrants } from '../../base/scope.ts';
import type { AccountId, Actor, Grant, Scope, SubaccountId } from '../../base/scope.ts';
import { hashSecret, sameHash } from '../../base/secrets.ts';
import { findLoginKey, fullGrants, isGrant, recordUses } from '../keys/index.ts';
import type { LoginKey } from '../keys/index.ts';
import { refuse } from '../refusals/index.ts';
import { findActingFor } from '../subaccounts/index.ts';
import type { ActingFor } from '../subaccounts/index.ts';
import { sessionUser } from '../users/index.ts';
import { loginProblem, mayRead, parseTarget, readSmtpUser } from './rules.ts';
import type { SmtpDialect } from './rules.ts';
import { ShortCache } from './short-cache.ts';

/** As a door reads it from its request; null when there is none. */
export type Credential =
  | { readonly kind: 'bearer'; readonly secret: string }
  | { readonly kind: 'basic'; readonly user: string; readonly secret: string }
  | { readonly kind: 'session'; readonly token: string };

export type Facts = { readonly remoteAddress: string; readonly subaccount?: string };

export type SmtpAttempt = { readonly user: string; readonly secret: string; readonly remoteAddress: string };

const cacheMs = 1000;
const cacheMax = 10_000;
const usesEveryMs = 60_000;
const failuresMax = 20;
const failureWindowMs = 600_000;

export class Access implements AsyncDisposable {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #keys: ShortCache<LoginKey | null>;
  readonly #targets: ShortCache<ActingFor | null>;
  readonly #uses = new Map<string, Date>();
  readonly #failures = new Map<string, { count: number; until: number }>();
  readonly #timer: NodeJS.Timeout;

  constructor({ db, clock, log }: { db: Database; clock: Clock; log: Log }) {
    this.#db = db;
    this.#clock = clock;
    this.#log = log;
    this.#keys = new ShortCache(clock, cacheMs, cacheMax);
    this.#targets = new ShortCache(clock, cacheMs, cacheMax);
    this.#timer = setInterval(() => void this.#writeUses(), usesEveryMs);
    this.#timer.unref();
  }

  /** From an HTTP credential to a Scope; throws a refusal. A key that was revoked fails within a second. */
  authenticate = async (credential: Credential | null, facts: Facts): Promise<Scope> => {
    if (credential === null) throw refuse('auth.missing');
    this.#checkThrottle(facts.remoteAddress);
    try {
      if (credential.kind === 'session') return await this.#session(credential.token, facts);
      const key = await this.#login(
        credential.kind === 'basic' ? credential.user : null,
        credential.secret,
        facts.remoteAddress,
      );
      return await this.#scopeOf(key, facts.subaccount ?? null);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'auth.failed')
        this.#failed(facts.remoteAddress);
      throw error;
    }
  };

  /** From an SMTP login to a Scope and whose control headers it obeys; throws a refusal. */
  async authenticateSmtp(
    attempt: SmtpAttempt,
  ): Promise<{ readonly scope: Scope; readonly dialect: SmtpDialect }> {
    const login = readSmtpUser(attempt.user);
    const key = await this.#login(login.publicId, attempt.secret, attempt.remoteAddress);
    return { scope: await this.#scopeOf(key, login.actingFor), dialect: login.dialect };
  }

  /** The operator at the console of the machine: the whole account, every grant. */
  operatorScope(account: { readonly id: AccountId; readonly ownSubaccountId: SubaccountId }): Scope {
    return makeScope(account.id, 'account', account.ownSubaccountId, new Set(allGrants), {
      kind: 'system',
      id: '0',
    });
  }

  async #login(publicId: string | null, secret: string, remoteAddress: string): Promise<LoginKey> {
    const hash = hashSecret(secret);
    const key = await this.#keys.get(hash.toString('base64'), () =>
      findLoginKey(this.#db.engine, { secretHash: hash }),
    );
    // The same work and the same answer for an unknown secret, a wrong one and one of another name.
    const isRight =
      key !== null && sameHash(key.secretHash, hash) && (publicId === null || key.publicId === publicId);
    if (!isRight) throw refuse('auth.failed');
    const problem = loginProblem(key, this.#clock.now(), remoteAddress);
    if (problem !== null) throw refuse(problem);
    this.#uses.set(key.id, new Date(this.#clock.now()));
    return key;
  }

  /** A subaccount's key is fixed: whatever the call says is overwritten. */
  async #scopeOf(key: LoginKey, actingFor: string | null): Promise<Scope> {
    const grants = new Set(key.grants.filter(isGrant));
    const actor = { kind: 'key', id: key.id } as const;
    if (key.reach === 'subaccount')
      return makeScope(key.accountId, key.subaccountId, key.subaccountId, grants, actor);
    if (actingFor === null) return makeScope(key.accountId, 'account', key.subaccountId, grants, actor);
    return this.#actFor(key.accountId, actingFor, grants, actor);
  }

  async #actFor(
    accountId: AccountId,
    text: string,
    grants: ReadonlySet<Grant>,
    actor: Actor,
  ): Promise<Scope> {
    const target = parseTarget(text);
    if (target === null) throw refuse('not_found');
    const found = await this.#targets.get(`${accountId}/${text}`, () =>
      findActingFor(this.#db.engine, accountId, target),
    );
    if (found === null || found.status === 'deleted') throw refuse('not_found');
    const allowed = new Set(fullGrants('subaccount').filter((grant) => grants.has(grant)));
    return makeScope(accountId, found.subaccountId, found.subaccountId, allowed, actor);
  }

  async #session(token: string, facts: Facts): Promise<Scope> {
    const user = await sessionUser(this.#db, token, new Date(this.#clock.now()));
    if (user === null || !mayRead(user.accountStatus)) throw refuse('auth.failed');
    const actor = { kind: 'user', id: user.userId } as const;
    const grants = new Set(allGrants);
    if (facts.subaccount !== undefined) return this.#actFor(user.accountId, facts.subaccount, grants, actor);
    return makeScope(user.accountId, 'account', user.subaccountId, grants, actor);
  }

  #checkThrottle(address: string): void {
    const known = this.#failures.get(address);
    if (known === undefined || known.until <= this.#clock.now() || known.count < failuresMax) return;
    throw refuse('auth.throttled', {
      retryAfterSeconds: Math.ceil((known.until - this.#clock.now()) / 1000),
    });
  }

  #failed(address: string): void {
    const now = this.#clock.now();
    const known = this.#failures.get(address);
    if (known !== undefined && known.until > now) {
      known.count += 1;
      return;
    }
    if (this.#failures.size >= cacheMax) this.#failures.clear();
    this.#failures.set(address, { count: 1, until: now + failureWindowMs });
  }

  async #writeUses(): Promise<void> {
    if (this.#uses.size === 0) return;
    const uses = new Map(this.#uses);
    this.#uses.clear();
    await recordUses(this.#db.engine, uses).catch((error: unknown) =>
      this.#log.warn({ error: errorText(error) }, 'last uses of keys were not written'),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#writeUses();
  }
}

/** The one place where a Scope is made. */
function makeScope(
  accountId: AccountId,
  reach: Scope['reach'],
  subaccountId: SubaccountId,
  grants: ReadonlySet<Grant>,
  actor: Actor,
): Scope {
  return { accountId, reach, subaccountId, grants, actor } as Scope;
}

export function makeAccess(world: { db: Database; clock: Clock; log: Log }): Access {
  return new Access(world);
}
