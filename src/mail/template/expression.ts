/**
 * Expressions of the provider languages that have them: operators, names, members, calls, filters. A language says which
 * words and symbols it has (`Syntax`) and what they mean (`Meaning`); what comes out is closures, read once.
 */
import { spend, TemplateError } from './budget.ts';
import type { Run } from './budget.ts';
import { own } from './values.ts';

export type Syntax = {
  /** Sticky. A name, its prefix included where the language has prefixes. */
  readonly name: RegExp;
  /** Binary operators with how tightly they bind; words and symbols alike. */
  readonly binary: Readonly<Record<string, number>>;
  /** Operators before their operand, with how tightly they bind. */
  readonly unary: Readonly<Record<string, number>>;
  readonly constants: Readonly<Record<string, unknown>>;
  /** `x | filter(args)`. */
  readonly hasFilters?: true;
  /** `name:"default"`. */
  readonly hasDefaults?: true;
};

export type Evaluate<R extends Run> = (run: R) => unknown;

export type Meaning<R extends Run> = {
  readonly name: (name: string, at: number) => Evaluate<R>;
  readonly member: (of: unknown, key: unknown) => unknown;
  readonly isTrue: (value: unknown) => boolean;
  /** All operators but `and` and `or`; unary ones get one operand. */
  readonly apply: (operator: string, left: unknown, right: unknown, run: R) => unknown;
  readonly call: (name: string, args: readonly Evaluate<R>[], at: number) => Evaluate<R>;
  /** What a default stands in for; undefined when left out. */
  readonly isAbsent?: (value: unknown) => boolean;
  /** `or` gives its first true operand instead of a truth. */
  readonly orGivesValue?: true;
};

type Token = {
  readonly kind: 'number' | 'string' | 'name' | 'symbol' | 'end';
  readonly text: string;
  readonly at: number;
};

const depthMax = 40;
/** Each may be a call deep when it is evaluated. */
const tokensMax = 2000;
const numberAt = /\d+(?:\.\d+)?/y;
const symbolAt = /===|[=!<>]=|<>|&&|\|\||[-+*/%<>=#!()[\].,|:]/y;
const quoteEnds: Readonly<Record<string, string>> = { '"': '"', "'": "'", '“': '”', '”': '”' };

function tokensOf(source: string, from: number, to: number, syntax: Syntax): readonly Token[] {
  const tokens: Token[] = [];
  let at = from;
  while (at < to) {
    const character = source[at] ?? '';
    if (/\s/.test(character)) {
      at += 1;
      continue;
    }
    const token = stringAt(source, at, to) ?? matchAt(source, at, to, syntax);
    if (token === null) throw new TemplateError('syntax', `unexpected "${character}"`, at);
    tokens.push({ kind: token.kind, text: token.text, at });
    if (tokens.length > tokensMax) throw new TemplateError('syntax', 'the expression is too long', from);
    at = token.end;
  }
  tokens.push({ kind: 'end', text: '', at: to });
  return tokens;
}

type Found = { readonly kind: Token['kind']; readonly text: string; readonly end: number };

function stringAt(source: string, at: number, to: number): Found | null {
  // Mailjet's samples hold quotes as JSON escapes them.
  const isEscaped = source.startsWith(String.raw`\"`, at);
  const end = quoteEnds[source[at] ?? ''];
  if (isEscaped) return escapedStringAt(source, at, to);
  if (end === undefined) return null;
  let text = '';
  for (let next = at + 1; next < to; next++) {
    const character = source[next] ?? '';
    if (character === end) return { kind: 'string', text, end: next + 1 };
    if (character === '\\' && next + 1 < to) next += 1;
    text += source[next] ?? '';
  }
  throw new TemplateError('syntax', 'a text in quotes does not end', at);
}

function escapedStringAt(source: string, at: number, to: number): Found {
  const end = source.indexOf(String.raw`\"`, at + 2);
  if (end < 0 || end >= to) throw new TemplateError('syntax', 'a text in quotes does not end', at);
  return { kind: 'string', text: source.slice(at + 2, end), end: end + 2 };
}

function matchAt(source: string, at: number, to: number, { name }: Syntax): Found | null {
  for (const [kind, pattern] of [
    ['number', numberAt],
    ['name', name],
    ['symbol', symbolAt],
  ] as const) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined && at + text.length <= to) return { kind, text, end: at + text.length };
  }
  return null;
}

/** Reads `source` from `from` to `to` as one expression. Throws a TemplateError. */
export function compileExpression<R extends Run>(
  source: string,
  [from, to]: readonly [from: number, to: number],
  syntax: Syntax,
  meaning: Meaning<R>,
): Evaluate<R> {
  const reader = new Reader(tokensOf(source, from, to, syntax), syntax, meaning);
  return reader.whole();
}

class Reader<R extends Run> {
  readonly #tokens: readonly Token[];
  readonly #syntax: Syntax;
  readonly #meaning: Meaning<R>;
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], syntax: Syntax, meaning: Meaning<R>) {
    this.#tokens = tokens;
    this.#syntax = syntax;
    this.#meaning = meaning;
  }

  whole(): Evaluate<R> {
    const result = this.#expression(0);
    this.#expectEnd();
    return result;
  }

  get #token(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', at: 0 };
  }

  #expectEnd(): void {
    if (this.#token.kind !== 'end')
      throw new TemplateError('syntax', `unexpected "${this.#token.text}"`, this.#token.at);
  }

  #take(text: string): void {
    const { kind, text: found, at } = this.#token;
    if (kind !== 'symbol' || found !== text)
      throw new TemplateError(
        'syntax',
        `"${text}" is missing${kind === 'end' ? '' : ` before "${found}"`}`,
        at,
      );
    this.#next += 1;
  }

  #is(text: string): boolean {
    return this.#token.kind === 'symbol' && this.#token.text === text;
  }

  #expression(tighterThan: number): Evaluate<R> {
    this.#depth += 1;
    if (this.#depth > depthMax)
      throw new TemplateError('syntax', 'the expression is nested too deeply', this.#token.at);
    let left = this.#operand();
    for (;;) {
      const { kind, text } = this.#token;
      const binds = kind === 'symbol' || kind === 'name' ? own(this.#syntax.binary, text) : undefined;
      if (typeof binds !== 'number' || binds <= tighterThan) break;
      this.#next += 1;
      left = this.#binary(text, left, this.#expression(binds));
    }
    this.#depth -= 1;
    return left;
  }

  #binary(operator: string, left: Evaluate<R>, right: Evaluate<R>): Evaluate<R> {
    const { isTrue, apply, orGivesValue } = this.#meaning;
    if (operator === 'and' || operator === '&&') return (run) => isTrue(left(run)) && isTrue(right(run));
    if (operator === 'or' || operator === '||') {
      if (orGivesValue === true) {
        return (run) => {
          const value = left(run);
          return isTrue(value) ? value : right(run);
        };
      }
      return (run) => isTrue(left(run)) || isTrue(right(run));
    }
    return (run) => {
      spend(run, 1);
      return apply(operator, left(run), right(run), run);
    };
  }

  #operand(): Evaluate<R> {
    const { kind, text, at } = this.#token;
    const binds = kind === 'symbol' || kind === 'name' ? own(this.#syntax.unary, text) : undefined;
    if (typeof binds === 'number') {
      this.#next += 1;
      const operand = this.#expression(binds);
      const { apply } = this.#meaning;
      return (run) => apply(text, operand(run), undefined, run);
    }
    if (kind === 'end') throw new TemplateError('syntax', 'an expression is missing', at);
    this.#next += 1;
    return this.#after(this.#first({ kind, text, at }));
  }

  #first({ kind, text, at }: Token): Evaluate<R> {
    if (kind === 'number') return constant(Number(text));
    if (kind === 'string') return constant(text);
    if (kind === 'name') return this.#name(text, at);
    if (text === '(') {
      const inner = this.#expression(0);
      this.#take(')');
      return inner;
    }
    throw new TemplateError('syntax', `unexpected "${text}"`, at);
  }

  #name(text: string, at: number): Evaluate<R> {
    if (Object.hasOwn(this.#syntax.constants, text)) return constant(this.#syntax.constants[text]);
    if (Object.hasOwn(this.#syntax.binary, text))
      throw new TemplateError('syntax', `unexpected "${text}"`, at);
    if (this.#is('(')) return this.#meaning.call(text, this.#args(), at);
    return this.#meaning.name(text, at);
  }

  #args(): readonly Evaluate<R>[] {
    const args: Evaluate<R>[] = [];
    this.#take('(');
    while (!this.#is(')')) {
      if (args.length > 0) this.#take(',');
      args.push(this.#expression(0));
    }
    this.#take(')');
    return args;
  }

  /** Members, indexes, a default and filters behind an operand. */
  #after(operand: Evaluate<R>): Evaluate<R> {
    let of = operand;
    for (;;) {
      if (this.#is('.')) of = this.#dotted(of);
      else if (this.#is('[')) of = this.#indexed(of);
      else if (this.#is(':') && this.#syntax.hasDefaults === true) of = this.#defaulted(of);
      else if (this.#is('|') && this.#syntax.hasFilters === true) of = this.#filtered(of);
      else return of;
    }
  }

  #dotted(of: Evaluate<R>): Evaluate<R> {
    this.#next += 1;
    const { kind, text, at } = this.#token;
    if (kind !== 'name' && kind !== 'number')
      throw new TemplateError('syntax', 'a name is missing after "."', at);
    this.#next += 1;
    const { member } = this.#meaning;
    return (run) => member(of(run), text);
  }

  #indexed(of: Evaluate<R>): Evaluate<R> {
    this.#next += 1;
    const key = this.#expression(0);
    this.#take(']');
    const { member } = this.#meaning;
    return (run) => member(of(run), key(run));
  }

  #defaulted(of: Evaluate<R>): Evaluate<R> {
    this.#next += 1;
    const fallback = this.#operand();
    const { isAbsent = (value: unknown): boolean => value === undefined } = this.#meaning;
    return (run) => {
      const value = of(run);
      return isAbsent(value) ? fallback(run) : value;
    };
  }

  #filtered(of: Evaluate<R>): Evaluate<R> {
    this.#next += 1;
    const { kind, text, at } = this.#token;
    if (kind !== 'name') throw new TemplateError('syntax', 'the name of a filter is missing', at);
    this.#next += 1;
    const args = this.#is('(') ? this.#args() : [];
    return this.#meaning.call(`|${text}`, [of, ...args], at);
  }
}

function constant<R extends Run>(value: unknown): Evaluate<R> {
  return () => value;
}
