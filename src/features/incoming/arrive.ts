/** A mail at the door: whose it is, and stored with everything that is known of it before anybody is told that it was taken. */
import { append } from '../events/index.ts';
import { readArrived, withoutForgedResults } from '../../mail/headers/index.ts';
import { parseDomainName } from '../../mail/address.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Tx } from '../../base/database/database.ts';
import type { Arriving, IncomingMail, IncomingWorld } from './model.ts';
import { chooseRoute } from './rules.ts';
import { holdRoutes, insertContent, insertMail, isFull, mailEvent } from './sql-mails.ts';
import { ownRoutes, provenRoutes } from './sql-routes.ts';
import type { Receiving } from './sql-routes.ts';

/** RFC 5321 6.3 asks for a threshold of a hundred at least. */
const receivedMax = 100;
/** Waiting, per subaccount: an endpoint that is away for days must not fill the store. */
const waitingMax = 20_000;
const dayMs = 86_400_000;

type Split = { readonly recipient: string; readonly local: string; readonly domain: string };

function split(recipient: string): Split | null {
  const at = recipient.lastIndexOf('@');
  const domain = at < 1 ? null : parseDomainName(recipient.slice(at + 1));
  return domain === null ? null : { recipient, local: recipient.slice(0, at), domain };
}

type Addressed = Receiving & { readonly recipient: string };

function addressed(recipients: readonly Split[], routes: readonly Receiving[]): readonly Addressed[] {
  return recipients.flatMap(({ recipient, local, domain }) => {
    const ofDomain = routes.filter(({ route }) => route.domain === domain);
    const chosen = chooseRoute(
      ofDomain.map((each) => ({ ...each, pattern: each.route.pattern })),
      local,
    );
    return chosen === null ? [] : [{ ...chosen, recipient }];
  });
}

/** What is said to RCPT. `closed`: its tenant takes no mail now. */
export async function findReceiver(
  { db }: IncomingWorld,
  recipient: string,
): Promise<'taken' | 'closed' | 'unknown'> {
  const asked = split(recipient);
  if (asked === null) return 'unknown';
  const routes = await db.asEngine((tx) => provenRoutes(tx, [asked.domain]));
  const [found] = addressed([asked], routes);
  if (found === undefined) return 'unknown';
  return found.accepts ? 'taken' : 'closed';
}

export type Taken =
  /** Stored, for those recipients that have a route. */
  | { readonly kind: 'taken'; readonly mails: readonly IncomingMail[] }
  /** None of the recipients has a route any more, or its tenant takes no mail. */
  | { readonly kind: 'unknown' | 'closed' }
  /** It has passed too many servers. */
  | { readonly kind: 'loops' }
  | { readonly kind: 'too_large' }
  /** Too much waits for the endpoint already. */
  | { readonly kind: 'full' };

type Holder = { readonly accountId: AccountId; readonly subaccountId: SubaccountId };

/**
 * Stores the mail once per subaccount and once more per recipient with its route, in one transaction with its events: when
 * this resolves to `taken`, it is durable. `holder`: only for domains of theirs, proven or not; otherwise for proven ones.
 */
export async function take(
  world: IncomingWorld,
  mail: Arriving,
  holder: Holder | null = null,
): Promise<Taken> {
  if (mail.bytes.length > world.messageBytesMax) return { kind: 'too_large' };
  const facts = readArrived(mail.bytes, mail.mailFrom);
  if (facts.receivedCount > receivedMax) return { kind: 'loops' };
  const recipients = mail.recipients.flatMap((each) => split(each) ?? []);
  const names = [...new Set(recipients.map(({ domain }) => domain))];
  if (names.length === 0) return { kind: 'unknown' };
  return world.db.asEngine(async (tx): Promise<Taken> => {
    const routes = holder === null ? await provenRoutes(tx, names) : await ownRoutes(tx, holder, names);
    const all = addressed(recipients, routes);
    const held = await holdRoutes(
      tx,
      all.map(({ route }) => route.id),
    );
    const there = all.filter(({ route }) => held.has(route.id));
    const open = there.filter(({ accepts }) => accepts);
    if (open.length === 0) return { kind: there.length === 0 ? 'unknown' : 'closed' };
    for (const subaccountId of new Set(open.map(({ route }) => route.subaccountId))) {
      if (await isFull(tx, subaccountId, waitingMax)) return { kind: 'full' };
    }
    const mails = await store(tx, world, mail, { facts, open });
    const now = new Date(world.clock.now());
    // Last, as the log's lock lasts to the commit.
    await append(
      tx,
      now,
      mails.map((each) => mailEvent(each, 'inbound.received', { subject: each.subject })),
    );
    return { kind: 'taken', mails };
  });
}

async function store(
  tx: Tx,
  world: IncomingWorld,
  mail: Arriving,
  { facts, open }: { readonly facts: ReturnType<typeof readArrived>; readonly open: readonly Addressed[] },
): Promise<readonly IncomingMail[]> {
  const receivedAt = new Date(world.clock.now());
  const bytes = Buffer.concat([traceOf(world, mail), withoutForgedResults(mail.bytes, world.hostname)]);
  const mails: IncomingMail[] = [];
  for (const theirs of Map.groupBy(open, ({ route }) => route.subaccountId).values()) {
    const [first] = theirs;
    if (first === undefined) continue;
    const { accountId, subaccountId } = first.route;
    const endsAt = new Date(receivedAt.getTime() + first.retentionDays * dayMs);
    const contentId = await insertContent(tx, { accountId, subaccountId, bytes, endsAt });
    for (const { route, recipient } of theirs) {
      const { mailFrom, remoteAddress, helo } = mail;
      const { subject, from, isAutomatic } = facts;
      const made = { contentId, recipient, mailFrom, remoteAddress, helo, from, subject, isAutomatic };
      mails.push(await insertMail(tx, route, { ...made, sizeBytes: mail.bytes.length, receivedAt }));
    }
  }
  return mails;
}

/** RFC 5321 4.4: the envelope sender, and where it came from. */
function traceOf(
  { hostname, clock }: IncomingWorld,
  { mailFrom, helo, remoteAddress, protocol }: Arriving,
): Buffer {
  const address = remoteAddress.includes(':') ? `IPv6:${remoteAddress}` : remoteAddress;
  const date = new Date(clock.now()).toUTCString().replace('GMT', '+0000');
  const lines = [
    `Return-Path: <${mailFrom}>`,
    `Received: from ${helo === '' ? 'unknown' : helo} ([${address}]) by ${hostname} with ${protocol};`,
    ` ${date}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n`, 'utf8');
}
