/** How each language writes the value of a field, and a snippet: what can be put into a text without typing it. */
import { stretches } from './scan.ts';

/** As the API calls them; here by themselves, so that nothing of the browser is needed. */
type Language =
  | 'liquid'
  | 'handlebars'
  | 'plain'
  | 'merge_tags'
  | 'sparkpost'
  | 'mailersend'
  | 'mailjet'
  | 'mailjet_tags';

type Form = {
  /** Of a name, or names with dots between them; null: it has no such values. */
  readonly field: (path: string) => string | null;
  readonly snippet?: (slug: string) => string;
  /** What a mail knows without being given it. */
  readonly own?: readonly string[];
};

const flat =
  (made: (name: string) => string) =>
  (path: string): string | null =>
    path.includes('.') ? null : made(path);

const forms: Readonly<Record<Language, Form>> = {
  liquid: { field: (path) => `{{ ${path} }}`, snippet: (slug) => `{% render "${slug}" %}` },
  handlebars: { field: (path) => `{{${path}}}` },
  plain: { field: () => null },
  merge_tags: { field: flat((name) => `*|${name.toUpperCase()}|*`), own: ['*|CURRENT_YEAR|*'] },
  sparkpost: { field: (path) => `{{${path}}}`, snippet: (slug) => `{{ render_snippet("${slug}") }}` },
  mailersend: { field: (path) => `{{ ${path} }}`, own: ['{{ unsubscribe }}'] },
  // With a default: Mailjet takes a value that is missing for a fault.
  mailjet: { field: (path) => `{{var:${path}:""}}` },
  mailjet_tags: { field: flat((name) => `[[var:${name}]]`) },
};

const pathForm = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;

/** Null for what is no name of a field in the language. */
export function fieldMark(language: Language, path: string): string | null {
  return pathForm.test(path) ? forms[language].field(path) : null;
}

export function snippetMark(language: Language, slug: string): string | null {
  return forms[language].snippet?.(slug) ?? null;
}

const depthMax = 4;

/** Names of values in the data, with dots between those of one in another; lists are for loops. */
function pathsOf(data: Readonly<Record<string, unknown>>, before: string, depth: number): readonly string[] {
  return Object.entries(data).flatMap(([name, value]) => {
    const path = before + name;
    if (Array.isArray(value)) return [];
    if (typeof value !== 'object' || value === null) return [path];
    return depth === depthMax ? [] : pathsOf(value as Record<string, unknown>, `${path}.`, depth + 1);
  });
}

const whole = /^(?:\{\{[^#/^>!&]|\*\|)/;
const block =
  /^(?:\{\{\{?~?\s*(?:else|end|if|each|for|foreach|render_\w+)\b|\*\|(?:IF|IFNOT|ELSE|ELSEIF|INTERESTED|END)\b)/;

/** Whether a mark stands for text: no part of a condition or loop, no snippet. */
export function isOutput(mark: string): boolean {
  return whole.test(mark) && !block.test(mark);
}

/** Those in use, those of the data, and the language's own; each once. */
export function marksFor(
  language: Language,
  source: string,
  data: Readonly<Record<string, unknown>>,
): readonly string[] {
  const used = stretches(source)
    .filter(({ isMark }) => isMark)
    .map(({ start, end }) => source.slice(start, end))
    .filter((mark) => isOutput(mark) && !mark.includes('|*|'));
  const known = pathsOf(data, '', 1).map((path) => fieldMark(language, path));
  const all = [...known.filter((mark) => mark !== null), ...used, ...(forms[language].own ?? [])];
  return [...new Set(all)];
}
