/** From a template to a mail: which one a call may name, what it says, which snippets it shows. */
import type { Tx } from '../../base/database/database.ts';
import { reaches } from '../../base/scope.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import type { TemplateCache } from '../../mail/template/cache.ts';
import type { Data } from '../../mail/template/index.ts';
import { partNames, renderParts } from '../../mail/template/parts.ts';
import type { PartSources, RenderedParts } from '../../mail/template/parts.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { pressed } from './making.ts';
import type { Content, Template, TemplateWish, TemplateWorld, Use, VersionWish, Written } from './model.ts';
import { isNamed, sourcesOf, usesReadMax } from './rules.ts';
import { seen, shown } from './operations.ts';
import { findSnippets, findUsable, listCandidates } from './sql.ts';

/**
 * What a mail of the scope's subaccount is written from: its own template or one that the account shares for use, what is
 * published of it unless another version is named. One that it may not use is not found.
 */
export async function writtenFrom(
  world: Pick<TemplateWorld, 'db' | 'cache'>,
  scope: Scope,
  { id, slug, version = 'published' }: TemplateWish,
): Promise<Written> {
  checkOneName({ id, slug });
  return world.db.scoped(scope, async (tx) => {
    const template = await findUsable(tx, scope, { id, slug });
    if (template === null || !isNamed(scope.bounds, template.id)) throw refuse('not_found');
    const { version: content } = await shown(tx, scope, template, version);
    const written = sourcesOf(content);
    const snippets = await snippetsFor(tx, readerOf(scope, template), written, world.cache);
    const { id: templateId, slug: templateSlug } = template;
    return { ...written, templateId, templateSlug, snippets, defaults: content.defaults };
  });
}

/** The template that a mail says it was made from by its caller: one that its subaccount may use; another is not found. */
export async function namedBy(
  { db }: Pick<TemplateWorld, 'db'>,
  scope: Scope,
  { id, slug }: Pick<TemplateWish, 'id' | 'slug'>,
): Promise<Pick<Written, 'templateId' | 'templateSlug'>> {
  checkOneName({ id, slug });
  const template = await db.scoped(scope, (tx) => findUsable(tx, scope, { id, slug }));
  if (template === null || !isNamed(scope.bounds, template.id)) throw refuse('not_found');
  return { templateId: template.id, templateSlug: template.slug };
}

function checkOneName({
  id,
  slug,
}: {
  readonly id: string | undefined;
  readonly slug: string | undefined;
}): void {
  if ((id === undefined) === (slug === undefined))
    throw invalidField('template', 'exclusive', 'must have either id or slug');
}

/** One copy as it would be, or where it fails. */
export async function preview(
  world: TemplateWorld,
  scope: Scope,
  id: string,
  { data, version }: { readonly data: Data; readonly version: VersionWish | undefined },
): Promise<RenderedParts> {
  const sources = await world.db.scoped(scope, async (tx) => {
    const found = await shown(tx, scope, await seen(tx, scope, 'template', id), version);
    const reader = readerOf(scope, found.template);
    const written = sourcesOf(found.version);
    return { ...written, snippets: await snippetsFor(tx, reader, written, world.cache) };
  });
  return renderParts(sources, data, { now: world.clock.now() }, world.cache);
}

/** What is stored nowhere, as one copy of it would be, or where it fails. */
export async function renderOnce(
  world: TemplateWorld,
  scope: Scope,
  content: Content,
  data: Data,
): Promise<RenderedParts> {
  const sources =
    content.markup === null ? content : sourcesOf(await pressed(world, scope, 'template', content));
  const snippets = await snippetsOf(world, scope, sources);
  return renderParts({ ...sources, snippets }, data, { now: world.clock.now() }, world.cache);
}

/** Whose snippets are shown: the holder's, or the own ones where the template is only shared. */
function readerOf(scope: Scope, { subaccountId }: Template): SubaccountId {
  return reaches(scope.reach, subaccountId) ? subaccountId : scope.subaccountId;
}

const usesReadAtOnce = 20;

/**
 * The templates that show a snippet by its name, as far as the scope sees them, by id; not those that take names from data.
 * `isWhole` false: there were more to read than are read for one answer.
 */
export async function usesOf(
  { db, cache }: Pick<TemplateWorld, 'db' | 'cache'>,
  scope: Scope,
  id: string,
): Promise<{ readonly uses: readonly Use[]; readonly isWhole: boolean }> {
  return db.scoped(scope, async (tx) => {
    const snippet = await seen(tx, scope, 'snippet', id);
    const uses = new Map<string, Use>();
    let after: readonly [string, number] = ['0', 0];
    for (let read = 0; read < usesReadMax; read += usesReadAtOnce) {
      const found = await listCandidates(tx, scope.reach, snippet, { after, limit: usesReadAtOnce });
      for (const each of found) {
        if (!isNamed(scope.bounds, each.id)) continue;
        if (!namedIn(sourcesOf(each), cache).names.has(snippet.slug)) continue;
        const { subaccountId, slug, name, isPublished } = each;
        const { isInDraft = false, isPublished: wasPublished = false } = uses.get(each.id) ?? {};
        uses.set(each.id, {
          id: each.id,
          subaccountId,
          slug,
          name,
          isInDraft: isInDraft || each.isDraft,
          isPublished: wasPublished || isPublished,
        });
      }
      const last = found.at(-1);
      if (last === undefined || found.length < usesReadAtOnce)
        return { uses: [...uses.values()], isWhole: true };
      after = [last.id, last.version];
    }
    return { uses: [...uses.values()], isWhole: false };
  });
}

type Sources = Pick<Content, 'language' | 'subject' | 'text' | 'amp' | 'html'>;

/** What sources without a template show of the scope's snippets; asks the database only when they name any. */
export async function snippetsOf(
  { db, cache }: Pick<TemplateWorld, 'db' | 'cache'>,
  scope: Scope,
  content: Sources,
): Promise<PartSources['snippets']> {
  const { names, isDynamic } = namedIn(content, cache);
  if (names.size === 0 && !isDynamic) return {};
  return db.scoped(scope, (tx) => snippetsFor(tx, scope.subaccountId, content, cache));
}

/** Snippets that the sources name, or all that there are when a name comes from data. */
async function snippetsFor(
  tx: Tx,
  subaccountId: SubaccountId,
  content: Sources,
  cache: TemplateCache,
): Promise<PartSources['snippets']> {
  const { names, isDynamic } = namedIn(content, cache);
  if (names.size === 0 && !isDynamic) return {};
  const found = await findSnippets(tx, subaccountId, content.language, isDynamic ? null : [...names]);
  return Object.fromEntries(found.map(({ slug, ...sources }) => [slug, sources]));
}

type Named = { readonly names: ReadonlySet<string>; readonly isDynamic: boolean };

function namedIn(content: Sources, cache: TemplateCache): Named {
  const names = new Set<string>();
  let isDynamic = false;
  for (const part of partNames) {
    const source = content[part];
    const compiled = source === null ? null : cache.get(content.language, source, { part });
    if (compiled === null || !compiled.ok) continue;
    for (const name of compiled.template.snippets.names) names.add(name);
    isDynamic ||= compiled.template.snippets.isDynamic;
  }
  return { names, isDynamic };
}
