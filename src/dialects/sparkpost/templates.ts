/** Templates (contract, section 6): by the caller's own id, our slug; at most a draft and what is published. */
import type { Answer } from '../../base/route.ts';
import { isRefusal } from '../../features/refusals/index.ts';
import type { Call } from '../shared/dialect.ts';
import type { Asking } from '../shared/native.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { inOneLineOf, language, replyToOf, senderOf } from './content.ts';
import {
  bodyOf,
  classic,
  everything,
  invalidFormat,
  isObject,
  missing,
  read,
  secondsText,
} from './fields.ts';
import type { Fields } from './fields.ts';
import { objectOf } from './recipients.ts';
import type { NativeMailbox } from './recipients.ts';
import { faultError, tell } from './words.ts';

export type NativeTemplate = {
  readonly id: string;
  readonly subaccountId: number;
  readonly slug: string;
  readonly name: string;
  readonly share: 'none' | 'read' | 'use';
  readonly draftVersion: number;
  readonly publishedVersion: number | null;
  readonly updatedAt: string;
};
type Shown = NativeTemplate & {
  readonly version: {
    readonly number: number;
    readonly subject: string;
    readonly html: string | null;
    readonly text: string | null;
    readonly defaults: { readonly from: NativeMailbox | null; readonly replyTo: NativeMailbox | null };
  };
};

const path = '/api/v1/templates';
const params = { id: 'order_shipped' };
const example = { from: 'hi@lettershop.test', subject: 'Hello', text: 'Hello {{name}}' };
const bodyLimitBytes = 8_388_608;

export function templateRoutes(): readonly SparkpostRoute[] {
  const view = { method: 'GET', grant: 'templates:read' } as const;
  const modify = { grant: 'templates:write', bodyLimitBytes } as const;
  const preview = { method: 'POST', grant: 'templates:preview', bodyLimitBytes } as const;
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
    {
      ...preview,
      path: `${path}/:id/preview`,
      example: { params, body: { substitution_data: {} } },
      run: previewOne,
    },
    {
      ...preview,
      path: '/api/v1/utils/content-previewer',
      example: { body: { content: example, substitution_data: { name: 'Ann' } } },
      run: previewContent,
    },
  ];
}

const notFound = (): Error => classic(404, '1600', 'resource not found');

const isHeldBy = ({ one }: SparkpostCaller, { subaccountId }: NativeTemplate): boolean =>
  subaccountId === Number(one.scope.subaccountId);

/** The own one before one that the account shares; of those only what is published is known. */
async function find(caller: SparkpostCaller, slug: string): Promise<NativeTemplate> {
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
    description: '',
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

async function get(caller: SparkpostCaller, { params: { id = '' }, query }: Call): Promise<Answer> {
  const template = await find(caller, id);
  const version = isHeldBy(caller, template) ? wanted(query, template) : 'published';
  const shown = await caller.world.native.call<Shown>(caller.one, 'GET /templates/:id', {
    params: { id: template.id },
    query: { version },
  });
  const { subject, html, text, defaults } = shown.version;
  return {
    status: 200,
    body: {
      results: {
        ...head(caller, template),
        published: version === 'published',
        options: {},
        content: {
          ...(defaults.from === null ? {} : { from: defaults.from }),
          ...(defaults.replyTo === null ? {} : { reply_to: defaults.replyTo.email }),
          subject,
          ...(html === null ? {} : { html }),
          ...(text === null ? {} : { text }),
        },
      },
    },
  };
}

/** What native templates say of it; what they have no word for is refused, not forgotten. */
export function sourcesOf(content: Fields) {
  for (const field of ['email_rfc822', 'amp_html', 'headers'])
    if (content[field] !== undefined && !isEmpty(content[field]))
      throw invalidFormat(`content.${field} is not supported in stored templates`);
  if (content['attachments'] !== undefined || content['inline_images'] !== undefined)
    throw invalidFormat('attachments and inline_images are not supported in stored templates');
  if (content['from'] === undefined) throw missing('content.from is a required field');
  const subject = read(content, 'subject', 'string', 'content.subject');
  if (subject === undefined || subject === '') throw missing('content.subject is a required field');
  const text = read(content, 'text', 'string', 'content.text') ?? '';
  const html = read(content, 'html', 'string', 'content.html') ?? '';
  if (text === '' && html === '')
    throw missing("At least one of 'text' or 'html' needs to exist in 'content'");
  const from = senderOf(content['from']);
  if (from === null) {
    const given = isObject(content['from']) ? content['from']['email'] : content['from'];
    const shown = typeof given === 'string' ? given : '';
    const description = `content.from.email: "${shown}" isn't a valid email format.`;
    throw classic(400, '1307', 'failed to update database', description);
  }
  const [replyTo = null] = replyToOf(read(content, 'reply_to', 'string', 'content.reply_to'));
  return {
    language,
    subject: inOneLineOf(subject),
    text: text === '' ? null : text,
    html: html === '' ? null : html,
    defaults: { from, replyTo },
  };
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (isObject(value) && Object.keys(value).length === 0);
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
  const made = await native
    .call<NativeTemplate>(caller.holder, 'POST /templates', {
      body: { slug, name: (name ?? slug).slice(0, 200), ...sourcesOf(content), ...sharing(caller, fields) },
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
    ...(content === undefined ? {} : sourcesOf(content)),
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

async function remove(caller: SparkpostCaller, { params: { id = '' } }: Call): Promise<Answer> {
  const template = await findOwn(caller, id);
  await caller.world.native.call(caller.one, 'DELETE /templates/:id', { params: { id: template.id } });
  return { status: 200, body: {} };
}

type Rendered = {
  readonly subject: string | null;
  readonly html: string | null;
  readonly text: string | null;
  readonly faults: readonly { part: string; kind: string; line: number; message: string }[];
};

function dataOf(fields: Fields): Fields {
  const recipient = objectOf(fields['recipient']);
  return {
    ...objectOf(fields['metadata']),
    ...objectOf(fields['substitution_data']),
    ...objectOf(recipient['metadata']),
    ...objectOf(recipient['substitution_data']),
  };
}

function renderedAnswer({ subject, html, text, faults }: Rendered, beside: Fields): Answer {
  if (faults.length > 0) throw tell(422, ...faults.map(faultError));
  return {
    status: 200,
    body: {
      results: {
        ...beside,
        ...(subject === null || subject === '' ? {} : { subject }),
        ...(html === null ? {} : { html }),
        ...(text === null ? {} : { text }),
      },
    },
  };
}

async function previewOne(
  caller: SparkpostCaller,
  { params: { id = '' }, query, body }: Call,
): Promise<Answer> {
  const { world, one } = caller;
  const template = await find(caller, id);
  const version = isHeldBy(caller, template) ? wanted(query, template) : 'published';
  const named = { params: { id: template.id } };
  const { defaults } = (
    await world.native.call<Shown>(one, 'GET /templates/:id', { ...named, query: { version } })
  ).version;
  const rendered = await world.native.call<Rendered>(one, 'POST /templates/:id/preview', {
    ...named,
    body: { data: dataOf(bodyOf(body)), version },
  });
  return renderedAnswer(rendered, {
    ...(defaults.from === null ? {} : { from: defaults.from }),
    ...(defaults.replyTo === null ? {} : { reply_to: defaults.replyTo.email }),
  });
}

/** Only the parts that were given are rendered and shown. */
async function previewContent({ world, one }: SparkpostCaller, { body }: Call): Promise<Answer> {
  const fields = bodyOf(body);
  const content = read(fields, 'content', 'json object');
  if (content === undefined) throw missing('content is a required field');
  const rendered = await render(one, world, {
    language,
    ...partOf(content, 'subject', inOneLineOf),
    ...partOf(content, 'text'),
    ...partOf(content, 'html'),
    data: dataOf(fields),
  });
  const from = senderOf(content['from']);
  const replyTo = read(content, 'reply_to', 'string', 'content.reply_to');
  const beside = {
    ...(from === null ? {} : { from }),
    ...(replyTo === undefined ? {} : { reply_to: replyTo }),
  };
  return renderedAnswer(rendered, beside);
}

function partOf(content: Fields, name: string, tidy = (text: string): string => text): Fields {
  const source = read(content, name, 'string', `content.${name}`);
  return source === undefined || source === '' ? {} : { [name]: tidy(source) };
}

function render(one: Asking, { native }: SparkpostCaller['world'], body: Fields): Promise<Rendered> {
  return native.call<Rendered>(one, 'POST /templates/render', { body });
}
