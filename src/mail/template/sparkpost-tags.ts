/** A source of SparkPost's language as texts and tags: where statements vanish with their line, where a link is. */
import { TemplateError } from './budget.ts';
import { mustacheIn } from './amp-mustache.ts';
import { isMarkup } from './model.ts';
import type { Part } from './model.ts';

type Between = { readonly at: number; readonly from: number; readonly to: number };

export type Tag =
  | { readonly kind: 'text'; readonly at: number; readonly text: string }
  | (Between & { readonly kind: 'expression'; readonly isRaw: boolean; readonly isInUrl: boolean })
  | (Between & { readonly kind: 'statement'; readonly keyword: string });

/** `end` is behind the closing braces. */
type Braces = Between & { readonly end: number; readonly isRaw: boolean };

const statement = /\s*(if|elseif|each|else|end)(?![\w.[(]|\s*(?:[=!<>]=|[<>+*/]))/y;

export function tagsOf(source: string, part: Part): readonly Tag[] {
  const tags: Tag[] = [];
  const kept = part === 'amp' ? mustacheIn(source) : null;
  let isInUrl = false;
  let done = 0;
  const text = (to: number): void => {
    if (to <= done) return;
    const between = source.slice(done, to);
    if (part === 'text' || isMarkup(part)) isInUrl = endsInUrl(isInUrl, between);
    tags.push({ kind: 'text', at: done, text: between });
  };
  for (
    let braces = nextBraces(source, 0, kept);
    braces !== null;
    braces = nextBraces(source, braces.end, kept)
  ) {
    const { at, from, to, end, isRaw } = braces;
    const keyword = isRaw ? null : keywordAt(source, from, to);
    if (keyword === null) {
      text(at);
      tags.push({ kind: 'expression', at, from, to, isRaw, isInUrl });
      done = end;
      continue;
    }
    const line = lineOf(source, at, end, keyword.word);
    text(Math.max(done, line.start));
    tags.push({
      kind: 'statement',
      at,
      keyword: keyword.word,
      from: keyword.end,
      to: withoutThen(source, keyword, to),
    });
    done = line.end;
  }
  text(source.length);
  return tags;
}

/** `kept`: those that are another language's. */
function nextBraces(source: string, after: number, kept: ReadonlyMap<number, number> | null): Braces | null {
  let at = source.indexOf('{{', after);
  for (let end = kept?.get(at); end !== undefined; end = kept?.get(at)) at = source.indexOf('{{', end);
  if (at < 0) return null;
  const isRaw = source.startsWith('{{{', at);
  const from = at + (isRaw ? 3 : 2);
  const closing = isRaw ? '}}}' : '}}';
  let quote = '';
  for (let next = from; next < source.length; next++) {
    const character = source[next] ?? '';
    if (quote !== '') {
      if (character === '\\') next += 1;
      else if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (source.startsWith(closing, next))
      return { at, from, to: next, end: next + closing.length, isRaw };
    else if (character === '{') break;
  }
  throw new TemplateError('syntax', `"${closing}" is missing`, at);
}

type Keyword = { readonly word: string; readonly end: number };

function keywordAt(source: string, from: number, to: number): Keyword | null {
  statement.lastIndex = from;
  const found = statement.exec(source);
  const word = found?.[1];
  if (found === null || word === undefined || statement.lastIndex > to) {
    // `if(` and `if#` are conditions, too.
    const tight = /^\s*(if|elseif)(?=[(#])/.exec(source.slice(from, to));
    return tight?.[1] === undefined ? null : { word: tight[1], end: from + tight[0].length };
  }
  const end = statement.lastIndex;
  if ((word === 'end' || word === 'else') && source.slice(end, to).trim() !== '')
    throw new TemplateError('syntax', `nothing may follow "${word}"`, end);
  return { word, end };
}

/** An optional `then` ends a condition. */
function withoutThen(source: string, { word, end }: Keyword, to: number): number {
  if (word !== 'if' && word !== 'elseif') return to;
  const found = /\sthen\s*$/.exec(source.slice(end, to));
  return found === null ? to : end + found.index;
}

/** What vanishes with a statement: its whole line when it is alone there; the line end before an `end` that is not. */
function lineOf(source: string, at: number, end: number, word: string): { start: number; end: number } {
  let start = at;
  while (source[start - 1] === ' ' || source[start - 1] === '\t') start -= 1;
  let after = end;
  while (source[after] === ' ' || source[after] === '\t') after += 1;
  const isFirst = start === 0 || source[start - 1] === '\n';
  if (!isFirst) return { start: at, end };
  if (after === source.length) return { start, end: after };
  if (source[after] === '\n') return { start, end: after + 1 };
  if (source.startsWith('\r\n', after)) return { start, end: after + 2 };
  if (word !== 'end' || start === 0) return { start: at, end };
  return { start: source[start - 2] === '\r' ? start - 2 : start - 1, end };
}

const urlEnds = /[\s"'<>](?=[^\s"'<>]*$)/;

/** Whether text that goes on behind `text` stands in a link that began with a literal protocol. */
function endsInUrl(wasInUrl: boolean, text: string): boolean {
  const end = urlEnds.exec(text);
  if (end === null) return wasInUrl || /https?:\/\//i.test(text);
  return /https?:\/\//i.test(text.slice(end.index));
}
