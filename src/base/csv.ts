/**
 * CSV (RFC 4180) line by line. A quoted cell may hold line ends; a quote that is never closed costs its own line only: the
 * lines that were joined to it are read again.
 */
import type { Line } from './lines.ts';

export type CsvRecord = {
  /** The line on which it begins. */
  readonly line: number;
  /** Null: not to be read. */
  readonly cells: readonly string[] | null;
};

const linesMax = 50;

export class CsvReader {
  #open: Line[] = [];

  /** The records that end with this line. */
  push(line: Line): readonly CsvRecord[] {
    if (line.text === null) return [...this.end(), { line: line.number, cells: null }];
    if (this.#open.length === 0 && !line.text.includes('"')) {
      return line.text.trim() === '' ? [] : [{ line: line.number, cells: line.text.split(',') }];
    }
    this.#open.push(line);
    const first = this.#open[0] ?? line;
    const cells = parseCells(this.#open.map(({ text }) => text).join('\n'));
    if (cells === 'open' && this.#open.length < linesMax) return [];
    if (cells === 'open') return this.#giveUpFirst();
    this.#open = [];
    return [{ line: first.number, cells }];
  }

  /** What is left at the end of the file. */
  end(): readonly CsvRecord[] {
    const records: CsvRecord[] = [];
    while (this.#open.length > 0) records.push(...this.#giveUpFirst());
    return records;
  }

  #giveUpFirst(): readonly CsvRecord[] {
    const [first, ...others] = this.#open;
    this.#open = [];
    if (first === undefined) return [];
    return [{ line: first.number, cells: null }, ...others.flatMap((line) => this.push(line))];
  }
}

/** `open`: a quote waits for its end. Null: text stands beside a quoted cell. */
function parseCells(text: string): readonly string[] | 'open' | null {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] !== '"') {
      const comma = text.indexOf(',', at);
      const cell = comma === -1 ? text.slice(at) : text.slice(at, comma);
      if (cell.includes('"')) return null;
      cells.push(cell);
      if (comma === -1) return cells;
      at = comma + 1;
      continue;
    }
    const end = closingQuote(text, at + 1);
    if (end === -1) return 'open';
    cells.push(text.slice(at + 1, end).replaceAll('""', '"'));
    if (end + 1 === text.length) return cells;
    if (text[end + 1] !== ',') return null;
    at = end + 2;
  }
}

function closingQuote(text: string, from: number): number {
  let end = text.indexOf('"', from);
  while (end !== -1 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
  return end;
}

/** What a spreadsheet would take for a formula, and the mark itself. */
const risky = /^['=+\-@\t\r]/;
const marked = /^'(?=['=+\-@\t\r])/;

/** A cell that a spreadsheet shows as text and never computes: marked by ', which `cellText` takes away again. */
export function cell(text: string): string {
  const safe = risky.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function cellText(cell: string): string {
  return cell.replace(marked, '');
}
