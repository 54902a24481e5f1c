/** Files of recipients, line by line: CSV with a header, or JSON lines with the names of the API. */
import { cellText, CsvReader } from '../../base/csv.ts';
import { readLines } from '../../base/lines.ts';
import type { Line } from '../../base/lines.ts';
import { refuse } from '../refusals/index.ts';
import type { FileFormat, ReadRecipient, Values } from './model.ts';
import { readRecipient, recipientsMax } from './rules.ts';

type Reader = {
  readonly read: (line: Line) => readonly ReadRecipient[];
  readonly end: () => readonly ReadRecipient[];
};

/** Everything that the file says; refused as soon as it is longer than a list may be. */
export async function readFile(
  format: FileFormat,
  body: AsyncIterable<Buffer>,
): Promise<readonly ReadRecipient[]> {
  const reader = format === 'csv' ? csvReader() : { read: jsonRow, end: () => [] };
  const read: ReadRecipient[] = [];
  const take = (rows: readonly ReadRecipient[]): void => {
    read.push(...rows);
    if (read.length > recipientsMax)
      throw refuse('limit.reached', { message: `A list holds at most ${recipientsMax} recipients` });
  };
  for await (const lines of readLines(body)) for (const line of lines) take(reader.read(line));
  take(reader.end());
  return read;
}

const unreadable = { field: 'line', rule: 'form', message: 'is too long, not UTF-8 or has a stray quote' };

/** `address` or `email`, `name`, `tags` (divided by `;`), `metadata.x`; every other column is data by its name. */
function csvReader(): Reader {
  const reader = new CsvReader();
  let columns: readonly string[] | null = null;
  const take = (records: ReturnType<CsvReader['push']>): readonly ReadRecipient[] =>
    records.flatMap(({ line, cells }): readonly ReadRecipient[] => {
      if (cells === null) return [{ line, ...unreadable }];
      if (columns === null) {
        const named = cells.map((cell) => cellText(cell).trim());
        const isHeader = named.some((name) => isAddressColumn(name));
        columns = isHeader ? named : ['address'];
        if (isHeader) return [];
      }
      return [row(line, given(columns, cells))];
    });
  return { read: (line) => take(reader.push(line)), end: () => take(reader.end()) };
}

function isAddressColumn(name: string): boolean {
  return ['address', 'email'].includes(name.toLowerCase());
}

function given(columns: readonly string[], cells: readonly string[]): Values {
  const data: [string, string][] = [];
  const metadata: [string, string][] = [];
  const own: Record<string, unknown> = {};
  for (const [index, column] of columns.entries()) {
    const text = cellText(cells[index] ?? '');
    if (isAddressColumn(column)) own['address'] = text;
    else if (column.toLowerCase() === 'name') own['name'] = text;
    else if (column.toLowerCase() === 'tags')
      own['tags'] = text
        .split(';')
        .map((tag) => tag.trim())
        .filter((tag) => tag !== '');
    else if (text === '' || column === '') continue;
    else if (column.startsWith('metadata.')) metadata.push([column.slice(9), text]);
    else data.push([column, text]);
  }
  // Not by assignment: a column may be called `__proto__`.
  return { ...own, data: Object.fromEntries(data), metadata: Object.fromEntries(metadata) };
}

function jsonRow({ number, text }: Line): readonly ReadRecipient[] {
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
  return [row(number, value as Values)];
}

export function row(line: number, values: Values): ReadRecipient {
  const read = readRecipient(values);
  return 'rule' in read ? { line, ...read } : { line, recipient: read };
}
