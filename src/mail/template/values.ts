/** Reaching into data that a tenant sent, and printing what was found: the same for every language. */

/** An own property of an object, an element of a list; everything else is absent. Never reaches a prototype. */
export function own(of: unknown, key: string): unknown {
  if (typeof of !== 'object' || of === null) return undefined;
  if (key === '__proto__' || key === 'constructor' || key === 'prototype') return undefined;
  return Object.hasOwn(of, key) ? (of as Readonly<Record<string, unknown>>)[key] : undefined;
}

/** Values as text; what is absent, and what has no text, is empty. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  return typeof value === 'boolean' ? String(value) : '';
}

export function isEmptyList(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true;
  if (typeof value !== 'object') return false;
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}

/**
 * A replacer of ASCII characters by what stands for them in HTML. By hand: a pattern with a function was half as fast
 * (bench/templates.ts).
 */
export function escaper(replacements: Readonly<Record<string, string>>): (text: string) => string {
  const table: (string | undefined)[] = Array.from({ length: 128 });
  for (const [character, replacement] of Object.entries(replacements))
    table[character.charCodeAt(0)] = replacement;
  return (text) => {
    let escaped = '';
    let done = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      const replacement = code < 128 ? table[code] : undefined;
      if (replacement === undefined) continue;
      escaped += text.slice(done, at) + replacement;
      done = at + 1;
    }
    return done === 0 ? text : escaped + text.slice(done);
  };
}

const quotes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' } as const;
export const escapeHtml = escaper({ ...quotes, "'": '&#39;' });

/** As URL parts are encoded: everything but letters, digits and `-_.~`. */
export function encodeUrl(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Upper case at the start of every word, the rest as it is. */
export function titleCase(text: string): string {
  return text.replaceAll(
    /(^|[\s-])(\p{L})/gu,
    (_all, before: string, letter: string) => before + letter.toUpperCase(),
  );
}
