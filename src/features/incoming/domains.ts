/** Inbound domains: added, looked at, removed. */
import { randomBytes } from 'node:crypto';
import type { Tx } from '../../base/database/database.ts';
import { withDeadline } from '../../base/dns/index.ts';
import { onlySubaccount } from '../../base/scope.ts';
import type { Scope } from '../../base/scope.ts';
import type { DomainName } from '../../mail/address.ts';
import { append } from '../events/index.ts';
import type { EventKind, NewEvent } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { nextLookAt } from '../tracking/index.ts';
import type { IncomingWorld, InboundDomain } from './model.ts';
import { judgeMx, mxTarget } from './rules.ts';
import {
  countInbound,
  deleteInbound,
  deposeOthers,
  dueInbound,
  findInbound,
  insertInbound,
  listInbound,
  recordLook,
} from './sql-domains.ts';
import { giveUpOf } from './sql-mails.ts';

type World = Pick<IncomingWorld, 'db' | 'clock' | 'resolveAnew' | 'mailDomain' | 'hostname'>;

/** A background round waits for DNS no longer than this. */
const roundMs = 10_000;
/** Per subaccount. */
const domainsMax = 1000;

/** Adds one for the scope's subaccount; mail is taken for it once its MX is seen. */
export async function create(world: World, scope: Scope, name: DomainName): Promise<InboundDomain> {
  if (isOperators(world, name))
    throw invalidField('name', 'own', 'must be a domain of your own, not one of this installation');
  const now = new Date(world.clock.now());
  return world.db.scoped(scope, async (tx) => {
    if ((await countInbound(tx, scope.subaccountId)) >= domainsMax)
      throw refuse('limit.reached', { message: `There are ${domainsMax} inbound domains already` });
    const ownerToken = randomBytes(12).toString('hex');
    const made = await insertInbound(tx, scope, { name, ownerToken, at: now });
    if (made === null)
      throw refuse('conflict.exists', { message: `The inbound domain ${name} exists already` });
    await append(tx, now, [eventOf(made, 'inbound_domain.created')]);
    return made;
  });
}

/** Reports come to these. */
function isOperators({ mailDomain, hostname }: World, name: string): boolean {
  const [mail, host] = [mailDomain.toLowerCase(), hostname.toLowerCase()];
  return name === mail || name === host || name.endsWith(`.${mail}`) || name.endsWith(`.${host}`);
}

export function list(
  { db }: World,
  scope: Scope,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly InboundDomain[]> {
  const subaccountId = onlySubaccount(scope.reach);
  return db.scoped(scope, (tx) => listInbound(tx, { ...page, subaccountId }));
}

export function get({ db }: World, scope: Scope, id: string): Promise<InboundDomain> {
  return db.scoped(scope, (tx) => existing(tx, id));
}

/** Within a transaction of the scope's: what it does not see is not found. */
export async function existing(tx: Tx, id: string): Promise<InboundDomain> {
  const found = await findInbound(tx, id);
  if (found === null) throw refuse('not_found');
  return found;
}

/** Its routes are gone with it; mail that waits for them is given up, and stays to be read. */
export async function remove({ db, clock }: World, scope: Scope, id: string): Promise<void> {
  const now = new Date(clock.now());
  await db.scoped(scope, async (tx) => {
    const found = await existing(tx, id);
    await deleteInbound(tx, id);
    const given = await giveUpOf(tx, { domainId: id }, 'its domain is gone', now);
    await append(tx, now, [...given, eventOf(found, 'inbound_domain.deleted')]);
  });
}

/** Looks at DNS now. */
export async function check(world: World, scope: Scope, id: string): Promise<InboundDomain> {
  await look(world, await get(world, scope, id));
  return get(world, scope, id);
}

/** Background: those whose next look is due; how many. */
export async function checkDueInbound(world: World, limit: number): Promise<number> {
  const due = await world.db.asEngine((tx) => dueInbound(tx, new Date(world.clock.now()), limit));
  const hasty = { ...world, resolveAnew: withDeadline(world.resolveAnew, roundMs) };
  for (const each of due) await look(hasty, each);
  return due.length;
}

async function look(world: World, domain: InboundDomain): Promise<void> {
  const outcome = await world.resolveAnew(domain.name, 'MX');
  const target = mxTarget(domain.ownerToken, world.mailDomain);
  const proof = judgeMx(domain.state, domain.name, target, outcome);
  const now = new Date(world.clock.now());
  await world.db.asEngine(async (tx) => {
    const isSeen = outcome.kind !== 'failed' && proof.state === 'proven';
    const deposed = isSeen ? await deposeOthers(tx, domain) : [];
    const next = nextLookAt(now.getTime(), proof.state, domain.createdAt.getTime());
    const isThere = await recordLook(tx, domain.id, proof, now, new Date(next));
    const events = deposed.map((each) => eventOf(each, 'inbound_domain.lost'));
    if (isThere && proof.state !== domain.state)
      events.push(
        eventOf(domain, proof.state === 'proven' ? 'inbound_domain.proven' : 'inbound_domain.lost'),
      );
    await append(tx, now, events);
  });
}

function eventOf({ accountId, subaccountId, id, name }: InboundDomain, kind: EventKind): NewEvent {
  return { accountId, subaccountId, kind, data: { inboundDomainId: id, name } };
}
