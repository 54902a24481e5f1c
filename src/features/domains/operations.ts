import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import { onlySubaccount, reaches } from '../../base/scope.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import type { Keyring } from '../../base/seal.ts';
import type { DomainName } from '../../mail/address.ts';
import { makeReportAddress } from '../../mail/report-address.ts';
import { append } from '../events/index.ts';
import type { EventKind } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { judgeBounces, returnPathAlternatives } from './bounce-proof.ts';
import type { DomainFacts, MailProof, ProofResult } from './model.ts';
import { withMailProof } from './rules.ts';
import { proveDomain } from './proof.ts';
import type { Resolve } from './proof.ts';
import { domainState, isOurSelector, maySignFor, nextCheckAt, wantedRecords } from './rules.ts';
import type { WantedRecord } from './model.ts';
import { makeKeys, selectors } from './made-keys.ts';
import type { MadeKey } from './made-keys.ts';
import { sealContext } from './sending.ts';
import {
  deleteDomain,
  dueForCheck,
  findDomain,
  insertDomain,
  insertKeys,
  listDomains,
  listKeys,
  recordCheck,
  releaseOwnership,
  setOwnSelector,
  takeOwnership,
  updateShare,
} from './sql.ts';
import type { DomainRow, KeyRow, ShareLevel, StoredKey } from './sql.ts';
import { setDefaultBounce } from './sql-bounces.ts';
import { dropMailProofs, listMailProofs } from './sql-mail-proof.ts';
import { findSignedBy, setSigningDomain } from './sql-signing.ts';

export type DomainWorld = {
  readonly db: Database;
  readonly clock: Clock;
  readonly ring: Keyring;
  /** LETTERSHOP_MAIL_DOMAIN: what return paths and the SPF include point at. */
  readonly mailDomain: string;
  readonly resolve: Resolve;
  /** What hangs on a domain goes with it, and is told of. */
  readonly removeWith?: (tx: Tx, domain: DomainRow) => Promise<void>;
  /** This node signs with other keys from now on; the others within half a minute. */
  readonly forgetKeys?: (domainId: string) => void;
};

/** What may be told of a key: never its private part. */
export type PublicKey = Pick<StoredKey, 'selector' | 'algorithm' | 'state' | 'createdAt'>;

export type Domain = DomainRow & {
  readonly records: readonly WantedRecord[];
  readonly keys: readonly PublicKey[];
  /** Of the return path's record. */
  readonly alternatives: readonly WantedRecord[];
  /** Mailboxes that were asked; none of a domain that is only shared with the scope. */
  readonly mailProofs: readonly MailProof[];
};

/** Adds a domain for the scope's subaccount; it sends once its proof is seen. */
export async function create(
  world: DomainWorld,
  scope: Scope,
  input: { name: DomainName; share: ShareLevel; isBuiltin?: boolean; signingDomainId?: string },
  brought: MadeKey | null = null,
): Promise<Domain> {
  if (input.share !== 'none') checkSharing(scope, scope.subaccountId);
  const keys = await makeKeys(brought);
  return world.db.scoped(scope, async (tx) => {
    const made = await createWithin(world, tx, scope, input, keys);
    const { signingDomainId = null } = input;
    if (signingDomainId === null) return made;
    await setSigner(tx, made, signingDomainId);
    return { ...made, signingDomainId };
  });
}

/** Within a transaction of the caller's; unproven, whatever it was elsewhere: its keys may be known, its owner token is new. */
export async function createWithin(
  world: Pick<DomainWorld, 'clock' | 'ring' | 'mailDomain'>,
  tx: Tx,
  scope: Pick<Scope, 'accountId' | 'subaccountId'>,
  input: { name: DomainName; share: ShareLevel; isBuiltin?: boolean },
  keys: readonly MadeKey[],
): Promise<Domain> {
  const now = new Date(world.clock.now());
  const domain = await insertDomain(tx, {
    accountId: scope.accountId,
    subaccountId: scope.subaccountId,
    name: input.name,
    ownerToken: randomBytes(16).toString('hex'),
    share: input.share,
    isBuiltin: input.isBuiltin ?? false,
    nextCheckAt: input.isBuiltin === true ? null : now,
  });
  if (domain === null)
    throw refuse('conflict.exists', { message: `The domain ${input.name} exists already` });
  const rows = keys.map(({ privateDer, ...key }): KeyRow => {
    // Keys that travelled keep the selectors under which they are published.
    const isFresh = selectors.some((each) => each.selector === key.selector);
    const selector = isFresh ? `${key.selector}-${Number(domain.id).toString(36)}` : key.selector;
    return {
      ...key,
      selector,
      sealedPrivateKey: world.ring.seal(privateDer, sealContext(domain.id, selector)),
    };
  });
  await insertKeys(tx, domain, rows);
  const own = rows.find(({ selector }) => !isOurSelector(selector));
  if (own !== undefined) await setOwnSelector(tx, domain.id, own.selector);
  await append(tx, now, [eventOf(domain, 'domain.created')]);
  const stored = rows.map((row) => ({ ...row, createdAt: domain.createdAt }));
  return { ...domain, ...recordsFor(world, domain, stored), mailProofs: [] };
}

export async function list(
  world: DomainWorld,
  scope: Scope,
  page: { after: string; limit: number },
): Promise<readonly Domain[]> {
  return world.db.scoped(scope, async (tx) => {
    const subaccountId = onlySubaccount(scope.reach);
    const domains: Domain[] = [];
    const rows = await listDomains(tx, { ...page, subaccountId });
    const asked = await listMailProofs(
      tx,
      rows.map(({ id }) => id),
    );
    for (const domain of rows) {
      const records = recordsFor(world, domain, await listKeys(tx, domain.id));
      domains.push({ ...domain, ...records, mailProofs: asked.get(domain.id) ?? [] });
    }
    return domains;
  });
}

export async function get(world: DomainWorld, scope: Scope, id: string): Promise<Domain> {
  return world.db.scoped(scope, async (tx) => {
    const domain = await findDomain(tx, id);
    if (domain === null) throw refuse('not_found');
    const mailProofs = (await listMailProofs(tx, [id])).get(id) ?? [];
    return { ...domain, ...recordsFor(world, domain, await listKeys(tx, domain.id)), mailProofs };
  });
}

/** Removes a domain that the scope holds; a shared one of the account's is not a subaccount's to remove. */
export async function remove(world: DomainWorld, scope: Scope, id: string): Promise<void> {
  const { domain, signed } = await world.db.scoped(scope, async (tx) => {
    const found = await findDomain(tx, id);
    if (found === null || !mayChange(scope, found)) throw refuse('not_found');
    await world.removeWith?.(tx, found);
    const wasSignedBy = await findSignedBy(tx, id);
    await deleteDomain(tx, id);
    await append(tx, new Date(world.clock.now()), [eventOf(found, 'domain.deleted')]);
    return { domain: found, signed: wasSignedBy };
  });
  for (const each of signed) world.forgetKeys?.(each);
  await world.db.asEngine((tx) => releaseOwnership(tx, domain.name, domain.accountId));
}

export type DomainChange = {
  readonly share?: ShareLevel | undefined;
  /** Only a domain by which bounces come back can be it. */
  readonly isDefaultBounce?: boolean | undefined;
  /** Null: it signs for itself. */
  readonly signingDomainId?: string | null | undefined;
};

export async function change(
  world: DomainWorld,
  scope: Scope,
  id: string,
  { share: level, isDefaultBounce, signingDomainId }: DomainChange,
): Promise<Domain> {
  // Itself, and those that it signs for: who signs is asked about again.
  const resigned = await world.db.scoped(scope, async (tx) => {
    const found = await findDomain(tx, id);
    if (found === null || !mayChange(scope, found)) throw refuse('not_found');
    if (level !== undefined) {
      if (level !== 'none') checkSharing(scope, found.subaccountId);
      await updateShare(tx, id, level);
    }
    if (isDefaultBounce !== undefined) {
      if (isDefaultBounce) checkTakesBounces(found);
      await setDefaultBounce(tx, found, isDefaultBounce);
    }
    if (signingDomainId !== undefined) await setSigner(tx, found, signingDomainId);
    await append(tx, new Date(world.clock.now()), [eventOf(found, 'domain.changed')]);
    return [id, ...(level === undefined ? [] : await findSignedBy(tx, id))];
  });
  for (const each of resigned) world.forgetKeys?.(each);
  return get(world, scope, id);
}

/** One that is unknown, foreign or not proven is refused alike; a holder is never given another's name to sign with. */
async function setSigner(tx: Tx, domain: DomainRow, signingDomainId: string | null): Promise<void> {
  const signer = signingDomainId === null ? null : await findDomain(tx, signingDomainId);
  if (signingDomainId !== null && (signer === null || !maySignFor(signer, domain)))
    throw invalidField('signingDomainId', 'known', 'is not a proven domain that may sign for this one');
  await setSigningDomain(tx, domain.id, signingDomainId);
}

/** Looks at DNS now and records what was seen; the scope must hold the domain. */
export async function check(world: DomainWorld, scope: Scope, id: string): Promise<Domain> {
  const domain = await get(world, scope, id);
  if (!mayChange(scope, domain)) throw refuse('not_found');
  await look(world, domain);
  return get(world, scope, id);
}

/** Background: domains whose next look is due; returns how many were looked at. */
export async function checkDue(world: DomainWorld, limit: number): Promise<number> {
  const due = await world.db.asEngine((tx) => dueForCheck(tx, new Date(world.clock.now()), limit));
  for (const domain of due) await look(world, domain);
  return due.length;
}

/** Asks DNS now, and keeps what it showed. */
export async function look(world: DomainWorld, domain: DomainRow): Promise<void> {
  if (domain.isBuiltin) return;
  const keys = await listKeys(world.db.engine, domain.id);
  const seen = await proveDomain(factsOf(world, domain, keys), world.resolve);
  const proofs = withMailProof(seen, domain.mailProvenAt);
  const now = new Date(world.clock.now());
  const bounces = judgeBounces({ isProven: domain.isBounceProven, toItself: domain.bouncesToItself }, proofs);
  const judged = domainState(domain.state, proofs);
  const state = await world.db.asEngine(async (tx) => {
    const isOwner = judged !== 'proven' || (await takeOwnership(tx, domain.name, domain.accountId, now));
    const found = isOwner ? judged : 'unproven';
    const told = isOwner ? proofs : proofs.map(withForeignOwner);
    await recordCheck(tx, domain.id, {
      state: found,
      proofs: told,
      at: now,
      nextCheckAt: new Date(nextCheckAt(now.getTime(), found, domain.createdAt.getTime())),
      provenSelectors: provenSelectors(proofs),
      bounces,
    });
    if (found !== 'proven') await releaseOwnership(tx, domain.name, domain.accountId);
    if (found === 'lost') await dropMailProofs(tx, domain.id);
    if (found !== domain.state) {
      await append(tx, now, [eventOf(domain, found === 'proven' ? 'domain.proven' : 'domain.lost')]);
    }
    return found;
  });
  const isMoved =
    bounces !== null &&
    (bounces.toItself !== domain.bouncesToItself || bounces.isProven !== domain.isBounceProven);
  if (isMoved || state !== domain.state) world.forgetKeys?.(domain.id);
}

/** Whoever holds a thing changes it, and the account does; one that is only shared with the caller is not theirs to change. */
export function mayChange(scope: Scope, held: { readonly subaccountId: SubaccountId }): boolean {
  return reaches(scope.reach, held.subaccountId);
}

function checkTakesBounces({ state, isBuiltin, isBounceProven: isSeen }: DomainRow): void {
  if (state === 'proven' && (isBuiltin || isSeen)) return;
  throw refuse('conflict.state', {
    message: 'Bounces come back by a domain that is proven and whose return path record DNS shows',
  });
}

/** The account shares what it holds itself; what a subaccount holds is nobody's but its own. */
export function checkSharing(scope: Scope, holder: SubaccountId): void {
  if (scope.reach !== 'account' || holder !== scope.subaccountId)
    throw refuse('conflict.state', { message: 'Only what the account holds itself can be shared' });
}

function provenSelectors(proofs: readonly ProofResult[]): string[] {
  return proofs
    .filter(({ purpose, state }) => purpose === 'dkim' && state === 'proven')
    .map(({ asked }) => asked.name.split('.')[0] ?? '');
}

/** The records are right, but another account proved the name first: it says so without saying who. */
function withForeignOwner(proof: ProofResult): ProofResult {
  if (proof.purpose !== 'ownership') return proof;
  return {
    ...proof,
    state: 'wrong',
    explain: 'Another account of this installation has proven this domain.',
  };
}

function recordsFor(
  world: Pick<DomainWorld, 'mailDomain' | 'ring'>,
  domain: DomainRow,
  keys: readonly StoredKey[],
): Pick<Domain, 'records' | 'keys' | 'alternatives'> {
  return {
    keys: keys.map(({ selector, algorithm, state, createdAt }) => ({
      selector,
      algorithm,
      state,
      createdAt,
    })),
    records: wantedRecords(factsOf(world, domain, keys)),
    alternatives: domain.isBuiltin ? [] : returnPathAlternatives(domain.name, world.mailDomain),
  };
}

export function factsOf(
  { mailDomain, ring }: Pick<DomainWorld, 'mailDomain' | 'ring'>,
  { id, name, ownerToken }: DomainRow,
  keys: readonly KeyRow[],
): DomainFacts {
  return {
    domain: name,
    ownerToken,
    dkim: keys.map(({ selector, record }) => ({ selector, record })),
    reportAddress: makeReportAddress(id, mailDomain.toLowerCase(), ring),
    mailDomain,
  };
}

export function eventOf(domain: DomainRow, kind: EventKind): Parameters<typeof append>[2][number] {
  return {
    accountId: domain.accountId,
    subaccountId: domain.subaccountId,
    kind,
    data: { domainId: domain.id, name: domain.name },
  };
}
