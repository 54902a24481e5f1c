/**
 * Mailjet's template language and personalization (contract, section 6). `[[var:name]]` is always on and empty when
 * absent; in `{{ }}` and `{% %}` a name that is absent is a fault. Nothing is escaped.
 */
import { emit, made, nested, spend, startRun, TemplateError, whole } from './budget.ts';
import type { Piece, Run } from './budget.ts';
import { readCurly, textPiece } from './curly.ts';
import type { LoopHead } from './curly.ts';
import { compileExpression } from './expression.ts';
import type { Evaluate, Meaning, Syntax } from './expression.ts';
import { functionNamed } from './mailjet-functions.ts';
import type { CompiledTemplate, Data, Part } from './model.ts';
import { own, textOf } from './values.ts';

type MailjetRun = Run & { readonly data: Data; readonly locals: Map<string, unknown> };

const syntax: Syntax = {
  name: /(?:var|data|mj|segment):[A-Za-z_][\w-]*|[A-Za-z_][\w-]*/y,
  binary: {
    or: 1,
    xor: 1,
    and: 2,
    '=': 3,
    '==': 3,
    '===': 3,
    '!=': 3,
    '<>': 3,
    '<': 3,
    '>': 3,
    '<=': 3,
    '>=': 3,
    '+': 4,
    '-': 4,
    '*': 5,
    '/': 5,
    '%': 5,
    div: 5,
    mod: 5,
  },
  unary: { not: 6, '!': 6, '-': 6 },
  constants: { true: true, false: false },
  hasDefaults: true,
};

/** Throws a TemplateError. */
export function compileMailjet(source: string, part: Part): CompiledTemplate {
  const body = readCurly<MailjetRun>(source, {
    expression: (from, to) => compileExpression(source, [from, to], syntax, meaning),
    isTrue,
    text: personalized,
    output: (value) => (run) => emit(run, textOf(present(value(run)))),
    loop,
    set: (name, value) => (run) => {
      run.locals.set(name, present(value(run)));
    },
  });
  return compiled('mailjet', source, part, body);
}

/** Without the template language: personalization alone. */
export function compileMailjetTags(source: string, part: Part): CompiledTemplate {
  return compiled('mailjet_tags', source, part, personalized(source));
}

function compiled(
  language: 'mailjet' | 'mailjet_tags',
  source: string,
  part: Part,
  body: Piece<MailjetRun>,
): CompiledTemplate {
  return {
    language,
    part,
    source,
    snippets: { names: [], isDynamic: false },
    run: (data, environment, budget) =>
      whole<MailjetRun>({ ...startRun(budget, environment), data, locals: new Map() }, body),
  };
}

/** A fallback ends where another tag begins, so that what is left open is not read to the end again and again. */
const tag =
  /\[\[(var|data):([A-Za-z_][\w.-]*)(?::(?:"((?:[^"\][]|\[(?!\[))*)"|((?:[^\]"[]|\[(?!\[))*)))?\]\]/g;

function personalized(text: string): Piece<MailjetRun> {
  const pieces: Piece<MailjetRun>[] = [];
  let done = 0;
  for (const found of text.matchAll(tag)) {
    const [whole, space = '', path = '', quoted, bare] = found;
    pieces.push(textPiece(text.slice(done, found.index)), personalValue(space, path, quoted ?? bare ?? ''));
    done = found.index + whole.length;
  }
  if (pieces.length === 0) return textPiece(text);
  pieces.push(textPiece(text.slice(done)));
  return (run) => {
    spend(run, pieces.length);
    for (const piece of pieces) piece(run);
  };
}

function personalValue(space: string, path: string, fallback: string): Piece<MailjetRun> {
  const parts = path.split('.');
  return (run) => {
    let value: unknown = space === 'var' ? run.data : own(run.environment.beside, 'data');
    for (const part of parts) value = own(value, part);
    emit(run, value === undefined || value === null ? fallback : textOf(value));
  };
}

/** Nothing under a name; a fault tells which. */
class Absent {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

function present(value: unknown): unknown {
  if (value instanceof Absent) throw new TemplateError('render', `Unknown identifier: ${value.name}`);
  return value;
}

function isTrue(value: unknown): boolean {
  const found = present(value);
  return found !== false && found !== 0 && found !== '' && found !== null;
}

function named(name: string): Evaluate<MailjetRun> {
  const colon = name.indexOf(':');
  const space = colon < 0 ? '' : name.slice(0, colon);
  const key = name.slice(colon + 1);
  const absent = new Absent(name);
  if (space === 'var') return (run) => own(run.data, key) ?? absent;
  if (space !== '') return (run) => own(own(run.environment.beside, space), key) ?? absent;
  return (run) => run.locals.get(name) ?? absent;
}

function member(of: unknown, key: unknown): unknown {
  if (of instanceof Absent) return of;
  const value = Array.isArray(of) ? (of[Number(key)] as unknown) : own(of, textOf(key));
  return value ?? new Absent(textOf(key));
}

const meaning: Meaning<MailjetRun> = {
  name: named,
  member,
  isAbsent: (value) => value instanceof Absent,
  isTrue,
  apply: (operator, left, right, run) => {
    const a = present(left);
    if (operator === 'not' || operator === '!') return !isTrue(a);
    if (operator === '-' && right === undefined) return -number(a);
    return operate(operator, a, present(right), run);
  },
  call: (name, args, at) => {
    const known = functionNamed(name);
    if (known === null) throw new TemplateError('syntax', `unknown function "${name}"`, at);
    return (run) => {
      spend(run, 1);
      const result = known(args.map((arg) => present(arg(run))));
      return typeof result === 'string' ? made(run, result) : result;
    };
  },
};

function operate(operator: string, left: unknown, right: unknown, run: Run): unknown {
  switch (operator) {
    case 'xor':
      return isTrue(left) !== isTrue(right);
    case '=':
    case '==':
    case '===':
      return isSame(left, right);
    case '!=':
    case '<>':
      return !isSame(left, right);
    case '<':
      return order(left, right) < 0;
    case '>':
      return order(left, right) > 0;
    case '<=':
      return order(left, right) <= 0;
    case '>=':
      return order(left, right) >= 0;
    case '+':
      if (typeof left === 'string' || typeof right === 'string')
        return made(run, textOf(left) + textOf(right));
      return number(left) + number(right);
    default:
      return calculate(operator, number(left), number(right));
  }
}

function calculate(operator: string, left: number, right: number): number {
  if (operator === '-') return left - right;
  if (operator === '*') return left * right;
  if (operator === '/') return left / right;
  return operator === 'div' ? Math.trunc(left / right) : left % right;
}

function isSame(left: unknown, right: unknown): boolean {
  return left === right || (typeof left !== typeof right && textOf(left) === textOf(right));
}

function order(left: unknown, right: unknown): number {
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : Number(left > right);
  return number(left) - number(right);
}

function number(value: unknown): number {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof read === 'number' && !Number.isNaN(read)) return read;
  throw new TemplateError('render', 'a calculation needs numbers');
}

/** Lists and the values of objects. The loop's name is as it was afterwards. */
function loop({ names, list, listText }: LoopHead<MailjetRun>, body: Piece<MailjetRun>): Piece<MailjetRun> {
  const [name = ''] = names;
  return (run) => {
    const found = present(list(run));
    if (typeof found !== 'object' || found === null)
      throw new TemplateError('render', `"${listText}" is not an array value`);
    const before = run.locals.get(name);
    for (const value of Object.values(found)) {
      spend(run, 1);
      run.locals.set(name, value);
      nested(run, body);
    }
    run.locals.set(name, before);
  };
}
