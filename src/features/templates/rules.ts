/** What a template may be, and who may do what with it: pure. */
import { reaches } from '../../base/scope.ts';
import type { Bounds, Scope } from '../../base/scope.ts';
import type { TemplateCache } from '../../mail/template/cache.ts';
import { faultsOf, faultText } from '../../mail/template/parts.ts';
import type { FieldSource } from '../../mail/template/fields.ts';
import { boxSource } from '../../mail/template/fields.ts';
import type { PartFault, PartSources } from '../../mail/template/parts.ts';
import { refuse } from '../refusals/index.ts';
import type { Switches } from '../subaccounts/index.ts';
import type { Content, Defaults, Template, TemplateKind, VersionWish } from './model.ts';

export const versionsKeptMax = 100;
export const snippetsMax = 100;
/** Versions of templates that are read at most to tell where a snippet is used. */
export const usesReadMax = 500;
/** As long as a language reads a source. */
export const sourceCharsMax = 1_048_576;
/** What is made of it is about six times as long. */
export const mjmlCharsMax = 131_072;

/** `Order: shipped!` becomes `order-shipped`; a name without Latin letters or digits has the kind's name. */
export function slugOf(name: string, kind: TemplateKind | 'list'): string {
  const slug = name
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '-')
    .replaceAll(/^[-_]+|-+$/g, '')
    .slice(0, 100);
  return slug === '' ? kind : slug;
}

/** Named templates only, or all. */
export function isNamed({ templates }: Bounds, id: string): boolean {
  return templates === null || templates.includes(id);
}

/**
 * The number of the version that is meant. Whoever does not hold the template knows what is published, and nothing else; null:
 * there is no such version for them.
 */
export function versionFor(scope: Scope, template: Template, wish: VersionWish): number | null {
  const { draftVersion, publishedVersion, subaccountId } = template;
  const number = wish === 'draft' ? draftVersion : wish === 'published' ? publishedVersion : wish;
  return reaches(scope.reach, subaccountId) || number === publishedVersion ? number : null;
}

/** Why the account does not let a subaccount write this; null when it does. */
export function switchProblem(
  switches: Switches,
  { isBlank, hasOwnHtml }: { readonly isBlank: boolean; readonly hasOwnHtml: boolean },
): string | null {
  if (isBlank && !switches.blankTemplate)
    return 'The account has switched off templates that begin with nothing: copy one that is shared';
  return hasOwnHtml && !switches.ownHtml ? 'The account has switched off HTML of your own' : null;
}

/** What somebody wrote that becomes HTML; null when nothing does. */
export function htmlOf({ html, markup }: Content): string | null {
  return html ?? markup?.mjml ?? null;
}

/** Whether it has HTML, or AMP, that the version before does not say. */
export function hasOwnHtml(content: Content, before: Content | null): boolean {
  const [html, amp] = [htmlOf(content), content.amp];
  const isHtmlOwn = html !== null && (before === null || html !== htmlOf(before));
  return isHtmlOwn || (amp !== null && amp !== before?.amp);
}

/** What a mail is rendered from: what was made where something was, else what is written. */
export function sourcesOf({
  language,
  subject,
  html,
  text,
  amp,
  markup,
  defaults,
}: Omit<Content, 'defaults'> & { readonly defaults?: Defaults }): Omit<PartSources, 'snippets'> {
  return {
    ...(defaults?.fieldsInLanguage === true ? { fieldSources: fieldSourcesOf(defaults) } : {}),
    language,
    subject,
    amp,
    html: markup?.html ?? markup?.mjml ?? html,
    text: text ?? markup?.text ?? null,
  };
}

/** What of its defaults a template writes in its language; the address of From only as it is sent. */
function fieldSourcesOf({ from, replyTo, headers }: Defaults): readonly FieldSource[] {
  return [
    ...(from === null ? [] : [{ name: 'From', part: 'from', boxes: [boxSource(from)] }]),
    ...(replyTo === null ? [] : [{ name: 'Reply-To', part: 'replyTo', boxes: [boxSource(replyTo)] }]),
    ...Object.entries(headers).map(([name, value]) => ({ name, part: `headers.${name}`, value })),
  ];
}

/** A draft with what is given of the next one: HTML takes the place of MJML, as MJML does of HTML. */
export function merged(last: Content, given: Partial<Content>): Content {
  const { language, subject, html, text, amp, markup, defaults } = last;
  const next = { language, subject, html, text, amp, markup, defaults, ...given };
  if (given.html != null && given.markup === undefined && next.markup !== null)
    return { ...next, markup: { ...next.markup, mjml: null } };
  if (given.markup?.mjml != null && given.html === undefined) return { ...next, html: null };
  return next;
}

/** Every fault in the sources themselves. */
export function faultsIn(content: Content, kind: TemplateKind, cache: TemplateCache): readonly PartFault[] {
  if (kind === 'template') return faultsOf({ ...sourcesOf(content), snippets: {} }, cache);
  return (['text', 'amp', 'html'] as const).flatMap((part) => {
    const source = content[part];
    const compiled = source === null ? null : cache.get(content.language, source, { part, isSnippet: true });
    return compiled === null || compiled.ok ? [] : compiled.faults.map((fault) => ({ ...fault, part }));
  });
}

/** `fields` before the part's own name: `recipients[0]: ` of one copy. */
export function templateRefusal(faults: readonly PartFault[], before = ''): Error {
  return refuse('template.failed', {
    message: before + faults.map(faultText).join('; '),
    errors: faults.map((fault) => ({
      field: fault.part,
      rule: fault.kind,
      message: before + faultText(fault),
    })),
  });
}

type Chosen<Mailbox> = {
  readonly from?: Mailbox;
  readonly replyTo?: readonly Mailbox[];
  readonly tags?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly lane?: 'transactional' | 'bulk';
  readonly tracking?: Readonly<Record<string, unknown>>;
  readonly fieldsInLanguage?: boolean;
};

/** The call's own values and the template's, by its switches: where the call may not set one that the template has, it does not. */
export function withDefaults<Mailbox extends Defaults['from'] & object>(
  call: Chosen<Mailbox>,
  defaults: Defaults,
): Chosen<Mailbox | NonNullable<Defaults['from']>> {
  const { from, replyTo, tags, setByCall } = defaults;
  const lane = call.lane ?? defaults.lane;
  const headers = { ...without(defaults.headers, call.headers), ...call.headers };
  const tracking = { ...defaults.tracking, ...call.tracking };
  const chosen = {
    from: pick(setByCall.from, call.from, from),
    replyTo: pick(setByCall.replyTo, call.replyTo, replyTo === null ? null : [replyTo]),
    tags: pick(setByCall.tags, call.tags, tags.length === 0 ? null : tags),
  };
  return {
    ...(chosen.from === undefined ? {} : { from: chosen.from }),
    ...(chosen.replyTo === undefined ? {} : { replyTo: chosen.replyTo }),
    ...(chosen.tags === undefined ? {} : { tags: chosen.tags }),
    ...(lane === null ? {} : { lane }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(Object.keys(tracking).length === 0 ? {} : { tracking }),
    ...(defaults.fieldsInLanguage ? { fieldsInLanguage: call.fieldsInLanguage ?? true } : {}),
  };
}

/** Names of header fields do not differ by case. */
function without(
  given: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const named = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(given).filter(([name]) => !named.has(name.toLowerCase())));
}

function pick<A, B>(isSetByCall: boolean, own: A | undefined, given: B | null): A | B | undefined {
  if (given === null) return own;
  return isSetByCall ? (own ?? given) : given;
}
