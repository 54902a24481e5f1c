/** Tracking domains by name (contract, section 7). */
import type { Answer } from '../../base/route.ts';
import { isRefusal } from '../../features/refusals/index.ts';
import { parseDomainName } from '../../mail/address.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { bodyOf, everything } from './fields.ts';
import { tell } from './words.ts';

type NativeTracking = {
  readonly id: string;
  readonly subaccountId: number;
  readonly name: string;
  readonly state: 'unproven' | 'proven' | 'lost';
  readonly isDefault: boolean;
  readonly secure: boolean;
  readonly checkedAt: string | null;
};

const path = '/api/v1/tracking-domains';
const params = { domain: 'click.kite.test' };

export function trackingDomainRoutes(): readonly SparkpostRoute[] {
  const view = { method: 'GET', grant: 'tracking:read' } as const;
  const manage = { grant: 'tracking:write' } as const;
  return [
    { ...view, path, example: {}, run: list },
    { ...view, path: `${path}/:domain`, example: { params }, run: get },
    { ...manage, method: 'POST', path, example: { body: { domain: 'click.kite.test' } }, run: create },
    { ...manage, method: 'POST', path: `${path}/:domain/verify`, example: { params }, run: verify },
    {
      ...manage,
      method: 'PUT',
      path: `${path}/:domain`,
      example: { params, body: { secure: true } },
      run: change,
    },
    { ...manage, method: 'DELETE', path: `${path}/:domain`, example: { params }, run: remove },
  ];
}

const notFound = (): Error => tell(404, { message: 'resource not found' });

async function all(caller: SparkpostCaller): Promise<readonly NativeTracking[]> {
  const found = await everything<NativeTracking>(caller.world.native, caller.all, 'GET /tracking-domains');
  return found.filter((each) => caller.all.scope.reach === 'account' || isHeldBy(caller, each));
}

function isHeldBy({ one }: SparkpostCaller, { subaccountId }: NativeTracking): boolean {
  return subaccountId === Number(one.scope.subaccountId);
}

async function find(caller: SparkpostCaller, name: string, isRead = false): Promise<NativeTracking> {
  const found = (await all(caller)).filter((each) => each.name === name.toLowerCase());
  const chosen = found.find((each) => isHeldBy(caller, each)) ?? (isRead ? found[0] : undefined);
  if (chosen === undefined) throw notFound();
  return chosen;
}

function statusOf({ state, checkedAt }: NativeTracking) {
  const cname = state === 'proven' ? 'valid' : checkedAt === null ? 'unverified' : 'invalid';
  return { verified: state === 'proven', cname_status: cname, compliance_status: 'valid' };
}

function print({ isPrimary, primaryId }: SparkpostCaller, domain: NativeTracking) {
  return {
    domain: domain.name,
    port: domain.secure ? 443 : 80,
    secure: domain.secure,
    default: domain.isDefault,
    status: statusOf(domain),
    ...(isPrimary && domain.subaccountId !== primaryId ? { subaccount_id: domain.subaccountId } : {}),
  };
}

async function list(caller: SparkpostCaller, { query }: Call): Promise<Answer> {
  const { default: isDefault, subaccounts } = query;
  const owners = subaccounts?.split(',').map((each) => (each === '0' ? caller.primaryId : Number(each)));
  const results = (await all(caller))
    .filter((each) => owners === undefined || !caller.isPrimary || owners.includes(each.subaccountId))
    .map((each) => print(caller, each))
    .filter((each) => isDefault === undefined || String(each.default) === isDefault);
  return { status: 200, body: { results } };
}

async function get(caller: SparkpostCaller, { params: { domain = '' } }: Call): Promise<Answer> {
  return { status: 200, body: { results: print(caller, await find(caller, domain, true)) } };
}

async function create(caller: SparkpostCaller, { body }: Call): Promise<Answer> {
  const { domain: given, secure = false } = bodyOf(body);
  const name = typeof given === 'string' ? parseDomainName(given) : null;
  if (name === null)
    throw tell(422, { param: 'domain', message: 'domain must be valid', value: given ?? null });
  const isPrimarys = Number(caller.one.scope.subaccountId) === caller.primaryId;
  await caller.world.native
    .call(caller.holder, 'POST /tracking-domains', {
      // The primary account's are used by its subaccounts that have none of their own.
      body: { name, secure: secure === true, ...(isPrimarys ? { share: 'use' } : {}) },
    })
    .catch((error: unknown) => {
      if (isRefusal(error) && error.code === 'conflict.exists')
        throw tell(409, { message: 'The tracking domain already exists' });
      throw error;
    });
  return { status: 200, body: { results: { domain: name } } };
}

async function verify(caller: SparkpostCaller, { params: { domain = '' } }: Call): Promise<Answer> {
  const { id } = await find(caller, domain);
  const { native } = caller.world;
  const checked = await native.call<NativeTracking>(caller.one, 'POST /tracking-domains/:id/check', {
    params: { id },
  });
  return { status: 200, body: { results: statusOf(checked) } };
}

async function change(caller: SparkpostCaller, { params: { domain = '' }, body }: Call): Promise<Answer> {
  const { secure, default: isDefault } = bodyOf(body);
  const found = await find(caller, domain);
  if (isDefault === true && found.state !== 'proven')
    throw tell(422, { message: `Tracking domain '${found.name}' unverified.` });
  await caller.world.native.call(caller.one, 'PATCH /tracking-domains/:id', {
    params: { id: found.id },
    body: {
      ...(typeof secure === 'boolean' ? { secure } : {}),
      ...(typeof isDefault === 'boolean' ? { isDefault } : {}),
    },
  });
  return { status: 200, body: { results: { domain: found.name } } };
}

async function remove(caller: SparkpostCaller, { params: { domain = '' } }: Call): Promise<Answer> {
  const { id } = await find(caller, domain);
  await caller.world.native.call(caller.one, 'DELETE /tracking-domains/:id', { params: { id } });
  return { status: 204 };
}
