/** Sending domains by name (contract, section 7). Ours needs a proof of its owner besides the DKIM record. */
import type { Answer } from '../../base/route.ts';
import { isRefusal } from '../../features/refusals/index.ts';
import { parseDomainName } from '../../mail/address.ts';
import { readPrivateKey } from '../../mail/dkim/index.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { bodyOf, classic, everything, invalidFormat, missing, read, secondsText } from './fields.ts';
import type { Fields } from './fields.ts';

type Proof = {
  readonly purpose: string;
  readonly state: string;
  readonly seen: readonly string[];
  readonly explain: string;
};
export type NativeDomain = {
  readonly id: string;
  readonly subaccountId: number;
  readonly name: string;
  readonly state: 'unproven' | 'proven' | 'lost';
  readonly share: 'none' | 'read' | 'use';
  readonly isDefaultBounce: boolean;
  readonly checkedAt: string | null;
  readonly createdAt: string;
  readonly records: readonly { readonly purpose: string; readonly name: string; readonly value: string }[];
  readonly proofs: readonly Proof[];
};

export const domainsPath = '/api/v1/sending-domains';
const path = domainsPath;
const params = { domain: 'news.kite.test' };

export function sendingDomainRoutes(): readonly SparkpostRoute[] {
  const view = { method: 'GET', grant: 'domains:read' } as const;
  const manage = { grant: 'domains:write' } as const;
  return [
    { ...view, path, example: {}, run: list },
    { ...view, path: `${path}/:domain`, example: { params }, run: get },
    { ...manage, method: 'POST', path, example: { body: { domain: 'news.kite.test' } }, run: create },
    {
      ...manage,
      method: 'POST',
      path: `${path}/:domain/verify`,
      example: { params, body: { dkim_verify: true } },
      run: verify,
    },
    {
      ...manage,
      method: 'PUT',
      path: `${path}/:domain`,
      example: { params, body: { shared_with_subaccounts: true } },
      run: change,
    },
    { ...manage, method: 'DELETE', path: `${path}/:domain`, example: { params }, run: remove },
  ];
}

const noDomain = (name: string): Error =>
  classic(404, '1600', 'resource not found', `Domain '${name}' does not exist`);

function isHeldBy({ one }: SparkpostCaller, { subaccountId }: NativeDomain): boolean {
  return subaccountId === Number(one.scope.subaccountId);
}

/** A shared one is used by subaccounts, and stands in none of their lists. */
export async function findDomain(
  caller: SparkpostCaller,
  text: string,
  isRead = false,
): Promise<NativeDomain> {
  const name = parseDomainName(text);
  if (name === null) throw noDomain(text);
  const { native } = caller.world;
  const found = (await everything<NativeDomain>(native, caller.all, 'GET /domains')).filter(
    (each) => each.name === name,
  );
  // Without the header a primary key also finds a subaccount's.
  const chosen =
    found.find((each) => isHeldBy(caller, each)) ??
    (isRead && caller.named === null && caller.isPrimary ? found[0] : undefined);
  if (chosen === undefined) throw noDomain(text);
  return chosen;
}

export type DkimRecord = NativeDomain['records'][number];

/** By somebody outside; those made here have selectors of a form that nobody else may use. */
export function isBrought({ name }: DkimRecord): boolean {
  return !/^lse?\d+-/.test(name);
}

export function keyOf({ name: at, value }: DkimRecord, name: string): Fields | null {
  const key = /p=([^;\s]+)/.exec(value)?.[1];
  if (key === undefined) return null;
  const selector = at.split('._domainkey.')[0];
  return { public: key, selector, headers: 'from:to:subject:date', signing_domain: name };
}

function dkimOf({ records, name }: NativeDomain): Fields | null {
  const keys = records.filter(({ purpose }) => purpose === 'dkim');
  // One that was brought is what its holder knows.
  const record = keys.find((each) => isBrought(each)) ?? keys[0];
  return record === undefined ? null : keyOf(record, name);
}

function proofStatus({ proofs, checkedAt }: NativeDomain, purpose: string): string {
  const states = proofs.filter((proof) => proof.purpose === purpose).map(({ state }) => state);
  if (states.includes('proven')) return 'valid';
  return checkedAt === null || states.length === 0 ? 'unverified' : 'invalid';
}

function statusOf(domain: NativeDomain) {
  return {
    ownership_verified: domain.state === 'proven',
    dkim_status: domain.state === 'proven' ? 'valid' : proofStatus(domain, 'dkim'),
    cname_status: proofStatus(domain, 'return_path'),
    mx_status: 'unverified',
    spf_status: proofStatus(domain, 'spf'),
    abuse_at_status: 'unverified',
    postmaster_at_status: 'unverified',
    verification_mailbox_status: 'unverified',
    compliance_status: 'valid',
  };
}

function print(caller: SparkpostCaller, domain: NativeDomain) {
  const isPrimarys = domain.subaccountId === caller.primaryId;
  const dkim = dkimOf(domain);
  return {
    domain: domain.name,
    ...(isPrimarys ? { shared_with_subaccounts: domain.share === 'use' } : {}),
    is_default_bounce_domain: domain.isDefaultBounce,
    creation_time: secondsText(domain.createdAt),
    status: statusOf(domain),
    ...(dkim === null ? {} : { dkim }),
    ...(caller.isPrimary && !isPrimarys ? { subaccount_id: domain.subaccountId } : {}),
  };
}

const filters = [
  'ownership_verified',
  'dkim_status',
  'cname_status',
  'mx_status',
  'abuse_at_status',
  'postmaster_at_status',
  'compliance_status',
] as const;

async function list(caller: SparkpostCaller, { query }: Call): Promise<Answer> {
  const found = await everything<NativeDomain>(caller.world.native, caller.all, 'GET /domains');
  const results = found
    .filter((each) => caller.all.scope.reach === 'account' || isHeldBy(caller, each))
    .map((each) => print(caller, each))
    .filter(({ status }) =>
      filters.every((name) => query[name] === undefined || String(status[name]) === query[name]),
    )
    .filter(
      (each) =>
        query['is_default_bounce_domain'] === undefined ||
        String(each.is_default_bounce_domain) === query['is_default_bounce_domain'],
    );
  return { status: 200, body: { results } };
}

async function get(caller: SparkpostCaller, { params: { domain = '' } }: Call): Promise<Answer> {
  const { domain: _name, ...results } = print(caller, await findDomain(caller, domain, true));
  return { status: 200, body: { results } };
}

/** Only what the primary account holds is shared. */
function sharing(caller: SparkpostCaller, fields: Fields): Fields {
  const shared = read(fields, 'shared_with_subaccounts', 'bool');
  if (shared === undefined) return {};
  const isPrimarys = caller.isPrimary && Number(caller.one.scope.subaccountId) === caller.primaryId;
  if (isPrimarys) return { share: shared ? 'use' : 'none' };
  if (!shared) return {};
  throw invalidFormat("shared_with_subaccounts cannot be set on a subaccount's domain");
}

async function create(caller: SparkpostCaller, { body }: Call): Promise<Answer> {
  const fields = bodyOf(body);
  const given = read(fields, 'domain', 'string');
  if (given === undefined || given === '') throw missing('domain is a required field');
  if (!given.includes('.'))
    throw invalidFormat(`Error domain name contains no '.'(s) for domain: '${given}'`);
  const name = parseDomainName(given);
  if (name === null) throw invalidFormat(`Error invalid domain name: '${given}'`);
  if (fields['is_default_bounce_domain'] === true)
    throw invalidFormat('is_default_bounce_domain cannot be set when a domain is created');
  const brought = ownKeyOf(fields, name);
  const made = await caller.world.native
    .call<NativeDomain>(caller.holder, 'POST /domains', {
      body: { name, ...sharing(caller, fields), ...(brought === null ? {} : { dkim: brought }) },
    })
    .catch((error: unknown) => {
      if (isRefusal(error) && error.code === 'conflict.exists')
        throw classic(409, '1602', 'resource conflict', `Sending Domain ${given} already registered`);
      throw error;
    });
  const dkim = dkimOf(made);
  return {
    status: 200,
    body: {
      results: {
        message: 'Successfully Created domain.',
        domain: made.name,
        ...(dkim === null ? {} : { dkim }),
        // What has to be published besides, in our words: whose domain it is.
        records: made.records,
      },
    },
  };
}

export type OwnKey = { readonly selector: string; readonly privateKey: string };

/** It is taken once DNS shows it. */
export async function bringKey(caller: SparkpostCaller, id: string, body: OwnKey): Promise<NativeDomain> {
  const input = { params: { id }, body };
  return caller.world.native
    .call<NativeDomain>(caller.one, 'PUT /domains/:id/dkim', input)
    .catch((error: unknown) => {
      if (isRefusal(error) && error.code === 'conflict.state')
        throw classic(400, '1404', 'request to remote endpoint failed', error.message);
      throw error;
    });
}

/** The key that its holder brings; all three of its parts belong together. */
export function ownKeyOf(fields: Fields, name: string): OwnKey | null {
  const dkim = read(fields, 'dkim', 'json object');
  if (dkim === undefined) return null;
  const part = (field: string): string => {
    const value = read(dkim, field, 'string', `dkim.${field}`);
    if (value === undefined || value === '') throw missing(`dkim.${field} is a required field`);
    return value;
  };
  const [selector, privateKey, publicKey] = [part('selector'), part('private'), part('public')];
  const signing = read(dkim, 'signing_domain', 'string', 'dkim.signing_domain');
  if (signing !== undefined && signing !== '' && parseDomainName(signing) !== name)
    throw invalidFormat('dkim.signing_domain must be the domain itself');
  const key = readPrivateKey(privateKey);
  if (!key.ok) throw invalidFormat(`dkim.private ${key.problem}`);
  const bare = publicKey.replaceAll(/-----[A-Z ]+-----|\s/g, '');
  if (/p=(.*)$/.exec(key.record)?.[1] !== bare)
    throw invalidFormat('dkim.public must be the public part of dkim.private');
  return { selector, privateKey };
}

const checks = [
  'dkim_verify',
  'cname_verify',
  'mx_verify',
  'spf_verify',
  'verification_mailbox_verify',
  'postmaster_at_verify',
  'abuse_at_verify',
];

/** A failed check is an answer, and no refusal. */
async function verify(caller: SparkpostCaller, { params: { domain = '' }, body }: Call): Promise<Answer> {
  const fields = bodyOf(body);
  if (checks.every((name) => fields[name] !== true))
    throw missing('Error no fields specified for verification');
  for (const name of ['verification_mailbox_verify', 'postmaster_at_verify', 'abuse_at_verify'])
    if (fields[name] === true) throw invalidFormat(`${name} is not supported: a domain is proven by DNS`);
  const { id } = await findDomain(caller, domain);
  const checked = await caller.world.native.call<NativeDomain>(caller.one, 'POST /domains/:id/check', {
    params: { id },
  });
  const dkim = checked.proofs.find(({ purpose }) => purpose === 'dkim');
  const dns = {
    ...(fields['dkim_verify'] === true && dkim?.seen[0] !== undefined ? { dkim_record: dkim.seen[0] } : {}),
    ...(checked.state === 'proven'
      ? {}
      : { dkim_error: checked.proofs.find(({ state }) => state !== 'proven')?.explain ?? '' }),
  };
  return { status: 200, body: { results: { ...statusOf(checked), dns } } };
}

async function change(caller: SparkpostCaller, { params: { domain = '' }, body }: Call): Promise<Answer> {
  const fields = bodyOf(body);
  const { id, name } = await findDomain(caller, domain);
  const brought = ownKeyOf(fields, name);
  const isDefaultBounce = read(fields, 'is_default_bounce_domain', 'bool');
  const { native } = caller.world;
  if (brought !== null) await bringKey(caller, id, brought);
  const tracking = read(fields, 'tracking_domain', 'string');
  if (tracking !== undefined) await link(caller, id, tracking);
  const shared = sharing(caller, fields);
  if (Object.keys(shared).length > 0)
    await native.call(caller.holder, 'PATCH /domains/:id', { params: { id }, body: shared });
  if (isDefaultBounce !== undefined) await setDefaultBounce(caller, id, isDefaultBounce);
  return { status: 200, body: { results: { message: 'Successfully Updated Domain.', domain: name } } };
}

async function setDefaultBounce(
  { world, one }: SparkpostCaller,
  id: string,
  isDefaultBounce: boolean,
): Promise<void> {
  const input = { params: { id }, body: { isDefaultBounce } };
  await world.native.call(one, 'PATCH /domains/:id', input).catch((error: unknown) => {
    if (isRefusal(error) && error.code === 'conflict.state')
      throw invalidFormat('is_default_bounce_domain needs a valid cname_status or mx_status');
    throw error;
  });
}

/** An empty one is taken away. */
async function link(caller: SparkpostCaller, id: string, tracking: string): Promise<void> {
  const { native } = caller.world;
  type Named = { readonly id: string; readonly name: string };
  const known = tracking === '' ? [] : await everything<Named>(native, caller.one, 'GET /tracking-domains');
  const found = known.find(({ name }) => name === tracking.toLowerCase());
  if (tracking !== '' && found === undefined)
    throw classic(
      400,
      '1200',
      'invalid params',
      `Tracking domain '${tracking}' is not a registered tracking domain`,
    );
  const body = { trackingDomainId: found?.id ?? null };
  await native.call(caller.one, 'PUT /domains/:id/tracking', { params: { id }, body });
}

async function remove(caller: SparkpostCaller, { params: { domain = '' } }: Call): Promise<Answer> {
  const { id } = await findDomain(caller, domain);
  await caller.world.native.call(caller.one, 'DELETE /domains/:id', { params: { id } });
  return { status: 204 };
}
