/**
 * Handlebars by Mandrill's rules (contract, section 7.2). The handlebars package parses; what it compiles to is
 * JavaScript that cannot be stopped, so the tree is interpreted here. Top-level names do not tell upper from lower case.
 * There are no partials, decorators, block parameters or helpers of a caller's own.
 */
import Handlebars from 'handlebars';
import { emit, nested, sequence, spend, startRun, TemplateError, whole } from './budget.ts';
import type { Piece } from './budget.ts';
import { readCondition } from './handlebars-conditions.ts';
import { helperNamed, inContext, isFalsy, lookUp } from './handlebars-run.ts';
import type { Evaluate, HandlebarsRun, Path } from './handlebars-run.ts';
import { isMarkup } from './model.ts';
import type { CompiledTemplate, Part } from './model.ts';
import { escaper, textOf } from './values.ts';

type Reading = {
  readonly escape: ((text: string) => string) | null;
  readonly lineStarts: readonly number[];
  depth: number;
};

const escape = escaper({
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
  '`': '&#x60;',
  '=': '&#x3D;',
});

/** Marks a text in quotes as having stood in backticks: a comparison. No template may hold it. */
const nestingMax = 60;
const tagsMax = 10_000;
const mark = '\u0001';

/** Throws a TemplateError. */
export function compileHandlebars(source: string, part: Part): CompiledTemplate {
  const program = parse(source);
  const lineStarts = [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const body = readProgram({ escape: isMarkup(part) ? escape : null, lineStarts, depth: 0 }, program);
  return {
    language: 'handlebars',
    part,
    source,
    snippets: { names: [], isDynamic: false },
    run: (data, environment, budget) => {
      const frame = { value: data, loop: null };
      const names = { data, byUpper: null };
      return whole<HandlebarsRun>({ ...startRun(budget, environment), frames: [frame], names }, body);
    },
  };
}

function parse(source: string): hbs.AST.Program {
  checkSize(source);
  try {
    return Handlebars.parse(forParser(source));
  } catch (error) {
    if (error instanceof TemplateError) throw error;
    throw parserFault(source, error);
  }
}

/**
 * The parser takes 50 us a tag, and its time grows with the square of the nesting and of chains of else-if (20,000
 * levels: minutes), so that these are looked at first.
 */
function checkSize(source: string): void {
  const chains: number[] = [];
  let tags = 0;
  let parentheses = 0;
  for (const { 0: found, index } of source.matchAll(/\{\{~?(?:#|\^(?!~?\}\})|\/|\s*else\s*if\b)?|[()]/g)) {
    if (found === '(') parentheses += 1;
    else if (found === ')') parentheses = Math.max(0, parentheses - 1);
    else {
      parentheses = 0;
      tags += 1;
      if (found.endsWith('/')) chains.pop();
      else if (found.endsWith('if')) chains.push((chains.pop() ?? 0) + 1);
      else if (/[#^]$/.test(found)) chains.push(0);
    }
    if (Math.max(chains.length, chains.at(-1) ?? 0, parentheses) > nestingMax)
      throw new TemplateError('syntax', 'the blocks are nested too deeply', index);
    if (tags > tagsMax) throw new TemplateError('syntax', `there are more than ${tagsMax} tags`, index);
  }
}

/** Mandrill's own forms in words that the parser knows: comparisons in backticks, `elseif`. */
function forParser(source: string): string {
  return source
    .replaceAll(mark, '')
    .replaceAll(/(\{\{~?\s*)elseif(?=\s)/g, '$1else if')
    .replaceAll(
      /(\{\{~?\s*(?:#|else )\s*(?:if|unless)\s+)`([^`{}]*)`/g,
      (_all, before: string, inner: string) => {
        return `${before}'${mark}${inner.replaceAll("'", String.raw`\'`)}'`;
      },
    );
}

function parserFault(source: string, error: unknown): TemplateError {
  const text = error instanceof Error ? error.message : 'it is not valid';
  const line = Number(/line (\d+)/.exec(text)?.[1] ?? 1);
  const place = error as { readonly lineNumber?: unknown; readonly column?: unknown };
  const lineNumber = typeof place.lineNumber === 'number' ? place.lineNumber : line;
  const column = typeof place.column === 'number' ? place.column : 0;
  let start = 0;
  for (let index = 1; index < lineNumber; index++) start = source.indexOf('\n', start) + 1;
  const expecting = /Expecting .*got '(\w+)'/.exec(text)?.[1];
  const plain = (text.split('\n')[0] ?? '').replace(
    /^(?:Parse|Lexical) error on line \d+[.:]?\s*| - \d+:\d+$/g,
    '',
  );
  const message =
    expecting === undefined ? plain : `unexpected ${expecting === 'EOF' ? 'end' : expecting.toLowerCase()}`;
  return new TemplateError('syntax', message === '' ? 'it is not valid' : message, start + column);
}

function offsetOf(reading: Reading, { loc }: hbs.AST.Node): number {
  return (reading.lineStarts[loc.start.line - 1] ?? 0) + loc.start.column;
}

function readProgram(reading: Reading, program: hbs.AST.Program | undefined): Piece<HandlebarsRun> {
  if (program === undefined) return () => undefined;
  reading.depth += 1;
  if (reading.depth > 40)
    throw new TemplateError('syntax', 'the blocks are nested too deeply', offsetOf(reading, program));
  const pieces = program.body.flatMap((node) => readStatement(reading, node));
  reading.depth -= 1;
  return sequence(pieces);
}

function readStatement(reading: Reading, node: hbs.AST.Statement): readonly Piece<HandlebarsRun>[] {
  switch (node.type) {
    case 'CommentStatement':
      return [];
    case 'ContentStatement': {
      const { value } = node as hbs.AST.ContentStatement;
      return value === '' ? [] : [(run) => emit(run, value)];
    }
    case 'MustacheStatement':
      return [readMustache(reading, node as hbs.AST.MustacheStatement)];
    case 'BlockStatement':
      return [readBlock(reading, node as hbs.AST.BlockStatement)];
    default:
      throw new TemplateError('syntax', 'partials and decorators are not available', offsetOf(reading, node));
  }
}

function readMustache(reading: Reading, node: hbs.AST.MustacheStatement): Piece<HandlebarsRun> {
  const value = readCall(reading, node);
  const at = offsetOf(reading, node);
  const show = node.escaped ? reading.escape : null;
  return (run) => {
    spend(run, 1);
    run.at = at;
    const text = textOf(value(run));
    emit(run, show === null ? text : show(text));
  };
}

type Call = hbs.AST.MustacheStatement | hbs.AST.SubExpression;

/** A value, or a helper with its arguments. A name without arguments is a value first: people call theirs `title`. */
function readCall(reading: Reading, node: Call): Evaluate {
  if (node.path.type !== 'PathExpression') return readValue(reading, node.path);
  const path = node.path as hbs.AST.PathExpression;
  const helper = path.data || path.depth > 0 ? null : helperNamed(path.original);
  const at = offsetOf(reading, node);
  if (node.hash !== undefined && node.hash !== null && node.hash.pairs.length > 0)
    throw new TemplateError('syntax', 'named arguments are not available', at);
  const args = node.params.map((param) => readValue(reading, param));
  if (args.length > 0) {
    if (helper === null) throw new TemplateError('syntax', `there is no helper "${path.original}"`, at);
    return (run) =>
      helper(
        run,
        args.map((arg) => arg(run)),
      );
  }
  const value = lookUp(pathOf(path));
  if (helper === null || path.original !== 'date') return value;
  return (run) => value(run) ?? helper(run, []);
}

function pathOf({ data, depth, parts }: hbs.AST.PathExpression): Path {
  return { isData: data, depth, parts: parts.map(String) };
}

function readValue(reading: Reading, node: hbs.AST.Expression): Evaluate {
  switch (node.type) {
    case 'PathExpression':
      return lookUp(pathOf(node as hbs.AST.PathExpression));
    case 'SubExpression':
      return readCall(reading, node as hbs.AST.SubExpression);
    case 'StringLiteral':
    case 'NumberLiteral':
    case 'BooleanLiteral': {
      const { value } = node as hbs.AST.StringLiteral | hbs.AST.NumberLiteral | hbs.AST.BooleanLiteral;
      return () => value;
    }
    case 'NullLiteral':
    case 'UndefinedLiteral':
      return () => null;
    default:
      throw new TemplateError('syntax', 'this is not available', offsetOf(reading, node));
  }
}

function readBlock(reading: Reading, node: hbs.AST.BlockStatement): Piece<HandlebarsRun> {
  const at = offsetOf(reading, node);
  if ([node.program, node.inverse].some((program) => (program?.blockParams?.length ?? 0) > 0))
    throw new TemplateError('syntax', 'block parameters are not available', at);
  const name = node.path.type === 'PathExpression' ? node.path.original : '';
  const body = readProgram(reading, node.program);
  const otherwise = readProgram(reading, node.inverse);
  const [param] = node.params;
  const piece =
    param === undefined
      ? section(readValue(reading, node.path), body, otherwise)
      : readHelperBlock(reading, { name, at, param, body, otherwise });
  return (run) => {
    spend(run, 1);
    run.at = at;
    piece(run);
  };
}

type HelperBlock = {
  readonly name: string;
  readonly at: number;
  readonly param: hbs.AST.Expression;
  readonly body: Piece<HandlebarsRun>;
  readonly otherwise: Piece<HandlebarsRun>;
};

function readHelperBlock(reading: Reading, block: HelperBlock): Piece<HandlebarsRun> {
  const { name, at, param, body, otherwise } = block;
  switch (name) {
    case 'if':
    case 'unless': {
      const condition = conditionOf(reading, param, at);
      const isWanted = name === 'if';
      return (run) => nested(run, condition(run) === isWanted ? body : otherwise);
    }
    case 'each':
      return each(readValue(reading, param), body, otherwise);
    case 'with': {
      const value = readValue(reading, param);
      return (run) => {
        const found = value(run);
        if (isFalsy(found)) nested(run, otherwise);
        else inContext(run, { value: found, loop: null }, body);
      };
    }
    default:
      throw new TemplateError('syntax', `there is no helper "${name}"`, at);
  }
}

function conditionOf(
  reading: Reading,
  param: hbs.AST.Expression,
  at: number,
): (run: HandlebarsRun) => boolean {
  if (param.type === 'StringLiteral') {
    const { value } = param as hbs.AST.StringLiteral;
    if (value.startsWith(mark)) return readCondition(value.slice(mark.length), at);
  }
  const value = readValue(reading, param);
  return (run) => !isFalsy(value(run));
}

/** `{{#name}}`: a list is gone through, an object becomes the context, anything else decides. */
function section(
  value: Evaluate,
  body: Piece<HandlebarsRun>,
  otherwise: Piece<HandlebarsRun>,
): Piece<HandlebarsRun> {
  return (run) => {
    const found = value(run);
    if (isFalsy(found)) nested(run, otherwise);
    else if (Array.isArray(found)) each(() => found, body, otherwise)(run);
    else if (typeof found === 'object') inContext(run, { value: found, loop: null }, body);
    else nested(run, body);
  };
}

function each(
  value: Evaluate,
  body: Piece<HandlebarsRun>,
  otherwise: Piece<HandlebarsRun>,
): Piece<HandlebarsRun> {
  return (run) => {
    const found = value(run);
    if (isFalsy(found) || typeof found !== 'object' || found === null) return nested(run, otherwise);
    const entries = Array.isArray(found) ? null : Object.entries(found);
    const length = entries?.length ?? (found as readonly unknown[]).length;
    for (let index = 0; index < length; index++) {
      spend(run, 1);
      const [key, item] = entries?.[index] ?? [index, (found as readonly unknown[])[index]];
      inContext(
        run,
        { value: item, loop: { index, key, first: index === 0, last: index === length - 1 } },
        body,
      );
    }
    if (length === 0) nested(run, otherwise);
    return undefined;
  };
}
