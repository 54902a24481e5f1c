/**
 * By which domain bounces of a call's mail come back: the one that the call names, else the default of who sends, else the
 * one that the mail is from. HOT PATH: all of it is kept for a second. Foreign names are refused as those that nobody has.
 */
import type { Scope } from '../../base/scope.ts';
import { parseDomainName } from '../../mail/address.ts';
import type { SendingDomains } from '../domains/index.ts';
import { isWithin } from '../keys/index.ts';
import { invalidField } from '../refusals/index.ts';
import type { ComposedRequest } from './prepare.ts';
import type { RawRequest } from './prepare-raw.ts';

type BounceWorld = { readonly sendingDomains: Pick<SendingDomains, 'findBounce' | 'defaultBounce'> };

/** Ids of domains; null: by the one that the mail is from. */
export type Bounces = {
  readonly shared: string | null;
  /** By what single recipients say. */
  readonly own: ReadonlyMap<string, string>;
};

export const noBounces: Bounces = { shared: null, own: new Map() };

/** The domain of that name or with that bounce host; null when it is not the sender's to use, or takes no bounces. */
async function usable({ sendingDomains }: BounceWorld, scope: Scope, given: string): Promise<string | null> {
  const name = parseDomainName(given);
  if (name === null) return null;
  const { accountId, subaccountId, bounds } = scope;
  const found = await sendingDomains.findBounce(accountId, subaccountId, name);
  if (found === null || (bounds.domain !== null && !isWithin(found.name, bounds.domain))) return null;
  return found.id;
}

async function named(world: BounceWorld, scope: Scope, field: string, given: string): Promise<string> {
  const id = await usable(world, scope, given);
  if (id !== null) return id;
  throw invalidField(field, 'known', 'is not a domain of the sender by which bounces come back');
}

async function defaultOf({ sendingDomains }: BounceWorld, scope: Scope): Promise<string | null> {
  return (await sendingDomains.defaultBounce(scope.accountId, scope.subaccountId))?.id ?? null;
}

/** Names that are looked up at once: a call that names thousands which nobody has is refused before they are all asked for. */
const atOnce = 16;

export async function bouncesOf(
  world: BounceWorld,
  scope: Scope,
  {
    bounceDomain,
    recipients,
  }: Pick<ComposedRequest, 'bounceDomain'> & {
    readonly recipients: readonly Pick<ComposedRequest['recipients'][number], 'bounceDomain'>[];
  },
): Promise<Bounces> {
  const asked = new Map<string, number>();
  for (const [index, { bounceDomain: name }] of recipients.entries())
    if (name !== undefined && !asked.has(name)) asked.set(name, index);
  const look = async ([name, index]: readonly [string, number]): Promise<readonly [string, string]> => [
    name,
    await named(world, scope, `recipients[${index}].bounceDomain`, name),
  ];
  const names = [...asked];
  const [shared, ...first] = await Promise.all([
    bounceDomain === null ? defaultOf(world, scope) : named(world, scope, 'bounceDomain', bounceDomain),
    ...names.slice(0, atOnce).map(look),
  ]);
  const own = new Map(first);
  for (let at = atOnce; at < names.length; at += atOnce)
    for (const [name, id] of await Promise.all(names.slice(at, at + atOnce).map(look))) own.set(name, id);
  return { shared, own };
}

/** Of a whole message: what the call names, else the domain of its MAIL FROM where that may be, else the default. */
export async function bounceOfRaw(
  world: BounceWorld,
  scope: Scope,
  { mailFrom, given }: RawRequest,
): Promise<string | null> {
  const name = given?.bounceDomain ?? null;
  if (name !== null) return named(world, scope, 'bounceDomain', name);
  const said = mailFrom.slice(mailFrom.lastIndexOf('@') + 1);
  return (said === '' ? null : await usable(world, scope, said)) ?? defaultOf(world, scope);
}
