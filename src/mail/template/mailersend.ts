/**
 * MailerSend's personalization, a small part of Twig (contract, section 6), and its older `{$name}`. What is absent is
 * empty. In the html part values may hold a few harmless tags; any other `<` is escaped.
 */
import { made, nested, spend, startRun, TemplateError, whole, emit } from './budget.ts';
import type { Piece, Run } from './budget.ts';
import { readCurly, textPiece } from './curly.ts';
import type { LoopHead } from './curly.ts';
import { compileExpression } from './expression.ts';
import type { Evaluate, Meaning, Syntax } from './expression.ts';
import { allowedHtml } from './limited-html.ts';
import { compare } from './merge-tags.ts';
import { isMarkup } from './model.ts';
import type { CompiledTemplate, Data, Part } from './model.ts';
import { escapeHtml, isEmptyList, own, textOf } from './values.ts';

type TwigRun = Run & { readonly scopes: Data[] };

/** The right side of `is`: `defined`, `empty`, and each with `not`. */
type Check = { readonly check: 'defined' | 'empty'; readonly isNot: boolean };
const defined: Check = { check: 'defined', isNot: false };
const empty: Check = { check: 'empty', isNot: false };

const syntax: Syntax = {
  name: /[A-Za-z_]\w*/y,
  binary: {
    or: 1,
    and: 2,
    is: 3,
    '==': 3,
    '!=': 3,
    '<': 3,
    '>': 3,
    '<=': 3,
    '>=': 3,
    '+': 4,
    '-': 4,
    '*': 5,
    '/': 5,
    '%': 5,
  },
  unary: { not: 6, '-': 6 },
  constants: { true: true, false: false, null: null, none: null, defined, empty },
  hasFilters: true,
};

/** A value that a filter has escaped already. */
type Safe = { readonly safe: string };

/** Throws a TemplateError. */
export function compileMailersend(source: string, part: Part): CompiledTemplate {
  const show = isMarkup(part) ? allowedHtml : null;
  const body = readCurly<TwigRun>(source, {
    expression: (from, to) => compileExpression(source, [from, to], syntax, meaning),
    isTrue,
    text: (text) => textWithNames(text, show),
    output: (value) => outputOf(value, show),
    loop,
  });
  return {
    language: 'mailersend',
    part,
    source,
    snippets: { names: [], isDynamic: false },
    run: (data, environment, budget) =>
      whole<TwigRun>({ ...startRun(budget, environment), scopes: [data] }, body),
  };
}

type Show = ((text: string) => string) | null;

function outputOf(value: Evaluate<TwigRun>, show: Show): Piece<TwigRun> {
  return (run) => {
    const found = value(run);
    const safe = own(found, 'safe');
    if (typeof safe === 'string') emit(run, safe);
    else emit(run, show === null ? textOf(found) : show(textOf(found)));
  };
}

/** Text with `{$name}` in it. */
function textWithNames(text: string, show: Show): Piece<TwigRun> {
  const found = [...text.matchAll(/\{\$([A-Za-z]\w*)\}/g)];
  if (found.length === 0) return textPiece(text);
  const pieces: Piece<TwigRun>[] = [];
  let done = 0;
  for (const match of found) {
    pieces.push(textPiece(text.slice(done, match.index)), outputOf(named(match[1] ?? ''), show));
    done = match.index + match[0].length;
  }
  pieces.push(textPiece(text.slice(done)));
  return (run) => {
    spend(run, pieces.length);
    for (const piece of pieces) piece(run);
  };
}

function named(name: string): Evaluate<TwigRun> {
  return (run) => {
    for (let at = run.scopes.length - 1; at >= 0; at--) {
      const value = own(run.scopes[at], name);
      if (value !== undefined) return value;
    }
    return name === 'unsubscribe' ? run.environment.unsubscribe?.('') : undefined;
  };
}

function isTrue(value: unknown): boolean {
  return value !== 0 && value !== '0' && !isEmptyList(value);
}

const meaning: Meaning<TwigRun> = {
  name: named,
  member: (of, key) => (Array.isArray(of) ? of[Number(key)] : own(of, textOf(key))),
  isTrue,
  apply: (operator, left, right) => {
    if (operator === 'not') return isCheck(left) ? { ...left, isNot: !left.isNot } : !isTrue(left);
    if (operator === 'is') return check(left, right);
    if (['==', '!=', '<', '>', '<=', '>='].includes(operator))
      return compare(operator, textOf(left), textOf(right));
    return calculate(operator, Number(left ?? 0), Number(right ?? 0), right === undefined);
  },
  call: (name, args, at) => {
    const filter = own(filters, name.slice(1));
    if (!name.startsWith('|') || typeof filter !== 'function')
      throw new TemplateError('syntax', `there is no filter "${name.replace('|', '')}"`, at);
    return (run) => {
      spend(run, 1);
      return (filter as Filter)(
        run,
        args.map((arg) => arg(run)),
      );
    };
  },
};

type Filter = (run: TwigRun, args: readonly unknown[]) => unknown;

const escape: Filter = (run, [value]): Safe => ({ safe: made(run, escapeHtml(textOf(value))) });
const filters: Readonly<Record<string, Filter>> = {
  escape,
  e: escape,
  default: (_run, [value, fallback]) => (isEmptyList(value) ? fallback : value),
  length: (_run, [value]) => {
    if (typeof value === 'string') return Array.from(value).length;
    return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
  },
  lower: (run, [value]) => made(run, textOf(value).toLowerCase()),
  upper: (run, [value]) => made(run, textOf(value).toUpperCase()),
  keys: (_run, [value]) => (typeof value === 'object' && value !== null ? Object.keys(value) : []),
};

function isCheck(value: unknown): value is Check {
  return typeof own(value, 'check') === 'string' && typeof own(value, 'isNot') === 'boolean';
}

function check(value: unknown, asked: unknown): boolean {
  if (!isCheck(asked)) throw new TemplateError('render', '"is" knows defined and empty');
  const holds = asked.check === 'defined' ? value !== undefined : isEmptyList(value);
  return holds !== asked.isNot;
}

function calculate(operator: string, left: number, right: number, isUnary: boolean): number {
  if (isUnary) return -left;
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    default:
      return left % right;
  }
}

function loop(
  { names, list }: LoopHead<TwigRun>,
  body: Piece<TwigRun>,
  otherwise: Piece<TwigRun> | null,
): Piece<TwigRun> {
  const [first = '', second] = names;
  return (run) => {
    const found = list(run);
    const entries = typeof found === 'object' && found !== null ? Object.entries(found) : [];
    if (entries.length === 0 && otherwise !== null) nested(run, otherwise);
    for (const [index, [key, value]] of entries.entries()) {
      spend(run, 1);
      const facts = {
        index: index + 1,
        index0: index,
        first: index === 0,
        last: index === entries.length - 1,
        length: entries.length,
      };
      const own = second === undefined ? { [first]: value } : { [first]: key, [second]: value };
      run.scopes.push({ ...own, loop: facts });
      nested(run, body);
      run.scopes.pop();
    }
  };
}
