/**
 * Who asks, and for whom (contract, sections 1 and 4.3). The key stands in the body. Any key of the account acts for every
 * subaccount that a call names, and for the account itself when it names none; a subaccount's key acts for its own alone,
 * and every other is unknown to it.
 */
import type { IdPrinter } from '../../base/ids.ts';
import type { Access } from '../../features/access/index.ts';
import { isRefusal, refuse } from '../../features/refusals/index.ts';
import type { Call, Caller, DialectRoute } from '../shared/dialect.ts';
import type { Asking, Native, NativeInput } from '../shared/native.ts';
import { isObject } from './fields.ts';
import type { Body } from './fields.ts';
import { isVersion } from './paths.ts';
import { unknown } from './words.ts';

export type MandrillWorld = {
  readonly access: Pick<Access, 'authenticate'>;
  readonly native: Native;
  readonly ids: IdPrinter;
  readonly now: () => number;
};

export type MandrillCaller = Caller & {
  readonly world: MandrillWorld;
  readonly isPrimary: boolean;
  /** What the key reaches: the whole account, or one subaccount. */
  readonly all: Asking;
  /** The account itself, as a sender; of a subaccount's key that subaccount. */
  readonly own: Asking;
  /** As another subaccount of the account, by its number. */
  readonly actFor: (subaccountId: number) => Promise<Asking>;
};

export type MandrillRoute = DialectRoute<MandrillCaller>;

/** One call of the contract: `users/ping`. */
export type MandrillCall = {
  readonly call: string;
  readonly example: Body;
  readonly bodyLimitBytes?: number;
  readonly run: (caller: MandrillCaller, body: Body) => Promise<unknown>;
};

const secretMax = 512;

export async function identify(
  world: MandrillWorld,
  _route: MandrillRoute,
  { params, body, request }: Call,
): Promise<MandrillCaller> {
  if (!isVersion(params['version'])) throw unknown.method();
  const secret = isObject(body) ? body['key'] : undefined;
  if (typeof secret !== 'string' || secret === '') throw refuse('auth.missing');
  if (secret.length > secretMax || /\s/.test(secret)) throw refuse('auth.failed');
  const credential = { kind: 'bearer', secret } as const;
  const facts = { remoteAddress: request.remoteAddress, requestId: request.id };
  const scope = await world.access.authenticate(credential, facts);
  const isPrimary = scope.reach === 'account';
  const actFor = async (subaccountId: number): Promise<Asking> => ({
    scope: await world.access.authenticate(credential, { ...facts, subaccount: String(subaccountId) }),
    request,
  });
  const all = { scope, request };
  const own = isPrimary ? await actFor(Number(scope.subaccountId)) : all;
  return { world, scope, isPrimary, all, own, actFor };
}

export type NativeSubaccount = {
  readonly id: number;
  readonly name: string;
  readonly externalId: string | null;
  readonly status: string;
  readonly isOwn: boolean;
  readonly notes: string;
  readonly createdAt: string;
};

/** A subaccount is called by the id that its maker chose, one without such an id by its number. */
export function printSubaccount({ externalId, id }: Pick<NativeSubaccount, 'externalId' | 'id'>): string {
  return externalId ?? String(id);
}

/** The subaccount of that name; refused as unknown when there is none, or none for this key. */
export async function findSubaccount(caller: MandrillCaller, name: string): Promise<NativeSubaccount> {
  const external = await lookUp(caller, `external:${name}`);
  const numbered = external === null && /^[1-9]\d{0,9}$/.test(name) ? await lookUp(caller, name) : null;
  const found = external ?? (numbered?.externalId === null ? numbered : null);
  if (found === null || found.isOwn) throw unknown.subaccount(name);
  return found;
}

async function lookUp({ world, all }: MandrillCaller, id: string): Promise<NativeSubaccount | null> {
  if (/[\n\r]/.test(id)) return null;
  return orNull(world.native.call<NativeSubaccount>(all, 'GET /subaccounts/:id', { params: { id } }));
}

/** Null for what is not found, or has no form in which it could be. */
export async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (isRefusal(error) && (error.code === 'not_found' || error.code === 'request.invalid')) return null;
    throw error;
  }
}

/** The scope of a call that may name a subaccount. */
export async function scopeOf(caller: MandrillCaller, name: string | null): Promise<Asking> {
  if (name === null || name === '') return caller.own;
  const { id } = await findSubaccount(caller, name);
  return caller.isPrimary ? caller.actFor(id) : caller.own;
}

type Page<T> = { readonly items: readonly T[]; readonly next: string | null };

/** At most so many items of a native list, page by page. */
export async function pages<T>(
  { native }: Pick<MandrillWorld, 'native'>,
  asking: Asking,
  name: string,
  query: NonNullable<NativeInput['query']>,
  max = 1000,
): Promise<readonly T[]> {
  const items: T[] = [];
  for (let cursor: string | null = null; ;) {
    const limit = Math.min(500, max - items.length);
    const page: Page<T> = await native.call(asking, name, {
      query: { ...query, limit, ...(cursor === null ? {} : { cursor }) },
    });
    items.push(...page.items);
    cursor = page.next;
    if (cursor === null || items.length >= max) return items.slice(0, max);
  }
}
