/** Addresses in a text whose template tags are not filled in yet. Bounded, so that no source makes it slow. */

/** `*|NAME|*`, `{{name}}`, `{% if %}` */
export const tagSource = String.raw`\*\|[^|\n]{1,500}\|\*|\{\{\{?[^{}\n]{1,500}\}?\}\}|\{%[^{}\n]{1,500}%\}`;

/** An address, with the tags that stand in it. */
export const urlSource = String.raw`https?:\/\/(?:${tagSource}|[^\s<>"'{}|])+`;

/** What ends a sentence does not belong to the address before it. */
export function withoutSentence(url: string): string {
  let end = url.length;
  while (end > 0 && '.,;:!?)]'.includes(url[end - 1] ?? '')) end -= 1;
  return url.slice(0, end);
}
