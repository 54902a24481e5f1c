/** Rows of files that providers export: CSV with a head, JSON lines, or one JSON (a list, or an answer with `results`). */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { cellText, CsvReader } from '../base/csv.ts';
import { readLines } from '../base/lines.ts';
import type { Row } from '../main/moving.ts';

/** A JSON is read whole. */
const jsonBytesMax = 268_435_456;

type OnBad = (line: number, why: string) => void;

/** CSV and JSON lines are read as they are taken, whatever their size. Lines that are none are told, and passed over. */
export async function* fileRows(path: string, onBad: OnBad): AsyncGenerator<Row> {
  if (/\.json$/i.test(path)) yield* await wholeRows(path);
  else if (/\.(?:ndjson|jsonl)$/i.test(path)) yield* jsonLines(path, onBad);
  else yield* csvRows(path, onBad);
}

async function wholeRows(path: string): Promise<readonly Row[]> {
  if ((await stat(path)).size > jsonBytesMax)
    throw new Error(`${path} is larger than ${jsonBytesMax} bytes: give it as CSV or JSON lines`);
  const value: unknown = JSON.parse(await readFile(path, 'utf8'));
  const found = isRow(value) && 'results' in value ? value['results'] : value;
  const rows = Array.isArray(found) ? found : [found];
  if (!rows.every(isRow)) throw new Error(`${path} is no list of objects`);
  return rows;
}

async function* jsonLines(path: string, onBad: OnBad): AsyncGenerator<Row> {
  for await (const lines of readLines(chunksOf(path))) {
    for (const { number, text } of lines) {
      if (text?.trim() === '') continue;
      const value = text === null ? null : parsed(text);
      if (isRow(value)) yield value;
      else onBad(number, 'is no JSON object, or too long');
    }
  }
}

async function* csvRows(path: string, onBad: OnBad): AsyncGenerator<Row> {
  const reader = new CsvReader();
  let names: readonly string[] | null = null;
  const take = (records: ReturnType<CsvReader['push']>): Row[] =>
    records.flatMap(({ line, cells }) => {
      if (cells === null) {
        onBad(line, 'is too long, not UTF-8 or has a stray quote');
        return [];
      }
      if (names === null) {
        names = cells.map((name) =>
          name
            .trim()
            .toLowerCase()
            .replaceAll(/[\s-]+/g, '_'),
        );
        return [];
      }
      return [rowOf(names, cells)];
    });
  for await (const lines of readLines(chunksOf(path)))
    for (const line of lines) yield* take(reader.push(line));
  yield* take(reader.end());
}

/** A name that stands there twice has its first cell that says something. */
function rowOf(names: readonly string[], cells: readonly string[]): Row {
  const row = new Map<string, string>();
  for (const [index, name] of names.entries()) {
    const text = cellText(cells[index] ?? '');
    if (text !== '' && !row.has(name)) row.set(name, text);
  }
  return Object.fromEntries(row);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  for await (const chunk of createReadStream(path)) yield chunk as Buffer;
}
