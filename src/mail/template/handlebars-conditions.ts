/** Comparisons in backticks: Mandrill's addition to Handlebars, as in ``{{#if `qty > 3`}}``. */
import { TemplateError } from './budget.ts';
import { compileExpression } from './expression.ts';
import type { Meaning, Syntax } from './expression.ts';
import { isFalsy, lookUp } from './handlebars-run.ts';
import type { HandlebarsRun } from './handlebars-run.ts';
import { compare } from './merge-tags.ts';
import { own, textOf } from './values.ts';

const syntax: Syntax = {
  name: /@?[A-Za-z_]\w*/y,
  binary: { '||': 1, or: 1, '&&': 2, and: 2, '=': 3, '==': 3, '!=': 3, '<': 3, '>': 3, '<=': 3, '>=': 3 },
  unary: { '!': 4, '-': 4 },
  constants: { true: true, false: false, null: null },
};

const meaning: Meaning<HandlebarsRun> = {
  name: (name) => {
    if (name === 'this') return lookUp({ isData: false, depth: 0, parts: [] });
    const isData = name.startsWith('@');
    return lookUp({ isData, depth: 0, parts: [isData ? name.slice(1) : name] });
  },
  member: (of, key) => own(of, textOf(key)),
  isTrue: (value) => !isFalsy(value),
  apply: (operator, left, right) => {
    if (operator === '!') return isFalsy(left);
    if (operator === '-' && right === undefined) return -Number(left);
    return compare(operator, textOf(left), textOf(right));
  },
  call: (name, _args, at) => {
    throw new TemplateError('syntax', `there is no function "${name}"`, at);
  },
};

/** `at` is where the block stands, for faults. */
export function readCondition(text: string, at: number): (run: HandlebarsRun) => boolean {
  try {
    const value = compileExpression(text, [0, text.length], syntax, meaning);
    return (run) => !isFalsy(value(run));
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new TemplateError('syntax', error.message, at);
  }
}
