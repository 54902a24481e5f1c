import { assert } from '../../base/assert.ts';
import { Batcher } from '../../base/batch.ts';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { HotConnection } from '../../base/database/hot-connection.ts';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import { fullGrants, grants as allGrants, unbounded } from '../../base/scope.ts';
import type { AccountId, Grant, Scope, SubaccountId } from '../../base/scope.ts';
import { hashSecret } from '../../base/secrets.ts';
import { findLoginKeys, isGrant, recordUses } from '../keys/index.ts';
import type { LoginKey } from '../keys/index.ts';
import { isRefusal, refuse } from '../refusals/index.ts';
import { findActingFor } from '../subaccounts/index.ts';
import type { ActingFor } from '../subaccounts/index.ts';
import { sessionOf } from '../logins/index.ts';
import type { Session } from '../logins/index.ts';
import { actingOf, commonPart, grantsOf, usableMemberships } from '../users/index.ts';
import type { Acting, Usable } from '../users/index.ts';
import { loginProblem, parseTarget, readSmtpUser } from './rules.ts';
import type { SmtpDialect, Target } from './rules.ts';
import { ShortCache } from './short-cache.ts';

/** As a door reads it from its request; null when there is none. */
export type Credential =
  | { readonly kind: 'bearer'; readonly secret: string }
  | { readonly kind: 'basic'; readonly user: string; readonly secret: string }
  | { readonly kind: 'session'; readonly token: string };

export type Facts = {
  readonly remoteAddress: string;
  readonly requestId: string;
  readonly subaccount?: string;
  /** Of a person: for which of their accounts. A key is of one. */
  readonly account?: string;
  /** Of a person at a host of a brand: no other account of theirs. */
  readonly onlyAccount?: AccountId;
};

export type SmtpAttempt = {
  readonly user: string;
  readonly secret: string;
  readonly remoteAddress: string;
  readonly requestId: string;
};

export type SmtpScope = {
  readonly scope: Scope;
  /** What the login names and nobody has, where the account takes such mail to reject it: the Scope is then the account's own. */
  readonly unknownSubaccount: string | null;
};

export type SmtpIdentity = SmtpScope & {
  readonly dialect: SmtpDialect;
  /** The Scope now, or as a subaccount that the message names; throws when the key is not valid any more. */
  readonly again: (requestId: string, subaccount?: string) => Promise<SmtpScope>;
};

const cacheMs = 1000;
const cacheMax = 10_000;
const lookupsMax = 256;
const grantSetsMax = 1000;
const usesEveryMs = 60_000;
const failuresMax = 20;
const failureWindowMs = 600_000;

export class Access implements AsyncDisposable {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #keys: ShortCache<LoginKey | null>;
  /** Keys that are not in the cache are asked for together: with 200,000 of them in use that is nearly every one. */
  readonly #lookups: Batcher<Buffer, LoginKey | null>;
  readonly #connection: HotConnection;
  readonly #targets: ShortCache<ActingFor | null>;
  readonly #people: ShortCache<LoggedIn | null>;
  readonly #grantSets = new Map<string, ReadonlySet<Grant>>();
  readonly #uses = new Map<string, Date>();
  readonly #failures = new Map<string, { count: number; until: number }>();
  readonly #timer: NodeJS.Timeout;

  constructor({ db, clock, log }: { db: Database; clock: Clock; log: Log }) {
    this.#db = db;
    this.#clock = clock;
    this.#log = log;
    this.#keys = new ShortCache(clock, cacheMs, cacheMax);
    this.#connection = new HotConnection(db.target, 'logins', log);
    this.#lookups = new Batcher<Buffer, LoginKey | null>({
      run: (hashes) => findLoginKeys(this.#connection, hashes),
      itemsMax: lookupsMax,
      weigh: () => 1,
      weightMax: lookupsMax,
      isItemFault: () => false,
    });
    this.#targets = new ShortCache(clock, cacheMs, cacheMax);
    this.#people = new ShortCache(clock, cacheMs, cacheMax);
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
      return await this.#scopeOf(key, facts.subaccount ?? null, facts.requestId);
    } catch (error) {
      // A session cannot be guessed; a page whose session has ended must not close the door for its whole office.
      const isGuess = credential.kind !== 'session';
      if (isGuess && error instanceof Error && 'code' in error && error.code === 'auth.failed')
        this.#failed(facts.remoteAddress);
      throw error;
    }
  };

  /**
   * From an SMTP login to whose control headers it obeys, and to a Scope for each message: asked again, because a session
   * may outlive its key. Throws a refusal.
   */
  async authenticateSmtp(attempt: SmtpAttempt): Promise<SmtpIdentity> {
    const login = readSmtpUser(attempt.user);
    const hash = hashSecret(attempt.secret);
    const scopeFor = async (requestId: string, subaccount?: string): Promise<SmtpScope> => {
      const key = await this.#loginByHash(login.publicId, hash, attempt.remoteAddress);
      return this.#scopeOfSmtp(key, login.actingFor ?? subaccount ?? null, requestId);
    };
    return { ...(await scopeFor(attempt.requestId)), dialect: login.dialect, again: scopeFor };
  }

  async #scopeOfSmtp(key: LoginKey, actingFor: string | null, requestId: string): Promise<SmtpScope> {
    try {
      return { scope: await this.#scopeOf(key, actingFor, requestId), unknownSubaccount: null };
    } catch (error) {
      const isUnknown = isRefusal(error) && error.code === 'not_found';
      if (!isUnknown || !key.takesUnknown || key.reach !== 'account') throw error;
      return { scope: await this.#scopeOf(key, null, requestId), unknownSubaccount: actingFor };
    }
  }

  /** What a person may do has changed on this node: it shows at once here, within a second elsewhere. */
  readonly forgetPeople = (): void => {
    this.#people.clear();
  };

  /** The operator at the console of the machine: the whole account, every grant. */
  operatorScope(account: { readonly id: AccountId; readonly ownSubaccountId: SubaccountId }): Scope {
    return makeScope({
      accountId: account.id,
      reach: 'account',
      subaccountId: account.ownSubaccountId,
      grants: new Set(allGrants),
      canChange: true,
      bounds: unbounded,
      actor: { kind: 'system', id: '0' },
      requestId: '',
    });
  }

  /** Background work that reads figures for whoever holds a report: nothing else, and changes nothing. */
  readerScope(holder: Pick<Scope, 'accountId' | 'subaccountId' | 'reach'>): Scope {
    return makeScope({
      ...holder,
      grants: new Set(['metrics:read']),
      canChange: false,
      bounds: unbounded,
      actor: { kind: 'system', id: '0' },
      requestId: '',
    });
  }

  #login(publicId: string | null, secret: string, remoteAddress: string): Promise<LoginKey> {
    return this.#loginByHash(publicId, hashSecret(secret), remoteAddress);
  }

  async #loginByHash(publicId: string | null, hash: Buffer, remoteAddress: string): Promise<LoginKey> {
    const key = await this.#keys.get(hash.toString('base64'), () => this.#lookups.add(hash));
    // The same work and the same answer for an unknown secret, a wrong one and one of another name.
    if (key === null || (publicId !== null && key.publicId !== publicId)) throw refuse('auth.failed');
    const problem = loginProblem(key, this.#clock.now(), remoteAddress);
    if (problem !== null) throw refuse(problem);
    this.#uses.set(key.id, new Date(this.#clock.now()));
    return key;
  }

  /** One set for all keys with the same list. */
  #grantsOf({ grantList }: LoginKey): ReadonlySet<Grant> {
    const known = this.#grantSets.get(grantList);
    if (known !== undefined) return known;
    const made = new Set(grantList.split(',').filter(isGrant));
    if (this.#grantSets.size >= grantSetsMax) this.#grantSets.clear();
    this.#grantSets.set(grantList, made);
    return made;
  }

  /** A subaccount's key is fixed: whatever the call says is overwritten. */
  async #scopeOf(key: LoginKey, actingFor: string | null, requestId: string): Promise<Scope> {
    const { accountId, subaccountId, canChange } = key;
    const shared: SharedScope = {
      accountId,
      grants: this.#grantsOf(key),
      bounds: {
        domain: key.domainLimit,
        addresses: key.allowedAddresses,
        expiresAt: key.expiresAt?.getTime() ?? null,
        templates: key.templates,
      },
      actor: { kind: 'key', id: key.id },
      requestId,
    };
    if (key.reach === 'person') return this.#scopeOfPersonsKey(key, shared, actingFor);
    if (key.reach === 'subaccount')
      return makeScope({ ...shared, reach: subaccountId, subaccountId, canChange });
    if (actingFor === null) return makeScope({ ...shared, reach: 'account', subaccountId, canChange });
    return this.#actFor(shared, actingFor);
  }

  /** What its person reaches in its account, with at most its own grants. */
  async #scopeOfPersonsKey(key: LoginKey, shared: SharedScope, actingFor: string | null): Promise<Scope> {
    const userId = key.userId ?? '';
    const loggedIn = await this.#people.get(`user ${userId}`, () => this.#asPerson(userId));
    const memberships = (loggedIn?.memberships ?? []).filter(({ accountId }) => accountId === key.accountId);
    if (memberships.length === 0) throw refuse('auth.failed');
    const wish = { account: null, currentAccount: null, currentSubaccount: null };
    const acting = actingOf(memberships, { ...wish, target: this.#targetOf(actingFor) });
    if (acting === null) throw refuse('not_found');
    const { actor, requestId } = shared;
    const own = await this.#scopeOfPerson(acting, { actor, requestId });
    const grants = new Set([...own.grants].filter((grant) => shared.grants.has(grant)));
    return makeScope({ ...own, grants, bounds: { ...shared.bounds, templates: own.bounds.templates } });
  }

  async #asPerson(userId: string): Promise<LoggedIn> {
    const session = { id: '', userId, currentAccount: null, currentSubaccount: null };
    return { session, memberships: await usableMemberships(this.#db.engine, userId) };
  }

  async #actFor(shared: SharedScope, text: string): Promise<Scope> {
    const target = parseTarget(text);
    if (target === null) throw refuse('not_found');
    const found = await this.#targets.get(`${shared.accountId}/${text}`, () =>
      findActingFor(this.#db.engine, shared.accountId, target),
    );
    if (found === null || !found.canRead) throw refuse('not_found');
    const { subaccountId, canChange } = found;
    const grants = new Set(fullGrants('subaccount').filter((grant) => shared.grants.has(grant)));
    return makeScope({ ...shared, reach: subaccountId, subaccountId, grants, canChange });
  }

  /** An ended session and a membership that was taken away fail within a second. */
  async #session(token: string, facts: Facts): Promise<Scope> {
    const loggedIn = await this.#people.get(hashSecret(token).toString('base64'), () => this.#logIn(token));
    if (loggedIn === null) throw refuse('auth.failed');
    const { session } = loggedIn;
    const { onlyAccount } = facts;
    const memberships = loggedIn.memberships.filter(
      ({ accountId }) => onlyAccount === undefined || accountId === onlyAccount,
    );
    const acting = actingOf(memberships, {
      account: facts.account === undefined ? null : Number(facts.account),
      target: this.#targetOf(facts.subaccount ?? null),
      currentAccount: session.currentAccount,
      currentSubaccount: session.currentSubaccount,
    });
    if (acting === null) throw refuse(memberships.length === 0 ? 'auth.failed' : 'not_found');
    const person = { kind: 'user', id: session.userId, sessionId: session.id } as const;
    const actor = onlyAccount === undefined ? person : { ...person, onlyAccount };
    return this.#scopeOfPerson(acting, { actor, requestId: facts.requestId });
  }

  async #scopeOfPerson(acting: Acting, asking: Pick<Scope, 'actor' | 'requestId'>): Promise<Scope> {
    if (acting.kind === 'subaccounts') return ofSubaccounts(acting.memberships, asking);
    const { membership, target } = acting;
    const { accountId, subaccountId, canChange, templates } = membership;
    const bounds = { ...unbounded, templates };
    const shared: SharedScope = { ...asking, accountId, grants: grantsOf(membership), bounds };
    if (target === null) return makeScope({ ...shared, reach: 'account', subaccountId, canChange });
    return this.#actFor(shared, 'id' in target ? String(target.id) : `external:${target.externalId}`);
  }

  #targetOf(text: string | null): Target | null {
    if (text === null) return null;
    const target = parseTarget(text);
    if (target === null) throw refuse('not_found');
    return target;
  }

  async #logIn(token: string): Promise<LoggedIn | null> {
    const session = await sessionOf(this.#db, token, new Date(this.#clock.now()));
    if (session === null) return null;
    return { session, memberships: await usableMemberships(this.#db.engine, session.userId) };
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
    await this.#connection[Symbol.asyncDispose]();
  }
}

type SharedScope = Omit<Scope, 'made' | 'reach' | 'subaccountId' | 'canChange'>;

type LoggedIn = { readonly session: Session; readonly memberships: readonly Usable[] };

/** One subaccount with what was given there; several with what all of them allow. */
function ofSubaccounts(memberships: readonly Usable[], asking: Pick<Scope, 'actor' | 'requestId'>): Scope {
  const [first] = memberships;
  assert(first !== undefined, 'a person acts for some subaccount');
  const { accountId, subaccountId } = first;
  const { grants, templates } =
    memberships.length === 1
      ? { grants: grantsOf(first), templates: first.templates }
      : commonPart(memberships);
  return makeScope({
    ...asking,
    accountId,
    subaccountId,
    reach: memberships.length === 1 ? subaccountId : memberships.map((each) => each.subaccountId),
    grants,
    canChange: memberships.every(({ canChange }) => canChange),
    bounds: { ...unbounded, templates },
  });
}

/** The one place where a Scope is made. */
function makeScope(scope: Omit<Scope, 'made'>): Scope {
  return scope as Scope;
}

export function makeAccess(world: { db: Database; clock: Clock; log: Log }): Access {
  return new Access(world);
}
