/** The wording of a part as nodes of the designer's document, and back. Nothing of a template becomes an element by itself. */
import { attributesOf } from './attributes.ts';
import { harmlessStyles, piecesOf, typed, wording } from './content.ts';
import type { Piece } from './content.ts';

/** What the browser makes while somebody writes, as it is written; its other elements are not kept. */
const made: ReadonlySet<string> = new Set(
  'b i u s strong em p div br sub sup ul ol li blockquote'.split(' '),
);

function labelOf(source: string): string {
  const name = /^<\/?([\w-]+)/.exec(source)?.[1]?.toLowerCase() ?? 'note';
  if (name !== 'img' || source.startsWith('</')) return name;
  const { alt = '' } = attributesOf(source);
  return alt === '' ? 'image' : `image: ${alt}`;
}

/** Entities as what they stand for; the text holds no tag, and a parsed document runs nothing. */
function decoded(text: string): string {
  if (!text.includes('&')) return text;
  const { body } = new DOMParser().parseFromString(`<body>x${text.replaceAll('<', '&lt;')}`, 'text/html');
  return (body.textContent ?? '').slice(1);
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
      const data = decoded(piece.source);
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

/** Text at the cursor: what is pasted brings no look and no tags along. */
export function paste(event: ClipboardEvent, document: Document): void {
  event.preventDefault();
  const text = event.clipboardData?.getData('text/plain') ?? '';
  document.execCommand('insertText', false, text);
}
