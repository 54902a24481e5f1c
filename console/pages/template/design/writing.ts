/** The wording of a part as nodes of the designer's document, and back. Nothing of a template becomes an element by itself. */
import { attributesOf } from './attributes.ts';
import { harmlessStyles, labelOf, piecesOf, plainOf, typed, wording } from './content.ts';
import type { Piece } from './content.ts';
import type { Stretch } from './styling.ts';

/** What the browser makes while somebody writes, as it is written; its other elements are not kept. */
const made: ReadonlySet<string> = new Set(
  'b i u s strong em p div br sub sup ul ol li blockquote'.split(' '),
);

const decodings = new Map<string, string>();

/** What an entity stands for; it holds no tag, and a parsed document runs nothing. */
export function decodeEntity(entity: string): string {
  const known = decodings.get(entity);
  if (known !== undefined) return known;
  const { body } = new DOMParser().parseFromString(`<body>x${entity}`, 'text/html');
  const made = (body.textContent ?? '').slice(1);
  decodings.set(entity, made);
  return made;
}

export class Writing {
  readonly place: HTMLElement;
  /** Text that nobody touched is written with the bytes that it had. */
  readonly #known = new Map<Text, { readonly data: string; readonly source: string }>();

  constructor(place: HTMLElement, content: string) {
    this.place = place;
    place.replaceChildren(...this.#nodes(piecesOf(content)));
  }

  #nodes(pieces: readonly Piece[]): readonly Node[] {
    return pieces.map((piece) => this.#node(piece));
  }

  #node(piece: Piece): Node {
    const document = this.place.ownerDocument;
    if (piece.kind === 'text') {
      const data = plainOf(piece.source, decodeEntity);
      const node = document.createTextNode(data);
      this.#known.set(node, { data, source: piece.source });
      return node;
    }
    if (piece.kind === 'element') {
      const element = document.createElement(piece.name);
      element.dataset['open'] = piece.open;
      element.dataset['close'] = piece.close;
      const { style = '', color } = attributesOf(piece.open);
      for (const [name, value] of harmlessStyles(style)) element.style.setProperty(name, value);
      if (color !== undefined && piece.name === 'font') element.style.color = color;
      if (piece.name === 'a') element.className = 'link';
      element.append(...this.#nodes(piece.children));
      return element;
    }
    const chip = document.createElement('span');
    chip.className = 'chip';
    chip.contentEditable = 'false';
    chip.dataset['source'] = piece.source;
    chip.textContent = piece.kind === 'mark' ? piece.source : labelOf(piece.source);
    return chip;
  }

  /** What stands there now, as source. */
  source(): string {
    return this.#read(this.place);
  }

  /** What is selected in it, counted as in `Styling`; null: nothing, or something elsewhere. */
  range(): Stretch | null {
    const selection = this.place.ownerDocument.getSelection();
    if (selection === null || selection.rangeCount === 0) return null;
    const { startContainer, startOffset, endContainer, endOffset } = selection.getRangeAt(0);
    const { place } = this;
    const [hasStart, hasEnd] = [place.contains(startContainer), place.contains(endContainer)];
    if (!hasStart && !hasEnd) return null;
    // A third click selects to the beginning of whatever comes next.
    return {
      start: hasStart ? placeIn(place, startContainer, startOffset) : 0,
      end: hasEnd ? placeIn(place, endContainer, endOffset) : sum([...place.childNodes]),
    };
  }

  select({ start, end }: Stretch): void {
    const selection = this.place.ownerDocument.getSelection();
    const from = pointAt(this.place, start);
    const to = end === start ? from : pointAt(this.place, end);
    selection?.setBaseAndExtent(from.node, from.offset, to.node, to.offset);
  }

  #read(parent: Node): string {
    return [...parent.childNodes].map((node) => this.#sourceOf(node)).join('');
  }

  #sourceOf(node: Node): string {
    if (node.nodeType === Node.TEXT_NODE) {
      const data = node.nodeValue ?? '';
      const known = this.#known.get(node as Text);
      return known?.data === data ? known.source : typed(data);
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return '';
    const element = node as HTMLElement;
    const { source, open, close = '' } = element.dataset;
    if (source !== undefined) return source;
    const inner = this.#read(element);
    if (open !== undefined) return open + inner + close;
    const name = element.localName;
    if (name === 'br') return '<br />';
    return made.has(name) && wording.has(name) ? `<${name}>${inner}</${name}>` : inner;
  }
}

/** Whether it is a mark or label, which nobody writes in. */
function isChip(node: Node): boolean {
  return node.nodeType === Node.ELEMENT_NODE && (node as HTMLElement).dataset['source'] !== undefined;
}

/** As many places as in `Styling`. */
function lengthOf(node: Node): number {
  if (node.nodeType === Node.TEXT_NODE) return (node as Text).data.length;
  if (node.nodeName === 'BR' || node.nodeName === 'HR') return 1;
  return isChip(node) ? (node.textContent ?? '').length : sum([...node.childNodes]);
}

function sum(nodes: readonly Node[]): number {
  return nodes.reduce((all, node) => all + lengthOf(node), 0);
}

function placeIn(parent: Node, node: Node, offset: number): number {
  if (node === parent)
    return node.nodeType === Node.TEXT_NODE ? offset : sum([...node.childNodes].slice(0, offset));
  let before = 0;
  for (const child of parent.childNodes) {
    // In a mark is before it.
    if (child.contains(node)) return before + (isChip(child) ? 0 : placeIn(child, node, offset));
    before += lengthOf(child);
  }
  return before;
}

function pointAt(parent: Node, place: number): { readonly node: Node; readonly offset: number } {
  let left = place;
  for (const [index, child] of [...parent.childNodes].entries()) {
    const length = lengthOf(child);
    if (child.nodeType === Node.TEXT_NODE && left <= length) return { node: child, offset: left };
    const isPiece = isChip(child) || child.childNodes.length === 0;
    if (isPiece && left < length) return { node: parent, offset: left <= 0 ? index : index + 1 };
    if (!isPiece && left <= length) return pointAt(child, left);
    left -= length;
  }
  return { node: parent, offset: parent.childNodes.length };
}

/** Text at the cursor: what is pasted brings no look and no tags along. */
export function paste(event: ClipboardEvent, document: Document): void {
  event.preventDefault();
  const text = event.clipboardData?.getData('text/plain') ?? '';
  document.execCommand('insertText', false, text);
}
