import { Type } from 'typebox';
import type { Static } from 'typebox';
import { defineRoute, fields, line, record, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import type { RenderedParts } from '../../mail/template/parts.ts';
import { refuse } from '../refusals/index.ts';
import {
  faultJson,
  Faults,
  fullContent,
  IdParams,
  names,
  shownJson,
  ShownReply,
  templateSources,
  VersionQuery,
  versionWish,
} from './json.ts';
import type { TemplateWorld } from './model.ts';
import { copy } from './operations.ts';
import { examined } from './making.ts';
import { preview, renderOnce } from './writing.ts';

/** A subaccount that the scope sees, by id or external id. */
export type SubaccountOf = (scope: Scope, reference: string) => Promise<SubaccountId>;

const TemplateData = record(Type.Unknown(), { nameLengthMax: 128, entriesMax: 1000 });
const NullableText = Type.Union([Type.String(), Type.Null()]);
const version = VersionQuery.properties.version;
const id = { id: '100123' };

/** Copies, previews, checks and test mails. */
export function renderingRoutes(world: TemplateWorld, subaccountOf: SubaccountOf): readonly Route[] {
  return [
    copying(world, subaccountOf),
    validating(world),
    rendering(world),
    previewing(world),
    testing(world),
  ];
}

function copying(world: TemplateWorld, subaccountOf: SubaccountOf): Route {
  return defineRoute({
    method: 'POST',
    path: '/templates/:id/copy',
    tag: 'templates',
    grant: 'templates:write',
    summary: 'Copy a template, also into a subaccount',
    params: IdParams,
    body: fields({
      name: Type.Optional(word(200)),
      slug: names.slug,
      subaccount: Type.Optional(
        word(264, { description: 'id, or external:…; where the caller is when left out' }),
      ),
    }),
    replies: { 201: ShownReply },
    example: { params: id, body: { slug: 'order-shipped-2' } },
    run: async ({ scope, params, body: { subaccount, ...given } }) => {
      const into = subaccount === undefined ? scope.subaccountId : await subaccountOf(scope, subaccount);
      return { status: 201, body: shownJson(await copy(world, scope, params.id, { ...given, into })) };
    },
  });
}

function validating(world: TemplateWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/templates/validate',
    tag: 'templates',
    grant: 'templates:preview',
    summary: 'Look for faults in what a template would say, and what is made of it; nothing is kept',
    body: fields(templateSources),
    bodyLimitBytes: 8_388_608,
    replies: {
      200: fields({ isValid: Type.Boolean(), faults: Faults, html: NullableText, text: NullableText }),
    },
    example: { body: { text: 'Hi {{ name }}' } },
    run: async ({ scope, body }) => {
      const { faults, html, text } = await examined(world, scope, fullContent(body));
      return {
        status: 200,
        body: { isValid: faults.length === 0, faults: faults.map(faultJson), html, text },
      };
    },
  });
}

const Rendered = fields({
  subject: NullableText,
  html: NullableText,
  text: NullableText,
  amp: NullableText,
  fields: Type.Array(
    fields({
      name: Type.String(),
      value: Type.Optional(Type.String()),
      boxes: Type.Optional(
        Type.Array(fields({ email: Type.String(), name: Type.Union([Type.String(), Type.Null()]) })),
      ),
    }),
    { description: 'From, Reply-To and others, when the language writes them' },
  ),
  faults: Faults,
});

function renderedJson(rendered: RenderedParts): Static<typeof Rendered> {
  if (!rendered.ok)
    return {
      subject: null,
      html: null,
      text: null,
      amp: null,
      fields: [],
      faults: [faultJson(rendered.fault)],
    };
  const { subject, html, text, amp, fields: made } = rendered;
  const written = made.map((field) =>
    'value' in field
      ? { name: field.name, value: field.value }
      : { name: field.name, boxes: field.boxes.map(({ email, name }) => ({ email, name })) },
  );
  return { subject, html, text, amp, fields: written, faults: [] };
}

function rendering(world: TemplateWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/templates/render',
    tag: 'templates',
    grant: 'templates:preview',
    summary: 'Render with data what a template would say, with the snippets of who asks; nothing is kept',
    body: fields({ ...templateSources, data: Type.Optional(TemplateData) }),
    bodyLimitBytes: 8_388_608,
    replies: { 200: Rendered },
    example: { body: { text: 'Hi {{ name }}', data: { name: 'Ada' } } },
    run: async ({ scope, body: { data = {}, ...sources } }) => ({
      status: 200,
      body: renderedJson(await renderOnce(world, scope, fullContent(sources), data)),
    }),
  });
}

function previewing(world: TemplateWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/templates/:id/preview',
    tag: 'templates',
    grant: 'templates:preview',
    summary: 'Render a template with data: the mail, or where it fails',
    params: IdParams,
    body: fields({ data: Type.Optional(TemplateData), version }),
    replies: { 200: Rendered },
    example: { params: id, body: { data: { name: 'Ada' } } },
    run: async ({ scope, params, body }) => {
      const wish = { data: body.data ?? {}, version: versionWish(body.version) };
      return { status: 200, body: renderedJson(await preview(world, scope, params.id, wish)) };
    },
  });
}

const Mailbox = fields({ email: line(320, { description: 'local@domain' }), name: Type.Optional(line(256)) });

function testing(world: TemplateWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/templates/:id/test',
    tag: 'templates',
    grant: 'templates:preview',
    summary: 'Send a template to an address as a test; needs messages:send besides',
    params: IdParams,
    body: fields({
      to: Mailbox,
      from: Type.Optional(Mailbox),
      data: Type.Optional(TemplateData),
      version,
    }),
    replies: { 202: fields({ submissionId: Type.String() }) },
    example: {
      params: id,
      body: { to: { email: 'you@inbox.test' }, from: { email: 'hello@lettershop.test' } },
    },
    run: async ({ scope, params, body: { to, from, data = {}, version: number = 'draft' } }) => {
      if (!scope.grants.has('messages:send'))
        throw refuse('auth.grant_missing', { message: 'The credential lacks the grant messages:send' });
      const wish = versionWish(number);
      const template = { id: params.id, ...(wish === undefined ? {} : { version: wish }) };
      const mail = { template, to: [to], data, ...(from === undefined ? {} : { from }) };
      return { status: 202, body: { submissionId: await world.sendTest(scope, mail) } };
    },
  });
}
