import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import { sqlState } from '../../base/database/store-lost.ts';
import type { AccountId, Reach, Scope, SubaccountId } from '../../base/scope.ts';
import type { Language } from '../../mail/template/index.ts';
import type { ShareLevel } from '../domains/index.ts';
import { noDefaults } from './model.ts';
import type { Content, Defaults, Markup, Template, TemplateKind, Version } from './model.ts';
import { snippetsMax, versionsKeptMax } from './rules.ts';

type Row = {
  account_id: number;
  subaccount_id: number;
  id: string;
  kind: TemplateKind;
  slug: string;
  name: string;
  labels: string[];
  description: string;
  share: ShareLevel;
  draft_version: number;
  published_version: number | null;
  created_at: Date;
  updated_at: Date;
};

const columns = sql`account_id, subaccount_id, id, kind, slug, name, labels, description, share, draft_version,
  published_version, created_at, updated_at`;

function toTemplate(row: Row): Template {
  return {
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    id: row.id,
    kind: row.kind,
    slug: row.slug,
    name: row.name,
    labels: row.labels,
    description: row.description,
    share: row.share,
    draftVersion: row.draft_version,
    publishedVersion: row.published_version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function only(rows: readonly Row[]): Template | null {
  const [row] = rows;
  return row === undefined ? null : toTemplate(row);
}

export type NewTemplate = Pick<
  Template,
  'accountId' | 'subaccountId' | 'kind' | 'slug' | 'name' | 'labels' | 'description' | 'share'
>;

/** Null when the holder has one of that kind and slug. */
export async function insertTemplate(tx: Tx, made: NewTemplate, at: Date): Promise<Template | null> {
  const rows = await sql<Row>`/* templates.insert */
    insert into templates (account_id, subaccount_id, kind, slug, name, labels, description, share, created_at, updated_at)
    values (${made.accountId}, ${made.subaccountId}, ${made.kind}, ${made.slug}, ${made.name}, ${made.labels}::text[],
      ${made.description}, ${made.share}, ${at}, ${at})
    on conflict (subaccount_id, kind, slug) do nothing returning ${columns}`.execute(tx);
  return only(rows.rows);
}

/** The template's draft, as a version of its own; what is older than the kept ones goes, the published one stays. */
export async function insertDraft(tx: Tx, template: Template, content: Content, at: Date): Promise<void> {
  const { accountId, subaccountId, id, draftVersion, share } = template;
  await sql`/* templates.insert_version */
    insert into template_versions (account_id, subaccount_id, template_id, version, share, language, subject, html, text, amp, markup, defaults,
      created_at)
    values (${accountId}, ${subaccountId}, ${id}, ${draftVersion}, ${share}, ${content.language}, ${content.subject},
      ${content.html}, ${content.text}, ${content.amp}, ${content.markup === null ? null : JSON.stringify(content.markup)}::jsonb, ${JSON.stringify(content.defaults)}::jsonb, ${at})`.execute(
    tx,
  );
  await sql`/* templates.forget_versions */
    delete from template_versions where template_id = ${id} and version <= ${draftVersion - versionsKeptMax}
      and version <> ${template.publishedVersion ?? 0}`.execute(tx);
}

export async function findTemplate(tx: Tx, kind: TemplateKind, id: string): Promise<Template | null> {
  const rows = await sql<Row>`/* templates.find */
    select ${columns} from templates where id = ${id} and kind = ${kind}`.execute(tx);
  return only(rows.rows);
}

/** Of those that the scope may change (row security), locked. */
export async function lockTemplate(tx: Tx, kind: TemplateKind, id: string): Promise<Template | null> {
  const rows = await sql<Row>`/* templates.lock */
    select ${columns} from templates where id = ${id} and kind = ${kind} for update`.execute(tx);
  return only(rows.rows);
}

/**
 * One that mail of the scope's subaccount may be written with: what it holds or the account shares for use, its own slug before
 * the account's. By id the account writes with any that it sees.
 */
export async function findUsable(
  tx: Tx,
  { reach, subaccountId }: Pick<Scope, 'reach' | 'subaccountId'>,
  { id, slug }: { readonly id?: string | undefined; readonly slug?: string | undefined },
): Promise<Template | null> {
  const isOurs = sql`(subaccount_id = ${subaccountId} or share = 'use')`;
  const named =
    id === undefined
      ? sql`slug = ${slug ?? ''} and ${isOurs}`
      : reach === 'account'
        ? sql`id = ${id}`
        : sql`id = ${id} and ${isOurs}`;
  const rows = await sql<Row>`/* templates.find_usable */
    select ${columns} from templates where kind = 'template' and ${named}
    order by (subaccount_id = ${subaccountId}) desc limit 1`.execute(tx);
  return only(rows.rows);
}

export type TemplatePage = {
  readonly kind: TemplateKind;
  readonly subaccountId: SubaccountId | null;
  readonly named: readonly string[] | null;
  readonly after: string;
  readonly limit: number;
  readonly search: string | null;
  readonly slug: string | null;
  readonly label: string | null;
};

/** Those that the transaction's scope sees, by id; `named`: these only. */
export async function listTemplates(tx: Tx, page: TemplatePage): Promise<readonly Template[]> {
  const { subaccountId, named, search, slug, label } = page;
  const rows = await sql<Row>`/* templates.list */
    select ${columns} from templates where kind = ${page.kind} and id > ${page.after}
      ${subaccountId === null ? sql`` : sql`and (subaccount_id = ${subaccountId} or share <> 'none')`}
      ${named === null ? sql`` : sql`and id = any(${named}::bigint[])`}
      ${search === null ? sql`` : sql`and position(lower(${search}) in lower(name || ' ' || slug)) > 0`}
      ${slug === null ? sql`` : sql`and slug = ${slug}`}
      ${label === null ? sql`` : sql`and ${label} = any(labels)`}
    order by id limit ${page.limit}`.execute(tx);
  return rows.rows.map(toTemplate);
}

/** Null when its slug is taken; the transaction is then over. The row is locked. */
export async function updateTemplate(tx: Tx, template: Template, at: Date): Promise<Template | null> {
  const { id, slug, name, labels, description, share, draftVersion, publishedVersion } = template;
  try {
    const rows = await sql<Row>`/* templates.update */
      update templates set slug = ${slug}, name = ${name}, labels = ${labels}::text[],
        description = ${description}, share = ${share}, draft_version = ${draftVersion},
        published_version = ${publishedVersion}, updated_at = ${at}
      where id = ${id} returning ${columns}`.execute(tx);
    return only(rows.rows);
  } catch (error) {
    if (sqlState(error) === '23505') return null;
    throw error;
  }
}

export async function deleteTemplate(tx: Tx, id: string): Promise<void> {
  await sql`/* templates.delete */ delete from templates where id = ${id}`.execute(tx);
}

type VersionRow = {
  version: number;
  language: Language;
  subject: string;
  html: string | null;
  text: string | null;
  amp: string | null;
  markup: Markup | null;
  defaults: Defaults;
  created_at: Date;
};

function toVersion({ created_at, ...row }: VersionRow): Version {
  // What was stored before there were more defaults has none of them.
  return { ...row, defaults: { ...noDefaults, ...row.defaults }, createdAt: created_at };
}

export async function findVersion(tx: Tx, templateId: string, version: number): Promise<Version | null> {
  const rows = await sql<VersionRow>`/* templates.find_version */
    select version, language, subject, html, text, amp, markup, defaults, created_at from template_versions
    where template_id = ${templateId} and version = ${version}`.execute(tx);
  const [row] = rows.rows;
  return row === undefined ? null : toVersion(row);
}

export type Candidate = {
  readonly id: string;
  readonly subaccountId: SubaccountId;
  readonly slug: string;
  readonly name: string;
  readonly version: number;
  readonly isDraft: boolean;
  readonly isPublished: boolean;
} & Pick<Content, 'language' | 'subject' | 'html' | 'text' | 'amp' | 'markup'>;

/**
 * Drafts and published versions of templates that hold the word by which a snippet is shown, whether or not they show it, by
 * id and version: of its holder, and of all that a shared one reaches but those whose own of that name goes before it.
 * Of templates that the reach does not hold only what is published.
 */
export async function listCandidates(
  tx: Tx,
  reach: Reach,
  snippet: Template,
  { after, limit }: { readonly after: readonly [id: string, version: number]; readonly limit: number },
): Promise<readonly Candidate[]> {
  const { id, subaccountId, slug, share } = snippet;
  const held = reach === 'account' ? null : typeof reach === 'number' ? [reach] : [...reach];
  const rows = await sql<Candidate>`/* templates.candidates */
    select t.id, t.subaccount_id as "subaccountId", t.slug, t.name, v.version, v.version = t.draft_version as "isDraft",
      v.version = coalesce(t.published_version, 0) as "isPublished",
      v.language, v.subject, v.html, v.text, v.amp, v.markup
    from templates t join template_versions v on v.template_id = t.id and v.version in (t.draft_version, t.published_version)
    where t.kind = 'template' and (t.id, v.version) > (${after[0]}::bigint, ${after[1]}::int)
      and (t.subaccount_id = ${subaccountId} or ${share === 'use'} and not exists (select 1 from templates o
        where o.kind = 'snippet' and o.slug = ${slug} and o.id <> ${id} and o.subaccount_id = t.subaccount_id
          and o.published_version is not null))
      ${held === null ? sql`` : sql`and (t.subaccount_id = any(${held}::int[]) or v.version = t.published_version)`}
      and position(${slug} in concat_ws(' ', v.subject, v.html, v.text, v.amp, v.markup ->> 'mjml', v.markup ->> 'html', v.markup ->> 'text')) > 0
    order by t.id, v.version limit ${limit}`.execute(tx);
  return rows.rows;
}

/** Newest first; at most as many as are kept, and the published one. */
export async function listVersions(
  tx: Tx,
  templateId: string,
): Promise<readonly Pick<Version, 'version' | 'createdAt'>[]> {
  const rows = await sql<{ version: number; created_at: Date }>`/* templates.versions */
    select version, created_at from template_versions where template_id = ${templateId} order by version desc`.execute(
    tx,
  );
  return rows.rows.map(({ version, created_at }) => ({ version, createdAt: created_at }));
}

export type SnippetRow = {
  readonly slug: string;
  readonly text: string | null;
  readonly html: string | null;
  readonly amp: string | null;
};

/** What is published of the snippets that mail of the subaccount may show; its own go before the account's. `names` null: all. */
export async function findSnippets(
  tx: Tx,
  subaccountId: SubaccountId,
  language: Language,
  names: readonly string[] | null,
): Promise<readonly SnippetRow[]> {
  const rows = await sql<SnippetRow>`/* templates.snippets */
    select distinct on (t.slug) t.slug, v.text, v.html, v.amp
    from templates t join template_versions v on v.template_id = t.id and v.version = t.published_version
    where t.kind = 'snippet' and (t.subaccount_id = ${subaccountId} or t.share = 'use') and v.language = ${language}
      ${names === null ? sql`` : sql`and t.slug = any(${names}::text[])`}
    order by t.slug, (t.subaccount_id = ${subaccountId}) desc limit ${snippetsMax}`.execute(tx);
  return rows.rows;
}
