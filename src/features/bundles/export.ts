import { createHash } from 'node:crypto';
import type { Tx } from '../../base/database/database.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { sealContext } from '../domains/index.ts';
import { append } from '../events/index.ts';
import { refuse } from '../refusals/index.ts';
import { get as getSubaccount } from '../subaccounts/index.ts';
import { bundleVersion, sections } from './model.ts';
import type { BundleWorld, Header, Row, Section } from './model.ts';
import {
  readDomains,
  readKeys,
  readLists,
  readQuota,
  readRecipients,
  readSubaccount,
  readSuppressions,
  readTemplates,
} from './sql.ts';
import type { Page } from './sql.ts';
import { sectionGrants } from './tables.ts';
import { contexts, makeVault } from './vault.ts';
import type { Vault } from './vault.ts';

const pageRows = 500;
/** Each may have some megabytes. */
const templatePageRows = 5;
export const originPurpose = 'bundle origin';

/** With a passphrase, secrets travel sealed under it. */
export type ExportOptions = { readonly passphrase: string | null };

/**
 * The lines of a subaccount's bundle, line ends included, read page by page as they are asked for. Refuses before the first
 * line when the caller may not read all of it.
 */
export async function exportBundle(
  world: BundleWorld,
  scope: Scope,
  reference: string,
  { passphrase }: ExportOptions,
): Promise<AsyncGenerator<string, void>> {
  // First: what is not there is not found, whatever else the caller lacks.
  const subaccount = await getSubaccount(world, scope, reference);
  for (const section of sections) needGrant(scope, sectionGrants[section].read);
  if (passphrase !== null) needGrant(scope, 'keys:secrets');
  const now = new Date(world.clock.now());
  const made = passphrase === null ? null : await makeVault(passphrase);
  await world.db.scoped(scope, (tx) =>
    append(tx, now, [
      {
        accountId: scope.accountId,
        subaccountId: subaccount.id,
        kind: 'subaccount.exported',
        data: { secrets: passphrase !== null, actor: scope.actor.kind, actorId: scope.actor.id },
      },
    ]),
  );
  const header: Header = {
    lettershop: 'subaccount',
    version: bundleVersion,
    exportedAt: now.toISOString(),
    origin: world.ring.mac(originPurpose, String(scope.accountId)).toString('hex'),
    vault: made?.header ?? null,
  };
  return lines(header, rowsOf({ world, scope, id: subaccount.id, vault: made?.vault ?? null }));
}

export function needGrant(scope: Scope, grant: Parameters<Scope['grants']['has']>[0]): void {
  if (!scope.grants.has(grant))
    throw refuse('auth.grant_missing', { message: `The credential lacks the grant ${grant}` });
}

type Told = { readonly section: Section; readonly row: unknown };

async function* lines(header: Header, rows: AsyncGenerator<Told, void>): AsyncGenerator<string, void> {
  const hash = createHash('sha256');
  const told = (value: unknown): string => {
    const text = `${JSON.stringify(value)}\n`;
    hash.update(text);
    return text;
  };
  let count = 0;
  yield told(header);
  for await (const { section, row } of rows) {
    count += 1;
    yield told({ [section]: row });
  }
  yield `${JSON.stringify({ end: true, rows: count, sha256: hash.digest('hex') })}\n`;
}

type From = {
  readonly world: BundleWorld;
  readonly scope: Scope;
  readonly id: SubaccountId;
  readonly vault: Vault | null;
};

async function* rowsOf(from: From): AsyncGenerator<Told, void> {
  const { world, scope, id } = from;
  const subaccount = await world.db.scoped(scope, (tx) => readSubaccount(tx, id));
  if (subaccount === null) return;
  // What the account notes about its client is not the client's to take.
  const notes = scope.reach === 'account' ? subaccount.notes : '';
  yield { section: 'subaccount', row: { ...subaccount, notes } };
  const quota = await world.db.scoped(scope, (tx) => readQuota(tx, id));
  if (quota !== null) yield { section: 'quota', row: quota };
  for await (const domain of pages(from, readDomains))
    yield { section: 'domain', row: domainRow(from, domain) };
  for await (const key of pages(from, readKeys)) yield { section: 'key', row: keyRow(from, key) };
  for await (const row of pages(from, readSuppressions)) yield { section: 'suppression', row };
  for await (const row of pages(from, readTemplates, templatePageRows)) yield { section: 'template', row };
  for await (const row of pages(from, readLists)) yield { section: 'list', row };
  for await (const row of pages(from, readRecipients)) yield { section: 'recipient', row };
}

/** Each page is a short transaction of its own, however slowly the lines are taken. */
async function* pages<T>(
  { world, scope, id }: From,
  read: (tx: Tx, id: SubaccountId, after: string, limit: number) => Promise<Page<T>>,
  limit = pageRows,
): AsyncGenerator<T, void> {
  for (let after: string | null = '0'; after !== null;) {
    const from: string = after;
    const page: Page<T> = await world.db.scoped(scope, (tx) => read(tx, id, from, limit));
    yield* page.rows;
    after = page.last;
  }
}

function domainRow(
  { world, vault }: From,
  { id, keys, ...domain }: Awaited<ReturnType<typeof readDomains>>['rows'][number],
): Row<'domain'> {
  if (vault === null) return { ...domain, keys: [] };
  return {
    ...domain,
    keys: keys.map(({ sealed, ...key }) => {
      const der = world.ring.open(Buffer.from(sealed, 'base64'), sealContext(id, key.selector));
      return { ...key, sealedPrivateKey: vault.seal(der, contexts.dkim(domain.name, key.selector)) };
    }),
  };
}

function keyRow(
  { vault }: From,
  { publicId, secretHash, ...key }: Awaited<ReturnType<typeof readKeys>>['rows'][number],
): Row<'key'> {
  if (vault === null) return { ...key, hashed: null };
  const sealedSecretHash = vault.seal(Buffer.from(secretHash, 'base64'), contexts.key(publicId));
  return { ...key, hashed: { publicId, sealedSecretHash } };
}
