import { Type } from 'typebox';
import type { Static } from 'typebox';
import { fields, idPattern, line, record, text, word } from '../../base/route.ts';
import { languages } from '../../mail/template/index.ts';
import type { PartFault } from '../../mail/template/parts.ts';
import { mjmlCharsMax, sourceCharsMax } from './rules.ts';
import type { Shown } from './operations.ts';
import { noDefaults, noMarkup } from './model.ts';
import type { Content, Defaults, Template } from './model.ts';

export const IdParams = fields({ id: word(19, { pattern: idPattern }) });
/** A number, `draft` or `published`: in a query everything is text. */
const versionPattern = '^(?:draft|published|[1-9]\\d{0,8})$';
export const VersionQuery = fields({
  version: Type.Optional(word(9, { pattern: versionPattern, description: 'a number, draft or published' })),
});

export function versionWish(version: string | undefined): number | 'draft' | 'published' | undefined {
  return version === undefined || version === 'draft' || version === 'published' ? version : Number(version);
}

const Share = Type.Enum(['none', 'read', 'use'], {
  description: 'whether the other subaccounts of the account see it, or may send with it',
});
const slug = word(100, { pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$', description: 'unique for its holder' });
/** Also as they travel. */
export const Labels = Type.Array(word(100), { maxItems: 10, uniqueItems: true });
const description = text(1024);

const Mailbox = fields({ email: line(320, { description: 'local@domain' }), name: Type.Optional(line(256)) });
const NullableMailbox = Type.Union([Mailbox, Type.Null()]);
const Headers = record(line(4096), { nameLengthMax: 76, entriesMax: 100 });
const Tracking = fields({
  opens: Type.Optional(Type.Boolean()),
  initialOpens: Type.Optional(Type.Boolean()),
  clicks: Type.Optional(Type.Boolean()),
  textClicks: Type.Optional(Type.Boolean()),
});
const Lane = Type.Union([Type.Enum(['transactional', 'bulk']), Type.Null()]);
const switchText = { description: "the call's own goes before it" };
const DefaultsInput = fields({
  from: Type.Optional(NullableMailbox),
  replyTo: Type.Optional(NullableMailbox),
  tags: Type.Optional(Type.Array(word(128), { maxItems: 10 })),
  headers: Type.Optional(Headers),
  lane: Type.Optional(Lane),
  tracking: Type.Optional(Tracking),
  fieldsInLanguage: Type.Optional(
    Type.Boolean({ description: 'from, replyTo and headers are in the language of the template, too' }),
  ),
  setByCall: Type.Optional(
    fields({
      from: Type.Optional(Type.Boolean(switchText)),
      replyTo: Type.Optional(Type.Boolean(switchText)),
      tags: Type.Optional(Type.Boolean(switchText)),
    }),
  ),
});

export const sources = {
  language: Type.Optional(Type.Enum(languages, { description: 'liquid when left out' })),
  html: Type.Optional(Type.Union([text(sourceCharsMax), Type.Null()])),
  text: Type.Optional(Type.Union([text(sourceCharsMax), Type.Null()])),
  amp: Type.Optional(
    Type.Union([text(sourceCharsMax), Type.Null()], {
      description: 'AMP for Email, of a template with text or html beside it; leaves as it is written',
    }),
  ),
};
const MarkupInput = fields({
  mjml: Type.Optional(
    Type.Union([text(mjmlCharsMax), Type.Null()], { description: 'instead of html, which is made of it' }),
  ),
  inlineCss: Type.Optional(Type.Boolean({ description: 'styles go into the elements that they are about' })),
  autoText: Type.Optional(
    Type.Boolean({ description: 'a text part is made of the html when there is none' }),
  ),
});

export const templateSources = {
  ...sources,
  markup: Type.Optional(Type.Union([MarkupInput, Type.Null()])),
  subject: Type.Optional(line(998)),
  defaults: Type.Optional(DefaultsInput),
};
export const names = {
  slug: Type.Optional(slug),
  labels: Type.Optional(Labels),
  description: Type.Optional(description),
  share: Type.Optional(Share),
};

type SourcesInput = Partial<Omit<Content, 'defaults' | 'markup'>> & {
  readonly defaults?: Static<typeof DefaultsInput>;
  readonly markup?: Static<typeof MarkupInput> | null;
};

/** What of the content a call gives. */
export function givenContent({
  language,
  subject,
  html,
  text,
  amp,
  markup,
  defaults,
}: SourcesInput): Partial<Content> {
  return {
    ...(language === undefined ? {} : { language }),
    ...(subject === undefined ? {} : { subject }),
    ...(html === undefined ? {} : { html }),
    ...(text === undefined ? {} : { text }),
    ...(amp === undefined ? {} : { amp }),
    ...(markup === undefined ? {} : { markup: markup === null ? null : { ...noMarkup, ...markup } }),
    ...(defaults === undefined ? {} : { defaults: fullDefaults(defaults) }),
  };
}

export function fullContent(given: SourcesInput): Content {
  const none = { html: null, text: null, amp: null, markup: null } as const;
  const empty: Content = { language: 'liquid', subject: '', ...none, defaults: noDefaults };
  return { ...empty, ...givenContent(given) };
}

function fullDefaults({ setByCall, ...given }: Static<typeof DefaultsInput>): Defaults {
  return { ...noDefaults, ...given, setByCall: { ...noDefaults.setByCall, ...setByCall } };
}

const head = {
  id: Type.String(),
  subaccountId: Type.Integer(),
  slug: Type.String(),
  name: Type.String(),
  labels: Type.Array(Type.String()),
  description: Type.String(),
  share: Share,
  draftVersion: Type.Integer(),
  publishedVersion: Type.Union([Type.Integer(), Type.Null()]),
  createdAt: Type.String(),
  updatedAt: Type.String(),
};
export const HeadReply = fields(head);
/** What a version says, whole: as it is shown, and as it travels. */
export const contentFields = {
  language: Type.Enum(languages),
  subject: line(998),
  html: Type.Union([text(sourceCharsMax), Type.Null()]),
  text: Type.Union([text(sourceCharsMax), Type.Null()]),
  amp: Type.Optional(Type.Union([text(sourceCharsMax), Type.Null()])),
  markup: Type.Union([
    fields(
      {
        mjml: Type.Union([text(mjmlCharsMax), Type.Null()]),
        inlineCss: Type.Boolean(),
        autoText: Type.Boolean(),
        html: Type.Union([text(sourceCharsMax), Type.Null()]),
        text: Type.Union([text(sourceCharsMax), Type.Null()]),
      },
      { description: 'html and text: what was made, instead of what is written' },
    ),
    Type.Null(),
  ]),
  defaults: fields({
    from: NullableMailbox,
    replyTo: NullableMailbox,
    tags: Type.Array(word(128), { maxItems: 10 }),
    headers: Type.Optional(Headers),
    lane: Type.Optional(Lane),
    tracking: Type.Optional(Tracking),
    fieldsInLanguage: Type.Optional(Type.Boolean()),
    setByCall: fields({ from: Type.Boolean(), replyTo: Type.Boolean(), tags: Type.Boolean() }),
  }),
};
export const ShownReply = fields({
  ...head,
  version: fields({ number: Type.Integer(), createdAt: Type.String(), ...contentFields }),
});
export const VersionReply = fields({
  number: Type.Integer(),
  isDraft: Type.Boolean(),
  isPublished: Type.Boolean(),
  createdAt: Type.String(),
});

export const UseReply = fields({
  id: Type.String(),
  subaccountId: Type.Integer(),
  slug: Type.String(),
  name: Type.String(),
  isInDraft: Type.Boolean(),
  isPublished: Type.Boolean({ description: 'what is published of it shows the snippet' }),
});

export function headJson(template: Template): Static<typeof HeadReply> {
  const { id, subaccountId, slug, name, labels, description, share, draftVersion, publishedVersion } =
    template;
  const times = { createdAt: template.createdAt.toISOString(), updatedAt: template.updatedAt.toISOString() };
  const head = { id, subaccountId, slug, name, labels: [...labels], description, share };
  return { ...head, draftVersion, publishedVersion, ...times };
}

export function shownJson({ template, version }: Shown): Static<typeof ShownReply> {
  const { language, subject, html, text, amp, markup, defaults } = version;
  return {
    ...headJson(template),
    version: {
      number: version.version,
      createdAt: version.createdAt.toISOString(),
      language,
      subject,
      html,
      text,
      amp,
      markup: markup === null ? null : { ...markup },
      defaults: { ...defaults, tags: [...defaults.tags] },
    },
  };
}

export const Faults = Type.Array(
  fields({
    part: Type.String({ description: 'subject, text, amp, html, from, replyTo, or headers. and a name' }),
    line: Type.Integer(),
    column: Type.Integer(),
    kind: Type.Enum(['syntax', 'render', 'budget']),
    message: Type.String(),
  }),
);

export function faultJson({ part, line, column, kind, message }: PartFault): Static<typeof Faults>[number] {
  return { part, line, column, kind, message };
}
