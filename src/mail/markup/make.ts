/**
 * What a mail's HTML is made of: MJML becomes HTML, styles go into the elements that they are about, a text part is written
 * from the HTML. Once per version of a template, before any data is put in: tags of template languages come through as they
 * are. Nothing is read but what is given: includes are refused, links and images left alone. Time and memory are not bounded
 * here (2,000 rules on 5,000 elements take minutes): it runs where it can be stopped.
 */
import { convert } from 'html-to-text';
import juice from 'juice';
import mjml2html from 'mjml-browser';
import { locate } from '../template/budget.ts';

export type MarkupJob = {
  /** At most one of both. */
  readonly mjml: string | null;
  readonly html: string | null;
  readonly inlinesCss: boolean;
  readonly makesText: boolean;
};

export type MarkupFault = {
  readonly kind: 'syntax' | 'budget';
  readonly message: string;
  readonly line: number;
  readonly column: number;
};

/** Null: not asked for, or there is nothing to make it of. */
export type MarkupResult =
  | { readonly ok: true; readonly html: string | null; readonly text: string | null }
  | { readonly ok: false; readonly faults: readonly MarkupFault[] };

export async function makeMarkup({ mjml, html, inlinesCss, makesText }: MarkupJob): Promise<MarkupResult> {
  const made = mjml === null ? null : await fromMjml(mjml);
  if (made !== null && !made.ok) return made;
  const source = made === null ? html : made.html;
  if (source === null) return { ok: true, html: null, text: null };
  const inlined = inlinesCss ? inlineCss(source) : source;
  return {
    ok: true,
    html: mjml !== null || inlinesCss ? inlined : null,
    text: makesText ? textOfHtml(source) : null,
  };
}

const faultsMax = 50;

type Html = { readonly ok: true; readonly html: string };
type Faults = Extract<MarkupResult, { ok: false }>;

async function fromMjml(source: string): Promise<Html | Faults> {
  const include = /<mj-include\b/i.exec(source);
  if (include !== null)
    return faulty([{ ...locate(source, include.index), message: 'mj-include is not available' }]);
  try {
    // No fonts of its own: each would be a call to somebody else's server in every mail.
    const { html, errors } = await mjml2html(source, { validationLevel: 'soft', fonts: {} });
    if (errors.length > 0)
      return faulty(errors.map(({ line, message }) => ({ line: Math.max(1, line), column: 1, message })));
    return { ok: true, html };
  } catch (error) {
    return faulty([{ ...placeIn(error), message: firstLine(error) }]);
  }
}

function faulty(found: readonly Omit<MarkupFault, 'kind'>[]): Faults {
  return {
    ok: false,
    faults: found.slice(0, faultsMax).map((fault) => ({ kind: 'syntax', ...fault })),
  };
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
  return text === '' ? 'it is not valid MJML' : text.slice(0, 500);
}

function placeIn(error: unknown): { readonly line: number; readonly column: number } {
  const line = Number(/line:? (\d+)/i.exec(error instanceof Error ? error.message : '')?.[1] ?? 1);
  return { line: Math.max(1, line), column: 1 };
}

// The library's own list of what it must not read as HTML: `{{ }}` and `<% %>` stand in it.
Object.assign(juice.codeBlocks, { TAGS: { start: '{%', end: '%}' } });

function inlineCss(html: string): string {
  return juice(html, { removeStyleTags: true, preserveImportant: true });
}

const plainHeading = { format: 'heading', options: { uppercase: false } };

function textOfHtml(html: string): string {
  const text = convert(html, {
    wordwrap: false,
    selectors: [
      { selector: 'img', format: 'skip' },
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false } },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, ...plainHeading })),
    ],
  });
  return `${text.trim()}\n`;
}
