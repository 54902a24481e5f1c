import { isDeepStrictEqual } from 'node:util';
import type { Tx } from '../../base/database/database.ts';
import { onlySubaccount } from '../../base/scope.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { checkSharing } from '../domains/index.ts';
import type { ShareLevel } from '../domains/index.ts';
import { append } from '../events/index.ts';
import { refuse } from '../refusals/index.ts';
import { switchesOf } from '../subaccounts/index.ts';
import { noDefaults } from './model.ts';
import type {
  Content,
  Defaults,
  Template,
  TemplateKind,
  TemplateWorld,
  Version,
  VersionWish,
} from './model.ts';
import { checkContent, pressed } from './making.ts';
import { hasOwnHtml, isNamed, merged, slugOf, switchProblem, versionFor } from './rules.ts';
import {
  deleteTemplate,
  findTemplate,
  findVersion,
  insertDraft,
  insertTemplate,
  listTemplates,
  listVersions,
  lockTemplate,
  updateTemplate,
} from './sql.ts';
import type { TemplatePage } from './sql.ts';

type Names = {
  readonly name: string;
  readonly slug?: string;
  readonly labels?: readonly string[];
  readonly description?: string;
  readonly share?: ShareLevel;
};

export type Shown = { readonly template: Template; readonly version: Version };

/** A new one of the scope's subaccount, its content as the draft. Throws a refusal with part, line and column of each fault. */
export async function create(
  world: TemplateWorld,
  scope: Scope,
  kind: TemplateKind,
  { name, slug, labels = [], description = '', share = 'none' }: Names,
  content: Content,
): Promise<Shown> {
  if (share !== 'none') checkSharing(scope, scope.subaccountId);
  const draft = await pressed(world, scope, kind, content);
  const { accountId, subaccountId } = scope;
  const names = { name, slug: slug ?? slugOf(name, kind), labels, description, share };
  const made = { accountId, subaccountId, kind, ...names };
  return world.db.scoped(scope, async (tx) => {
    const begun = { isBlank: kind === 'template', hasOwnHtml: hasOwnHtml(content, null) };
    await checkSwitches(tx, scope, subaccountId, begun);
    return createWithin(world, tx, scope, made, draft);
  });
}

async function createWithin(
  world: TemplateWorld,
  tx: Tx,
  scope: Scope,
  made: Parameters<typeof insertTemplate>[1],
  content: Content,
): Promise<Shown> {
  // A new one is none of those that were named.
  if (scope.bounds.templates !== null)
    throw refuse('auth.grant_missing', { message: 'The credential is narrowed to named templates' });
  const now = new Date(world.clock.now());
  const template = await insertTemplate(tx, made, now);
  if (template === null) throw taken(made);
  await insertDraft(tx, template, content, now);
  await tell(tx, now, template, 'created');
  return { template, version: { ...content, version: template.draftVersion, createdAt: now } };
}

/** What the account has switched off for the holder, its own keys and people do not; the account itself does. */
async function checkSwitches(
  tx: Tx,
  scope: Scope,
  holder: SubaccountId,
  asked: { readonly isBlank: boolean; readonly hasOwnHtml: boolean },
): Promise<void> {
  const switches = scope.reach === 'account' ? null : await switchesOf(tx, holder);
  const problem = switches === null ? null : switchProblem(switches, asked);
  if (problem !== null) throw refuse('conflict.state', { message: problem });
}

/** What it does not say of its defaults it has none of. */
type MovedVersion = Omit<Content, 'defaults' | 'amp'> & {
  readonly amp?: string | null;
  readonly defaults: Partial<Defaults>;
  readonly isPublished: boolean;
};

export type Moved = Pick<Template, 'kind' | 'slug' | 'name' | 'labels'> & {
  /** At least one, the draft last; at most one is published. */
  readonly versions: readonly MovedVersion[];
  readonly description?: string;
  /** Left out: with nobody. */
  readonly share?: ShareLevel;
};

/** How one that comes from elsewhere stands to what the holder has under its slug. */
export async function standing(
  tx: Tx,
  { accountId, subaccountId }: Pick<Template, 'accountId' | 'subaccountId'>,
  { kind, slug, versions: brought }: Moved,
): Promise<'new' | 'same' | 'other'> {
  const page = {
    kind,
    slug,
    subaccountId,
    named: null,
    search: null,
    label: null,
    after: '0',
    limit: 500,
  };
  const found = (await listTemplates(tx, page)).find(
    (each) => each.subaccountId === subaccountId && each.accountId === accountId,
  );
  if (found === undefined) return 'new';
  const published = brought.find(({ isPublished }) => isPublished);
  if ((published === undefined) !== (found.publishedVersion === null)) return 'other';
  const pairs = [
    [found.draftVersion, brought.at(-1)],
    [found.publishedVersion, published],
  ] as const;
  for (const [number, wanted] of pairs) {
    if (number === null || wanted === undefined) continue;
    const stored = await findVersion(tx, found.id, number);
    if (stored === null || !isDeepStrictEqual(said(stored), said(wanted))) return 'other';
  }
  return 'same';
}

function said({
  language,
  subject,
  html,
  text,
  amp = null,
  defaults,
}: Omit<MovedVersion, 'isPublished'>): unknown {
  const { tags: _tags, setByCall: _setByCall, ...rest } = { ...noDefaults, ...defaults };
  return { language, subject, html, text, amp, ...rest };
}

/** Within a transaction of the caller's: one that comes from elsewhere, its versions counted from 1, shared as it says. */
export async function bringIn(
  world: Pick<TemplateWorld, 'clock' | 'cache'>,
  tx: Tx,
  owner: Pick<Template, 'accountId' | 'subaccountId'>,
  { versions: brought, description = '', share = 'none', ...moved }: Moved,
): Promise<void> {
  const now = new Date(world.clock.now());
  const made = await insertTemplate(tx, { ...moved, ...owner, description, share }, now);
  if (made === null) throw taken(moved);
  let template = made;
  for (const [index, { isPublished, defaults, amp = null, ...sources }] of brought.entries()) {
    const content = { ...sources, amp, defaults: { ...noDefaults, ...defaults } };
    checkContent(world, moved.kind, content);
    const draftVersion = index + 1;
    const publishedVersion = isPublished ? draftVersion : template.publishedVersion;
    template = (await updateTemplate(tx, { ...template, draftVersion, publishedVersion }, now)) ?? template;
    await insertDraft(tx, template, content, now);
  }
  await tell(tx, now, template, 'created');
}

export async function list(
  world: TemplateWorld,
  scope: Scope,
  page: Omit<TemplatePage, 'subaccountId' | 'named'>,
): Promise<readonly Template[]> {
  const bound = { subaccountId: onlySubaccount(scope.reach), named: scope.bounds.templates };
  return world.db.scoped(scope, (tx) => listTemplates(tx, { ...page, ...bound }));
}

/** The draft to who holds it, what is published to others, unless another version is asked for. */
export async function get(
  world: TemplateWorld,
  scope: Scope,
  kind: TemplateKind,
  id: string,
  wish?: VersionWish,
): Promise<Shown> {
  return world.db.scoped(scope, async (tx) => shown(tx, scope, await seen(tx, scope, kind, id), wish));
}

export async function versions(
  world: TemplateWorld,
  scope: Scope,
  kind: TemplateKind,
  id: string,
): Promise<{ readonly template: Template; readonly versions: Awaited<ReturnType<typeof listVersions>> }> {
  return world.db.scoped(scope, async (tx) => {
    const template = await seen(tx, scope, kind, id);
    const all = await listVersions(tx, id);
    return { template, versions: all.filter(({ version }) => versionFor(scope, template, version) !== null) };
  });
}

export type TemplateChange = Partial<Names> & { readonly content?: Partial<Content> };

/** Names and sharing as they are given; content makes a new draft of the last one. */
export async function change(
  world: TemplateWorld,
  scope: Scope,
  kind: TemplateKind,
  id: string,
  { content, ...names }: TemplateChange,
): Promise<Shown> {
  // What was made of a draft holds as long as nobody else has made another one meanwhile.
  for (let tries = 0; tries < 5; tries++) {
    const made = content === undefined ? null : await madeOf(world, scope, kind, id, content);
    const changed = await world.db.scoped(scope, async (tx) => {
      const before = await held(tx, scope, kind, id);
      if (names.share !== undefined && names.share !== 'none') checkSharing(scope, before.subaccountId);
      if (made !== null && made.of !== before.draftVersion) return null;
      if (made !== null)
        await checkSwitches(tx, scope, before.subaccountId, { isBlank: false, hasOwnHtml: made.hasOwnHtml });
      if (made !== null) return redraft(world, tx, { ...before, ...names }, made.draft);
      const last = await shown(tx, scope, before, 'draft');
      return { ...last, template: await store(world, tx, { ...before, ...names }) };
    });
    if (changed !== null) return changed;
  }
  throw refuse('conflict.state', { message: `The ${kind} is being changed by others` });
}

/** The last draft with what is given, made ready outside of any transaction; null when nothing of it is given. */
async function madeOf(
  world: TemplateWorld,
  scope: Scope,
  kind: TemplateKind,
  id: string,
  content: Partial<Content>,
): Promise<{ readonly of: number; readonly draft: Content; readonly hasOwnHtml: boolean } | null> {
  const last = await world.db.scoped(scope, async (tx) =>
    shown(tx, scope, await held(tx, scope, kind, id), 'draft'),
  );
  if (Object.keys(content).length === 0) return null;
  const draft = merged(last.version, content);
  const isOwn = hasOwnHtml(draft, last.version);
  return {
    of: last.template.draftVersion,
    draft: await pressed(world, scope, kind, draft),
    hasOwnHtml: isOwn,
  };
}

/** The draft, or an older version, is what mail is written with from now on. */
export async function publish(
  world: TemplateWorld,
  scope: Scope,
  kind: TemplateKind,
  id: string,
  wish: VersionWish,
): Promise<Template> {
  return world.db.scoped(scope, async (tx) => {
    const before = await held(tx, scope, kind, id);
    const { version } = await shown(tx, scope, before, wish);
    return store(world, tx, { ...before, publishedVersion: version.version });
  });
}

/** What an old version says becomes a new draft; nothing in between is lost. */
export async function revert(
  world: TemplateWorld,
  scope: Scope,
  kind: TemplateKind,
  id: string,
  number: number,
): Promise<Shown> {
  return world.db.scoped(scope, async (tx) => {
    const before = await held(tx, scope, kind, id);
    const { version } = await shown(tx, scope, before, number);
    return redraft(world, tx, before, version);
  });
}

/** A copy of what the caller sees (the draft of their own, what is published of a shared one), in `into`, shared with nobody. */
export async function copy(
  world: TemplateWorld,
  scope: Scope,
  id: string,
  to: { readonly name?: string; readonly slug?: string; readonly into: SubaccountId },
): Promise<Shown> {
  return world.db.scoped(scope, async (tx) => {
    const from = await shown(tx, scope, await seen(tx, scope, 'template', id));
    const { name, slug, kind, labels, description, accountId } = from.template;
    const made = { name: to.name ?? name, slug: to.slug ?? slug, kind, labels, description, accountId };
    const own = { subaccountId: to.into, share: 'none' } as const;
    return createWithin(world, tx, scope, { ...made, ...own }, from.version);
  });
}

export async function remove(
  world: TemplateWorld,
  scope: Scope,
  kind: TemplateKind,
  id: string,
): Promise<void> {
  await world.db.scoped(scope, async (tx) => {
    const template = await held(tx, scope, kind, id);
    await deleteTemplate(tx, id);
    await tell(tx, new Date(world.clock.now()), template, 'deleted');
  });
}

/** One that the scope sees, shared ones included. */
export async function seen(tx: Tx, scope: Scope, kind: TemplateKind, id: string): Promise<Template> {
  const template = await findTemplate(tx, kind, id);
  if (template === null || !isNamed(scope.bounds, id)) throw refuse('not_found');
  return template;
}

async function held(tx: Tx, scope: Scope, kind: TemplateKind, id: string): Promise<Template> {
  const template = await lockTemplate(tx, kind, id);
  if (template === null || !isNamed(scope.bounds, id)) throw refuse('not_found');
  return template;
}

/** Without a wish: the draft, to others what is published. */
export async function shown(tx: Tx, scope: Scope, template: Template, wish?: VersionWish): Promise<Shown> {
  const number =
    wish === undefined
      ? (versionFor(scope, template, 'draft') ?? versionFor(scope, template, 'published'))
      : versionFor(scope, template, wish);
  if (number === null && wish === 'published')
    throw refuse('conflict.state', { message: `The ${template.kind} is not published` });
  const version = number === null ? null : await findVersion(tx, template.id, number);
  if (version === null) throw refuse('not_found');
  return { template, version };
}

async function redraft(world: TemplateWorld, tx: Tx, before: Template, content: Content): Promise<Shown> {
  const template = await store(world, tx, { ...before, draftVersion: before.draftVersion + 1 });
  const now = new Date(world.clock.now());
  await insertDraft(tx, template, content, now);
  return { template, version: { ...content, version: template.draftVersion, createdAt: now } };
}

async function store(world: TemplateWorld, tx: Tx, template: Template): Promise<Template> {
  const now = new Date(world.clock.now());
  const stored = await updateTemplate(tx, template, now);
  if (stored === null) throw taken(template);
  await tell(tx, now, stored, 'changed');
  return stored;
}

function taken({ kind, slug }: Pick<Template, 'kind' | 'slug'>): Error {
  return refuse('conflict.exists', { message: `There is a ${kind} with the slug ${slug} already` });
}

function tell(
  tx: Tx,
  at: Date,
  template: Template,
  news: 'created' | 'changed' | 'deleted',
): Promise<unknown> {
  const { accountId, subaccountId, id, kind, slug } = template;
  return append(tx, at, [
    { accountId, subaccountId, kind: `template.${news}`, data: { templateId: id, kind, slug } },
  ]);
}
