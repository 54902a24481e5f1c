/** Reading the lines of a bundle: pure. What is wrong is named by line and field. */
import { createHash } from 'node:crypto';
import { Compile } from 'typebox/compile';
import type { FieldError } from '../../base/refusal.ts';
import { refuse } from '../refusals/index.ts';
import { bundleVersion, Header, rowSchemas, sections, Trailer } from './model.ts';
import type { Lined, Row, Section } from './model.ts';

export const lineLengthMax = 200_000;
const faultsMax = 50;

export type Fault = {
  readonly line: number;
  readonly field: string;
  readonly rule: string;
  readonly message: string;
};
export type AnyRow = { readonly [S in Section]: Lined<Row<S>> & { readonly section: S } }[Section];

type Check = {
  readonly Check: (value: unknown) => boolean;
  readonly Errors: (value: unknown) => readonly Said[];
};
type Said = { readonly instancePath: string; readonly keyword: string; readonly message: string };
const checks = new Map<Section | 'header' | 'trailer', Check>([
  ['header', Compile(Header)],
  ['trailer', Compile(Trailer)],
  ...sections.map((section): [Section, Check] => [section, Compile(rowSchemas[section])]),
]);

/** `bundle[12].domain.name must ...`: the whole import is refused. */
export function refusal(faults: readonly Fault[]): Error {
  const errors = faults.slice(0, faultsMax).map(({ line, field, rule, message }): FieldError => ({
    field: `bundle[${line}]${field === '' ? '' : `.${field}`}`,
    rule,
    message,
  }));
  const [first] = errors;
  const more = faults.length > 1 ? `, and ${faults.length - 1} more` : '';
  return refuse('request.invalid', { message: `${first?.field} ${first?.message}${more}`, errors });
}

export function isFaulty(value: unknown, as: Section | 'header' | 'trailer', line: number): readonly Fault[] {
  const check = checks.get(as);
  if (check === undefined || check.Check(value)) return [];
  const prefix = as === 'header' || as === 'trailer' ? '' : `${as}.`;
  return check.Errors(value).map(({ instancePath, keyword, message }) => ({
    line,
    field: `${prefix}${instancePath.slice(1).replaceAll('/', '.')}`.replace(/\.$/, ''),
    rule: keyword,
    message,
  }));
}

function parsed(text: string, line: number): Readonly<Record<string, unknown>> {
  const broken = (message: string): Error => refusal([{ line, field: '', rule: 'json', message }]);
  if (text.length > lineLengthMax) throw broken(`must not exceed ${lineLengthMax} characters`);
  // A lone surrogate or NUL fits no text column.
  if (!text.isWellFormed() || text.includes('\\u0000')) throw broken('holds characters that are no text');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw broken('is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw broken('must be a JSON object');
  return value as Readonly<Record<string, unknown>>;
}

/** The header, then every row, as lines are read; refuses at the first line that is wrong, and a bundle that was cut off. */
export async function* readBundle(lines: AsyncIterable<string>): AsyncGenerator<Header | AnyRow, void> {
  const hash = createHash('sha256');
  let line = 0;
  let at = 0;
  let isEnded = false;
  for await (const text of lines) {
    line += 1;
    if (isEnded) throw refusal([{ line, field: '', rule: 'end', message: 'stands after the end' }]);
    const value = parsed(text, line);
    if (line === 1) yield headerOf(value);
    else if ('end' in value) {
      checkEnd(value, line, hash.digest('hex'));
      isEnded = true;
      continue;
    } else {
      const row = rowOf(value, line);
      const place = sections.indexOf(row.section);
      if (place < at)
        throw refusal([{ line, field: row.section, rule: 'order', message: 'stands too late' }]);
      // One subaccount, one quota.
      at = place < 2 ? place + 1 : place;
      yield row;
    }
    hash.update(`${text}\n`);
  }
  if (!isEnded)
    throw refusal([
      { line: line + 1, field: '', rule: 'end', message: 'is missing: the bundle was cut off' },
    ]);
}

function headerOf(value: unknown): Header {
  const faults = isFaulty(value, 'header', 1);
  if (faults.length > 0) throw refusal(faults);
  const header = value as Header;
  if (header.version > bundleVersion) {
    const message = `is newer than this program, which reads up to ${bundleVersion}`;
    throw refusal([{ line: 1, field: 'version', rule: 'maximum', message }]);
  }
  return header;
}

function rowOf(value: Readonly<Record<string, unknown>>, line: number): AnyRow {
  const [name = '', ...more] = Object.keys(value);
  const section = sections.find((each) => each === name);
  if (section === undefined || more.length > 0) {
    const message = `must hold one of ${sections.join(', ')}`;
    throw refusal([{ line, field: '', rule: 'section', message }]);
  }
  const faults = isFaulty(value[section], section, line);
  if (faults.length > 0) throw refusal(faults);
  return { section, line, row: value[section] } as AnyRow;
}

function checkEnd(value: unknown, line: number, sha256: string): void {
  const faults = isFaulty(value, 'trailer', line);
  if (faults.length > 0) throw refusal(faults);
  const { rows, sha256: said } = value as Trailer;
  if (rows !== line - 2)
    throw refusal([{ line, field: 'rows', rule: 'count', message: `says ${rows}, there are ${line - 2}` }]);
  if (said !== sha256)
    throw refusal([{ line, field: 'sha256', rule: 'match', message: 'is not that of the lines before' }]);
}
