/** Draws one part into its element; of a box only the look, as its children draw themselves. */
import { isKind, kinds } from './kinds.ts';
import { effective, innerStyles, outerStyles } from './looks.ts';
import type { Defaults } from './looks.ts';
import type { Part } from './tree.ts';
import { Writing } from './writing.ts';

/** A box without what stands in it, which the designer keeps by itself. */
export type Held = Part & { readonly children?: never[] };

function styled(element: HTMLElement, styles: Readonly<Record<string, string>>): HTMLElement {
  for (const [name, value] of Object.entries(styles))
    if (value !== '') element.style.setProperty(name, value);
  return element;
}

export function labelOf(part: Part): string {
  if (part.form !== 'raw') return isKind(part.name) ? kinds[part.name].label : part.name;
  const mark = /\{%-?\s*(\w+)[^%]*%\}|\{\{[#\s]*(\w+)/.exec(part.source);
  const name = /^\s*<([\w-]+)/.exec(part.source)?.[1];
  if (mark !== null) return `Code: ${mark[1] ?? mark[2] ?? ''}`;
  return name === undefined ? 'Text outside of the parts' : name;
}

function box(document: Document, label: string, source: string): readonly Node[] {
  const title = document.createElement('strong');
  title.textContent = label;
  const text = document.createElement('pre');
  text.textContent = source.slice(0, 600);
  return [title, text];
}

/** A picture from elsewhere is not asked for: a stranger's server would learn who designs. */
function picture(document: Document, src: string, alt: string): HTMLElement {
  if (/^data:image\/(?:png|jpeg|gif|webp);base64,[\w+/=]+$/.test(src)) {
    const image = document.createElement('img');
    image.src = src;
    image.alt = alt;
    return image;
  }
  const place = document.createElement('span');
  place.textContent = alt === '' ? src || 'Image' : alt;
  return place;
}

/** Gives the wording that can be written in, if there is any. */
export function draw(element: HTMLElement, part: Part, defaults: Defaults): Writing | null {
  const document = element.ownerDocument;
  element.removeAttribute('style');
  element.classList.toggle('box', part.form === 'raw' || part.name === 'mj-raw');
  if (part.form === 'raw') {
    element.dataset['part'] = 'raw';
    element.replaceChildren(...box(document, labelOf(part), part.source));
    return null;
  }
  const { name } = part;
  element.dataset['part'] = name;
  const attributes = effective(name, part.open, defaults);
  styled(element, outerStyles(name, attributes));
  if (part.form === 'box') {
    element.dataset['empty'] =
      name === 'mj-body' ? 'Drag a row of columns here' : `${labelOf(part)}: drag parts here`;
    return null;
  }
  switch (name) {
    case 'mj-text':
      return new Writing(element, part.content);
    case 'mj-raw':
      element.replaceChildren(...box(document, 'Code', part.content));
      return null;
    case 'mj-spacer':
      return null;
    default: {
      const inner =
        name === 'mj-image'
          ? picture(document, attributes['src'] ?? '', attributes['alt'] ?? '')
          : document.createElement(name === 'mj-divider' ? 'p' : 'span');
      inner.classList.add(name === 'mj-social-element' ? 'social' : name);
      styled(inner, innerStyles(name, attributes));
      element.replaceChildren(inner);
      if (name === 'mj-button') return new Writing(inner, part.content);
      if (name === 'mj-social-element') inner.textContent = part.content.trim() || (attributes['name'] ?? '');
      return null;
    }
  }
}
