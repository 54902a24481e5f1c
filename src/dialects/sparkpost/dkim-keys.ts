/**
 * The DKIM keys of a sending domain (contract, section 7): those that were made for it, `default` the first of them, and the one
 * that its holder brought, which is called by its selector and signs in place of a made one.
 */
import { createPublicKey } from 'node:crypto';
import type { Answer } from '../../base/route.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { bodyOf, classic, missing, read, secondsText } from './fields.ts';
import type { Fields } from './fields.ts';
import { bringKey, domainsPath, findDomain, isBrought, keyOf, ownKeyOf } from './sending-domains.ts';
import type { DkimRecord, NativeDomain } from './sending-domains.ts';

const path = `${domainsPath}/:domain/dkim-keys`;
const one = `${path}/:key`;
const domain = 'news.kite.test';
const parts = ['private', 'public', 'selector'] as const;
const brought = { private: '-----BEGIN PRIVATE KEY-----', public: 'MIGf', selector: 's2031' };

export function dkimKeyRoutes(): readonly SparkpostRoute[] {
  const view = { method: 'GET', grant: 'domains:read' } as const;
  const manage = { grant: 'domains:write' } as const;
  const params = { domain, key: 's2031' };
  return [
    { ...view, path, example: { params: { domain } }, run: list },
    { ...view, path: one, example: { params }, run: get },
    {
      ...manage,
      method: 'POST',
      path,
      example: { params: { domain }, body: { id: 's2031', ...brought } },
      run: create,
    },
    { ...manage, method: 'PUT', path: one, example: { params, body: brought }, run: change },
    { ...manage, method: 'DELETE', path: one, example: { params }, run: remove },
    { ...manage, method: 'POST', path: `${one}/verify`, example: { params }, run: verify },
  ];
}

const wrong = (description: string): Error => classic(400, '1300', 'invalid params', description);

type Key = { readonly id: string; readonly record: DkimRecord; readonly printed: Fields };

/** The default one first, the one that was brought right after it. */
function keysOf(found: NativeDomain): readonly Key[] {
  const records = found.records.filter(({ purpose }) => purpose === 'dkim');
  const proofs = found.proofs.filter(({ purpose }) => purpose === 'dkim');
  const keys = records.flatMap((record, index): readonly Key[] => {
    const key = keyOf(record, found.name);
    if (key === null) return [];
    const isDefault = record === records.find((each) => !isBrought(each));
    const id = isDefault ? reserved : String(key['selector']);
    const status = statusOf(found, proofs[index]);
    const at = found.keys.find(({ selector }) => selector === key['selector'])?.createdAt;
    // A key is never changed: another one takes its place.
    const times = at === undefined ? {} : { created_at: secondsText(at), updated_at: secondsText(at) };
    const length = lengthOf(record.value);
    const told = { id, ...key, ...status, is_default: isDefault, dkim_key_length: length, ...times };
    const seen = proofs[index]?.explain ?? '';
    const error = status.dkim_status === 'invalid' && seen !== '' ? { dkim_error: seen } : {};
    const dns = { dkim_record: record.name, dkim_value: record.value, ...error };
    return [{ id, record, printed: { ...told, dns } }];
  });
  const rank = (key: Key): number => (key.id === reserved ? 0 : isBrought(key.record) ? 1 : 2);
  return keys.toSorted((a, b) => rank(a) - rank(b));
}

const reserved = 'default';

function statusOf(
  { checkedAt }: NativeDomain,
  proof: NativeDomain['proofs'][number] | undefined,
): { readonly dkim_status: string } {
  if (proof?.state === 'proven') return { dkim_status: 'valid' };
  return { dkim_status: checkedAt === null || proof === undefined ? 'unverified' : 'invalid' };
}

/** Bits of the modulus; of a key on a curve those of its field. */
function lengthOf(record: string): number {
  const bytes = Buffer.from(/p=([^;\s]+)/.exec(record)?.[1] ?? '', 'base64');
  if (/k=ed25519/.test(record)) return 256;
  const { asymmetricKeyDetails } = createPublicKey({ key: bytes, format: 'der', type: 'spki' });
  return asymmetricKeyDetails?.modulusLength ?? bytes.length * 8;
}

async function list(caller: SparkpostCaller, { params: { domain: name = '' } }: Call): Promise<Answer> {
  const results = keysOf(await findDomain(caller, name, true)).map(({ printed }) => printed);
  return { status: 200, body: { results, total_count: results.length } };
}

function keyNamed(found: NativeDomain, id: string): Key {
  const key = keysOf(found).find((each) => each.id === id.toLowerCase());
  if (key === undefined)
    throw classic(404, '1600', 'resource not found', `Key ID '${id.slice(0, 64)}' does not exist`);
  return key;
}

function answerOf(found: NativeDomain, id: string): Answer {
  return { status: 200, body: { results: keyNamed(found, id).printed } };
}

async function get(caller: SparkpostCaller, { params }: Call): Promise<Answer> {
  return answerOf(await findDomain(caller, params['domain'] ?? '', true), params['key'] ?? '');
}

/** All three of its parts, under the id that its selector is. */
function givenKey(fields: Fields, name: string, id: string): { selector: string; privateKey: string } {
  const absent = parts.filter((part) => (read(fields, part, 'string') ?? '') === '');
  if (absent.length > 0) throw wrong(`${absent.join(', ')} must be given: a key is brought as a whole`);
  if (String(fields['selector']).toLowerCase() !== id.toLowerCase())
    throw wrong(`Field 'selector' must be the id of the key, '${id}'`);
  const key = ownKeyOf({ dkim: fields }, name);
  if (key === null) throw missing('private is required');
  return key;
}

async function create(
  caller: SparkpostCaller,
  { params: { domain: name = '' }, body }: Call,
): Promise<Answer> {
  const fields = bodyOf(body);
  const found = await findDomain(caller, name);
  const id = read(fields, 'id', 'string') ?? '';
  if (id === '') throw missing('id is required');
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(id)) throw wrong(`Key ID '${id.slice(0, 64)}' is invalid`);
  if (id.toLowerCase() === reserved) throw wrong(`Key ID '${reserved}' is reserved`);
  const known = keysOf(found);
  if (known.some((each) => each.id === id.toLowerCase())) throw wrong(`Key ID '${id}' already exists`);
  const other = known.find(({ record }) => isBrought(record));
  if (other !== undefined)
    throw wrong(`A domain has one key that was brought: '${other.id}' must be deleted first`);
  return answerOf(await bringKey(caller, found.id, givenKey(fields, found.name, id)), id);
}

/** Only the key that was brought is its holder's to change. */
async function changeable(caller: SparkpostCaller, { params }: Call, act: string) {
  const found = await findDomain(caller, params['domain'] ?? '');
  const key = keyNamed(found, params['key'] ?? '');
  if (key.id === reserved) throw wrong(`Cannot ${act} default key`);
  if (!isBrought(key.record)) throw wrong(`Cannot ${act} a key that was made for the domain`);
  return { found, id: key.id };
}

async function change(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const fields = bodyOf(call.body);
  const { found, id } = await changeable(caller, call, 'update');
  if (fields['id'] !== undefined) throw wrong("Field 'id' is immutable");
  return answerOf(await bringKey(caller, found.id, givenKey(fields, found.name, id)), id);
}

async function remove(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const { found } = await changeable(caller, call, 'delete');
  await caller.world.native.call(caller.one, 'DELETE /domains/:id/dkim', { params: { id: found.id } });
  return { status: 204 };
}

/** A look at the domain shows all of its keys; one that is not there is an answer, and no refusal. */
async function verify(caller: SparkpostCaller, { params }: Call): Promise<Answer> {
  const found = await findDomain(caller, params['domain'] ?? '');
  const { id } = keyNamed(found, params['key'] ?? '');
  const looked = await caller.world.native.call<NativeDomain>(caller.one, 'POST /domains/:id/check', {
    params: { id: found.id },
  });
  return answerOf(looked, id);
}
