/**
 * Mandrill's merge tags (contract, section 7.1): `*|NAME|*`, filters, dates, unsubscribe addresses, conditions. Names do
 * not tell upper from lower case. Values go in as they are: callers pass HTML. An unknown name stays as it stands.
 */
import { emit, nested, sequence, spend, startRun, TemplateError, whole } from './budget.ts';
import type { Piece, Run } from './budget.ts';
import type { CompiledTemplate, Data, Part, ReturnNames } from './model.ts';
import { formatPhpDate } from './php-date.ts';
import { encodeUrl, own, textOf, titleCase } from './values.ts';

type MergeRun = Run & { readonly names: Names };

type Token = { readonly at: number; readonly text: string; readonly tag: string | null };

type Reading = { readonly source: string; readonly tokens: readonly Token[]; next: number; depth: number };

const tagPattern = /\*\|([^|*\r\n][^|\r\n]*)\|\*/g;

/** Throws a TemplateError. */
export function compileMergeTags(source: string, part: Part): CompiledTemplate {
  const reading: Reading = { source, tokens: tokensOf(source), next: 0, depth: 0 };
  const body = readBlock(reading, false);
  return {
    language: 'merge_tags',
    part,
    source,
    snippets: { names: [], isDynamic: false },
    run: (data, environment, budget) =>
      whole<MergeRun>({ ...startRun(budget, environment), names: { data, byUpper: null } }, body),
  };
}

/** The data's top-level names without their case, listed when the first name is not there as it is written. */
export type Names = { readonly data: Data; byUpper: ReadonlyMap<string, unknown> | null };

/** The value under a name, as written or else in any case; the last of two that differ in case only. */
export function namedIn(names: Names, name: string, upper: string): unknown {
  const exact = own(names.data, name);
  if (exact !== undefined) return exact;
  names.byUpper ??= byUpperCase(names.data);
  return names.byUpper.get(upper);
}

function byUpperCase(data: Data): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  for (const name of Object.keys(data)) values.set(name.toUpperCase(), own(data, name));
  return values;
}

function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let done = 0;
  for (const found of source.matchAll(tagPattern)) {
    if (found.index > done) tokens.push({ at: done, text: source.slice(done, found.index), tag: null });
    tokens.push({ at: found.index, text: found[0], tag: found[1] ?? '' });
    done = found.index + found[0].length;
  }
  if (done < source.length) tokens.push({ at: done, text: source.slice(done), tag: null });
  return tokens;
}

const ends = /^(?:ELSEIF:.*|ELSE:?|END:IF)$/is;

function readBlock(reading: Reading, isInIf: boolean): Piece<MergeRun> {
  const pieces: Piece<MergeRun>[] = [];
  reading.depth += 1;
  if (reading.depth > 40)
    throw new TemplateError(
      'syntax',
      'the conditions are nested too deeply',
      reading.tokens[reading.next]?.at ?? 0,
    );
  for (;;) {
    const token = reading.tokens[reading.next];
    if (token === undefined) {
      if (isInIf) throw new TemplateError('syntax', '"*|END:IF|*" is missing', reading.source.length);
      break;
    }
    const isEnd = token.tag !== null && ends.test(token.tag);
    if (isEnd && isInIf) break;
    if (isEnd) throw new TemplateError('syntax', `"${token.text}" without its beginning`, token.at);
    reading.next += 1;
    pieces.push(token.tag === null ? literal(token.text) : readTag(reading, token, token.tag));
  }
  reading.depth -= 1;
  return sequence(pieces);
}

function literal(text: string): Piece<MergeRun> {
  return (run) => emit(run, text);
}

function readTag(reading: Reading, token: Token, tag: string): Piece<MergeRun> {
  const condition = /^(IF|IFNOT):(.*)$/is.exec(tag);
  if (condition !== null) return readIf(reading, token.at, condition[1] ?? '', condition[2] ?? '');
  const value = valueOf(tag);
  const { at, text } = token;
  return (run) => {
    spend(run, 1);
    run.at = at;
    emit(run, value(run) ?? text);
  };
}

type Value = (run: MergeRun) => string | null;

const filters: Readonly<Record<string, (text: string) => string>> = {
  UPPER: (text) => text.toUpperCase(),
  LOWER: (text) => text.toLowerCase(),
  TITLE: titleCase,
  URL: encodeUrl,
  HTML: (text) => text,
};

/** As Mandrill tells it to whom somebody returns who has unsubscribed (contract, 7.1). */
export const unsubscribeNames: ReturnNames = { message: 'md_id', recipient: 'md_email', idForm: 'hex32' };

/** Null when there is no such value. */
function valueOf(tag: string): Value {
  const colon = tag.indexOf(':');
  const word = (colon < 0 ? tag : tag.slice(0, colon)).trim().toUpperCase();
  const rest = colon < 0 ? '' : tag.slice(colon + 1);
  if (colon < 0) {
    if (word === 'CURRENT_YEAR') return ({ environment: { now } }) => dateText('Y', now);
    const name = tag.trim();
    return (run) => named(run, name, word);
  }
  if (word === 'DATE') return ({ environment: { now } }) => dateText(rest, now);
  if (word === 'UNSUB')
    return ({ environment }) => environment.unsubscribe?.(rest.trim(), unsubscribeNames) ?? rest.trim();
  if (word === 'MC' && rest.trim().toUpperCase() === 'SUBJECT')
    return ({ environment }) => textOf(own(environment.beside, 'subject'));
  const filter = own(filters, word);
  if (typeof filter !== 'function') return () => null;
  const name = rest.trim();
  const upper = name.toUpperCase();
  return (run) => {
    const text = named(run, name, upper);
    return text === null ? null : (filter as (text: string) => string)(text);
  };
}

function named(run: MergeRun, name: string, upper: string): string | null {
  const value = namedIn(run.names, name, upper);
  return value === undefined ? null : textOf(value);
}

function dateText(format: string, now: number | undefined): string {
  return now === undefined ? '' : formatPhpDate(format, now);
}

type Condition = (run: MergeRun) => boolean;

function readIf(reading: Reading, at: number, word: string, text: string): Piece<MergeRun> {
  const first = readCondition(text, at);
  const branches = [
    {
      condition: word.toUpperCase() === 'IFNOT' ? (run: MergeRun): boolean => !first(run) : first,
      body: readBlock(reading, true),
    },
  ];
  for (;;) {
    const token = reading.tokens[reading.next];
    reading.next += 1;
    const tag = token?.tag ?? '';
    if (token === undefined || /^END:IF$/i.test(tag)) break;
    const elseif = /^ELSEIF:(.*)$/is.exec(tag);
    const condition = elseif === null ? (): boolean => true : readCondition(elseif[1] ?? '', token.at);
    branches.push({ condition, body: readBlock(reading, true) });
  }
  return (run) => {
    spend(run, 1);
    run.at = at;
    const branch = branches.find(({ condition }) => condition(run));
    if (branch !== undefined) nested(run, branch.body);
  };
}

/** `NAME`, or `NAME op value`: numbers when both look like numbers, else texts. */
function readCondition(text: string, at: number): Condition {
  const found = /^\s*(\w+)\s*(?:(==?|!=|>=|<=|>|<)\s*(.*?)\s*)?$/s.exec(text);
  if (found === null) throw new TemplateError('syntax', `"${text}" is not a condition`, at);
  const name = found[1] ?? '';
  const upper = name.toUpperCase();
  const operator = found[2];
  if (operator === undefined) return (run) => isTrue(namedIn(run.names, name, upper));
  const wanted = (found[3] ?? '').replace(/^(["'])(.*)\1$/s, '$2');
  return (run) => compare(operator, textOf(namedIn(run.names, name, upper)), wanted);
}

function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return (
    value !== undefined && value !== null && value !== false && value !== 0 && value !== '' && value !== '0'
  );
}

export function compare(operator: string, left: string, right: string): boolean {
  const areNumbers = looksNumeric(left) && looksNumeric(right);
  const [a, b] = areNumbers ? [Number(left), Number(right)] : [left, right];
  switch (operator) {
    case '=':
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '>':
      return a > b;
    case '<':
      return a < b;
    case '>=':
      return a >= b;
    default:
      return a <= b;
  }
}

function looksNumeric(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}
