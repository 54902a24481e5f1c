/** Sending domains by name (contract, section 7). Ours needs a proof of its owner besides the DKIM record. */
import type { Answer } from '../../base/route.ts';
import { isRefusal } from '../../features/refusals/index.ts';
import { parseDomainName } from '../../mail/address.ts';
import { readPrivateKey } from '../../mail/dkim/index.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { bodyOf, classic, everything, invalidFormat, missing, read, secondsText } from './fields.ts';
import type { Fields } from './fields.ts';
import { dnsOf, mxStatus, statusOf } from './domain-status.ts';
import type { NativeDomain } from './domain-status.ts';
import { askMailboxes, mailboxWishes } from './mailbox-proofs.ts';

export type { NativeDomain } from './domain-status.ts';

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

function known({ world, all }: SparkpostCaller): Promise<readonly NativeDomain[]> {
  return everything<NativeDomain>(world.native, all, 'GET /domains');
}

/** A shared one is used by subaccounts, and stands in none of their lists. */
export async function findDomain(
  caller: SparkpostCaller,
  text: string,
  isRead = false,
): Promise<NativeDomain> {
  return chosenOf(caller, await known(caller), text, isRead);
}

function chosenOf(
  caller: SparkpostCaller,
  domains: readonly NativeDomain[],
  text: string,
  isRead: boolean,
): NativeDomain {
  const name = parseDomainName(text);
  if (name === null) throw noDomain(text);
  const found = domains.filter((each) => each.name === name);
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

const signedHeaders = 'from:to:subject:date';

export function keyOf({ name: at, value }: DkimRecord, name: string): Fields | null {
  const key = /p=([^;\s]+)/.exec(value)?.[1];
  if (key === undefined) return null;
  const selector = at.split('._domainkey.')[0];
  return { public: key, selector, headers: signedHeaders, signing_domain: name };
}

/** The key that signs its mail: of the domain that does it in its place, when there is one. */
function dkimOf(domain: NativeDomain, domains: readonly NativeDomain[]): Fields | null {
  const signer = domains.find(
    ({ id, state, share, subaccountId }) =>
      id === domain.signingDomainId &&
      state === 'proven' &&
      (share === 'use' || subaccountId === domain.subaccountId),
  );
  const { records, name } = signer ?? domain;
  const keys = records.filter(({ purpose }) => purpose === 'dkim');
  // One that was brought is what its holder knows.
  const record = keys.find((each) => isBrought(each)) ?? keys[0];
  if (record !== undefined) return keyOf(record, name);
  // Keys of a shared domain are its holder's to see.
  return signer === undefined ? null : { headers: signedHeaders, signing_domain: name };
}

function print(caller: SparkpostCaller, domain: NativeDomain, domains: readonly NativeDomain[]) {
  const isPrimarys = domain.subaccountId === caller.primaryId;
  const dkim = dkimOf(domain, domains);
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
  'verification_mailbox_status',
  'compliance_status',
] as const;

async function list(caller: SparkpostCaller, { query }: Call): Promise<Answer> {
  const found = await known(caller);
  const results = found
    .filter((each) => caller.all.scope.reach === 'account' || isHeldBy(caller, each))
    .map((each) => print(caller, each, found))
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
  const domains = await known(caller);
  const { domain: _name, ...results } = print(caller, chosenOf(caller, domains, domain, true), domains);
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
  const signer = await signerFor(caller, fields, name);
  const made = await caller.world.native
    .call<NativeDomain>(caller.holder, 'POST /domains', {
      body: {
        name,
        ...sharing(caller, fields),
        ...(brought === null ? {} : { dkim: brought }),
        ...(signer === null || signer === undefined ? {} : { signingDomainId: signer.id }),
      },
    })
    .catch((error: unknown) => {
      if (isRefusal(error) && error.code === 'conflict.exists')
        throw classic(409, '1602', 'resource conflict', `Sending Domain ${given} already registered`);
      throw error;
    });
  const dkim = dkimOf(made, signer === null || signer === undefined ? [] : [signer]);
  return {
    status: 200,
    body: {
      results: {
        message: 'Successfully Created domain.',
        domain: made.name,
        ...(dkim === null ? {} : { dkim }),
        // What has to be published besides, in our words: whose domain it is.
        records: made.records,
        alternatives: made.alternatives,
      },
    },
  };
}

/** Who is to sign in its place, as `dkim.signing_domain` says; null: nobody; undefined: nothing is said. */
async function signerFor(
  caller: SparkpostCaller,
  fields: Fields,
  name: string,
): Promise<NativeDomain | null | undefined> {
  const dkim = read(fields, 'dkim', 'json object') ?? {};
  const said = read(dkim, 'signing_domain', 'string', 'dkim.signing_domain');
  if (said === undefined) return undefined;
  const signing = parseDomainName(said);
  if (said === '' || signing === name) return null;
  const found = (await everything<NativeDomain>(caller.world.native, caller.one, 'GET /domains')).filter(
    (each) => each.name === signing && each.state === 'proven',
  );
  const signer = found.find((each) => isHeldBy(caller, each)) ?? found.find(({ share }) => share === 'use');
  if (signer === undefined)
    throw invalidFormat(`dkim.signing_domain '${said}' is not a verified sending domain`);
  return signer;
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
  const signing = read(dkim, 'signing_domain', 'string', 'dkim.signing_domain');
  const isOther = signing !== undefined && signing !== '' && parseDomainName(signing) !== name;
  const isKey = ['selector', 'private', 'public'].some((field) => dkim[field] !== undefined);
  if (signing !== undefined && !isKey) return null;
  if (isOther) throw invalidFormat('dkim.signing_domain signs with its own key: bring one for that domain');
  const part = (field: string): string => {
    const value = read(dkim, field, 'string', `dkim.${field}`);
    if (value === undefined || value === '') throw missing(`dkim.${field} is a required field`);
    return value;
  };
  const [selector, privateKey, publicKey] = [part('selector'), part('private'), part('public')];
  const key = readPrivateKey(privateKey);
  if (!key.ok) throw invalidFormat(`dkim.private ${key.problem}`);
  const bare = publicKey.replaceAll(/-----[A-Z ]+-----|\s/g, '');
  if (/p=(.*)$/.exec(key.record)?.[1] !== bare)
    throw invalidFormat('dkim.public must be the public part of dkim.private');
  return { selector, privateKey };
}

const dnsChecks = ['dkim_verify', 'cname_verify', 'mx_verify', 'spf_verify'];

/** A failed check is an answer, and no refusal. What is not asked for is not looked at. */
async function verify(caller: SparkpostCaller, { params: { domain = '' }, body }: Call): Promise<Answer> {
  const fields = bodyOf(body);
  const looks = dnsChecks.some((name) => fields[name] === true);
  const wishes = mailboxWishes(fields);
  if (!looks && wishes.length === 0) throw missing('Error no fields specified for verification');
  const { id } = await findDomain(caller, domain);
  const failed = await askMailboxes(caller, id, wishes);
  const route = looks ? 'POST /domains/:id/check' : 'GET /domains/:id';
  const seen = await caller.world.native.call<NativeDomain>(caller.one, route, { params: { id } });
  const dkim = seen.proofs.find(({ purpose }) => purpose === 'dkim');
  const isMxAsked = fields['mx_verify'] === true;
  const dns = {
    ...(fields['cname_verify'] === true ? dnsOf('cname', seen, ['return_path', 'return_path_cname']) : {}),
    ...(isMxAsked ? dnsOf('mx', seen, ['return_path_mx']) : {}),
    ...(fields['dkim_verify'] === true && dkim?.seen[0] !== undefined ? { dkim_record: dkim.seen[0] } : {}),
    ...(!looks || seen.state === 'proven'
      ? {}
      : { dkim_error: seen.proofs.find(({ state }) => state !== 'proven')?.explain ?? '' }),
  };
  const mx = isMxAsked ? { mx_status: mxStatus(seen, true) } : {};
  return { status: 200, body: { results: { ...statusOf(seen), ...mx, ...failed, dns } } };
}

async function change(caller: SparkpostCaller, { params: { domain = '' }, body }: Call): Promise<Answer> {
  const fields = bodyOf(body);
  const { id, name } = await findDomain(caller, domain);
  const brought = ownKeyOf(fields, name);
  const signer = await signerFor(caller, fields, name);
  const isDefaultBounce = read(fields, 'is_default_bounce_domain', 'bool');
  const { native } = caller.world;
  if (brought !== null) await bringKey(caller, id, brought);
  const tracking = read(fields, 'tracking_domain', 'string');
  if (tracking !== undefined) await link(caller, id, tracking);
  const shared = sharing(caller, fields);
  if (Object.keys(shared).length > 0)
    await native.call(caller.holder, 'PATCH /domains/:id', { params: { id }, body: shared });
  if (signer !== undefined)
    await native.call(caller.one, 'PATCH /domains/:id', {
      params: { id },
      body: { signingDomainId: signer?.id ?? null },
    });
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
