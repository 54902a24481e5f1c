/**
 * Proving a domain by a mail to whoever administers it, instead of the owner record. Only the mailboxes that are theirs by
 * convention (RFC 2142, and those that certificate authorities write to): anybody may have another one of a domain.
 * The DKIM record is needed all the same.
 */
import type { Scope } from '../../base/scope.ts';
import type { Keyring } from '../../base/seal.ts';
import { get as getAccount } from '../accounts/index.ts';
import { append } from '../events/index.ts';
import { addAsked } from '../outbox/index.ts';
import { refuse } from '../refusals/index.ts';
import type { ConnectWorld } from './connect.ts';
import { eventOf, get, mayChange } from './operations.ts';
import { findForProof, markMailProven } from './sql-connect.ts';
import type { DomainRow } from './sql.ts';

export const proofMailboxes = ['admin', 'administrator', 'hostmaster', 'postmaster', 'webmaster'] as const;
export type ProofMailbox = (typeof proofMailboxes)[number];

const purpose = 'domain mail proof';
const linkMs = 3 * 86_400_000;

export type ProofMail = { readonly state: 'sent' | 'proven'; readonly email: string };

/** Writes to the mailbox, unless the domain's owner is known already. Within the bounds of mail to strangers. */
export async function mailProof(
  world: ConnectWorld,
  scope: Scope,
  id: string,
  mailbox: ProofMailbox,
): Promise<ProofMail> {
  const domain = await get(world, scope, id);
  if (!mayChange(scope, domain)) throw refuse('not_found');
  const email = `${mailbox}@${domain.name}`;
  if (domain.state === 'proven' || domain.mailProvenAt !== null) return { state: 'proven', email };
  const { name } = await getAccount(world, scope);
  const now = world.clock.now();
  const url = `${world.publicUrl()}/domain-proof/${makeLink(world.ring, domain, now + linkMs)}`;
  const content = {
    paragraphs: [
      `${name} asks to send mail in the name of ${domain.name}.`,
      'If you administer this domain and agree, follow the link. If not, do nothing.',
    ],
    action: { label: 'Look at it', url },
  };
  await world.db.scoped(scope, async (tx) => {
    const mail = {
      purpose: 'domain_proof',
      to: email,
      subject: `May ${domain.name} be used?`,
      content,
    } as const;
    await addAsked(world.db, tx, domain, mail, new Date(now));
    await append(tx, new Date(now), [eventOf(domain, 'domain.proof_mailed')]);
  });
  return { state: 'sent', email };
}

function sealed(
  ring: Keyring,
  { id, ownerToken }: Pick<DomainRow, 'id' | 'ownerToken'>,
  seconds: string,
): string {
  return ring.mac(purpose, `${id}.${seconds}.${ownerToken}`).toString('base64url');
}

function makeLink(ring: Keyring, domain: Pick<DomainRow, 'id' | 'ownerToken'>, expiresAt: number): string {
  const seconds = String(Math.floor(expiresAt / 1000));
  return `${domain.id}.${seconds}.${sealed(ring, domain, seconds)}`;
}

export type ProofLink = { readonly domain: string; readonly accountName: string; readonly isProven: boolean };

async function known(
  world: ConnectWorld,
  token: string,
): Promise<(ProofLink & { readonly row: DomainRow }) | null> {
  const [, id = '', seconds = '', mac = ''] = /^(\d{1,16})\.(\d{1,12})\.([\w-]{43})$/.exec(token) ?? [];
  if (id === '' || Number(seconds) * 1000 <= world.clock.now()) return null;
  const found = await findForProof(world.db.engine, id);
  if (found === null) return null;
  const { row, accountName } = found;
  const data = `${id}.${seconds}.${row.ownerToken}`;
  if (!world.ring.verifyMac(purpose, data, Buffer.from(mac, 'base64url'))) return null;
  return { row, domain: row.name, accountName, isProven: row.mailProvenAt !== null };
}

/** What a link asks; null: it is too old, was not made here, or its domain is gone. */
export function readProofLink(world: ConnectWorld, token: string): Promise<ProofLink | null> {
  return known(world, token);
}

/** Somebody there agrees: the next look at DNS takes it for the owner record. */
export async function confirmProofLink(world: ConnectWorld, token: string): Promise<ProofLink | null> {
  const found = await known(world, token);
  if (found === null) return null;
  const now = new Date(world.clock.now());
  await world.db.asEngine(async (tx) => {
    if (await markMailProven(tx, found.row.id, now))
      await append(tx, now, [eventOf(found.row, 'domain.changed')]);
  });
  return { ...found, isProven: true };
}
