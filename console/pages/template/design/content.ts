/**
 * The text of a part as pieces that can be shown and written in: marks of the template language and whatever is no plain
 * wording (scripts, images, comments) stand in it as one piece each, which is kept byte for byte.
 */
import { attributesOf } from './attributes.ts';
import { closingAt, markEnd, tagEnd, Unreadable } from './scan.ts';

export type Piece =
  | { readonly kind: 'text' | 'mark' | 'opaque'; readonly source: string }
  | {
      readonly kind: 'element';
      readonly name: string;
      /** Its start tag as it is written. */
      readonly open: string;
      readonly children: readonly Piece[];
      readonly close: string;
    };

/** Wording: what these do is to look like something. */
export const wording: ReadonlySet<string> = new Set(
  'a abbr b big blockquote br code del div em font h1 h2 h3 h4 h5 h6 hr i ins li ol p pre s small span strike strong sub sup u ul'.split(
    ' ',
  ),
);
const empty: ReadonlySet<string> = new Set(['br', 'hr']);
/** What stands in these is no text. */
const closed: ReadonlySet<string> = new Set(
  'script style title textarea xmp noscript iframe svg math select'.split(' '),
);

type Open = { readonly name: string; readonly open: string; readonly children: Piece[] };

const tagName = /^<\/?([A-Za-z][^\s/>]*)/;

function endOfTag(source: string, at: number): number | null {
  try {
    return tagEnd(source, at);
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

/** Where what starts at `at` ends, if it is no text. */
function endAt(source: string, at: number): number | null {
  const mark = markEnd(source, at);
  if (mark !== null) return mark;
  if (source.startsWith('<!--', at)) {
    const end = source.indexOf('-->', at + 4);
    return end === -1 ? source.length : end + 3;
  }
  if (!/^<(?:[!?]|\/?[A-Za-z])/.test(source.slice(at, at + 3))) return null;
  return endOfTag(source, at);
}

export function piecesOf(source: string): readonly Piece[] {
  const root: Open = { name: '', open: '', children: [] };
  const around = [root];
  const inner = (): Piece[] => (around.at(-1) ?? root).children;
  let at = 0;
  let from = 0;
  const flush = (): void => {
    if (at > from) inner().push({ kind: 'text', source: source.slice(from, at) });
  };
  while (at < source.length) {
    const end = endAt(source, at);
    if (end === null) {
      at += 1;
      continue;
    }
    flush();
    const piece = source.slice(at, end);
    if (markEnd(source, at) !== null) inner().push({ kind: 'mark', source: piece });
    else at = take(source, piece, around, at, end);
    at = Math.max(at, end);
    from = at;
  }
  flush();
  while (around.length > 1) spill(around);
  return root.children;
}

/** Takes one tag, and gives where reading goes on. */
function take(source: string, piece: string, around: Open[], at: number, end: number): number {
  const name = (tagName.exec(piece)?.[1] ?? '').toLowerCase();
  const parent = around.at(-1);
  if (parent === undefined) return end;
  if (piece.startsWith('</') && wording.has(name) && around.some((each) => each.name === name)) {
    while (around.at(-1)?.name !== name) spill(around);
    const done = around.pop();
    if (done !== undefined) around.at(-1)?.children.push({ kind: 'element', ...done, close: piece });
    return end;
  }
  if (piece.startsWith('</') || !wording.has(name)) {
    const closing = piece.startsWith('</') || !closed.has(name) ? null : closingAt(source, name, end);
    const last = closing === null ? end : (endOfTag(source, closing) ?? end);
    parent.children.push({ kind: 'opaque', source: source.slice(at, last) });
    return last;
  }
  if (empty.has(name) || piece.endsWith('/>'))
    parent.children.push({ kind: 'element', name, open: piece, children: [], close: '' });
  else around.push({ name, open: piece, children: [] });
  return end;
}

/** An element without an end tag: its start stands for itself. */
function spill(around: Open[]): void {
  const open = around.pop();
  if (open === undefined) return;
  around.at(-1)?.children.push({ kind: 'opaque', source: open.open }, ...open.children);
}

export function sourceOfPieces(pieces: readonly Piece[]): string {
  return pieces
    .map((piece) =>
      piece.kind === 'element' ? piece.open + sourceOfPieces(piece.children) + piece.close : piece.source,
    )
    .join('');
}

/** What an entity such as `&amp;` stands for. */
export type Decode = (entity: string) => string;

const entity = /&(?:#\d+|#x[\da-f]+|[a-z][\da-z]*);?/gi;
/** What of a text cannot be torn apart. */
export const textUnit = /&(?:#\d+|#x[\da-f]+|[a-z][\da-z]*);?|[^]/gi;

/** A text as it is seen. */
export function plainOf(text: string, decode: Decode): string {
  return text.includes('&') ? text.replaceAll(entity, (each) => decode(each)) : text;
}

/** What stands in the design for what is no wording. */
export function labelOf(source: string): string {
  const name = /^<\/?([\w-]+)/.exec(source)?.[1]?.toLowerCase() ?? 'note';
  if (name !== 'img' || source.startsWith('</')) return name;
  const { alt = '' } = attributesOf(source);
  return alt === '' ? 'image' : `image: ${alt}`;
}

/** Typed text as HTML. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\u00a0', '&nbsp;');
}

/**
 * What somebody has typed: marks that are written out stay marks, all else is text. A mark that a person types has no quotes
 * changed in it.
 */
export function typed(text: string): string {
  let made = '';
  let from = 0;
  for (let at = 0; at < text.length;) {
    const end = markEnd(text, at);
    if (end === null) at += 1;
    else {
      made += escaped(text.slice(from, at)) + text.slice(at, end);
      at = end;
      from = end;
    }
  }
  return made + escaped(text.slice(from));
}

const harmless =
  /^(?:color|background-color|font-size|font-weight|font-style|font-family|text-decoration|text-align|line-height|letter-spacing|padding(?:-\w+)?|margin(?:-\w+)?)$/;

/** Declarations that change the look of wording and can ask nobody for anything. */
export function harmlessStyles(style: string): readonly (readonly [string, string])[] {
  return style.split(';').flatMap((each) => {
    const [name = '', ...rest] = each.split(':');
    const property = name.trim().toLowerCase();
    const value = rest.join(':').replace('!important', '').trim();
    return harmless.test(property) && !/[()\\{}]/.test(value.replaceAll(/rgba?\([\d\s.,%]*\)/g, ''))
      ? [[property, value] as const]
      : [];
  });
}
