/**
 * Proving a domain by a mail to whoever administers it, instead of the owner record. Only the mailboxes that are theirs by
 * convention (RFC 2142, and those that certificate authorities write to): anybody may have another one of a domain.
 * The DKIM record is needed all the same. The mail has a link and the same code in words; a new request to a mailbox ends both.
 */
import type { Scope } from '../../base/scope.ts';
import { hashSecret, makeToken } from '../../base/secrets.ts';
import { get as getAccount } from '../accounts/index.ts';
import { append } from '../events/index.ts';
import { addAsked } from '../outbox/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import type { ConnectWorld } from './connect.ts';
import type { ProofMailbox } from './model.ts';
import { eventOf, get, look, mayChange } from './operations.ts';
import type { Domain } from './operations.ts';
import { findByCode, markMailProven, putMailProof } from './sql-mail-proof.ts';
import type { AskedProof } from './sql-mail-proof.ts';

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
  const token = makeToken();
  const content = {
    paragraphs: [
      `${name} asks to send mail in the name of ${domain.name}.`,
      'If you administer this domain and agree, follow the link. If not, do nothing.',
      `Whoever asked may also enter this code, if you give it to them: ${token}`,
    ],
    action: { label: 'Look at it', url: `${world.publicUrl()}/domain-proof/${token}` },
  };
  await world.db.scoped(scope, async (tx) => {
    const mail = {
      purpose: 'domain_proof',
      to: email,
      subject: `May ${domain.name} be used?`,
      content,
    } as const;
    await addAsked(world.db, tx, domain, mail, new Date(now));
    const [at, expiresAt] = [new Date(now), new Date(now + linkMs)];
    await putMailProof(tx, domain, { mailbox, tokenHash: hashSecret(token), at, expiresAt });
    await append(tx, at, [eventOf(domain, 'domain.proof_mailed')]);
  });
  return { state: 'sent', email };
}

export type ProofLink = { readonly domain: string; readonly accountName: string; readonly isProven: boolean };

function known(world: ConnectWorld, token: string): Promise<AskedProof | null> {
  return findByCode(world.db.engine, hashSecret(token), new Date(world.clock.now()));
}

function linkOf({ row, accountName, isProven }: AskedProof): ProofLink {
  return { domain: row.name, accountName, isProven };
}

/** What a link asks; null: it is too old, another was sent since, or its domain is gone. */
export async function readProofLink(world: ConnectWorld, token: string): Promise<ProofLink | null> {
  const found = await known(world, token);
  return found === null ? null : linkOf(found);
}

/** False: another mail has replaced this one meanwhile. */
function agree(world: ConnectWorld, { row }: AskedProof, token: string): Promise<boolean> {
  const now = new Date(world.clock.now());
  return world.db.asEngine(async (tx) => {
    const agreed = await markMailProven(tx, row.id, hashSecret(token), now);
    if (agreed?.isFirst === true) await append(tx, now, [eventOf(row, 'domain.changed')]);
    return agreed !== null;
  });
}

/** Somebody there agrees: the next look at DNS takes it for the owner record. */
export async function confirmProofLink(world: ConnectWorld, token: string): Promise<ProofLink | null> {
  const found = await known(world, token);
  if (found === null || !(await agree(world, found, token))) return null;
  return { ...linkOf(found), isProven: true };
}

/** Whoever asked enters the code that the mailbox was sent; DNS is looked at at once. */
export async function enterProofCode(
  world: ConnectWorld,
  scope: Scope,
  id: string,
  { mailbox, code }: { readonly mailbox: ProofMailbox; readonly code: string },
): Promise<Domain> {
  const domain = await get(world, scope, id);
  if (!mayChange(scope, domain)) throw refuse('not_found');
  const found = await known(world, code);
  const isRight = found?.row.id === id && found.mailbox === mailbox && (await agree(world, found, code));
  if (!isRight) throw invalidField('code', 'known', 'is not the one that was sent last, or is too old');
  await look(world, await get(world, scope, id));
  return get(world, scope, id);
}
