/** Templates (contract, 4.8): the account's, for all its subaccounts; called by slug, by name or by what becomes the slug. */
import { TemplateCache } from '../../mail/template/cache.ts';
import { faultText, renderParts } from '../../mail/template/parts.ts';
import { isRefusal } from '../../features/refusals/index.ts';
import { orNull, pages } from './caller.ts';
import type { MandrillCall, MandrillCaller } from './caller.ts';
import { flag, list as listOf, neededText, text, texts } from './fields.ts';
import type { Body } from './fields.ts';
import { seriesOf } from './figures.ts';
import { valuesOf, varsOf } from './mail.ts';
import { inject } from './regions.ts';
import { timeText } from './times.ts';
import { invalid, tell, unknown } from './words.ts';

const nameMax = 200;
const codeMax = 1_048_576;
const labelsMax = 10;
const labelMax = 100;

export const templateCalls: readonly MandrillCall[] = [
  {
    call: 'templates/add',
    example: { name: 'Order shipped', code: '<p>Hi</p>' },
    bodyLimitBytes: 8_388_608,
    run: add,
  },
  { call: 'templates/info', example: { name: 'order-shipped' }, run: info },
  {
    call: 'templates/update',
    example: { name: 'order-shipped', code: '<p>Ho</p>', publish: false },
    bodyLimitBytes: 8_388_608,
    run: update,
  },
  { call: 'templates/publish', example: { name: 'order-shipped' }, run: publish },
  { call: 'templates/delete', example: { name: 'order-shipped' }, run: remove },
  { call: 'templates/list', example: {}, run: list },
  { call: 'templates/time-series', example: { name: 'order-shipped' }, run: series },
  {
    call: 'templates/render',
    example: { template_name: 'order-shipped', template_content: [], merge_vars: [] },
    run: render,
  },
];

export type Head = {
  readonly id: string;
  readonly subaccountId: number;
  readonly share: 'none' | 'read' | 'use';
  readonly slug: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly publishedVersion: number | null;
  readonly draftVersion: number;
  readonly createdAt: string;
  readonly updatedAt: string;
};

export type Version = {
  readonly number: number;
  readonly createdAt: string;
  readonly language: string;
  readonly subject: string;
  readonly html: string | null;
  readonly text: string | null;
  readonly defaults: { readonly from: { readonly email: string; readonly name?: string } | null };
};

type Shown = Head & { readonly version: Version };

/** Lower case, every run of other characters one hyphen. */
export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '-')
    .replaceAll(/^[-_]+|-+$/g, '')
    .slice(0, 100);
}

async function find({ world, own }: MandrillCaller, name: string): Promise<Head | null> {
  const slug = slugOf(name);
  if (slug === '') return null;
  const found = await orNull(pages<Head>(world, own, 'GET /templates', { slug }, 1));
  return found?.[0] ?? null;
}

export async function neededTemplate(caller: MandrillCaller, name: string): Promise<Head> {
  const found = await find(caller, name);
  if (found === null) throw unknown.template(name);
  return found;
}

function versionOf(
  { world, own }: MandrillCaller,
  { id }: Pick<Head, 'id'>,
  version: 'draft' | 'published',
): Promise<Shown> {
  return world.native.call<Shown>(own, 'GET /templates/:id', { params: { id }, query: { version } });
}

/** What is sent: the published version, of one that never was the draft. */
export async function liveVersion(caller: MandrillCaller, head: Head): Promise<Version> {
  const { version } = await versionOf(caller, head, head.publishedVersion === null ? 'draft' : 'published');
  return version;
}

async function print(caller: MandrillCaller, head: Head): Promise<Readonly<Record<string, unknown>>> {
  const draft = (await orNull(versionOf(caller, head, 'draft')))?.version;
  const live = head.publishedVersion === null ? null : (await versionOf(caller, head, 'published')).version;
  const shown = draft ?? live;
  return {
    slug: head.slug,
    name: head.name,
    labels: head.labels,
    code: shown?.html ?? '',
    ...fields('', shown ?? null),
    publish_name: head.name,
    publish_code: live?.html ?? null,
    ...fields('publish_', live),
    published_at: live === null ? null : timeText(live.createdAt),
    created_at: timeText(head.createdAt),
    updated_at: timeText(head.updatedAt),
    draft_updated_at: timeText(shown?.createdAt ?? head.updatedAt),
    is_broken_template: false,
  };
}

function fields(prefix: string, version: Version | null): Readonly<Record<string, unknown>> {
  return {
    [`${prefix}subject`]: version === null || version.subject === '' ? null : version.subject,
    [`${prefix}from_email`]: version?.defaults.from?.email ?? null,
    [`${prefix}from_name`]: version?.defaults.from?.name ?? null,
    [`${prefix}text`]: version?.text ?? null,
  };
}

/** What a call gives of the content; null and absent leave it as it is. */
function contentOf(body: Body, before: Version | null): Readonly<Record<string, unknown>> {
  const [code, plain, subject] = [
    text(body, 'code', codeMax),
    text(body, 'text', codeMax),
    text(body, 'subject', 998),
  ];
  const email = text(body, 'from_email', 320) ?? before?.defaults.from?.email ?? null;
  const name = text(body, 'from_name', 256) ?? before?.defaults.from?.name ?? null;
  const from = email === null || email === '' ? null : { email, ...(name === null ? {} : { name }) };
  return {
    language: 'merge_tags',
    // Only a name is needed here: one that says nothing is an empty page.
    ...(code === null ? (before === null && plain === null ? { html: '' } : {}) : { html: code }),
    ...(plain === null ? {} : { text: plain }),
    ...(subject === null ? {} : { subject }),
    ...(from === null ? {} : { defaults: { from } }),
  };
}

function labelsOf(body: Body): { readonly labels?: readonly string[] } {
  const given = texts(body, 'labels');
  if (given === null) return {};
  const labels = [...new Set(given.map((label) => label.trim()).filter((label) => label !== ''))];
  if (labels.length > labelsMax) throw invalid({ labels: `Please enter at most ${labelsMax} labels` });
  if (labels.some((label) => label.length > labelMax))
    throw invalid({ labels: `Please enter at most ${labelMax} characters` });
  return { labels };
}

async function add(caller: MandrillCaller, body: Body): Promise<unknown> {
  const { world, isPrimary } = caller;
  const name = neededText(body, 'name', nameMax);
  const slug = slugOf(name);
  if (slug === '') throw invalid({ name: 'Please enter letters or digits' });
  try {
    const made = await world.native.call<Shown>(caller.all, 'POST /templates', {
      body: {
        name,
        slug,
        ...(isPrimary ? { share: 'use' } : {}),
        ...labelsOf(body),
        ...contentOf(body, null),
      },
    });
    return await finish(caller, body, made);
  } catch (error) {
    if (isRefusal(error) && error.code === 'conflict.exists')
      throw tell(422, 6, 'Invalid_Template', `A template with name "${name}" already exists`);
    throw error;
  }
}

async function update(caller: MandrillCaller, body: Body): Promise<unknown> {
  const { world, own } = caller;
  const head = await neededTemplate(caller, neededText(body, 'name', nameMax));
  const { version } = await versionOf(caller, head, 'draft');
  const changed = await world.native.call<Shown>(own, 'PATCH /templates/:id', {
    params: { id: head.id },
    body: { ...labelsOf(body), ...contentOf(body, version) },
  });
  return finish(caller, body, changed);
}

async function finish(caller: MandrillCaller, body: Body, head: Head): Promise<unknown> {
  const publishes = flag(body, 'publish') ?? true;
  return print(caller, publishes ? await publishDraft(caller, head) : head);
}

function publishDraft({ world, own }: MandrillCaller, { id }: Head): Promise<Head> {
  return world.native.call<Head>(own, 'POST /templates/:id/publish', { params: { id }, body: {} });
}

async function info(caller: MandrillCaller, body: Body): Promise<unknown> {
  return print(caller, await neededTemplate(caller, neededText(body, 'name', nameMax)));
}

async function publish(caller: MandrillCaller, body: Body): Promise<unknown> {
  const head = await neededTemplate(caller, neededText(body, 'name', nameMax));
  return print(caller, await publishDraft(caller, head));
}

async function remove(caller: MandrillCaller, body: Body): Promise<unknown> {
  const head = await neededTemplate(caller, neededText(body, 'name', nameMax));
  const printed = await print(caller, head);
  await caller.world.native.answer(caller.own, 'DELETE /templates/:id', { params: { id: head.id } });
  return printed;
}

async function list(caller: MandrillCaller, body: Body): Promise<unknown> {
  const label = text(body, 'label', labelMax)?.trim() ?? '';
  const labelled = label === '' ? {} : { label };
  const heads = await pages<Head>(caller.world, caller.own, 'GET /templates', labelled);
  const printed: unknown[] = [];
  for (const head of heads) printed.push(await print(caller, head));
  return printed;
}

async function series(caller: MandrillCaller, body: Body): Promise<unknown> {
  const { id } = await neededTemplate(caller, neededText(body, 'name', nameMax));
  return seriesOf(caller, { template: [id] });
}

async function render(caller: MandrillCaller, body: Body): Promise<unknown> {
  const name = neededText(body, 'template_name', nameMax);
  const contents = valuesOf(listOf(body, 'template_content'));
  const vars = listOf(body, 'merge_vars');
  const asked = text(body, 'merge_language', 20) ?? 'mailchimp';
  const { html } = await liveVersion(caller, await neededTemplate(caller, name));
  const injected = inject(html ?? '', contents);
  if (vars === null) return { html: injected };
  const language = asked === 'handlebars' ? 'handlebars' : 'merge_tags';
  const sources = { language, subject: '', text: null, amp: null, html: injected, snippets: {} } as const;
  const rendered = renderParts(sources, varsOf(vars), { now: caller.world.now() }, new TemplateCache());
  if (!rendered.ok) throw invalid({ template_name: faultText(rendered.fault) });
  return { html: rendered.html ?? '' };
}
