/**
 * MJML as parts that can be moved, changed and written again. Each part keeps its own source with the space and comments
 * before it, so what nobody touches is written byte for byte. A block of a template language that spans several parts is one
 * part, and so is whatever the designer does not know.
 */
import { isKind, kinds } from './kinds.ts';
import { closingAt, lineOf, scan, stretches, Unreadable } from './scan.ts';
import type { Token } from './scan.ts';

/** `lead`: space and comments before it; null for a new one, which gets a line of its own. */
export type Box = {
  readonly form: 'box';
  readonly name: string;
  readonly lead: string | null;
  readonly open: string;
  readonly children: readonly Part[];
  /** Before its end tag. */
  readonly tail: string | null;
  readonly close: string;
};
export type Leaf = {
  readonly form: 'leaf';
  readonly name: string;
  readonly lead: string | null;
  readonly open: string;
  readonly content: string;
  readonly close: string;
};
export type Raw = { readonly form: 'raw'; readonly lead: string | null; readonly source: string };
export type Part = Box | Leaf | Raw;

/** What stands around the body is kept as it is. */
export type Design = { readonly before: string; readonly body: Box; readonly after: string };

export type Read =
  | { readonly ok: true; readonly design: Design }
  | { readonly ok: false; readonly line: number; readonly message: string };

const opens =
  /^\{%-?\s*(?:if|unless|for|case|capture|tablerow|block|macro|set_block)\b|^\{\{\{?~?\s*(?:#|(?:if|each|for|foreach)\s)|^\*\|(?:IF|IFNOT|INTERESTED):/;
const closes = /^\{%-?\s*end\w+|^\{\{\{?~?\s*(?:\/|end\s*\}\})|^\*\|END:/;

type Balance = { readonly sum: number; readonly least: number };

/** How many blocks of the language are left open by it, and how many it ends that began before. */
function balanceOf(source: string): Balance {
  let sum = 0;
  let least = 0;
  for (const { isMark, start, end } of stretches(source)) {
    if (!isMark) continue;
    const mark = source.slice(start, end);
    // Whole ones are one mark with what stands in them; the end of none ends nothing else.
    if (/^\{%-?\s*(?:end)?(?:raw|comment)\b/.test(mark)) continue;
    if (opens.test(mark)) sum += 1;
    else if (closes.test(mark)) sum -= 1;
    least = Math.min(least, sum);
  }
  return { sum, least };
}

class Reader {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = scan(source);
  }

  read(): Design {
    const from = this.#tokens.findIndex(({ kind, name }) => kind === 'open' && name === 'mj-body');
    const open = this.#tokens[from];
    if (open === undefined) throw new Unreadable(0, 'it has no <mj-body>');
    if (open.isSelfClosing) throw new Unreadable(open.start, '<mj-body /> holds nothing');
    this.#checkOrder();
    this.#next = from + 1;
    const body = this.#box(open, '');
    if (body.form === 'raw')
      throw new Unreadable(
        open.start,
        'a block of the template language begins in <mj-body> and does not end in it',
      );
    const end = this.#tokens[this.#next - 1]?.end ?? this.#source.length;
    return { before: this.#source.slice(0, open.start), body, after: this.#source.slice(end) };
  }

  /** Each tag has its end. */
  #checkOrder(): void {
    const around: Token[] = [];
    for (const token of this.#tokens) {
      if (token.kind === 'open' && !token.isSelfClosing) around.push(token);
      if (token.kind !== 'close') continue;
      const open = around.pop();
      if (open?.name === token.name) continue;
      throw open === undefined
        ? new Unreadable(token.start, `</${token.name}> ends nothing`)
        : new Unreadable(open.start, `<${open.name}> is not ended before </${token.name}>`);
    }
    const [open] = around.slice(-1);
    if (open !== undefined) throw new Unreadable(open.start, `<${open.name}> has no end tag`);
  }

  #text({ start, end }: { readonly start: number; readonly end: number }): string {
    return this.#source.slice(start, end);
  }

  /** One whose blocks do not end in it cannot be taken apart. */
  #box(open: Token, lead: string): Box | Raw {
    const items: Part[] = [];
    let space = '';
    for (;;) {
      const token = this.#tokens[this.#next];
      if (token === undefined) throw new Unreadable(open.start, `<${open.name}> has no end tag`);
      this.#next += 1;
      if (token.kind === 'close') {
        const children = grouped(items);
        const opening = this.#text(open);
        if (children === null || balanceOf(opening).sum !== 0)
          return { form: 'raw', lead, source: this.#source.slice(open.start, token.end) };
        const close = this.#text(token);
        return { form: 'box', name: open.name, lead, open: opening, children, tail: space, close };
      }
      const text = this.#text(token);
      if (token.kind === 'comment' || (token.kind === 'text' && text.trim() === '')) space += text;
      else {
        items.push(
          token.kind === 'open' ? this.#element(token, space) : { form: 'raw', lead: space, source: text },
        );
        space = '';
      }
    }
  }

  #element(open: Token, lead: string): Part {
    const { name } = open;
    const opening = this.#text(open);
    if (isKind(name) && name !== 'mj-body') {
      if (open.isSelfClosing && !kinds[name].isBox)
        return { form: 'leaf', name, lead, open: opening, content: '', close: '' };
      if (!open.isSelfClosing && kinds[name].isBox) return this.#box(open, lead);
    }
    const end = open.isSelfClosing ? open.end : this.#skip();
    const source = this.#source.slice(open.start, end);
    if (open.isSelfClosing || !isKind(name) || kinds[name].isBox) return { form: 'raw', lead, source };
    const closing = lastClosing(source, name);
    const content = source.slice(opening.length, closing);
    return { form: 'leaf', name, lead, open: opening, content, close: source.slice(closing) };
  }

  /** Past the end tag of the element that was just opened. */
  #skip(): number {
    let depth = 1;
    for (;;) {
      const token = this.#tokens[this.#next];
      if (token === undefined) return this.#source.length;
      this.#next += 1;
      if (token.kind === 'open' && !token.isSelfClosing) depth += 1;
      if (token.kind === 'close') depth -= 1;
      if (depth === 0) return token.end;
    }
  }
}

function lastClosing(source: string, name: string): number {
  let found = source.length;
  for (let at = closingAt(source, name, 0); at !== null; at = closingAt(source, name, at + 1)) found = at;
  return found;
}

/** Parts between the beginning and the end of a block are one; null: a block does not end here, or did not begin here. */
function grouped(items: readonly Part[]): readonly Part[] | null {
  const parts: Part[] = [];
  let depth = 0;
  for (const item of items) {
    const { sum, least } = item.form === 'box' ? { sum: 0, least: 0 } : balanceOf(sourceOf(item));
    if (depth + least < 0) return null;
    const last = parts.at(-1);
    if (depth === 0 || last === undefined) parts.push(item);
    else
      parts.splice(-1, 1, {
        form: 'raw',
        lead: last.lead,
        source: sourceOf(last) + (item.lead ?? '') + sourceOf(item),
      });
    depth += sum;
  }
  return depth === 0 ? parts : null;
}

/** Why it cannot be designed, where it cannot. */
export function readDesign(source: string): Read {
  try {
    return { ok: true, design: new Reader(source).read() };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { ok: false, line: lineOf(source, error.at), message: error.message };
  }
}

function indentOf(lead: string): string {
  return /[ \t]*$/.exec(lead)?.[0] ?? '';
}

/** Without its lead. `indent`: of its line. */
export function sourceOf(part: Part, indent = ''): string {
  if (part.form === 'raw') return part.source;
  if (part.form === 'leaf') return part.open + part.content + part.close;
  const inner = `${indent}  `;
  const known = part.children.find(({ lead }) => lead?.includes('\n') === true)?.lead;
  const childIndent = known === undefined || known === null ? inner : indentOf(known);
  const children = part.children.map((child) => written(child, childIndent)).join('');
  const isOnNewLines = part.children.some(({ lead }) => lead === null);
  const tail = part.tail === null || (isOnNewLines && !part.tail.includes('\n')) ? null : part.tail;
  return part.open + children + (tail ?? (part.children.length === 0 ? '' : `\n${indent}`)) + part.close;
}

function written(part: Part, indent: string): string {
  return part.lead === null
    ? `\n${indent}${sourceOf(part, indent)}`
    : part.lead + sourceOf(part, part.lead.includes('\n') ? indentOf(part.lead) : indent);
}

export function designSource({ before, body, after }: Design): string {
  return before + sourceOf(body, indentOf(before)) + after;
}

/** One that ended itself needs an end tag now. */
export function withContent(part: Leaf, content: string): Leaf {
  if (part.close !== '' || content === '') return { ...part, content };
  return { ...part, open: part.open.replace(/\s*\/>$/, '>'), content, close: `</${part.name}>` };
}

/** A new part from the source of a block: its spaces are made where it is put. */
export function newPart(source: string): Part {
  const read = readDesign(`<mj-body>${source}</mj-body>`);
  const [part] = read.ok ? read.design.body.children : [];
  return part === undefined ? { form: 'raw', lead: null, source } : unplaced(part);
}

function unplaced(part: Part): Part {
  return part.form === 'box'
    ? { ...part, lead: null, tail: null, children: part.children.map(unplaced) }
    : { ...part, lead: null };
}
