/** What the readers of other providers share: rows of unknown shape, from an API's answer or from a line of a file. */
import type { Place, Thing } from '../../features/moving/index.ts';
import { Told } from './dialect.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Rows of an exported file; `kind` says of what. */
export type ExportedRows = {
  readonly kind: 'subaccounts' | 'domains' | 'templates' | 'snippets' | 'suppressions' | 'allowlist';
  readonly rows: AsyncIterable<Row>;
};

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of a list; of anything else none. */
export function rowsOf(value: unknown): readonly Row[] {
  return Array.isArray(value) ? value.filter(isRow) : [];
}

/** One line of text, numbers as digits; empty when there is none. */
export function textOf(row: Row, ...names: readonly string[]): string {
  for (const name of names) {
    const value = row[name];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return '';
}

export function lineOf(text: string, lengthMax: number): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, lengthMax)
    .toWellFormed();
}

/** Also as files say it. */
export function isYes(value: unknown): boolean {
  return value === true || value === 1 || (typeof value === 'string' && /^(?:true|1|yes|y)$/i.test(value));
}

/** RFC 3339 of what providers write: `2031-04-02 10:20:30` is UTC. Undefined when it is no time. */
export function instantText(text: string): string | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, day, time, fraction = '', zone = 'Z'] = match;
  const ms = Date.parse(`${day}T${time}${fraction.slice(0, 4)}${zone}`);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

/** Ids that can be an external id here. */
export function isExternalId(id: string): boolean {
  return id.length > 0 && id.length <= 255 && !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(id);
}

export function left(kind: string, place: Place, name: string, why: string): Thing {
  return { what: 'left', kind, place, name: lineOf(name, 320), why };
}

export function noted(kind: string, place: Place, name: string, why: string): Thing {
  return { what: 'noted', kind, place, name: lineOf(name, 320), why };
}

/** What a dialect would say to whoever wanted to store it here. */
export function whyOf(error: unknown): string {
  if (!(error instanceof Told)) throw error;
  const { body } = error.answer;
  const [first] = isRow(body) ? rowsOf(body['errors']) : [];
  return first === undefined ? error.message : textOf(first, 'description', 'message');
}

/** Things that are read one after the other, as a stream. */
export async function* stream(rows: AsyncIterable<Row>, thingsOf: (row: Row) => readonly Thing[]) {
  for await (const row of rows) yield* thingsOf(row);
}

/** Not carried by anybody: said once, so that it is looked for here. */
export function neverCarried(kinds: readonly (readonly [kind: string, why: string])[]): readonly Thing[] {
  return kinds.map(([kind, why]) => left(kind, null, '*', why));
}
