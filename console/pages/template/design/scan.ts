/**
 * MJML as tokens that cover every byte of it. Marks of template languages (`{{ name }}`, `{% if %}`, `*|NAME|*`) are found
 * first, so that a quote or an angle bracket inside one ends no attribute and no tag.
 */
export type Token = {
  readonly kind: 'open' | 'close' | 'text' | 'comment' | 'mark';
  /** Of a tag, in small letters; else empty. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly isSelfClosing: boolean;
};

/** What cannot be read, with where it stands. */
export class Unreadable extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

export function lineOf(source: string, at: number): number {
  return source.slice(0, at).split('\n').length;
}

const pairs = [
  ['{{{', '}}}'],
  ['{{', '}}'],
  ['{%', '%}'],
  ['*|', '|*'],
  ['<%', '%>'],
] as const;

/** What stands between these is the language's own affair, whatever it looks like. */
const verbatim = /^\{%-?\s*(raw|comment)\s*-?%\}/;

/** Where the mark that starts at `at` ends; null: none starts there. */
export function markEnd(source: string, at: number): number | null {
  const pair = pairs.find(([opening]) => source.startsWith(opening, at));
  if (pair === undefined) return null;
  const closing = source.indexOf(pair[1], at + pair[0].length);
  if (closing === -1) return null;
  const end = closing + pair[1].length;
  const [, word] = verbatim.exec(source.slice(at, end)) ?? [];
  if (word === undefined) return end;
  const last = new RegExp(`\\{%-?\\s*end${word}\\s*-?%\\}`, 'g');
  last.lastIndex = end;
  return last.exec(source) === null ? end : last.lastIndex;
}

const markStart = /\{\{|\{%|\*\||<%/g;

export type Stretch = { readonly isMark: boolean; readonly start: number; readonly end: number };

/** Marks, and what stands between them. */
export function stretches(source: string): readonly Stretch[] {
  const found: Stretch[] = [];
  let at = 0;
  let from = 0;
  while (at < source.length) {
    markStart.lastIndex = at;
    const next = markStart.exec(source)?.index ?? source.length;
    const end = markEnd(source, next);
    at = end ?? next + 1;
    if (end === null && next < source.length) continue;
    if (next > from) found.push({ isMark: false, start: from, end: next });
    if (end !== null) found.push({ isMark: true, start: next, end });
    from = at;
  }
  return found;
}

/** Their content is HTML or text up to the first end tag of the same name: MJML does not look into it. */
export const endingTags: ReadonlySet<string> = new Set([
  'mj-accordion-text',
  'mj-accordion-title',
  'mj-button',
  'mj-navbar-link',
  'mj-preview',
  'mj-raw',
  'mj-social-element',
  'mj-style',
  'mj-table',
  'mj-text',
  'mj-title',
]);

const nameAt = /[A-Za-z][^\s/>"'<=]*/y;

/** Where the tag that starts at `at` ends: past its `>`. */
export function tagEnd(source: string, at: number): number {
  let quote = '';
  let here = at + 1;
  while (here < source.length) {
    const mark = markEnd(source, here);
    const sign = source[here] ?? '';
    if (mark !== null) here = mark;
    else if (quote !== '') {
      if (sign === quote) quote = '';
      here += 1;
    } else if (sign === '>') return here + 1;
    else if (sign === '<') break;
    else {
      if (sign === '"' || sign === "'") quote = sign;
      here += 1;
    }
  }
  throw new Unreadable(at, 'this tag is not ended by >');
}

/** Where `</name` next stands. */
export function closingAt(source: string, name: string, from: number): number | null {
  const closing = new RegExp(`</${name.replaceAll(/[^\w-]/g, '\\$&')}(?=[\\s/>])`, 'gi');
  closing.lastIndex = from;
  return closing.exec(source)?.index ?? null;
}

function special(source: string, at: number): Token | null {
  const forms = [
    ['<!--', '-->', 'comment'],
    ['<![CDATA[', ']]>', 'text'],
    ['<!', '>', 'comment'],
    ['<?', '>', 'comment'],
  ] as const;
  const form = forms.find(([opening]) => source.startsWith(opening, at));
  if (form === undefined) return null;
  const closing = source.indexOf(form[1], at + form[0].length);
  if (closing === -1) throw new Unreadable(at, `this is not ended by ${form[1]}`);
  return { kind: form[2], name: '', start: at, end: closing + form[1].length, isSelfClosing: false };
}

function tag(source: string, at: number): Token | null {
  const isClosing = source[at + 1] === '/';
  nameAt.lastIndex = at + (isClosing ? 2 : 1);
  const name = nameAt.exec(source)?.[0].toLowerCase();
  if (name === undefined) return null;
  const end = tagEnd(source, at);
  const isSelfClosing = !isClosing && source[end - 2] === '/';
  return { kind: isClosing ? 'close' : 'open', name, start: at, end, isSelfClosing };
}

function tokenAt(source: string, at: number): Token {
  const mark = markEnd(source, at);
  if (mark !== null) return { kind: 'mark', name: '', start: at, end: mark, isSelfClosing: false };
  const found = source[at] === '<' ? (special(source, at) ?? tag(source, at)) : null;
  if (found !== null) return found;
  let end = at + 1;
  while (end < source.length && source[end] !== '<' && markEnd(source, end) === null) end += 1;
  return { kind: 'text', name: '', start: at, end, isSelfClosing: false };
}

/** All of it, in order; the content of an ending tag is one text. Throws `Unreadable`. */
export function scan(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const token = tokenAt(source, at);
    tokens.push(token);
    at = token.end;
    if (token.kind !== 'open' || token.isSelfClosing || !endingTags.has(token.name)) continue;
    const closing = closingAt(source, token.name, at);
    if (closing === null) throw new Unreadable(token.start, `<${token.name}> has no end tag`);
    if (closing > at) tokens.push({ kind: 'text', name: '', start: at, end: closing, isSelfClosing: false });
    at = closing;
  }
  return tokens;
}
