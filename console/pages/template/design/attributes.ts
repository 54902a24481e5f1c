/** Attributes in the source of a start tag: what one is set to changes, all other bytes stay. */
import { stretches, tagEnd, markEnd } from './scan.ts';

type Place = {
  readonly name: string;
  /** From the space before it to its end. */
  readonly start: number;
  readonly end: number;
  readonly value: string;
};

const namePattern = /[^\s"'<>/=]+/y;

function valueEnd(open: string, at: number): number {
  const quote = open[at] ?? '';
  const isQuoted = quote === '"' || quote === "'";
  let here = isQuoted ? at + 1 : at;
  while (here < open.length) {
    const mark = markEnd(open, here);
    const sign = open[here] ?? '';
    if (mark !== null) here = mark;
    else if (isQuoted && sign === quote) return here + 1;
    else if (!isQuoted && /[\s>]/.test(sign)) return here;
    else here += 1;
  }
  return here;
}

function places(open: string): readonly Place[] {
  const found: Place[] = [];
  let here = /^<[^\s/>]+/.exec(open)?.[0].length ?? 0;
  const last = tagEnd(open, 0) - 1;
  let start = here;
  while (here < last) {
    namePattern.lastIndex = here;
    const mark = markEnd(open, here);
    const name = mark === null ? namePattern.exec(open)?.[0] : undefined;
    if (name === undefined) {
      here = mark ?? here + 1;
      if (mark !== null || !/\s/.test(open[here - 1] ?? '')) start = here;
      continue;
    }
    here += name.length;
    const [equals = ''] = /^\s*=\s*/.exec(open.slice(here)) ?? [];
    const from = here + equals.length;
    const end = equals === '' ? here : valueEnd(open, from);
    const raw = equals === '' ? '' : open.slice(from, end);
    found.push({ name, start, end, value: /^["']/.test(raw) ? raw.slice(1, -1) : raw });
    here = end;
    start = end;
  }
  return found;
}

const entities: Readonly<Record<string, string>> = { quot: '"', amp: '&', lt: '<', gt: '>', '#39': "'" };

function decoded(value: string): string {
  return value.replaceAll(/&(quot|amp|lt|gt|#39);/g, (all, name: string) => entities[name] ?? all);
}

function encoded(value: string): string {
  return stretches(value)
    .map(({ isMark, start, end }) => {
      const piece = value.slice(start, end);
      // A language reads either quote; MJML would end the attribute at ours.
      if (isMark) return piece.includes("'") ? piece.replaceAll('"', '&quot;') : piece.replaceAll('"', "'");
      return piece.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
    })
    .join('');
}

export function attributesOf(open: string): Readonly<Record<string, string>> {
  return Object.fromEntries(places(open).map(({ name, value }) => [name, decoded(value)]));
}

/** `open` with the attribute set, or without it for null. */
export function withAttribute(open: string, name: string, value: string | null): string {
  const place = places(open).find((each) => each.name === name);
  if (place === undefined) {
    if (value === null) return open;
    const [end = '>'] = /\s*\/?>$/.exec(open) ?? [];
    return `${open.slice(0, open.length - end.length)} ${name}="${encoded(value)}"${end}`;
  }
  if (value === null) return open.slice(0, place.start) + open.slice(place.end);
  if (decoded(place.value) === value) return open;
  const [lead = ' '] = /^\s*/.exec(open.slice(place.start)) ?? [];
  return `${open.slice(0, place.start)}${lead}${name}="${encoded(value)}"${open.slice(place.end)}`;
}
