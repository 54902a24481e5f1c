import type { Tx } from '../../base/database/database.ts';
import { instantMs } from '../../base/route.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { parseDomainName } from '../../mail/address.ts';
import { recordOfPrivate } from '../../mail/dkim/index.ts';
import { TemplateCache } from '../../mail/template/cache.ts';
import { createWithin as createDomain, makeKeys } from '../domains/index.ts';
import type { MadeKey } from '../domains/index.ts';
import { append } from '../events/index.ts';
import { createHashed, createWithin as createKey } from '../keys/index.ts';
import { setWithin } from '../quotas/index.ts';
import { bringIn as bringList, bringRecipients, readRecipient } from '../lists/index.ts';
import { invalidField, isRefusal, refuse } from '../refusals/index.ts';
import { profileProblem } from '../subaccounts/index.ts';
import { entryAddress } from '../suppressions/index.ts';
import { bringIn } from '../templates/index.ts';
import type { Moved } from '../templates/index.ts';
import { needGrant, originPurpose } from './export.ts';
import type { BundleWorld, Header, ImportReport, Lined, Note, Row, Section } from './model.ts';
import { readBundle, refusal } from './rules.ts';
import type { AnyRow } from './rules.ts';
import {
  abandonLanding,
  finishLanding,
  hasPool,
  insertLanding,
  insertSuppressions,
  keepLanding,
  setKeyInactive,
} from './sql.ts';
import { sectionGrants } from './tables.ts';
import { contexts, openVault } from './vault.ts';
import type { Vault } from './vault.ts';

const batchRows = 500;
/** An import that stands still for so long (its process was killed) is purged. */
const patienceMs = 3_600_000;

export type ImportOptions = {
  readonly passphrase: string | null;
  /** Instead of the bundle's: it must be free in the account. */
  readonly externalId: string | null;
};

/** Gives the lines from the first on, without line ends; asked for twice. */
export type Lines = () => AsyncIterable<string>;

type Landing = {
  readonly world: BundleWorld;
  readonly scope: Scope;
  readonly subaccountId: SubaccountId;
  readonly header: Header;
  readonly vault: Vault | null;
  readonly notes: Note[];
  readonly keys: ImportReport['keys'][number][];
  readonly rows: Record<Section, number>;
};

/**
 * Makes a new subaccount of the scope's account from a bundle. The whole bundle is read and checked first; then rows are
 * written in batches into a subaccount that counts as retired until the last one, so that half of it is never there: on a
 * fault, or after a kill, the purge takes it away. Throws a refusal that names line and field.
 */
export async function importBundle(
  world: BundleWorld,
  scope: Scope,
  lines: Lines,
  options: ImportOptions,
): Promise<ImportReport> {
  if (scope.reach !== 'account')
    throw refuse('auth.grant_missing', { message: 'Only the account makes subaccounts' });
  const { header, subaccount } = await checkAll(scope, lines);
  const vault = await vaultFor(scope, header, options.passphrase);
  const row = { ...subaccount.row, externalId: options.externalId ?? subaccount.row.externalId };
  const landing: Landing = {
    world,
    scope,
    subaccountId: await land(world, scope, subaccount.line, row),
    header,
    vault,
    notes: [],
    keys: [],
    rows: {
      subaccount: 1,
      quota: 0,
      domain: 0,
      key: 0,
      suppression: 0,
      template: 0,
      list: 0,
      recipient: 0,
    },
  };
  try {
    await writeAll(landing, lines);
    await finish(landing, subaccount.line, row);
  } catch (error) {
    await world.db.scoped(scope, (tx) =>
      abandonLanding(tx, landing.subaccountId, new Date(world.clock.now())),
    );
    throw error;
  }
  const { subaccountId, rows, keys, notes } = landing;
  return { subaccountId, rows, keys, notes };
}

/** The first reading: everything that can be said without the database. */
async function checkAll(
  scope: Scope,
  lines: Lines,
): Promise<{ readonly header: Header; readonly subaccount: Lined<Row<'subaccount'>> }> {
  let header: Header | null = null;
  let subaccount: Lined<Row<'subaccount'>> | null = null;
  for await (const each of readBundle(lines())) {
    if (!('section' in each)) {
      header = each;
      continue;
    }
    needGrant(scope, sectionGrants[each.section].write);
    if (each.section === 'subaccount') subaccount = each;
    const fault = contentFault(each);
    if (fault !== null) throw refusal([{ ...fault, line: each.line }]);
  }
  if (header === null || subaccount === null)
    throw refusal([{ line: 2, field: 'subaccount', rule: 'required', message: 'is missing' }]);
  return { header, subaccount };
}

type ContentFault = { readonly field: string; readonly rule: string; readonly message: string };

function contentFault({ section, row }: AnyRow): ContentFault | null {
  switch (section) {
    case 'subaccount': {
      const problem = profileProblem(row.profile);
      return problem === null ? null : { ...problem, field: `subaccount.${problem.field}` };
    }
    case 'domain':
      return parseDomainName(row.name) === row.name
        ? null
        : { field: 'domain.name', rule: 'format', message: 'must be a domain name' };
    case 'suppression':
      return isErased(row) || 'address' in entryAddress(row.kind, row.address)
        ? null
        : { field: 'suppression.address', rule: 'format', message: 'must be an e-mail address' };
    case 'recipient': {
      const read = readRecipient(row);
      return 'rule' in read ? { ...read, field: `recipient.${read.field}` } : null;
    }
    case 'quota':
    case 'key':
    case 'template':
    case 'list':
      return null;
  }
}

/** The hash of somebody who was erased; it means something under its own master key only. */
function isErased({ address }: Row<'suppression'>): boolean {
  return /^#[\w-]{43}$/.test(address);
}

async function vaultFor(scope: Scope, header: Header, passphrase: string | null): Promise<Vault | null> {
  if (header.vault === null) return null;
  needGrant(scope, 'keys:secrets');
  if (passphrase === null) {
    const error = { field: 'passphrase', rule: 'required', message: 'is needed: the bundle holds secrets' };
    throw refuse('request.invalid', {
      message: 'passphrase is needed: the bundle holds secrets',
      errors: [error],
    });
  }
  return openVault(passphrase, header.vault);
}

async function land(
  world: BundleWorld,
  scope: Scope,
  line: number,
  row: Row<'subaccount'>,
): Promise<SubaccountId> {
  const purgeAt = new Date(world.clock.now() + patienceMs);
  const id = await world.db.scoped(scope, (tx) => insertLanding(tx, scope.accountId, row, purgeAt));
  if (id !== null) return id;
  const message = `"${row.externalId}" is taken in this account; give another one`;
  throw refusal([{ line, field: 'subaccount.externalId', rule: 'taken', message }]);
}

async function writeAll(landing: Landing, lines: Lines): Promise<void> {
  let batch: AnyRow[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await writeBatch(landing, batch);
    batch = [];
  };
  for await (const each of readBundle(lines())) {
    if (!('section' in each)) continue;
    // Domains bring keys that take their time to be made.
    if (batch.length >= (each.section === 'suppression' || each.section === 'recipient' ? batchRows : 20))
      await flush();
    batch.push(each);
  }
  await flush();
}

async function writeBatch(landing: Landing, batch: readonly AnyRow[]): Promise<void> {
  const { world, scope, subaccountId } = landing;
  const madeKeys = new Map<number, readonly MadeKey[]>();
  for (const each of batch)
    if (each.section === 'domain') madeKeys.set(each.line, await keysFor(landing, each));
  const suppressions = batch.filter((each) => each.section === 'suppression');
  const recipients = batch.filter((each) => each.section === 'recipient');
  await world.db.scoped(scope, async (tx) => {
    const isThere = await keepLanding(tx, subaccountId, new Date(world.clock.now() + patienceMs));
    if (!isThere)
      throw refuse('conflict.state', { message: 'The subaccount was taken away while it was imported' });
    for (const each of batch)
      await named(each, () => writeRow(landing, tx, each, madeKeys.get(each.line) ?? []));
    if (suppressions.length > 0) await writeSuppressions(landing, tx, suppressions);
    await writeRecipients(landing, tx, recipients);
  });
}

/** A refusal of another feature, with the line that it is about. */
async function named({ line, section }: AnyRow, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const { errors = [] } = error.details;
    const said = errors.length > 0 ? errors : [{ field: '', rule: error.code, message: error.message }];
    throw refusal(
      said.map(({ field, rule, message }) => ({
        line,
        field: field === '' ? section : `${section}.${field}`,
        rule,
        message,
      })),
    );
  }
}

async function writeRow(landing: Landing, tx: Tx, each: AnyRow, madeKeys: readonly MadeKey[]): Promise<void> {
  const { world, scope, subaccountId } = landing;
  if (each.section === 'quota') {
    const { hour, day, month, automatic: isAutomatic } = each.row;
    landing.rows.quota += 1;
    await setWithin(tx, { subaccountId, ownId: scope.subaccountId }, { hour, day, month, isAutomatic });
  } else if (each.section === 'domain') {
    const name = parseDomainName(each.row.name);
    if (name === null) return;
    landing.rows.domain += 1;
    const owner = { accountId: scope.accountId, subaccountId };
    await createDomain(world, tx, owner, { name, share: 'none' }, madeKeys);
  } else if (each.section === 'template') {
    landing.rows.template += 1;
    const owner = { accountId: scope.accountId, subaccountId };
    await bringIn({ clock: world.clock, cache: new TemplateCache() }, tx, owner, templateFrom(each.row));
  } else if (each.section === 'list') {
    landing.rows.list += 1;
    await bringList(world, tx, { accountId: scope.accountId, subaccountId }, each.row);
  } else if (each.section === 'key') await writeKey(landing, tx, each);
}

function templateFrom({ category = '', labels, ...rest }: Row<'template'>): Moved {
  return { ...rest, labels: labels ?? (category === '' ? [] : [category]) };
}

async function writeRecipients(
  landing: Landing,
  tx: Tx,
  lines: readonly Lined<Row<'recipient'>>[],
): Promise<void> {
  for (const [slug, some] of Map.groupBy(lines, ({ row }) => row.list)) {
    const [first] = some;
    if (first === undefined) continue;
    const recipients = some.map(({ row }) => row);
    await named({ ...first, section: 'recipient' }, async () => {
      if (!(await bringRecipients(landing.world, tx, landing.subaccountId, slug, recipients)))
        throw invalidField('list', 'required', 'is the slug of no list before it');
    });
    landing.rows.recipient += some.length;
  }
}

/** The keys that travelled, so that published records stay valid; new ones when none did. */
async function keysFor({ vault }: Landing, { line, row }: Lined<Row<'domain'>>): Promise<readonly MadeKey[]> {
  if (row.keys.length === 0) return makeKeys();
  return row.keys.map(({ sealedPrivateKey, ...key }, index) => {
    const privateDer = vault?.open(sealedPrivateKey, contexts.dkim(row.name, key.selector)) ?? null;
    if (privateDer === null || recordOfPrivate(privateDer, key.algorithm) !== key.record) {
      const field = `domain.keys[${index}].sealedPrivateKey`;
      throw refusal([
        { line, field, rule: 'match', message: 'does not open, or is not the key of its record' },
      ]);
    }
    return { ...key, privateDer };
  });
}

async function writeKey(landing: Landing, tx: Tx, { line, row }: Lined<Row<'key'>>): Promise<void> {
  const { world, scope, subaccountId, vault } = landing;
  const { hashed, status, expiresAt, ...rest } = row;
  const input = {
    ...rest,
    reach: 'subaccount',
    expiresAt: expiresAt === null ? null : instantMs(expiresAt),
  } as const;
  if (input.expiresAt !== null && input.expiresAt <= world.clock.now()) {
    landing.notes.push({
      line,
      field: 'key.expiresAt',
      message: `"${row.name}" has expired and was left out`,
    });
    return;
  }
  let id: string;
  if (hashed === null) {
    const made = await createKey(world, tx, scope, subaccountId, input);
    landing.keys.push({ name: row.name, publicId: made.key.publicId, secret: made.secret });
    id = made.key.id;
  } else {
    const secretHash = vault?.open(hashed.sealedSecretHash, contexts.key(hashed.publicId)) ?? null;
    if (secretHash?.length !== 32)
      throw refusal([
        { line, field: 'key.hashed.sealedSecretHash', rule: 'match', message: 'does not open' },
      ]);
    const pair = { publicId: hashed.publicId, secretHash };
    id = (await createHashed(world, tx, scope, subaccountId, input, pair)).id;
  }
  landing.rows.key += 1;
  if (status === 'inactive') await setKeyInactive(tx, id);
}

async function writeSuppressions(
  landing: Landing,
  tx: Tx,
  lines: readonly Lined<Row<'suppression'>>[],
): Promise<void> {
  const { world, scope, subaccountId, header } = landing;
  const origin = Buffer.from(header.origin, 'hex');
  const isAtHome = world.ring.verifyMac(originPurpose, String(scope.accountId), origin);
  const kept = lines.filter(({ line, row }) => {
    if (isAtHome || !isErased(row)) return true;
    const message = 'was erased in another account or under another master key: the hash says nothing here';
    landing.notes.push({ line, field: 'suppression.address', message });
    return false;
  });
  const owner = { accountId: scope.accountId, subaccountId };
  landing.rows.suppression += await insertSuppressions(
    tx,
    owner,
    kept.map(({ row }) => row),
  );
}

async function finish(landing: Landing, line: number, row: Row<'subaccount'>): Promise<void> {
  const { world, scope, subaccountId, rows, notes } = landing;
  await world.db.scoped(scope, async (tx) => {
    if (row.pool !== null && !(await hasPool(tx, row.pool)))
      notes.push({
        line,
        field: 'subaccount.pool',
        message: `the account has no pool "${row.pool}": it has none`,
      });
    if (!(await finishLanding(tx, subaccountId, row)))
      throw refuse('conflict.state', { message: 'The subaccount was taken away while it was imported' });
    await append(tx, new Date(world.clock.now()), [
      { accountId: scope.accountId, subaccountId, kind: 'subaccount.imported', data: { rows } },
    ]);
  });
}
