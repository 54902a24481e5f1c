/** What is done to words of the chosen part: bold, italic, a link, a mark put in. Each makes a source, as every act does. */
import type { Component, Editor } from 'grapesjs';
import { Styling } from './styling.ts';
import type { Stretch, Style } from './styling.ts';
import { withContent } from './tree.ts';
import type { Leaf, Part } from './tree.ts';
import { beginWriting, endWriting, partOf } from './view.ts';
import type { View } from './view.ts';
import { decodeEntity } from './writing.ts';

/** How the words are that an act would meet. */
export type Words = {
  readonly isBold: boolean;
  readonly isItalic: boolean;
  /** Where the link in them leads; null: there is none. */
  readonly href: string | null;
  /** Whether some are chosen; else all of the part are meant. */
  readonly isChosen: boolean;
};

export type WordActs = {
  /** Into the text of the chosen part, where it was left. */
  readonly write: () => void;
  readonly style: (style: Style) => void;
  /** Null: no link. */
  readonly link: (href: string | null) => void;
  /** Where writing stands or was left, else at the end of the chosen text; in a text of its own behind any other part. */
  readonly insert: (mark: string) => void;
};

const written: ReadonlySet<string> = new Set(['mj-text', 'mj-button']);

type Target = { readonly view: View; readonly part: Leaf; readonly styling: Styling };

function targetOf(component: Component | undefined): Target | null {
  const part = component === undefined ? undefined : partOf(component);
  if (component === undefined || part?.form !== 'leaf' || !written.has(part.name)) return null;
  const view: View | undefined = component.getView();
  return view === undefined ? null : { view, part, styling: new Styling(part.content, decodeEntity) };
}

function within({ start, end }: Stretch, length: number): Stretch {
  return { start: Math.min(start, length), end: Math.min(end, length) };
}

/** What is selected, or was when writing ended; null: nothing ever was. */
function rangeOf({ view, styling }: Target): Stretch | null {
  const range = (view.isWriting === true ? view.writing?.range() : null) ?? view.range ?? null;
  return range === null ? null : within(range, styling.length);
}

/** What an act on words means: those that are chosen, else all of the part. */
function meantBy(target: Target): Stretch {
  const range = rangeOf(target);
  return range === null || range.start === range.end ? { start: 0, end: target.styling.length } : range;
}

/** A link is also meant by a place in it. */
function linkMeantBy(target: Target): Stretch {
  const range = rangeOf(target);
  const found = range === null ? null : target.styling.linkAt(range);
  return range !== null && range.start === range.end && found !== null ? found.range : meantBy(target);
}

export function wordsOf(component: Component | undefined): Words | null {
  const target = targetOf(component);
  if (target === null) return null;
  const { styling } = target;
  const range = rangeOf(target);
  const meant = range ?? meantBy(target);
  return {
    isBold: styling.is('bold', meant),
    isItalic: styling.is('italic', meant),
    href: styling.linkAt(linkMeantBy(target))?.href ?? null,
    isChosen: range !== null && range.start < range.end,
  };
}

/** `replace`: false when the mail could not be read with it. */
export function wordActs(
  editor: Editor,
  replace: (part: Part) => boolean,
  append: (source: string) => void,
): WordActs {
  const put = (target: Target, content: string, range: Stretch | null): void => {
    const { view, part } = target;
    const wasWriting = view.isWriting === true;
    endWriting(view);
    if (replace(withContent(part, content))) view.range = range;
    if (wasWriting) beginWriting(view, view.range ?? null);
  };
  return {
    write() {
      const target = targetOf(editor.getSelected());
      if (target === null) return;
      const end = target.styling.length;
      beginWriting(target.view, rangeOf(target) ?? { start: end, end });
    },
    style(style) {
      const target = targetOf(editor.getSelected());
      if (target !== null) put(target, target.styling.toggled(style, meantBy(target)), rangeOf(target));
    },
    link(href) {
      const target = targetOf(editor.getSelected());
      if (target !== null) put(target, target.styling.linked(href, linkMeantBy(target)), rangeOf(target));
    },
    insert(mark) {
      const target = targetOf(editor.getSelected());
      if (target === null) return append(`<mj-text>${mark}</mj-text>`);
      const at = rangeOf(target)?.end ?? target.styling.length;
      const end = at + mark.length;
      put(target, target.styling.inserted(mark, at), { start: end, end });
    },
  };
}
