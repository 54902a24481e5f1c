/** HTML of a text that has none: paragraphs, line ends, links. Template tags stay as they are. Pure. */
import { tagSource, urlSource, withoutSentence } from './links.ts';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (found) => escapes[found] ?? found);
}

/** `isTemplate`: tags of a template language are left to it; a text that is none has no tags. */
export function autoHtml(text: string, isTemplate: boolean): string {
  const paragraphs = text.replaceAll('\r\n', '\n').split(/\n{2,}/);
  const made = paragraphs.map((each) => `<p>${lines(each, isTemplate)}</p>`);
  return `<html><body>\n${made.join('\n')}\n</body></html>`;
}

const token = new RegExp(`${urlSource}|${tagSource}`, 'gi');

function lines(text: string, isTemplate: boolean): string {
  let made = '';
  let at = 0;
  for (const { 0: found, index } of text.matchAll(token)) {
    const isUrl = /^https?:/i.test(found);
    if (!isUrl && !isTemplate) continue;
    const url = isUrl ? withoutSentence(found) : found;
    made += inLines(text.slice(at, index));
    made += isUrl ? `<a href="${inUrl(url, isTemplate)}">${inUrl(url, isTemplate)}</a>` : url;
    at = index + url.length;
  }
  return made + inLines(text.slice(at));
}

function inLines(text: string): string {
  return escaped(text).replaceAll('\n', '<br>\n');
}

const tag = new RegExp(tagSource, 'g');

function inUrl(url: string, isTemplate: boolean): string {
  if (!isTemplate) return escaped(url);
  const tags = [...url.matchAll(tag)].map(([found]) => found);
  return url
    .split(tag)
    .map((between, index) => escaped(between) + (tags[index] ?? ''))
    .join('');
}
