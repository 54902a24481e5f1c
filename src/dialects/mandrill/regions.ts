/**
 * Editable regions of a template (contract, 4.8): `mc:edit="main"` on an element; what is injected takes the place of what
 * stands inside, and the attribute goes. Pure; one pass per region, and nothing is read as HTML but tags.
 */
import { spelled } from './fields.ts';

/** Outside of quotes a tag ends before the next one, so that a text of nothing but beginnings is read once, too. */
const tag = /<(\/?)([a-zA-Z][a-zA-Z0-9:-]*)((?:"[^"]*"|'[^']*'|[^'"<>])*)>/g;
const attribute = /\smc:edit\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i;
const voids = new Set(['img', 'br', 'hr', 'input', 'meta', 'link', 'area', 'base', 'col', 'source', 'wbr']);

type Tag = {
  readonly at: number;
  readonly end: number;
  readonly name: string;
  readonly isEnd: boolean;
  readonly text: string;
};

export function inject(html: string, contents: Readonly<Record<string, unknown>>): string {
  const tags = [...html.matchAll(tag)].map((found): Tag => ({
    at: found.index,
    end: found.index + found[0].length,
    name: (found[2] ?? '').toLowerCase(),
    isEnd: found[1] === '/',
    text: found[0],
  }));
  const ends = endsOf(tags);
  let made = '';
  let done = 0;
  for (const [index, each] of tags.entries()) {
    const region = each.isEnd || each.at < done ? null : attribute.exec(each.text);
    if (region === null) continue;
    const name = region[1] ?? region[2] ?? region[3] ?? '';
    made += html.slice(done, each.at) + each.text.replace(attribute, '');
    done = each.end;
    const content = Object.hasOwn(contents, name) ? contents[name] : undefined;
    const end = ends.get(index);
    if (content === undefined || end === undefined) continue;
    made += spelled(content);
    done = end;
  }
  return made + html.slice(done);
}

/** Where the end tag of each element begins, by the index of its start tag. */
function endsOf(tags: readonly Tag[]): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  const open = new Map<string, number[]>();
  for (const [index, { name, isEnd, at, text }] of tags.entries()) {
    if (voids.has(name) || text.endsWith('/>')) continue;
    const stack = open.get(name) ?? [];
    if (!isEnd) stack.push(index);
    const start = isEnd ? stack.pop() : undefined;
    if (start !== undefined) ends.set(start, at);
    open.set(name, stack);
  }
  return ends;
}
