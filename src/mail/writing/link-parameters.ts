/**
 * Parameters for links to certain hosts, as analytics want them. Put into the source, before its template is filled in: a
 * link that is a variable as a whole stays as it is. What a link says itself is left to it. Pure.
 */
import { urlSource, withoutSentence } from './links.ts';

export type LinkParameters = {
  /** In lower case. */
  readonly hosts: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
};

/** An `a` with its address, in quotation marks of either kind or none. */
const anchor =
  /(<a\s[^<>]{0,2000}?\bhref\s{0,10}=\s{0,10})("[^"<>]{1,4000}"|'[^'<>]{1,4000}'|[^\s"'<>]{1,4000})/gi;

export function withParametersInHtml(html: string, wish: LinkParameters): string {
  return html.replaceAll(anchor, (whole: string, before: string, given: string) => {
    const mark = given.startsWith('"') || given.startsWith("'") ? given.slice(0, 1) : '';
    const url = mark === '' ? given : given.slice(1, -1);
    const changed = added(url, wish, '&amp;');
    return changed === url ? whole : `${before}${mark}${changed}${mark}`;
  });
}

const inText = new RegExp(urlSource, 'gi');

export function withParametersInText(text: string, wish: LinkParameters): string {
  return text.replaceAll(inText, (found) => {
    const url = withoutSentence(found);
    return added(url, wish, '&') + found.slice(url.length);
  });
}

function added(url: string, { hosts, parameters }: LinkParameters, and: string): string {
  const host = /^\s*https?:\/\/(?:[^/?#@]*@)?([^/?#:]+)/i.exec(url)?.[1]?.toLowerCase();
  if (host === undefined || !hosts.includes(host)) return url;
  const hash = url.indexOf('#');
  const [target, rest] = hash < 0 ? [url, ''] : [url.slice(0, hash), url.slice(hash)];
  const query = target.split('?')[1] ?? '';
  const known = new Set(query.split(/&(?:amp;)?/).map((each) => each.split('=')[0]));
  const more = Object.entries(parameters)
    .filter(([name]) => !known.has(name))
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  if (more.length === 0) return url;
  const begin = target.includes('?') ? (/[?&;]$/.test(target) ? '' : and) : '?';
  return `${target}${begin}${more.join(and)}${rest}`;
}
