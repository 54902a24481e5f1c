/** The parts of a mail that are written in a template language, rendered together. */
import type { TemplateCache } from './cache.ts';
import { renderFields, sourcesIn } from './fields.ts';
import type { FieldSource, RenderedField } from './fields.ts';
import { render } from './index.ts';
import { isMarkup } from './model.ts';
import type { CompiledTemplate, Data, Environment, Language, Part, TemplateFault } from './index.ts';

/** `amp` is left out of what was stored before snippets had one. */
export type SnippetSources = {
  readonly text: string | null;
  readonly html: string | null;
  readonly amp?: string | null;
};

export type PartSources = {
  readonly language: Language;
  readonly subject: string;
  readonly text: string | null;
  /** AMP for Email. */
  readonly amp: string | null;
  readonly html: string | null;
  readonly snippets: Readonly<Record<string, SnippetSources>>;
  readonly fieldSources?: readonly FieldSource[];
};

/** `part`: subject, text, amp, html, or what a field's source calls itself. */
export type PartFault = TemplateFault & { readonly part: string };

export type RenderedParts =
  | {
      readonly ok: true;
      readonly subject: string;
      readonly text: string | null;
      readonly amp: string | null;
      readonly html: string | null;
      readonly fields: readonly RenderedField[];
    }
  | { readonly ok: false; readonly fault: PartFault };

/** What a mail is written in, in the order in which it is rendered. */
export const partNames = ['subject', 'text', 'amp', 'html'] as const;
type PartName = (typeof partNames)[number];

/** Every fault in the sources themselves. */
export function faultsOf(sources: PartSources, cache: TemplateCache): readonly PartFault[] {
  const ofParts = partNames.flatMap((part) => {
    const source = sources[part];
    const compiled = source === null ? null : cache.get(sources.language, source, { part });
    return compiled === null || compiled.ok ? [] : compiled.faults.map((fault) => ({ ...fault, part }));
  });
  const ofFields = (sources.fieldSources ?? []).flatMap((field) =>
    sourcesIn(field).flatMap((source) => {
      const compiled = cache.get(sources.language, source, { part: 'header' });
      return compiled.ok ? [] : compiled.faults.map((fault) => ({ ...fault, part: field.part }));
    }),
  );
  return [...ofParts, ...ofFields];
}

/** One copy. The subject comes first, so that the others may show it. */
export function renderParts(
  sources: PartSources,
  data: Data,
  environment: Environment,
  cache: TemplateCache,
): RenderedParts {
  const made: Record<PartName, string | null> = { subject: '', text: null, amp: null, html: null };
  for (const part of partNames) {
    const source = sources[part];
    if (source === null) continue;
    const compiled = cache.get(sources.language, source, { part });
    if (!compiled.ok) {
      const [fault] = compiled.faults;
      return { ok: false, fault: { ...(fault ?? unknownFault), part } };
    }
    const around: Environment = {
      ...environment,
      beside: { ...environment.beside, subject: made.subject },
      snippet: (name) => snippetOf(sources, name, part, cache),
    };
    const rendered = render(compiled.template, data, around);
    if (!rendered.ok) return { ok: false, fault: { ...rendered.fault, part } };
    made[part] = rendered.text;
  }
  const { fieldSources = [] } = sources;
  if (fieldSources.length === 0) return { ok: true, ...made, subject: made.subject ?? '', fields: [] };
  const beside = { ...environment.beside, subject: made.subject };
  const fields = renderFields(fieldSources, (source) => {
    const compiled = cache.get(sources.language, source, { part: 'header' });
    if (!compiled.ok) return { ok: false, fault: compiled.faults[0] ?? unknownFault };
    const snippet = (name: string): CompiledTemplate | null => snippetOf(sources, name, 'header', cache);
    return render(compiled.template, data, { ...environment, beside, snippet });
  });
  if ('fault' in fields) return { ok: false, fault: fields.fault };
  return { ok: true, ...made, subject: made.subject ?? '', fields: fields.fields };
}

const unknownFault: TemplateFault = { kind: 'syntax', message: 'is not valid', line: 1, column: 1 };

/** In the html part a snippet's html, else its text; in the AMP part its AMP before both; elsewhere its text. */
function snippetOf(
  { language, snippets }: PartSources,
  name: string,
  part: Part,
  cache: TemplateCache,
): CompiledTemplate | null {
  const snippet = Object.hasOwn(snippets, name) ? snippets[name] : undefined;
  const ofAmp = part === 'amp' ? snippet?.amp : null;
  const source = ofAmp ?? (isMarkup(part) ? snippet?.html : null) ?? snippet?.text ?? null;
  if (source === null) return null;
  const compiled = cache.get(language, source, { part, isSnippet: true });
  return compiled.ok ? compiled.template : null;
}

/** `html, line 3, column 5: …`, for people. */
export function faultText({ part, line, column, message }: PartFault): string {
  return `${part}, line ${line}, column ${column}: ${message}`;
}
