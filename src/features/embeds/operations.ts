import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import { onlySubaccount } from '../../base/scope.ts';
import type { Grant, Scope } from '../../base/scope.ts';
import { hashSecret, makeToken, makeViewSecret } from '../../base/secrets.ts';
import type { Access, Throttle } from '../access/index.ts';
import { append } from '../events/index.ts';
import type { EventKind } from '../events/index.ts';
import {
  countEmbedKeys,
  createWithin,
  deleteEmbedKey,
  deleteEmbedKeys,
  openEmbedKey,
} from '../keys/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { capabilities, find as findSubaccount } from '../subaccounts/index.ts';
import type { EmbedPage, Theme } from './model.ts';
import { isFrameAncestor, partOf } from './rules.ts';
import { findByToken, findEmbed, insertEmbed, listLive, markOpened } from './sql.ts';
import type { Embed } from './sql.ts';

export type EmbedWorld = {
  readonly db: Database;
  readonly clock: Clock;
  readonly access: Access;
  readonly publicUrl: () => string;
};

export type MakeEmbed = {
  /** An id or `external:`; null: the one that is acted for. */
  readonly subaccount: string | null;
  readonly name: string;
  readonly pages: readonly EmbedPage[] | null;
  readonly grants: readonly Grant[] | null;
  readonly frameAncestors: readonly string[];
  readonly theme: Theme;
  readonly linkSeconds: number;
  readonly sessionSeconds: number;
};

/** Links and sessions of a subaccount at once; as many as that have ended are no help to anybody who looks for one. */
const liveMax = 1000;
/** A frame that is loaded again after its end is told so; later its link is unknown. */
const keptMs = 24 * 3_600_000;

/** A link that opens one view once; its token is known at this moment only. */
export async function create(
  world: EmbedWorld,
  scope: Scope,
  asked: MakeEmbed,
): Promise<{ readonly embed: Embed; readonly url: string }> {
  for (const [index, origin] of asked.frameAncestors.entries())
    if (!isFrameAncestor(origin))
      throw invalidField(
        `frameAncestors[${index}]`,
        'origin',
        'must be one exact origin, such as https://app.example.com; http only on loopback',
      );
  const part = partOf(scope.grants, asked);
  if ('rule' in part) throw invalidField(part.field, part.rule, part.message);
  const now = new Date(world.clock.now());
  const token = makeToken();
  return world.db.scoped(scope, async (tx) => {
    const subaccountId = await subaccountOf(tx, scope, asked.subaccount);
    if ((await countEmbedKeys(tx, subaccountId, now, liveMax)) >= liveMax)
      throw refuse('limit.reached', {
        message: `A subaccount has at most ${liveMax} links and views at a time`,
      });
    const linkEnd = now.getTime() + asked.linkSeconds * 1000;
    const { key } = await createWithin(world, tx, scope, subaccountId, {
      kind: 'embed',
      name: asked.name,
      reach: 'subaccount',
      grants: part.grants,
      domainLimit: null,
      allowedAddresses: [],
      expiresAt: Math.min(linkEnd, scope.bounds.expiresAt ?? linkEnd),
    });
    const { frameAncestors, theme, sessionSeconds } = asked;
    const made = { id: key.id, accountId: scope.accountId, subaccountId, pages: part.pages, frameAncestors };
    await insertEmbed(tx, { ...made, theme, sessionSeconds, tokenHash: hashSecret(token) }, now);
    const embed = await findEmbed(tx, key.id);
    if (embed === null) throw refuse('not_found');
    await tell(tx, now, 'embed.created', embed);
    return { embed, url: `${world.publicUrl().replace(/\/+$/, '')}/embed/${token}` };
  });
}

/** A caller that reaches more than one has to say which: never the account's own by mistake. */
async function subaccountOf(tx: Tx, scope: Scope, asked: string | null): Promise<Scope['subaccountId']> {
  if (asked !== null) {
    const { id, status } = await findSubaccount(tx, asked, false);
    if (!capabilities[status].reads) throw refuse('subaccount.inactive');
    return id;
  }
  if (scope.reach === 'account')
    throw invalidField('subaccount', 'required', 'must say whose pages are shown');
  return scope.subaccountId;
}

export function list(
  world: EmbedWorld,
  scope: Scope,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly Embed[]> {
  const live = { ...page, now: new Date(world.clock.now()), subaccountId: onlySubaccount(scope.reach) };
  return world.db.scoped(scope, (tx) => listLive(tx, live));
}

/** Ends a view, or takes its link back: at once on this node, within a second on others. */
export async function remove(world: EmbedWorld, scope: Scope, id: string): Promise<void> {
  const secretHash = await world.db.scoped(scope, async (tx) => {
    const found = await findEmbed(tx, id);
    const deleted = found === null ? null : await deleteEmbedKey(tx, id);
    if (found === null || deleted === null) throw refuse('not_found');
    await tell(tx, new Date(world.clock.now()), 'embed.deleted', found);
    return deleted;
  });
  world.access.forgetKey(secretHash);
}

/** What the frame is served by: of any link that we made, spent or not. Null for an unknown one. */
export function look(
  { db }: Pick<EmbedWorld, 'db'>,
  token: string,
): Promise<Pick<Embed, 'pages' | 'frameAncestors' | 'theme'> | null> {
  return findByToken(db.engine, hashSecret(token));
}

/** How long it is good, as clocks of browsers differ. */
export type Opened = { readonly secret: string; readonly seconds: number };

/**
 * Spends the link: the session's secret, for the one caller that is first. Everything else is the same refusal. Guesses are
 * counted by address; a link that was ours and is over is none.
 */
export async function open(
  world: EmbedWorld & { readonly throttle: Throttle },
  token: string,
  from: { readonly remoteAddress: string; readonly requestId: string },
): Promise<Opened> {
  world.throttle.check(from.remoteAddress);
  const found = await findByToken(world.db.engine, hashSecret(token));
  if (found === null) {
    world.throttle.failed(from.remoteAddress);
    throw isOver();
  }
  const now = new Date(world.clock.now());
  if (found.openedAt !== null || found.expiresAt <= now) throw isOver();
  const scope = await world.access.embedScope(found.id, from);
  const secret = makeViewSecret();
  const seconds = found.sessionSeconds;
  const expiresAt = new Date(now.getTime() + seconds * 1000);
  await world.db.scoped(scope, async (tx) => {
    if (!(await markOpened(tx, found.id, now, from.remoteAddress))) throw isOver();
    await openEmbedKey(tx, found.id, { secretHash: hashSecret(secret), expiresAt });
    await tell(tx, now, 'embed.opened', found);
  });
  return { secret, seconds };
}

function isOver(): ReturnType<typeof refuse> {
  return refuse('auth.failed', { message: 'This link was used, is too old, or never was' });
}

/** Background: how many went. */
export function endOldEmbeds({ db, clock }: Pick<EmbedWorld, 'db' | 'clock'>): Promise<number> {
  return deleteEmbedKeys(db.engine, new Date(clock.now() - keptMs), 1000);
}

async function tell(tx: Tx, now: Date, kind: EventKind, embed: Embed): Promise<void> {
  const { accountId, subaccountId } = embed;
  await append(tx, now, [{ accountId, subaccountId, kind, data: { embedId: embed.id, pages: embed.pages } }]);
}
