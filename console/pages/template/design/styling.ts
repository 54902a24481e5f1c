/**
 * Words made bold, italic or a link: tags come or go around them, and every other byte stays. Places are counted as text is
 * seen: a character is one, a mark or label as many as it shows, a line break one; tags are none.
 */
import { attributesOf, withAttribute } from './attributes.ts';
import { labelOf, piecesOf, plainOf, sourceOfPieces, textUnit } from './content.ts';
import type { Decode, Piece } from './content.ts';
import { isOutput } from './marks.ts';

export type Stretch = { readonly start: number; readonly end: number };

type Element = Extract<Piece, { readonly kind: 'element' }>;

export type Style = 'bold' | 'italic';

const tags: Readonly<Record<Style | 'link', readonly string[]>> = {
  bold: ['b', 'strong'],
  italic: ['i', 'em'],
  link: ['a'],
};

/** They hold lines of their own; what is styled in several of them is styled in each. */
const blocks: ReadonlySet<string> = new Set('blockquote div h1 h2 h3 h4 h5 h6 hr li ol p pre ul'.split(' '));

export class Styling {
  readonly #pieces: readonly Piece[];
  readonly #decode: Decode;
  readonly length: number;

  /** `decode`: what an entity such as `&amp;` stands for. */
  constructor(content: string, decode: Decode) {
    this.#pieces = piecesOf(content);
    this.#decode = decode;
    this.length = this.#sum(this.#pieces);
  }

  /** Whether all words of it are so; of a place, whether it stands in such words. */
  is(style: Style | 'link', given: Stretch): boolean {
    const range = this.#whole(given);
    const found = this.#words(this.#pieces, 0, range, tags[style], false);
    return found.length > 0 && found.every(Boolean);
  }

  /** All of it so, or none of it any more, if all was. */
  toggled(style: Style, given: Stretch): string {
    const range = this.#whole(given);
    const [name = ''] = tags[style];
    const pieces = this.is(style, range)
      ? this.#without(this.#pieces, 0, range, tags[style])
      : this.#with(this.#pieces, 0, range, tags[style], { open: `<${name}>`, close: `</${name}>`, name });
    return sourceOfPieces(pieces);
  }

  /** The address of the first link in it, or around it, and how far that link goes. */
  linkAt(range: Stretch): { readonly href: string; readonly range: Stretch } | null {
    return this.#linkIn(this.#pieces, 0, range);
  }

  /** A link to the address, instead of those that were in it; null: none. */
  linked(href: string | null, given: Stretch): string {
    const range = this.#whole(given);
    const pieces = this.#without(this.#pieces, 0, range, tags.link);
    if (href === null) return sourceOfPieces(pieces);
    const open = withAttribute('<a>', 'href', href);
    return sourceOfPieces(this.#with(pieces, 0, range, tags.link, { open, close: '</a>', name: 'a' }));
  }

  inserted(source: string, at: number): string {
    return sourceOfPieces(this.#inserted(this.#pieces, at, { kind: 'mark', source }));
  }

  /** Of a mark or label that it meets, all of it. */
  #whole({ start, end }: Stretch): Stretch {
    if (start === end) return { start, end };
    const visit = (pieces: readonly Piece[], from: number, range: Stretch): Stretch => {
      let at = from;
      return pieces.reduce((so, piece) => {
        const first = at;
        at += this.#length(piece);
        if (piece.kind === 'text' || first >= end || at <= start) return so;
        if (piece.kind === 'element') return visit(piece.children, first, so);
        return { start: Math.min(so.start, first), end: Math.max(so.end, at) };
      }, range);
    };
    return visit(this.#pieces, 0, { start, end });
  }

  #sum(pieces: readonly Piece[]): number {
    return pieces.reduce((sum, piece) => sum + this.#length(piece), 0);
  }

  #length(piece: Piece): number {
    switch (piece.kind) {
      case 'text':
        return plainOf(piece.source, this.#decode).length;
      case 'mark':
        return piece.source.length;
      case 'opaque':
        return labelOf(piece.source).length;
      case 'element':
        return piece.name === 'br' || piece.name === 'hr' ? 1 : this.#sum(piece.children);
    }
  }

  /** An entity is not torn apart. */
  #cutText(source: string, at: number): readonly [string, string] {
    let seen = 0;
    for (const { 0: unit, index } of source.matchAll(textUnit)) {
      if (seen >= at) return [source.slice(0, index), source.slice(index)];
      seen += plainOf(unit, this.#decode).length;
    }
    return [source, ''];
  }

  /** Elements that go on on the other side are there twice. */
  #cut(pieces: readonly Piece[], at: number): readonly [readonly Piece[], readonly Piece[]] {
    const left: Piece[] = [];
    const right: Piece[] = [];
    let from = 0;
    for (const piece of pieces) {
      const length = this.#length(piece);
      const inside = at - from;
      from += length;
      if (inside <= 0) right.push(piece);
      else if (inside >= length) left.push(piece);
      else if (piece.kind === 'element') {
        const [first, second] = this.#cut(piece.children, inside);
        left.push({ ...piece, children: first });
        if (second.length > 0) right.push({ ...piece, children: second });
      } else if (piece.kind === 'text') {
        const [first, second] = this.#cutText(piece.source, inside);
        left.push({ kind: 'text', source: first });
        if (second !== '') right.push({ kind: 'text', source: second });
      } else left.push(piece);
    }
    return [left, right];
  }

  /** Of each piece with ink in the range, whether it stands in one of these. */
  #words(
    pieces: readonly Piece[],
    from: number,
    range: Stretch,
    names: readonly string[],
    isInside: boolean,
  ): readonly boolean[] {
    let at = from;
    return pieces.flatMap((piece) => {
      const start = at;
      at += this.#length(piece);
      const isMet =
        range.start === range.end
          ? start <= range.start && range.start <= at && start < at
          : start < range.end && at > range.start;
      if (!isMet) return [];
      if (piece.kind === 'element')
        return this.#words(piece.children, start, range, names, isInside || names.includes(piece.name));
      if (piece.kind === 'text' && range.start < range.end) {
        const [, rest] = this.#cutText(piece.source, range.start - start);
        const [met] = this.#cutText(rest, range.end - Math.max(start, range.start));
        return met.trim() === '' ? [] : [isInside];
      }
      return hasInk(piece) ? [isInside] : [];
    });
  }

  #without(
    pieces: readonly Piece[],
    from: number,
    range: Stretch,
    names: readonly string[],
  ): readonly Piece[] {
    let at = from;
    return pieces.flatMap((piece): readonly Piece[] => {
      const start = at;
      at += this.#length(piece);
      if (piece.kind !== 'element' || start >= range.end || at <= range.start) return [piece];
      if (!names.includes(piece.name))
        return [{ ...piece, children: this.#without(piece.children, start, range, names) }];
      const [before, rest] = this.#cut(piece.children, range.start - start);
      const first = Math.max(start, range.start);
      const [middle, after] = this.#cut(rest, range.end - first);
      return [
        ...(before.length === 0 ? [] : [{ ...piece, children: before }]),
        ...this.#without(middle, first, range, names),
        ...(after.length === 0 ? [] : [{ ...piece, children: after }]),
      ];
    });
  }

  #with(
    pieces: readonly Piece[],
    from: number,
    range: Stretch,
    names: readonly string[],
    tag: Pick<Element, 'open' | 'close' | 'name'>,
  ): readonly Piece[] {
    const made: Piece[] = [];
    let run: Piece[] = [];
    const flush = (): void => {
      if (run.some(hasInk)) made.push({ kind: 'element', ...tag, children: run });
      else made.push(...run);
      run = [];
    };
    let at = from;
    for (const piece of pieces) {
      const start = at;
      at += this.#length(piece);
      const [before, rest] = piece.kind === 'text' ? this.#cut([piece], range.start - start) : [[], [piece]];
      const [inside, after] =
        piece.kind === 'text' ? this.#cut(rest, range.end - Math.max(start, range.start)) : [rest, []];
      const isWhole = start >= range.start && at <= range.end;
      if (before.length > 0) {
        flush();
        made.push(...before);
      }
      if (piece.kind === 'text' ? start < range.end && at > range.start : isWhole && canJoin(piece, names))
        run.push(...inside);
      else {
        flush();
        const isMet = start < range.end && at > range.start;
        if (piece.kind === 'element' && isMet && !names.includes(piece.name))
          made.push({ ...piece, children: this.#with(piece.children, start, range, names, tag) });
        else made.push(...inside);
      }
      if (after.length > 0) {
        flush();
        made.push(...after);
      }
    }
    flush();
    return made;
  }

  #linkIn(pieces: readonly Piece[], from: number, range: Stretch): ReturnType<Styling['linkAt']> {
    let at = from;
    for (const piece of pieces) {
      const start = at;
      at += this.#length(piece);
      if (piece.kind !== 'element' || start > range.end || at < range.start) continue;
      if (range.start < range.end && (start === range.end || at === range.start)) continue;
      if (piece.name === 'a')
        return { href: attributesOf(piece.open)['href'] ?? '', range: { start, end: at } };
      const inner = this.#linkIn(piece.children, start, range);
      if (inner !== null) return inner;
    }
    return null;
  }

  #inserted(pieces: readonly Piece[], at: number, made: Piece): readonly Piece[] {
    let from = 0;
    for (const [index, piece] of pieces.entries()) {
      const inside = at - from;
      const length = this.#length(piece);
      from += length;
      if (inside > length || (inside === length && piece.kind !== 'text' && piece.kind !== 'element'))
        continue;
      const around = (middle: readonly Piece[]): readonly Piece[] => [
        ...pieces.slice(0, index),
        ...middle,
        ...pieces.slice(index + 1),
      ];
      if (piece.kind === 'text') {
        const [first, second] = this.#cutText(piece.source, inside);
        return around([{ kind: 'text', source: first }, made, { kind: 'text', source: second }]);
      }
      if (piece.kind === 'element' && piece.close !== '')
        return around([{ ...piece, children: this.#inserted(piece.children, inside, made) }]);
      if (inside < length) return around([made, piece]);
    }
    return [...pieces, made];
  }
}

/** What a reader would see of it. */
function hasInk(piece: Piece): boolean {
  switch (piece.kind) {
    case 'text':
      return piece.source.trim() !== '';
    case 'mark':
      return isOutput(piece.source);
    case 'opaque':
      return /^<img\b/i.test(piece.source);
    case 'element':
      return piece.children.some(hasInk);
  }
}

/** Whether one tag may go around it, with others beside it: no block, no condition, nothing that is so already. */
function canJoin(piece: Piece, names: readonly string[]): boolean {
  if (piece.kind !== 'element') return piece.kind === 'text' || hasInk(piece);
  if (blocks.has(piece.name) || names.includes(piece.name)) return false;
  return piece.children.every((child) => canJoin(child, names));
}
