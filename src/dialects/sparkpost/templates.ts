/** Templates (contract, section 6): by the caller's own id, our slug; at most a draft and what is published. */
import type { Answer } from '../../base/route.ts';
import { isRefusal } from '../../features/refusals/index.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { bodyOf, classic, everything, invalidFormat, missing, read, secondsText } from './fields.ts';
import type { Fields } from './fields.ts';
import { descriptionOf, givenOptions, optionsOf, storedSourcesOf } from './template-content.ts';
import type { Defaults } from './template-content.ts';
import { tell } from './words.ts';

export type NativeTemplate = {
  readonly id: string;
  readonly subaccountId: number;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly share: 'none' | 'read' | 'use';
  readonly draftVersion: number;
  readonly publishedVersion: number | null;
  readonly updatedAt: string;
};
export type Shown = NativeTemplate & {
  readonly version: {
    readonly number: number;
    readonly subject: string;
    readonly html: string | null;
    readonly text: string | null;
    readonly amp: string | null;
    readonly defaults: Defaults;
  };
};

export const path = '/api/v1/templates';
export const params = { id: 'order_shipped' };
export const example = { from: 'hi@lettershop.test', subject: 'Hello', text: 'Hello {{name}}' };
export const bodyLimitBytes = 8_388_608;

export function templateRoutes(): readonly SparkpostRoute[] {
  const view = { method: 'GET', grant: 'templates:read' } as const;
  const modify = { grant: 'templates:write', bodyLimitBytes } as const;
  const body = { id: 'order_shipped', content: example };
  return [
    { ...view, path, example: {}, run: list },
    { ...view, path: `${path}/:id`, example: { params }, run: get },
    { ...modify, method: 'POST', path, example: { body }, run: create },
    {
      ...modify,
      method: 'PUT',
      path: `${path}/:id`,
      example: { params, body: { published: true } },
      run: change,
    },
    { ...modify, method: 'DELETE', path: `${path}/:id`, example: { params }, run: remove },
  ];
}

const notFound = (): Error => classic(404, '1600', 'resource not found');

const isHeldBy = ({ one }: SparkpostCaller, { subaccountId }: NativeTemplate): boolean =>
  subaccountId === Number(one.scope.subaccountId);

/** The own one before one that the account shares; of those only what is published is known. */
export async function find(caller: SparkpostCaller, slug: string): Promise<NativeTemplate> {
  if (!isTemplateId(slug)) throw notFound();
  const found = await everything<NativeTemplate>(caller.world.native, caller.one, 'GET /templates', { slug });
  const chosen = found.find((each) => isHeldBy(caller, each)) ?? found[0];
  if (chosen === undefined) throw notFound();
  return chosen;
}

/** The caller's own id of a template that it sees; null when it does not. */
export async function slugOf({ world, one }: SparkpostCaller, id: string): Promise<string | null> {
  if (!one.scope.grants.has('templates:read')) return null;
  try {
    return (await world.native.call<NativeTemplate>(one, 'GET /templates/:id', { params: { id } })).slug;
  } catch (error) {
    if (isRefusal(error) && (error.code === 'not_found' || error.code === 'conflict.state')) return null;
    throw error;
  }
}

export function isTemplateId(id: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/.test(id);
}

function head(caller: SparkpostCaller, template: NativeTemplate) {
  const isPrimarys = caller.isPrimary && template.subaccountId === caller.primaryId;
  const isTheirs = caller.isPrimary && template.subaccountId !== caller.primaryId;
  const hasDraft = template.draftVersion !== template.publishedVersion;
  return {
    id: template.slug,
    name: template.name,
    description: template.description,
    published: template.publishedVersion !== null,
    has_draft: hasDraft,
    has_published: template.publishedVersion !== null,
    last_update_time: secondsText(template.updatedAt),
    ...(isPrimarys || (!caller.isPrimary && !isHeldBy(caller, template))
      ? { shared_with_subaccounts: template.share === 'use' }
      : {}),
    ...(isTheirs ? { subaccount_id: template.subaccountId } : {}),
  };
}

async function list(caller: SparkpostCaller, { query }: Call): Promise<Answer> {
  const found = await everything<NativeTemplate>(caller.world.native, caller.all, 'GET /templates');
  const { draft, shared_with_subaccounts: shared } = query;
  const results = found
    .map((each) => head(caller, each))
    .filter((each) => draft === undefined || (draft === 'true' ? each.has_draft : each.has_published))
    .filter((each) => shared === undefined || String(each.shared_with_subaccounts ?? false) === shared);
  return { status: 200, body: { results } };
}

/** The draft when there is one, unless the call says. */
function wanted({ draft }: Call['query'], template: NativeTemplate): 'draft' | 'published' {
  const hasDraft = template.draftVersion !== template.publishedVersion;
  if (draft === 'true' && !hasDraft) throw notFound();
  if (draft === 'false' && template.publishedVersion === null) throw notFound();
  return draft === 'false' || !hasDraft ? 'published' : 'draft';
}

/** Of one that is only shared, what is published. */
export function versionWanted(
  caller: SparkpostCaller,
  query: Call['query'],
  template: NativeTemplate,
): 'draft' | 'published' {
  return isHeldBy(caller, template) ? wanted(query, template) : 'published';
}

async function get(caller: SparkpostCaller, { params: { id = '' }, query }: Call): Promise<Answer> {
  const template = await find(caller, id);
  const version = versionWanted(caller, query, template);
  const shown = await caller.world.native.call<Shown>(caller.one, 'GET /templates/:id', {
    params: { id: template.id },
    query: { version },
  });
  const { subject, html, text, amp, defaults } = shown.version;
  return {
    status: 200,
    body: {
      results: {
        ...head(caller, template),
        published: version === 'published',
        options: optionsOf(defaults),
        content: {
          ...(defaults.from === null ? {} : { from: defaults.from }),
          ...(defaults.replyTo === null ? {} : { reply_to: defaults.replyTo.email }),
          subject,
          ...(html === null ? {} : { html }),
          ...(text === null ? {} : { text }),
          ...(amp === null ? {} : { amp_html: amp }),
          ...(Object.keys(defaults.headers ?? {}).length === 0 ? {} : { headers: defaults.headers }),
        },
      },
    },
  };
}

async function create(caller: SparkpostCaller, { body }: Call): Promise<Answer> {
  const fields = bodyOf(body);
  const [id, name] = [read(fields, 'id', 'string'), read(fields, 'name', 'string')];
  const content = read(fields, 'content', 'json object');
  if (id === undefined && name === undefined) throw missing('id or name is a required field');
  if (id !== undefined && !isTemplateId(id))
    throw invalidFormat(`field 'id' must have at most 64 letters, digits, underscores, dots or dashes`);
  if (content === undefined) throw missing('content is a required field');
  const { native } = caller.world;
  const slug = id ?? newId(caller.world.now());
  const { defaults, ...sources } = await storedSourcesOf(content);
  const said = { ...sources, defaults: { ...defaults, ...givenOptions(fields) }, ...descriptionOf(fields) };
  const made = await native
    .call<NativeTemplate>(caller.holder, 'POST /templates', {
      body: { slug, name: (name ?? slug).slice(0, 200), ...said, ...sharing(caller, fields) },
    })
    .catch((error: unknown) => {
      if (isRefusal(error) && error.code === 'conflict.exists')
        throw classic(400, '3030', 'template already exists', `Template with id '${slug}' already exists`);
      throw error;
    });
  if (read(fields, 'published', 'bool') === true) await publish(caller, made.id);
  return { status: 200, body: { results: { id: slug } } };
}

/** Digits, as SparkPost makes them up. */
function newId(now: number): string {
  return `${now}${String(Math.floor(Math.random() * 100_000)).padStart(5, '0')}`;
}

function sharing({ one, primaryId, isPrimary }: SparkpostCaller, fields: Fields): Fields {
  const shared = read(fields, 'shared_with_subaccounts', 'bool');
  if (shared === undefined) return {};
  if (!isPrimary || Number(one.scope.subaccountId) !== primaryId) {
    if (!shared) return {};
    throw invalidFormat("shared_with_subaccounts cannot be set on a subaccount's template");
  }
  return { share: shared ? 'use' : 'none' };
}

async function publish({ world, one }: SparkpostCaller, id: string): Promise<void> {
  await world.native.call(one, 'POST /templates/:id/publish', { params: { id }, body: {} });
}

/** One that is only shared is seen, and not changed. */
async function findOwn(caller: SparkpostCaller, id: string): Promise<NativeTemplate> {
  const template = await find(caller, id);
  if (!isHeldBy(caller, template)) throw tell(403, { message: 'Forbidden.' });
  return template;
}

async function change(caller: SparkpostCaller, { params: { id = '' }, query, body }: Call): Promise<Answer> {
  const fields = bodyOf(body);
  const template = await findOwn(caller, id);
  const [name, content] = [read(fields, 'name', 'string'), read(fields, 'content', 'json object')];
  const published = read(fields, 'published', 'bool');
  if (published === false && template.publishedVersion !== null)
    throw invalidFormat('a published template cannot become a draft again');
  const changes = {
    ...(name === undefined ? {} : { name: name.slice(0, 200) }),
    ...descriptionOf(fields),
    ...(await changedContent(caller, template, fields, content)),
    ...sharing(caller, fields),
  };
  if (Object.keys(changes).length > 0)
    await caller.world.native.call(caller.holder, 'PATCH /templates/:id', {
      params: { id: template.id },
      body: changes,
    });
  if (published === true || (query['update_published'] === 'true' && content !== undefined))
    await publish(caller, template.id);
  return { status: 200, body: {} };
}

/** Content replaces the one before wholly, options one by one. */
async function changedContent(
  { world, one }: SparkpostCaller,
  { id }: NativeTemplate,
  fields: Fields,
  content: Fields | undefined,
): Promise<Fields> {
  const options = givenOptions(fields);
  if (content === undefined && options === undefined) return {};
  const known = await world.native.call<Shown>(one, 'GET /templates/:id', {
    params: { id },
    query: { version: 'draft' },
  });
  const { lane = null, tracking = {} } = known.version.defaults;
  const { defaults, ...sources } =
    content === undefined ? { defaults: known.version.defaults } : await storedSourcesOf(content);
  const chosen = { lane, ...options, tracking: { ...tracking, ...options?.tracking } };
  return { ...sources, defaults: { ...defaults, ...chosen } };
}

async function remove(caller: SparkpostCaller, { params: { id = '' } }: Call): Promise<Answer> {
  const template = await findOwn(caller, id);
  await caller.world.native.call(caller.one, 'DELETE /templates/:id', { params: { id: template.id } });
  return { status: 200, body: {} };
}
