import { assert } from '../../base/assert.ts';
import { Batcher } from '../../base/batch.ts';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { HotConnection } from '../../base/database/hot-connection.ts';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import { fullGrants, grants as allGrants, reaches, unbounded } from '../../base/scope.ts';
import type { AccountId, Bounds, Grant, Scope, SubaccountId } from '../../base/scope.ts';
import { hashSecret, isViewSecret } from '../../base/secrets.ts';
import { findLoginKeyById, findLoginKeys, isGrant, keyProblem, recordUses } from '../keys/index.ts';
import type { LoginKey } from '../keys/index.ts';
import { isRefusal, refuse } from '../refusals/index.ts';
import { findActingFor } from '../subaccounts/index.ts';
import type { ActingFor } from '../subaccounts/index.ts';
import { sessionOf } from '../logins/index.ts';
import type { Session } from '../logins/index.ts';
import { actingOf, commonPart, grantsOf, usableMemberships } from '../users/index.ts';
import type { Acting, Usable } from '../users/index.ts';
import type { Credential, Facts, SmtpAttempt, SmtpIdentity, SmtpScope } from './model.ts';
import { narrowed } from './narrow.ts';
import { loginProblem, parseTarget, readSmtpUser } from './rules.ts';
import type { Target } from './rules.ts';
import { ShortCache } from './short-cache.ts';
import { Throttle } from './throttle.ts';

const cacheMs = 1000;
const cacheMax = 10_000;
const lookupsMax = 256;
const grantSetsMax = 1000;
const usesEveryMs = 60_000;

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
  /** Keys in whose name embeds act, by id. */
  readonly #makers: ShortCache<LoginKey | null>;
  readonly #throttle: Throttle;
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
    this.#makers = new ShortCache(clock, cacheMs, cacheMax);
    this.#throttle = new Throttle(clock);
    this.#timer = setInterval(() => void this.#writeUses(), usesEveryMs);
    this.#timer.unref();
  }

  /** From an HTTP credential to a Scope; throws a refusal. A key that was revoked fails within a second. */
  authenticate = async (credential: Credential | null, facts: Facts): Promise<Scope> => {
    const scope = await this.#whole(credential, facts);
    return facts.some === undefined ? scope : makeScope(await narrowed(this.#db.engine, scope, facts.some));
  };

  async #whole(credential: Credential | null, facts: Facts): Promise<Scope> {
    if (credential === null) throw refuse('auth.missing');
    this.#throttle.check(facts.remoteAddress);
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
      const isGuess = credential.kind !== 'session' && !isViewSecret(credential.secret);
      if (isGuess && error instanceof Error && 'code' in error && error.code === 'auth.failed')
        this.#throttle.failed(facts.remoteAddress);
      throw error;
    }
  }

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
    // It is for the pages of one browser.
    if (key.kind === 'embed') throw refuse('auth.failed');
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

  /** An embed was ended on this node, by the hash of its secret: it fails at once here, within a second elsewhere. */
  readonly forgetKey = (secretHash: Buffer): void => {
    this.#keys.delete(secretHash.toString('base64'));
  };

  /**
   * What an embed may do whose link is being opened, by the id of its key; throws as `authenticate` does. Whether its link
   * is still to be opened is not looked at.
   */
  async embedScope(id: string, { remoteAddress, requestId }: Facts): Promise<Scope> {
    const key = await findLoginKeyById(this.#db.engine, id);
    if (key === null || key.kind !== 'embed') throw refuse('auth.failed');
    const problem = loginProblem({ ...key, status: 'active' }, this.#clock.now(), remoteAddress);
    if (problem !== null) throw refuse(problem);
    return this.#scopeOf(key, null, requestId);
  }

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
  readerScope(
    holder: Pick<Scope, 'accountId' | 'subaccountId' | 'reach'>,
    bounds: Partial<Bounds> = {},
  ): Scope {
    return makeScope({
      ...holder,
      grants: new Set(['metrics:read']),
      canChange: false,
      bounds: { ...unbounded, ...bounds },
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
    if (key.kind === 'embed')
      return this.#scopeOfEmbed(key, { ...shared, reach: subaccountId, subaccountId, canChange });
    if (key.reach === 'person') return this.#scopeOfPersonsKey(key, shared, actingFor);
    if (key.reach === 'subaccount')
      return makeScope({ ...shared, reach: subaccountId, subaccountId, canChange });
    if (actingFor === null) return makeScope({ ...shared, reach: 'account', subaccountId, canChange });
    return this.#actFor(shared, actingFor);
  }

  /** It holds what it was given, while who gave it could give it again: nobody's delegate outlives or exceeds them. */
  async #scopeOfEmbed(key: LoginKey, own: Omit<Scope, 'made'>): Promise<Scope> {
    const maker = await this.#scopeOfMaker(key, own.requestId);
    const given = {
      reach: 'subaccount',
      grants: [...own.grants],
      domainLimit: own.bounds.domain,
      allowedAddresses: own.bounds.addresses,
      // When the maker's time is over, the maker is refused.
      expiresAt: maker?.bounds.expiresAt ?? null,
      templates: own.bounds.templates,
    } as const;
    if (maker === null || !reaches(maker.reach, key.subaccountId) || keyProblem(maker, given) !== null)
      throw refuse('auth.failed');
    return makeScope(own);
  }

  /** Who made an embed, acting for its subaccount; null when they cannot any more. */
  async #scopeOfMaker(embed: LoginKey, requestId: string): Promise<Scope | null> {
    const target = String(embed.subaccountId);
    try {
      if (embed.madeByKey !== null) {
        const id = embed.madeByKey;
        const key = await this.#makers.get(id, () => findLoginKeyById(this.#db.engine, id));
        // Where the maker may be used from is not where the embed is looked at.
        if (key === null || loginProblem({ ...key, allowedAddresses: [] }, this.#clock.now(), '') !== null)
          return null;
        return await this.#scopeOf(key, key.reach === 'subaccount' ? null : target, requestId);
      }
      const userId = embed.madeByUser ?? '';
      const person = await this.#people.get(`user ${userId}`, () => this.#asPerson(userId));
      const wish = { account: null, currentAccount: null, currentSubaccount: null };
      const there = (person?.memberships ?? []).filter(({ accountId }) => accountId === embed.accountId);
      const acting = actingOf(there, { ...wish, target: { id: Number(embed.subaccountId) } });
      if (acting === null) return null;
      return await this.#scopeOfPerson(acting, { actor: { kind: 'user', id: userId }, requestId });
    } catch (error) {
      if (isRefusal(error)) return null;
      throw error;
    }
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
    const host = facts.brandHost?.name ?? null;
    const key = `${hashSecret(token).toString('base64')} ${host ?? ''}`;
    const loggedIn = await this.#people.get(key, () => this.#logIn(token, host));
    if (loggedIn === null) throw refuse('auth.failed');
    const { session } = loggedIn;
    const onlyAccount = facts.brandHost?.accountId;
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

  async #logIn(token: string, host: string | null): Promise<LoggedIn | null> {
    const session = await sessionOf(this.#db, token, host, new Date(this.#clock.now()));
    if (session === null) return null;
    return { session, memberships: await usableMemberships(this.#db.engine, session.userId) };
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
