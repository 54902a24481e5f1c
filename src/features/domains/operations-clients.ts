/** What is done so that a client's domain gets its records: instructions, forwarding them, automatic set-up. */
import { withDeadline } from '../../base/dns/index.ts';
import type { Scope } from '../../base/scope.ts';
import type { Address } from '../../mail/address.ts';
import { get as getAccount } from '../accounts/index.ts';
import { append } from '../events/index.ts';
import { addAsked } from '../outbox/index.ts';
import { refuse } from '../refusals/index.ts';
import { offerConnect } from './connect.ts';
import type { ConnectOffer, ConnectWorld } from './connect.ts';
import { sendingGroups, sendingVariables } from './connect-rules.ts';
import { instructionParagraphs, instructionsFor } from './instructions.ts';
import type { Instructions } from './instructions.ts';
import { eventOf, get, mayChange } from './operations.ts';
import type { Domain, DomainWorld } from './operations.ts';
import type { Resolve } from './proof.ts';
import { explainSpf } from './spf-merge.ts';
import { lookupsMax } from './spf.ts';
import { txtOf } from './proof.ts';

const dnsMs = 8000;

/** A built-in domain has nothing in DNS to look for. */
function resolverFor(world: DomainWorld, domain: Domain): Resolve {
  return domain.isBuiltin ? () => Promise.resolve({ kind: 'nodata' }) : withDeadline(world.resolve, dnsMs);
}

/** What has to be entered where; the provider is guessed from the name servers unless one is named. */
export async function instructions(
  world: DomainWorld,
  scope: Scope,
  id: string,
  providerId: string | null,
): Promise<Instructions> {
  const domain = await get(world, scope, id);
  return instructionsOf(world, domain, providerId);
}

function instructionsOf(
  world: DomainWorld,
  domain: Domain,
  providerId: string | null,
): Promise<Instructions> {
  // A second DMARC record would be none at all.
  const hasDmarc = domain.proofs.some(({ purpose, state }) => purpose === 'dmarc' && state === 'proven');
  const records = domain.records.filter(({ purpose }) => purpose !== 'dmarc' || !hasDmarc);
  const facts = { domain: domain.name, records, mailDomain: world.mailDomain };
  return instructionsFor(facts, resolverFor(world, domain), providerId);
}

export type Forward = {
  readonly to: Address;
  readonly note: string | null;
  readonly replyTo: Address | null;
  readonly providerId: string | null;
};

/** Mails the instructions to whoever keeps the domain's DNS; within the bounds of `addAsked`. */
export async function forward(world: DomainWorld, scope: Scope, id: string, input: Forward): Promise<void> {
  const domain = await get(world, scope, id);
  if (!mayChange(scope, domain)) throw refuse('not_found');
  const told = await instructionsOf(world, domain, input.providerId);
  const note = input.note === null ? [] : [`From the person who asked for this mail:\n${input.note}`];
  const { name } = await getAccount(world, scope);
  const asks = `${name} asks you for these DNS records.`;
  const now = new Date(world.clock.now());
  await world.db.scoped(scope, async (tx) => {
    const mail = {
      purpose: 'domain_instructions',
      to: input.to.text,
      subject: `DNS records for ${domain.name}`,
      content: {
        paragraphs: [asks, ...note, ...instructionParagraphs(told)],
        ...(input.replyTo === null ? {} : { replyTo: input.replyTo.text }),
      },
    } as const;
    await addAsked(world.db, tx, domain, mail, now);
    await append(tx, now, [eventOf(domain, 'domain.forwarded')]);
  });
}

/** Where the holder's browser sets the domain up at its provider. SPF is left out when the record has no room for it. */
export async function connect(world: ConnectWorld, scope: Scope, id: string): Promise<ConnectOffer> {
  const domain = await get(world, scope, id);
  if (!mayChange(scope, domain)) throw refuse('not_found');
  const resolve = resolverFor(world, domain);
  const spf = await explainSpf(domain.name, `spf.${world.mailDomain}`, txtOf(resolve));
  return offerConnect({ ...world, resolve }, domain.name, {
    service: 'sending',
    groups: sendingGroups(spf.lookups.after <= lookupsMax),
    variables: sendingVariables(domain.ownerToken, domain.records),
    subject: `domains.${domain.id}`,
  });
}
