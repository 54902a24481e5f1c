/** Rows of files -> entries, and entries -> rows: pure but for the readers' place in the file. */
import { instantMs } from '../../base/route.ts';
import { cell, cellText, CsvReader } from '../../base/csv.ts';
import type { Line } from '../../base/lines.ts';
import { kinds } from './model.ts';
import type { BadLine, Fault, ImportFormat, Kind, NewEntry, Suppression } from './model.ts';
import { toEntry } from './rules.ts';
import type { Given } from './rules.ts';

/** A line's entry, or what is wrong with it. */
export type ReadRow = { readonly line: number; readonly entry: NewEntry } | BadLine;

export type RowReader = {
  readonly read: (line: Line) => readonly ReadRow[];
  readonly end: () => readonly ReadRow[];
};

export function rowReader(format: ImportFormat, defaultKind: Kind): RowReader {
  return format === 'csv'
    ? csvRows(defaultKind)
    : { read: (line) => jsonRow(line, defaultKind), end: () => [] };
}

const unreadable: Fault = {
  field: 'line',
  rule: 'form',
  message: 'is too long, not UTF-8 or has a stray quote',
};

/** Columns by the names that lists come with; others are passed over. */
const columnNames: Readonly<Record<string, keyof Given>> = {
  address: 'address',
  email: 'address',
  recipient: 'address',
  kind: 'kind',
  stopstransactional: 'stopsTransactional',
  stopsbulk: 'stopsBulk',
  expiresat: 'expiresAt',
  reason: 'reason',
  sender: 'sender',
  list: 'list',
  onlylist: 'onlyList',
  onlysender: 'onlySender',
  createdat: 'createdAt',
};

/** A first line without a known column is an address already: a plain list of addresses is a CSV file too. */
function csvRows(defaultKind: Kind): RowReader {
  const reader = new CsvReader();
  let columns: readonly (keyof Given | null)[] | null = null;
  const take = (records: ReturnType<CsvReader['push']>): readonly ReadRow[] =>
    records.flatMap(({ line, cells }): readonly ReadRow[] => {
      if (columns === null && cells !== null) {
        const named = cells.map(
          (name) => columnNames[name.trim().replaceAll(/[ _-]/g, '').toLowerCase()] ?? null,
        );
        const isHeader = named.includes('address');
        columns = isHeader ? named : ['address'];
        if (isHeader) return [];
      }
      if (cells === null) return [{ line, ...unreadable }];
      const given: Record<string, unknown> = {};
      for (const [index, column] of (columns ?? []).entries()) {
        const text = cellText(cells[index] ?? '');
        if (column !== null && (text !== '' || column === 'address')) given[column] = text;
      }
      return [row(line, given, defaultKind)];
    });
  return { read: (line) => take(reader.push(line)), end: () => take(reader.end()) };
}

function jsonRow({ number, text }: Line, defaultKind: Kind): readonly ReadRow[] {
  if (text === null) return [{ line: number, ...unreadable }];
  if (text.trim() === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [{ line: number, field: 'line', rule: 'json', message: 'is not valid JSON' }];
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [{ line: number, field: 'line', rule: 'type', message: 'must be an object' }];
  return [row(number, value as Record<string, unknown>, defaultKind)];
}

function row(line: number, given: Readonly<Record<string, unknown>>, defaultKind: Kind): ReadRow {
  const checked = check(given, defaultKind);
  if ('rule' in checked) return { line, ...checked };
  const entry = toEntry(checked);
  return 'rule' in entry ? { line, ...entry } : { line, entry };
}

const texts = [
  ['address', 320],
  ['reason', 1000],
  ['sender', 320],
  ['list', 200],
  ['onlyList', 200],
  ['onlySender', 320],
] as const;
const flags: Readonly<Record<string, boolean | undefined>> = { true: true, false: false, 1: true, 0: false };
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i;

/** What the API's schema checks of an entry, for values that come as text or JSON. */
function check(given: Readonly<Record<string, unknown>>, defaultKind: Kind): Given | Fault {
  const out: { -readonly [Key in keyof Given]: Given[Key] } = { address: '', kind: defaultKind };
  for (const [field, lengthMax] of texts) {
    const found = given[field] ?? (field === 'address' ? null : '');
    // A reason of several lines is told as one.
    const value =
      typeof found === 'string' && field === 'reason' ? found.replaceAll(/[\r\n\t]+/g, ' ') : found;
    if (typeof value !== 'string')
      return fault(field, 'type', value === null ? 'is missing' : 'must be text');
    if (value.length > lengthMax)
      return fault(field, 'maxLength', `must not be longer than ${lengthMax} characters`);
    if (/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(value)) return fault(field, 'pattern', 'must be one line of text');
    out[field] = value;
  }
  const kind = given['kind'] ?? defaultKind;
  const known = kinds.find((each) => each === kind);
  if (known === undefined) return fault('kind', 'enum', `must be one of ${kinds.join(', ')}`);
  out.kind = known;
  for (const field of ['stopsTransactional', 'stopsBulk'] as const) {
    const value = given[field];
    if (value === undefined || value === null) continue;
    const flag = typeof value === 'string' ? flags[value.toLowerCase()] : value;
    if (typeof flag !== 'boolean') return fault(field, 'type', 'must be true or false');
    out[field] = flag;
  }
  for (const field of ['expiresAt', 'createdAt'] as const) {
    const value = given[field];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'string' || !instant.test(value) || Number.isNaN(instantMs(value)))
      return fault(field, 'format', 'must be an RFC 3339 date and time');
    out[field] = value;
  }
  return out;
}

function fault(field: string, rule: string, message: string): Fault {
  return { field, rule, message };
}

/** What an export tells of an entry; an import reads it back but for what says where it stood. */
export const entryColumns = [
  'address',
  'kind',
  'stopsTransactional',
  'stopsBulk',
  'expiresAt',
  'reason',
  'sender',
  'list',
  'onlyList',
  'onlySender',
  'createdAt',
  'layer',
  'subaccountId',
  'source',
] as const satisfies readonly (keyof Suppression)[];

export const csvHeader = `${entryColumns.join(',')}\r\n`;

export function entryCells(entry: Suppression): readonly string[] {
  return entryColumns.map((column) => plain(entry[column]));
}

export function csvLine(entry: Suppression): string {
  return `${entryCells(entry).map(cell).join(',')}\r\n`;
}

export function jsonLine(entry: Suppression): string {
  return `${JSON.stringify(Object.fromEntries(entryColumns.map((column) => [column, entry[column]])))}\n`;
}

function plain(value: string | number | boolean | Date | null): string {
  return value instanceof Date ? value.toISOString() : String(value ?? '');
}
