/** The frame that MailerSend's and Mailjet's languages share: `{{ output }}`, `{% statement %}`, if, for, set. */
import { emit, nested, sequence, spend, TemplateError } from './budget.ts';
import type { Piece, Run } from './budget.ts';
import type { Evaluate } from './expression.ts';

type Token = {
  readonly kind: 'text' | 'output' | 'statement';
  readonly at: number;
  /** Of what stands between the braces; of the text itself. */
  readonly from: number;
  readonly to: number;
};

export type LoopHead<R extends Run> = {
  readonly names: readonly string[];
  readonly list: Evaluate<R>;
  /** As it is written, for faults. */
  readonly listText: string;
};

/** What a language makes of the frame. */
export type Curly<R extends Run> = {
  readonly expression: (from: number, to: number) => Evaluate<R>;
  readonly isTrue: (value: unknown) => boolean;
  readonly text: (text: string, at: number) => Piece<R>;
  readonly output: (value: Evaluate<R>) => Piece<R>;
  readonly loop: (head: LoopHead<R>, body: Piece<R>, otherwise: Piece<R> | null) => Piece<R>;
  /** `{% set name = … %}`, where there is one. */
  readonly set?: (name: string, value: Evaluate<R>) => Piece<R>;
};

type Reading<R extends Run> = {
  readonly source: string;
  readonly tokens: readonly Token[];
  readonly language: Curly<R>;
  next: number;
  depth: number;
};

/** Throws a TemplateError. */
export function readCurly<R extends Run>(source: string, language: Curly<R>): Piece<R> {
  return readBlock({ source, tokens: tokensOf(source), language, next: 0, depth: 0 }, []).body;
}

function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let done = 0;
  for (;;) {
    const at = nextOpening(source, done);
    if (at > done) tokens.push({ kind: 'text', at: done, from: done, to: at });
    if (at >= source.length) return tokens;
    const opening = source.slice(at, at + 2);
    const closing = opening === '{{' ? '}}' : opening === '{%' ? '%}' : '#}';
    const to = closingAt(source, at + 2, closing);
    if (to < 0) throw new TemplateError('syntax', `"${closing}" is missing`, at);
    if (opening !== '{#')
      tokens.push({ kind: opening === '{{' ? 'output' : 'statement', at, from: at + 2, to });
    done = to + 2;
  }
}

function nextOpening(source: string, from: number): number {
  for (let at = source.indexOf('{', from); at >= 0; at = source.indexOf('{', at + 1)) {
    if (source[at + 1] === '{' || source[at + 1] === '%' || source[at + 1] === '#') return at;
  }
  return source.length;
}

/** The closing braces, not counting those inside a text in quotes. */
function closingAt(source: string, from: number, closing: string): number {
  let quote = '';
  for (let at = from; at < source.length; at++) {
    const character = source[at] ?? '';
    if (quote !== '') {
      if (character === '\\') at += 1;
      else if (character === quote) quote = '';
    } else if (source.startsWith(closing, at)) return at;
    else if (closing !== '#}' && (character === '"' || character === "'")) quote = character;
    else if (character === '\\') at += 1;
  }
  return -1;
}

type Keyword = { readonly word: string; readonly from: number; readonly to: number; readonly at: number };

function keywordOf<R extends Run>({ source }: Reading<R>, { from, to, at }: Token): Keyword {
  const found = /^-?\s*([a-z]+)/i.exec(source.slice(from, to));
  if (found?.[1] === undefined) throw new TemplateError('syntax', 'a statement is missing', at);
  return { word: found[1].toLowerCase(), from: from + found[0].length, to, at };
}

type Block<R extends Run> = { readonly body: Piece<R>; readonly end: Keyword | null };

function readBlock<R extends Run>(reading: Reading<R>, ends: readonly string[]): Block<R> {
  const pieces: Piece<R>[] = [];
  const { tokens, source, language } = reading;
  reading.depth += 1;
  if (reading.depth > 40)
    throw new TemplateError('syntax', 'the blocks are nested too deeply', tokens[reading.next]?.at ?? 0);
  for (;;) {
    const token = tokens[reading.next];
    if (token === undefined) {
      if (ends.length > 0) throw new TemplateError('syntax', `"${ends.at(-1)}" is missing`, source.length);
      reading.depth -= 1;
      return { body: sequence(pieces), end: null };
    }
    reading.next += 1;
    if (token.kind === 'text') pieces.push(language.text(source.slice(token.from, token.to), token.at));
    else if (token.kind === 'output')
      pieces.push(placed(token.at, language.output(language.expression(token.from, token.to))));
    else {
      const keyword = keywordOf(reading, token);
      if (ends.includes(keyword.word)) {
        reading.depth -= 1;
        return { body: sequence(pieces), end: keyword };
      }
      pieces.push(placed(token.at, readStatement(reading, keyword)));
    }
  }
}

function placed<R extends Run>(at: number, piece: Piece<R>): Piece<R> {
  return (run) => {
    spend(run, 1);
    run.at = at;
    piece(run);
  };
}

function readStatement<R extends Run>(reading: Reading<R>, keyword: Keyword): Piece<R> {
  if (keyword.word === 'if') return readIf(reading, keyword);
  if (keyword.word === 'for') return readFor(reading, keyword);
  if (keyword.word === 'set' && reading.language.set !== undefined)
    return readSet(reading, keyword, reading.language.set);
  throw new TemplateError('syntax', `unexpected "${keyword.word}"`, keyword.at);
}

function readIf<R extends Run>(reading: Reading<R>, first: Keyword): Piece<R> {
  const { language } = reading;
  const branches: { readonly condition: Evaluate<R>; readonly body: Piece<R> }[] = [];
  let keyword: Keyword | null = first;
  while (keyword !== null && keyword.word !== 'endif') {
    const isElse: boolean = keyword.word === 'else';
    const condition: Evaluate<R> = isElse ? () => true : language.expression(keyword.from, keyword.to);
    const block: Block<R> = readBlock(reading, isElse ? ['endif'] : ['elseif', 'else', 'endif']);
    branches.push({ condition, body: block.body });
    keyword = block.end;
  }
  return (run) => {
    const branch = branches.find(({ condition }) => language.isTrue(condition(run)));
    if (branch !== undefined) nested(run, branch.body);
  };
}

function readFor<R extends Run>(reading: Reading<R>, keyword: Keyword): Piece<R> {
  const { source, language } = reading;
  const found = /^\s*([\w-]+)(?:\s*,\s*([\w-]+))?\s+in\s+/.exec(source.slice(keyword.from, keyword.to));
  if (found === null) throw new TemplateError('syntax', '"for" needs a name, "in" and a list', keyword.at);
  const from = keyword.from + found[0].length;
  const head: LoopHead<R> = {
    names: [found[1], found[2]].filter((name) => name !== undefined),
    list: language.expression(from, keyword.to),
    listText: source.slice(from, keyword.to).trim(),
  };
  const block = readBlock(reading, ['else', 'endfor']);
  const otherwise = block.end?.word === 'else' ? readBlock(reading, ['endfor']).body : null;
  return language.loop(head, block.body, otherwise);
}

function readSet<R extends Run>(
  reading: Reading<R>,
  keyword: Keyword,
  set: NonNullable<Curly<R>['set']>,
): Piece<R> {
  const found = /^\s*([\w-]+)\s*=/.exec(reading.source.slice(keyword.from, keyword.to));
  if (found?.[1] === undefined)
    throw new TemplateError('syntax', '"set" needs a name and a value', keyword.at);
  return set(found[1], reading.language.expression(keyword.from + found[0].length, keyword.to));
}

export function textPiece<R extends Run>(text: string): Piece<R> {
  return (run) => emit(run, text);
}
