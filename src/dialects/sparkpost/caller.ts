/**
 * Who asks, and for whom (contract, sections 1 and 3). The key stands in `Authorization`, bare or as the user of Basic. A
 * primary key acts for the subaccount that `X-MSYS-SUBACCOUNT` names, for the primary account itself without it; a
 * subaccount's key acts for its own whatever the header says.
 */
import type { RequestFacts } from '../../base/route.ts';
import type { Scope } from '../../base/scope.ts';
import type { IdPrinter } from '../../base/ids.ts';
import type { Access } from '../../features/access/index.ts';
import { refuse } from '../../features/refusals/index.ts';
import { isRefusal } from '../../features/refusals/index.ts';
import type { Call, Caller, DialectRoute } from '../shared/dialect.ts';
import type { Asking, Native } from '../shared/native.ts';
import { tell } from './words.ts';

export type SparkpostWorld = {
  readonly access: Pick<Access, 'authenticate'>;
  readonly native: Native;
  readonly ids: IdPrinter;
  readonly now: () => number;
};

export type SparkpostCaller = Caller & {
  readonly world: SparkpostWorld;
  readonly isPrimary: boolean;
  /** The account's own subaccount, which SparkPost prints as the primary account; null when a subaccount's key asks. */
  readonly primaryId: number | null;
  /** Named by the header; null when there was none, or when the key is fixed. */
  readonly named: number | null;
  /** Where things are made and changed: one subaccount, the primary's own or the named one. */
  readonly one: Asking;
  /** Who makes and changes what the primary account may share; the named subaccount otherwise. */
  readonly holder: Asking;
  /** What lists look at: everything, unless the header names one. */
  readonly all: Asking;
  /** The whole account, for what only a primary key has. */
  readonly account: Asking;
};

export type SparkpostRoute = DialectRoute<SparkpostCaller> & {
  /** Not available to subaccounts at all (contract, section 3). */
  readonly isPrimaryOnly?: true;
};

export async function identify(
  world: SparkpostWorld,
  route: SparkpostRoute,
  { request }: Call,
): Promise<SparkpostCaller> {
  const credential = readCredential(request.header('authorization'));
  const facts = { remoteAddress: request.remoteAddress, requestId: request.id };
  const base = await world.access.authenticate(credential, facts);
  const isPrimary = base.reach === 'account';
  if (route.isPrimaryOnly === true && !isPrimary) throw refuse('auth.grant_missing');
  const named = isPrimary ? readHeader(request) : null;
  const actFor = async (subaccount: number): Promise<Scope> =>
    world.access.authenticate(credential, { ...facts, subaccount: String(subaccount) });
  const one = isPrimary ? await acting(actFor, named, Number(base.subaccountId)) : base;
  if (route.grant !== null && !one.grants.has(route.grant) && !base.grants.has(route.grant))
    throw refuse('auth.grant_missing');
  if (route.method !== 'GET' && !one.canChange) throw refuse('subaccount.inactive');
  return {
    world,
    scope: named === null ? base : one,
    isPrimary,
    primaryId: isPrimary ? Number(base.subaccountId) : null,
    named,
    one: { scope: one, request },
    holder: { scope: isPrimary && (named === null || named === 0) ? base : one, request },
    all: { scope: named === null ? base : one, request },
    account: { scope: base, request },
  };
}

/** `0` is the primary account itself. */
async function acting(
  actFor: (subaccount: number) => Promise<Scope>,
  named: number | null,
  primaryId: number,
): Promise<Scope> {
  if (named === null || named === 0) return actFor(primaryId);
  try {
    // The account's own number is none of its subaccounts'.
    if (named === primaryId) throw refuse('not_found');
    return await actFor(named);
  } catch (error) {
    if (isRefusal(error) && error.code === 'not_found')
      throw tell(400, { message: 'X-MSYS-SUBACCOUNT names no subaccount of this account' });
    throw error;
  }
}

function readHeader(request: RequestFacts): number | null {
  const header = request.header('x-msys-subaccount');
  if (header === undefined) return null;
  if (!/^\s*\d{1,10}\s*$/.test(header)) throw tell(400, { message: 'X-MSYS-SUBACCOUNT must be a number' });
  return Number(header);
}

const secretMax = 512;

function readCredential(authorization: string | undefined): { kind: 'bearer'; secret: string } | null {
  if (authorization === undefined || authorization.trim() === '') return null;
  const basic = /^basic\s+(\S+)$/i.exec(authorization)?.[1];
  const secret =
    basic === undefined
      ? authorization.trim()
      : (/^([^:]+):$/.exec(Buffer.from(basic, 'base64').toString('utf8'))?.[1] ?? '');
  if (secret === '' || secret.length > secretMax || /\s/.test(secret)) throw refuse('auth.failed');
  return { kind: 'bearer', secret };
}
