/** What Handlebars asks while it renders: contexts, names, helpers. */
import { made, nested } from './budget.ts';
import type { Piece, Run } from './budget.ts';
import { namedIn, unsubscribeNames } from './merge-tags.ts';
import type { Names } from './merge-tags.ts';
import { formatPhpDate } from './php-date.ts';
import { encodeUrl, own, textOf, titleCase } from './values.ts';

type Loop = {
  readonly index: number;
  readonly key: string | number;
  readonly first: boolean;
  readonly last: boolean;
};

/** A context; `loop` when `each` made it. */
type Frame = { readonly value: unknown; readonly loop: Loop | null };

export type HandlebarsRun = Run & {
  readonly frames: Frame[];
  readonly names: Names;
};

export type Evaluate = (run: HandlebarsRun) => unknown;

export type Path = { readonly isData: boolean; readonly depth: number; readonly parts: readonly string[] };

export function inContext(run: HandlebarsRun, frame: Frame, body: Piece<HandlebarsRun>): void {
  run.frames.push(frame);
  nested(run, body);
  run.frames.pop();
}

export function isFalsy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === null || value === false || value === '' || value === 0;
}

/** The value at a path: from the context `depth` levels up, without looking further up when it is not there. */
export function lookUp({ isData, depth, parts }: Path): Evaluate {
  const [head, ...rest] = parts;
  if (isData) return (run) => follow(loopValue(run, head ?? '', depth), rest, run);
  if (head === undefined) return (run) => run.frames.at(-1 - depth)?.value;
  const upper = head.toUpperCase();
  return (run) => {
    const at = run.frames.length - 1 - depth;
    const first = at === 0 ? namedIn(run.names, head, upper) : own(run.frames[at]?.value, head);
    return rest.length === 0 ? first : follow(first, rest, run);
  };
}

/** `@root` is a place, so that names behind it are looked up as at the top. */
const root = Symbol('root');

function loopValue(run: HandlebarsRun, name: string, depth: number): unknown {
  if (name === 'root') return root;
  for (let at = run.frames.length - 1 - depth; at >= 0; at--) {
    const loop = run.frames[at]?.loop ?? null;
    if (loop !== null) return own(loop, name);
  }
  return undefined;
}

function follow(from: unknown, parts: readonly string[], run: HandlebarsRun): unknown {
  let value = from;
  for (const part of parts) {
    value = value === root ? namedIn(run.names, part, part.toUpperCase()) : own(value, part);
  }
  return value === root ? run.frames[0]?.value : value;
}

type Helper = (run: HandlebarsRun, args: readonly unknown[]) => unknown;

const onText =
  (change: (text: string) => string): Helper =>
  (run, [first]) =>
    made(run, change(textOf(first)));

const helpers: Readonly<Record<string, Helper>> = {
  upper: onText((text) => text.toUpperCase()),
  lower: onText((text) => text.toLowerCase()),
  title: onText(titleCase),
  url: onText(encodeUrl),
  striptags: onText(stripTags),
  date: ({ environment: { now } }, [format]) =>
    now === undefined ? '' : formatPhpDate(typeof format === 'string' ? format : 'd/m/Y', now),
  unsub: ({ environment }, [address]) =>
    environment.unsubscribe?.(textOf(address), unsubscribeNames) ?? textOf(address),
};

export function helperNamed(name: string): Helper | null {
  const found = own(helpers, name);
  return typeof found === 'function' ? (found as Helper) : null;
}

/** Linear, unlike a pattern that looks for `<[^>]*>` from every `<`. */
function stripTags(text: string): string {
  let kept = '';
  let at = 0;
  for (;;) {
    const open = text.indexOf('<', at);
    const close = open < 0 ? -1 : text.indexOf('>', open);
    if (close < 0) return kept + text.slice(at);
    kept += text.slice(at, open);
    at = close + 1;
  }
}
