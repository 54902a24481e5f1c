/**
 * SparkPost's substitution language (contract, section 15): `{{ expression }}`, `{{{ raw }}}`, if / elseif / else / end,
 * each, macros. Lists count from 1; only false and what is absent are false; values are never executed again but for
 * dynamic content.
 */
import { emit, inside, nested, sequence, spend, startRun, TemplateError, whole } from './budget.ts';
import type { Piece, Run } from './budget.ts';
import { compileExpression } from './expression.ts';
import type { Evaluate, Meaning, Syntax } from './expression.ts';
import { isMarkup } from './model.ts';
import type { CompiledTemplate, Data, Part } from './model.ts';
import { tagsOf } from './sparkpost-tags.ts';
import type { Tag } from './sparkpost-tags.ts';
import { encodeUrl, escaper, isEmptyList, own, textOf } from './values.ts';

type Loop = { readonly name: string; readonly value: unknown; readonly index: number };

export type SparkpostRun = Run & { readonly data: Data; readonly loops: Loop[] };

const escape = escaper({
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '/': '&#x2F;',
});
const snippetsMax = 5;
const reserved: ReadonlySet<string> = new Set([
  'if',
  'then',
  'elseif',
  'else',
  'end',
  'each',
  'and',
  'or',
  'not',
]);

const syntax: Syntax = {
  name: /[A-Za-z_]\w*/y,
  binary: {
    or: 1,
    and: 2,
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
  },
  unary: { not: 6, '-': 6, '#': 6 },
  constants: { true: true, false: false, null: null, nil: null },
};

const braces: Readonly<Record<string, string>> = {
  opening_single_curly: '{',
  closing_single_curly: '}',
  opening_double_curly: '{{',
  closing_double_curly: '}}',
  opening_triple_curly: '{{{',
  closing_triple_curly: '}}}',
};

/** What one source needs while it is read. */
type Reading = {
  readonly source: string;
  readonly part: Part;
  readonly isSnippet: boolean;
  readonly tags: readonly Tag[];
  readonly names: Set<string>;
  isDynamic: boolean;
  snippetCalls: number;
  next: number;
  depth: number;
};

/** Throws a TemplateError. A snippet calls no snippets and no dynamic content. */
export function compileSparkpost(source: string, part: Part, { isSnippet = false } = {}): CompiledTemplate {
  const reading: Reading = {
    source,
    part,
    isSnippet,
    tags: tagsOf(source, part),
    names: new Set(),
    isDynamic: false,
    snippetCalls: 0,
    next: 0,
    depth: 0,
  };
  const body = readBlock(reading, []);
  return {
    language: 'sparkpost',
    part,
    source,
    snippets: { names: [...reading.names], isDynamic: reading.isDynamic },
    run: (data, environment, budget) =>
      whole<SparkpostRun>({ ...startRun(budget, environment), data, loops: [] }, body),
  };
}

/** Pieces up to one of the keywords `ends` (left for the caller), or to the end of the source. */
function readBlock(reading: Reading, ends: readonly string[]): Piece<SparkpostRun> {
  const pieces: Piece<SparkpostRun>[] = [];
  reading.depth += 1;
  if (reading.depth > 40) throw new TemplateError('syntax', 'the blocks are nested too deeply', at(reading));
  for (;;) {
    const tag = reading.tags[reading.next];
    if (tag === undefined) {
      if (ends.length > 0) throw new TemplateError('syntax', '"end" is missing', reading.source.length);
      break;
    }
    if (tag.kind === 'statement' && ends.includes(tag.keyword)) break;
    reading.next += 1;
    pieces.push(readPiece(reading, tag));
  }
  reading.depth -= 1;
  return sequence(pieces);
}

function at(reading: Reading): number {
  return reading.tags[reading.next]?.at ?? reading.source.length;
}

function readPiece(reading: Reading, tag: Tag): Piece<SparkpostRun> {
  if (tag.kind === 'text') {
    const { text } = tag;
    return (run) => emit(run, text);
  }
  if (tag.kind === 'expression') return readOutput(reading, tag);
  if (tag.keyword === 'if') return readIf(reading, tag);
  if (tag.keyword === 'each') return readEach(reading, tag);
  throw new TemplateError('syntax', `"${tag.keyword}" without its beginning`, tag.at);
}

function readIf(reading: Reading, first: Tag & { kind: 'statement' }): Piece<SparkpostRun> {
  const branches: { readonly condition: Evaluate<SparkpostRun>; readonly body: Piece<SparkpostRun> }[] = [];
  let otherwise: Piece<SparkpostRun> | null = null;
  let tag = first;
  for (;;) {
    if (tag.keyword === 'else') {
      otherwise = readBlock(reading, ['end']);
    } else {
      const condition = evaluate(reading, tag.from, tag.to);
      branches.push({ condition, body: readBlock(reading, ['elseif', 'else', 'end']) });
    }
    const next = reading.tags[reading.next];
    reading.next += 1;
    if (next?.kind !== 'statement' || next.keyword === 'end') break;
    tag = next;
  }
  return (run) => {
    spend(run, 1);
    for (const { condition, body } of branches) {
      run.at = first.at;
      if (isTrue(condition(run))) return nested(run, body);
    }
    if (otherwise !== null) nested(run, otherwise);
  };
}

function readEach(reading: Reading, tag: Tag & { kind: 'statement' }): Piece<SparkpostRun> {
  const list = evaluate(reading, tag.from, tag.to);
  const name = /(\w+)\W*$/.exec(reading.source.slice(tag.from, tag.to))?.[1] ?? '';
  const body = readBlock(reading, ['end']);
  reading.next += 1;
  return (run) => {
    spend(run, 1);
    run.at = tag.at;
    const found = list(run);
    if (!Array.isArray(found)) return;
    for (const [index, value] of found.entries()) {
      spend(run, 1);
      run.loops.push({ name, value, index: index + 1 });
      nested(run, body);
      run.loops.pop();
    }
  };
}

function readOutput(reading: Reading, tag: Tag & { kind: 'expression' }): Piece<SparkpostRun> {
  const value = evaluate(reading, tag.from, tag.to);
  const isWritten = /^\s*(?:render_dynamic_content|render_snippet|(?:opening|closing)_\w+_curly)\s*\(/.test(
    reading.source.slice(tag.from, tag.to),
  );
  const { at } = tag;
  const show =
    isWritten || tag.isRaw ? null : tag.isInUrl ? encodeUrl : isMarkup(reading.part) ? escape : null;
  return (run) => {
    spend(run, 1);
    run.at = at;
    const text = textOf(value(run));
    emit(run, show === null ? text : show(text));
  };
}

function evaluate(reading: Reading, from: number, to: number): Evaluate<SparkpostRun> {
  return compileExpression(reading.source, [from, to], syntax, meaningFor(reading));
}

function meaningFor(reading: Reading): Meaning<SparkpostRun> {
  return {
    name: readName,
    member,
    isTrue,
    apply,
    orGivesValue: true,
    call: (name, args, at) => readCall(reading, name, args, at),
  };
}

function readName(name: string, at: number): Evaluate<SparkpostRun> {
  if (reserved.has(name)) throw new TemplateError('syntax', `unexpected "${name}"`, at);
  if (name === 'loop_var') return (run) => run.loops.at(-1)?.value;
  if (name === 'loop_index') return (run) => run.loops.at(-1)?.index;
  if (name === 'loop_vars') {
    return (run) => Object.fromEntries(run.loops.map((loop) => [loop.name, loop.value]));
  }
  if (name.startsWith('dynamic_')) return (run) => own(run.environment.beside, name) ?? own(run.data, name);
  return (run) => own(run.data, name);
}

/** Lists count from 1. */
function member(of: unknown, key: unknown): unknown {
  if (Array.isArray(of)) return typeof key === 'number' ? of[key - 1] : of[Number(textOf(key) || '0') - 1];
  return own(of, textOf(key));
}

function isTrue(value: unknown): boolean {
  return value !== false && value !== null && value !== undefined;
}

function apply(operator: string, left: unknown, right: unknown): unknown {
  switch (operator) {
    case 'not':
      return !isTrue(left);
    case '#':
      return Array.isArray(left) || typeof left === 'string' ? left.length : 0;
    case '==':
      return isSame(left, right);
    case '!=':
      return !isSame(left, right);
    case '<':
    case '>':
    case '<=':
    case '>=':
      return compare(operator, left, right);
    default:
      return calculate(
        operator,
        number(left),
        right === undefined && operator === '-' ? null : number(right),
      );
  }
}

function isSame(left: unknown, right: unknown): boolean {
  return (left ?? null) === (right ?? null);
}

function compare(operator: string, left: unknown, right: unknown): boolean {
  const areNumbers = typeof left === 'number' && typeof right === 'number';
  if (!areNumbers && !(typeof left === 'string' && typeof right === 'string')) return false;
  if (operator === '<') return left < right;
  if (operator === '>') return left > right;
  return operator === '<=' ? left <= right : left >= right;
}

function number(value: unknown): number {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof read === 'number' && !Number.isNaN(read)) return read;
  throw new TemplateError('render', 'a calculation needs numbers');
}

function calculate(operator: string, left: number, right: number | null): number {
  if (right === null) return -left;
  if (operator === '+') return left + right;
  if (operator === '-') return left - right;
  return operator === '*' ? left * right : left / right;
}

function readCall(
  reading: Reading,
  name: string,
  args: readonly Evaluate<SparkpostRun>[],
  at: number,
): Evaluate<SparkpostRun> {
  const [first] = args;
  const brace = own(braces, name);
  if (typeof brace === 'string') return () => brace;
  if (first === undefined) throw new TemplateError('syntax', `unknown macro "${name}"`, at);
  if (name === 'empty') return (run) => isEmptyList(first(run));
  if (name === 'render_snippet') return snippetCall(reading, first, at);
  if (name === 'render_dynamic_content') return dynamicCall(reading, first, at);
  throw new TemplateError('syntax', `unknown macro "${name}"`, at);
}

function snippetCall(reading: Reading, name: Evaluate<SparkpostRun>, at: number): Evaluate<SparkpostRun> {
  if (reading.isSnippet) throw new TemplateError('syntax', 'a snippet cannot render snippets', at);
  reading.snippetCalls += 1;
  if (reading.snippetCalls > snippetsMax)
    throw new TemplateError('syntax', `at most ${snippetsMax} snippets can be rendered`, at);
  const literal = /^\w+\s*\(\s*(?:"([\w.-]+)"|'([\w.-]+)')\s*\)/.exec(reading.source.slice(at, at + 200));
  const known = literal?.[1] ?? literal?.[2];
  if (known === undefined) reading.isDynamic = true;
  else reading.names.add(known);
  return (run) => {
    const asked = textOf(name(run));
    const snippet = run.environment.snippet?.(asked) ?? null;
    if (snippet === null) throw new TemplateError('render', `there is no snippet "${asked}"`);
    return inside(run, snippet, run.data, `snippet "${asked}"`);
  };
}

function dynamicCall(reading: Reading, content: Evaluate<SparkpostRun>, at: number): Evaluate<SparkpostRun> {
  if (reading.isSnippet) throw new TemplateError('syntax', 'a snippet cannot render dynamic content', at);
  return (run) => {
    const source = textOf(content(run));
    spend(run, 10 + source.length);
    return inside(run, dynamicContent(source, reading.part), run.data, 'dynamic content');
  };
}

function dynamicContent(source: string, part: Part): CompiledTemplate {
  try {
    return compileSparkpost(source, part, { isSnippet: true });
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new TemplateError('render', `dynamic content: ${error.message}`);
  }
}
