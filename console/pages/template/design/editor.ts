/**
 * GrapesJS as the designer of a mail: it holds the parts, shows them and lets them be dragged. Each of its components carries
 * the part that it stands for, so that the source is written from them at any time; it stores nothing itself.
 */
import { grapesjs } from 'grapesjs';
import type { Component, ComponentDefinition, Editor } from 'grapesjs';
import { labelOf } from './drawing.ts';
import { blocks, isKind, kinds, mayStandIn } from './kinds.ts';
import { canvasCss, defaultsOf } from './looks.ts';
import { designSource, newPart, readDesign } from './tree.ts';
import type { Design, Part } from './tree.ts';
import { partOf, viewOf } from './view.ts';
import type { Ground } from './view.ts';
import { wordActs, wordsOf } from './words.ts';
import type { WordActs, Words } from './words.ts';

/** Where a part stands: its place in each box from the outermost on; empty: the mail itself. */
export type Path = readonly number[];

/** `words`: of a part that can be written in. */
export type Chosen = { readonly path: Path; readonly part: Part; readonly words: Words | null };

export type Outline = { readonly path: Path; readonly label: string; readonly name: string };

type Hooks = {
  /** With the whole source, after whatever changed it. `isMoved`: parts came, went or changed places. */
  readonly onChange: (source: string, isMoved: boolean) => void;
  readonly onChoose: (chosen: Chosen | null) => void;
  /** Writing was left by the keyboard. */
  readonly onLeave: () => void;
  /** The keys for a link were pressed in a text. */
  readonly onAskLink: () => void;
};

export type Designer = WordActs & {
  /** False: it cannot be designed, and the designer shows what it showed before. */
  readonly load: (source: string) => boolean;
  readonly choose: (path: Path) => void;
  /** Behind what is chosen, or where there is room for it. */
  readonly add: (id: string) => void;
  readonly startDrag: (id: string) => void;
  readonly endDrag: () => void;
  /** Among its neighbours. */
  readonly move: (by: -1 | 1) => void;
  readonly remove: () => void;
  /** The part that is chosen is this one now; its children stay. False: the mail could not be read with it. */
  readonly replace: (part: Part) => boolean;
  readonly outline: () => readonly Outline[];
  readonly stop: () => void;
};

function nameOf(component: Component): string {
  const part = partOf(component) as Part | undefined;
  return part === undefined || part.form === 'raw' ? '' : part.name;
}

function definitionOf(part: Part): ComponentDefinition {
  const type = part.form === 'raw' ? 'raw' : part.name;
  return part.form === 'box'
    ? { type, part: { ...part, children: [] }, components: part.children.map(definitionOf) }
    : { type, part };
}

function readPart(component: Component): Part {
  const part = partOf(component);
  return part.form === 'box' ? { ...part, children: component.components().models.map(readPart) } : part;
}

function pathOf(component: Component): Path {
  const parent = component.parent();
  return parent === undefined ? [] : [...pathOf(parent), component.index()];
}

const shared = {
  tagName: 'div',
  editable: false,
  stylable: false,
  resizable: false,
  copyable: false,
  toolbar: [],
  traits: [],
  components: [],
};

function addTypes(editor: Editor, ground: Ground): void {
  for (const name of ['wrapper', 'raw', ...Object.keys(kinds)]) {
    const isWrapper = name === 'wrapper' || name === 'mj-body';
    const holds = isWrapper || (isKind(name) && kinds[name].isBox);
    editor.Components.addType(name, {
      ...(name === 'wrapper' ? { extend: 'wrapper' } : {}),
      isComponent: () => false,
      model: {
        defaults: {
          ...shared,
          name: isWrapper ? kinds['mj-body'].label : isKind(name) ? kinds[name].label : 'Code',
          draggable: isWrapper
            ? false
            : (source: Component, target: Component) => mayStandIn(nameOf(source), nameOf(target)),
          droppable: holds,
          removable: !isWrapper,
        },
      },
      view: viewOf(ground),
    });
  }
}

function start(container: HTMLElement): Editor {
  const empty = { custom: true, appendTo: '' };
  return grapesjs.init({
    container,
    autorender: false,
    telemetry: false,
    cssIcons: '',
    storageManager: false,
    customUI: true,
    height: '100%',
    width: 'auto',
    log: [],
    protectedCss: '* { box-sizing: border-box; } body { margin: 0; }',
    canvasCss,
    multipleSelection: false,
    showToolbar: false,
    keymaps: { defaults: {} },
    panels: { defaults: [] },
    deviceManager: { devices: [] },
    undoManager: { maximumStackLength: 1 },
    domComponents: { useFrameDoc: true },
    // Its document is not opened anew, which would give it our address.
    canvas: { notTextable: [], frameContent: '' },
    blockManager: { ...empty, blocks: [] },
    layerManager: empty,
    selectorManager: { custom: true, appendTo: '' },
    styleManager: { ...empty, sectors: [] },
    traitManager: empty,
    assetManager: { custom: true },
    richTextEditor: { custom: true },
  });
}

/** The documents that it draws in come from the server, with a policy of their own: no script runs there. */
function useCanvas(editor: Editor, address: string): void {
  const model = editor.getModel();
  for (const each of [model, model.get('shallow') as typeof model])
    each.on('frame:render', ({ el }: { readonly el: HTMLIFrameElement }) => {
      el.title = 'Design of the mail';
      el.src = address;
    });
}

export async function startDesigner(
  container: HTMLElement,
  address: string,
  hooks: Hooks,
): Promise<Designer> {
  const editor = start(container);
  const ground: Ground = { defaults: new Map(), onKey: () => undefined, onLeave: hooks.onLeave };
  addTypes(editor, ground);
  useCanvas(editor, address);
  const loaded = new Promise<void>((resolve) => {
    editor.on('load', () => resolve());
  });
  editor.render();
  await loaded;
  return control(editor, ground, hooks);
}

/** Where what is chosen stands among its neighbours; null: nothing is chosen, or the mail itself. */
function placeOf(editor: Editor): { readonly component: Component; readonly parent: Component } | null {
  const component = editor.getSelected();
  const parent = component?.parent();
  return component === undefined || parent === undefined ? null : { component, parent };
}

function acts(editor: Editor, source: () => string): Omit<Designer, 'load' | 'choose' | 'outline' | 'stop'> {
  const replace: Designer['replace'] = (part) => {
    const component = editor.getSelected();
    if (component === undefined) return false;
    const before = partOf(component);
    component.set('part', part, { silent: true });
    const isReadable = readDesign(source()).ok;
    component.set('part', before, { silent: true });
    if (isReadable) component.set('part', part);
    return isReadable;
  };
  return {
    ...wordActs(editor, replace, (made) => add(editor, made)),
    replace,
    add(id) {
      const block = blocks.find((each) => each.id === id);
      if (block !== undefined) add(editor, block.source);
    },
    startDrag(id) {
      const block = blocks.find((each) => each.id === id);
      if (block !== undefined) editor.Canvas.startDrag({ content: definitionOf(newPart(block.source)) });
    },
    endDrag() {
      const made = editor.getModel().get('dragResult') as Component | null | undefined;
      editor.Canvas.endDrag();
      if (made !== null && made !== undefined) editor.select(made);
    },
    move(by) {
      const place = placeOf(editor);
      if (place === null) return;
      const { component, parent } = place;
      const at = component.index() + by;
      if (at < 0 || at >= parent.components().length) return;
      component.move(parent, { at: by === 1 ? at + 1 : at });
      editor.select(component, { scroll: true });
    },
    remove() {
      const place = placeOf(editor);
      place?.component.remove();
      if (place !== null) editor.select(place.parent);
    },
  };
}

function choosePart(editor: Editor, path: Path): void {
  let component = editor.getWrapper() as Component;
  for (const index of path) component = component.components().at(index) ?? component;
  editor.select(component, { scroll: true });
}

/** Another part is chosen, or other words of it, which changes what acts on words mean. */
function watchChoice(editor: Editor, tell: () => void): void {
  let known = '';
  editor.on('component:selected component:deselected', tell);
  editor.Canvas.getDocument()?.addEventListener('selectionchange', () => {
    const words = JSON.stringify(wordsOf(editor.getSelected()));
    if (words === known) return;
    known = words;
    tell();
  });
}

function control(editor: Editor, ground: Ground, { onChange, onChoose, onAskLink }: Hooks): Designer {
  let around: Omit<Design, 'body'> = { before: '', after: '' };
  let isLoading = false;
  let isAsked = false;
  let isStopped = false;
  let isMoved = false;
  let last = '';
  const root = (): Component => editor.getWrapper() as Component;
  const source = (): string => designSource({ ...around, body: readPart(root()) as Design['body'] });
  const tell = (): void => {
    const component = editor.getSelected();
    if (component === undefined) onChoose(null);
    else onChoose({ path: pathOf(component), part: partOf(component), words: wordsOf(component) });
  };
  const sync = (): void => {
    if (isLoading || isAsked || isStopped) return;
    isAsked = true;
    // One act of a person is several of the components.
    queueMicrotask(() => {
      isAsked = false;
      if (isStopped) return;
      const now = source();
      if (now !== last) onChange((last = now), isMoved);
      isMoved = false;
      tell();
    });
  };
  editor.on('component:add component:remove', () => {
    isMoved = !isLoading;
    sync();
  });
  editor.on('component:update:part', sync);
  watchChoice(editor, () => {
    if (!isLoading && !isStopped) tell();
  });
  const choose = (path: Path): void => choosePart(editor, path);
  const made = acts(editor, source);
  ground.onKey = (view, act) => {
    editor.select(view.model);
    if (act === 'link') onAskLink();
    else made.style(act);
  };
  return {
    ...made,
    load(text) {
      const read = readDesign(text);
      if (!read.ok || text === last) return read.ok;
      const component = editor.getSelected();
      const path = component === undefined ? [] : pathOf(component);
      isLoading = true;
      const { before, body, after } = read.design;
      around = { before, after };
      ground.defaults = defaultsOf(before);
      root().set('part', { ...body, children: [] });
      root().components(body.children.map(definitionOf));
      last = text;
      isLoading = false;
      choose(path);
      tell();
      return true;
    },
    choose,
    outline: () => (isStopped ? [] : outlineOf(root())),
    stop() {
      isStopped = true;
      editor.destroy();
    },
  };
}

function outlineOf(component: Component): readonly Outline[] {
  const part = partOf(component) as Part | undefined;
  if (part === undefined) return [];
  const own = { path: pathOf(component), label: labelOf(part), name: nameOf(component) };
  return [own, ...component.components().models.flatMap(outlineOf)];
}

function lastWithRoom(component: Component, name: string): Component | null {
  for (const child of component.components().models.toReversed()) {
    const found = lastWithRoom(child, name);
    if (found !== null) return found;
  }
  return mayStandIn(name, nameOf(component)) ? component : null;
}

function add(editor: Editor, source: string): void {
  const root = editor.getWrapper() as Component;
  const part = newPart(source);
  const name = part.form === 'raw' ? '' : part.name;
  const put = (into: Component, definition: ComponentDefinition, at?: number): void => {
    const [made] = into.append(definition, at === undefined ? {} : { at });
    if (made !== undefined) editor.select(made, { scroll: true });
  };
  let here = editor.getSelected();
  while (here !== undefined) {
    if (here !== root && mayStandIn(name, nameOf(here))) return put(here, definitionOf(part));
    const parent = here.parent();
    if (parent !== undefined && mayStandIn(name, nameOf(parent)))
      return put(parent, definitionOf(part), here.index() + 1);
    here = parent;
  }
  const room = lastWithRoom(root, name);
  if (room !== null) return put(room, definitionOf(part));
  const row = newPart(`<mj-section><mj-column>${source}</mj-column></mj-section>`);
  put(root, definitionOf(row));
}
