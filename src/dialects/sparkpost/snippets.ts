/** Snippets (contract, section 6), under `/api/labs`. */
import type { Answer } from '../../base/route.ts';
import { isRefusal } from '../../features/refusals/index.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { language } from './content.ts';
import { bodyOf, everything, isObject } from './fields.ts';
import type { Fields } from './fields.ts';
import { isTemplateId } from './templates.ts';
import type { NativeTemplate } from './templates.ts';
import { partWord, tell } from './words.ts';
import type { SparkpostError } from './words.ts';

type NativeSnippet = NativeTemplate & {
  readonly createdAt: string;
  readonly version: {
    readonly html: string | null;
    readonly text: string | null;
    readonly amp: string | null;
  };
};

const path = '/api/labs/snippets';
const params = { id: 'footer' };
const partCharsMax = 102_400;
const nativeParts = { html: 'html', text: 'text', amp_html: 'amp' } as const;

export function snippetRoutes(): readonly SparkpostRoute[] {
  const view = { method: 'GET', grant: 'templates:read' } as const;
  const modify = { grant: 'templates:write' } as const;
  const body = { id: 'footer', name: 'Footer', content: { text: 'Acme' } };
  return [
    { ...view, path, example: {}, run: list },
    { ...view, path: `${path}/:id`, example: { params }, run: get },
    { ...modify, method: 'POST', path, example: { body }, run: create },
    {
      ...modify,
      method: 'PUT',
      path: `${path}/:id`,
      example: { params, body: { name: 'Foot' } },
      run: change,
    },
    { ...modify, method: 'DELETE', path: `${path}/:id`, example: { params }, run: remove },
  ];
}

const notFound = (): Error => tell(404, { message: 'Resource could not be found' });

async function find(
  caller: SparkpostCaller,
  slug: string,
): Promise<NativeTemplate & { readonly isOwn: boolean }> {
  if (!isTemplateId(slug)) throw notFound();
  const { native } = caller.world;
  const found = await everything<NativeTemplate>(native, caller.one, 'GET /snippets', { slug });
  const own = found.find(({ subaccountId }) => subaccountId === Number(caller.one.scope.subaccountId));
  const chosen = own ?? found[0];
  if (chosen === undefined) throw notFound();
  return { ...chosen, isOwn: own !== undefined };
}

function head(caller: SparkpostCaller, { slug, name, subaccountId, share }: NativeTemplate) {
  const isPrimarys = subaccountId === caller.primaryId;
  return {
    id: slug,
    name,
    shared_with_subaccounts: share === 'use',
    ...(caller.isPrimary && !isPrimarys ? { subaccount_id: subaccountId } : {}),
  };
}

async function list(caller: SparkpostCaller, { query }: Call): Promise<Answer> {
  const found = await everything<NativeTemplate>(caller.world.native, caller.all, 'GET /snippets');
  const { shared_with_subaccounts: shared } = query;
  const results = found
    .map((each) => ({ ...head(caller, each), updated_at: each.updatedAt }))
    .filter((each) => shared === undefined || String(each.shared_with_subaccounts) === shared);
  return { status: 200, body: { results } };
}

async function shown(caller: SparkpostCaller, id: string): Promise<NativeSnippet> {
  return caller.world.native.call<NativeSnippet>(caller.one, 'GET /snippets/:id', { params: { id } });
}

async function get(caller: SparkpostCaller, { params: { id = '' } }: Call): Promise<Answer> {
  const { version, ...snippet } = await shown(caller, (await find(caller, id)).id);
  const { html, text, amp } = version;
  const content = {
    ...(html === null ? {} : { html }),
    ...(text === null ? {} : { text }),
    ...(amp === null ? {} : { amp_html: amp }),
  };
  const times = { created_at: snippet.createdAt, updated_at: snippet.updatedAt };
  return { status: 200, body: { results: { ...head(caller, snippet), content, ...times } } };
}

/** Given parts; an empty one is taken away. */
function partsOf(content: unknown): Fields {
  if (content === undefined) return {};
  if (!isObject(content))
    throw tell(400, { message: 'content must be an object', param: 'content', value: content });
  const parts: Record<string, unknown> = {};
  for (const [name, native] of Object.entries(nativeParts)) {
    const part = content[name];
    if (part === undefined) continue;
    if (typeof part !== 'string' || part.length > partCharsMax)
      throw tell(400, { message: `${name} must be text of at most 100 KB`, param: name });
    parts[native] = part === '' ? null : part;
  }
  return parts;
}

function sharing(caller: SparkpostCaller, shared: unknown): Fields {
  if (shared === undefined) return {};
  const isPrimarys = Number(caller.one.scope.subaccountId) === caller.primaryId;
  if (!isPrimarys && shared === true)
    throw tell(400, {
      message: 'Only snippets of the primary account can be shared',
      param: 'shared_with_subaccounts',
    });
  return isPrimarys ? { share: shared === true ? 'use' : 'none' } : {};
}

async function create(caller: SparkpostCaller, { body }: Call): Promise<Answer> {
  const { id, name, content, shared_with_subaccounts: shared } = bodyOf(body);
  const errors: SparkpostError[] = [];
  if (typeof id !== 'string' || !isTemplateId(id))
    errors.push({ message: 'id must be a valid id', param: 'id', value: id ?? null });
  if (content === undefined)
    errors.push({ message: 'content is a required field', param: 'content', value: null });
  if (errors.length > 0) throw tell(400, ...errors);
  const named = { slug: id, name: typeof name === 'string' && name !== '' ? name.slice(0, 200) : id };
  const { native } = caller.world;
  const made = await native
    .call<NativeTemplate>(caller.holder, 'POST /snippets', {
      body: { language, ...named, ...partsOf(content), ...sharing(caller, shared) },
    })
    .catch(told);
  await publish(caller, made.id);
  return { status: 200, body: { results: { id } } };
}

/** Its faults have neither code nor part of their own. */
function told(error: unknown): never {
  if (isRefusal(error) && error.code === 'template.failed') {
    const [fault] = error.details.errors ?? [];
    const text = (fault?.message ?? '').replace(/^\w+, line (\d+), column \d+: /, 'line $1: ');
    throw tell(422, { message: `Error while compiling part ${partWord(fault?.field ?? '')}: ${text}` });
  }
  if (isRefusal(error) && error.code === 'conflict.exists')
    throw tell(409, { message: 'A snippet with this id already exists', param: 'id' });
  throw error;
}

/** What is written is what is shown: snippets have no drafts there. */
async function publish({ world, one }: SparkpostCaller, id: string): Promise<void> {
  await world.native.call(one, 'POST /snippets/:id/publish', { params: { id }, body: {} });
}

async function findOwn(caller: SparkpostCaller, slug: string): Promise<NativeTemplate> {
  const found = await find(caller, slug);
  if (!found.isOwn) throw tell(403, { message: 'Forbidden.' });
  return found;
}

async function change(caller: SparkpostCaller, { params: { id = '' }, body }: Call): Promise<Answer> {
  const { name, content, shared_with_subaccounts: shared } = bodyOf(body);
  const found = await findOwn(caller, id);
  const changes = {
    ...(typeof name === 'string' && name !== '' ? { name: name.slice(0, 200) } : {}),
    ...partsOf(content),
    ...sharing(caller, shared),
  };
  const { native } = caller.world;
  await native
    .call(caller.holder, 'PATCH /snippets/:id', { params: { id: found.id }, body: changes })
    .catch(told);
  await publish(caller, found.id);
  return { status: 200, body: {} };
}

async function remove(caller: SparkpostCaller, { params: { id = '' } }: Call): Promise<Answer> {
  const found = await findOwn(caller, id);
  await caller.world.native.call(caller.one, 'DELETE /snippets/:id', { params: { id: found.id } });
  return { status: 204 };
}
