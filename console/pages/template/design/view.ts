/** How a component is drawn, and written in after a double click or by its button. */
import type { Component, ComponentView } from 'grapesjs';
import { draw } from './drawing.ts';
import type { Defaults } from './looks.ts';
import type { Stretch, Style } from './styling.ts';
import type { Part } from './tree.ts';
import { paste } from './writing.ts';
import type { Writing } from './writing.ts';

export type View = ComponentView & {
  writing?: Writing | null;
  isWriting?: boolean;
  /** What was selected when writing ended. */
  range?: Stretch | null;
};

/** What the views need of the designer, which is made after them. */
export type Ground = {
  defaults: Defaults;
  onKey: (view: View, act: Style | 'link') => void;
  onLeave: () => void;
};

export const partOf = (component: Component): Part => component.get('part') as Part;

/** While a text is written in, the pointer chooses text in it. */
function setDraggable(component: Component, isDraggable: boolean): void {
  for (let each = component; each.parent() !== undefined; each = each.parent() as Component) {
    const element = each.getEl();
    if (element !== undefined) element.draggable = isDraggable;
  }
}

export function beginWriting(view: View, range: Stretch | null): void {
  if (view.writing === null || view.writing === undefined) return;
  if (view.isWriting !== true) {
    view.isWriting = true;
    view.em.setEditing(view);
    setDraggable(view.model, false);
    view.writing.place.contentEditable = 'true';
    view.writing.place.focus();
  }
  if (range !== null) view.writing.select(range);
}

/** Drawn anew from its source; what was selected is kept in `range`. */
export function endWriting(view: View): void {
  if (view.isWriting !== true) return;
  view.range = view.writing?.range() ?? view.range ?? null;
  view.isWriting = false;
  view.em.setEditing(false);
  setDraggable(view.model, true);
  view.writing?.place.removeAttribute('contenteditable');
  view.onRender(view._clbObj());
}

const styleKeys: Readonly<Record<string, Style | 'link'>> = { b: 'bold', i: 'italic', k: 'link' };

/** Keys go to the text, but for those of the page. */
function key(view: View, event: KeyboardEvent, ground: Ground): void {
  if (view.isWriting !== true) return;
  const name = event.key.toLowerCase();
  const isHeld = (event.ctrlKey || event.metaKey) && !event.altKey;
  const act = isHeld && !event.shiftKey ? styleKeys[name] : undefined;
  if (event.key === 'Escape') {
    view.writing?.place.blur();
    ground.onLeave();
  }
  if (act !== undefined || (isHeld && name === 's')) event.preventDefault();
  if (!isHeld || name !== 's') event.stopPropagation();
  if (act !== undefined) ground.onKey(view, act);
}

const events: Readonly<Record<string, string>> = {
  dblclick: 'startWriting',
  focusout: 'stopWriting',
  input: 'written',
  keydown: 'key',
  paste: 'pasted',
  drop: 'dropped',
};

export function viewOf(ground: Ground): object {
  return {
    events: { ...events },
    init(this: View) {
      this.listenTo(this.model, 'change:part', () => {
        if (this.isWriting !== true) this.onRender(this._clbObj());
      });
    },
    onRender(this: View) {
      const part = partOf(this.model) as Part | undefined;
      if (part !== undefined) this.writing = draw(this.el, part, ground.defaults);
    },
    startWriting(this: View, event: Event) {
      if (this.writing === null || this.writing === undefined || this.isWriting === true) return;
      event.stopPropagation();
      beginWriting(this, null);
    },
    stopWriting(this: View) {
      endWriting(this);
    },
    written(this: View) {
      const part = partOf(this.model);
      if (this.isWriting !== true || part.form !== 'leaf' || !this.writing) return;
      this.model.set('part', { ...part, content: this.writing.source() });
    },
    key(this: View, event: KeyboardEvent) {
      key(this, event, ground);
    },
    pasted(this: View, event: ClipboardEvent) {
      if (this.isWriting === true) paste(event, this.el.ownerDocument);
    },
    dropped(this: View, event: Event) {
      if (this.isWriting === true) event.preventDefault();
    },
  };
}
