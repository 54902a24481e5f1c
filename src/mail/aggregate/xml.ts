/** The XML of an aggregate report. Read for what is used of it: reporters differ in what they add and leave out. */
import { XMLParser } from 'fast-xml-parser';
import ipaddr from 'ipaddr.js';
import { parseDomainName } from '../address.ts';
import type { AggregateRead, AggregateRow, Disposition } from './model.ts';

const recordsMax = 20_000;
const secondsMax = 4_102_444_800;

/** Entities are those of XML itself: a document that declares its own is not read. */
const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  removeNSPrefix: true,
  trimValues: true,
  isArray: (name) => name === 'record',
});

export function readXml(text: string): AggregateRead {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) return unreadable('it declares a document type');
  let document: unknown;
  try {
    document = parser.parse(text);
  } catch {
    return unreadable('its XML is broken');
  }
  const feedback = childOf(document, 'feedback');
  const head = childOf(feedback, 'report_metadata');
  const reporter = textOf(head, 'org_name');
  const reference = textOf(head, 'report_id');
  const range = childOf(head, 'date_range');
  const beginsAt = numberOf(range, 'begin', secondsMax);
  const endsAt = numberOf(range, 'end', secondsMax);
  const published = childOf(feedback, 'policy_published');
  const domain = domainOf(published, 'domain');
  if (reporter === '' || reference === '' || domain === null)
    return unreadable('it names no reporter or domain');
  if (beginsAt === null || endsAt === null || endsAt < beginsAt) return unreadable('it names no time');
  const records = childOf(feedback, 'record');
  if (!Array.isArray(records) || records.length > recordsMax)
    return unreadable('it has no rows, or too many');
  const rows = merged(records.flatMap(rowOf));
  if (rows.length === 0) return unreadable('it has no rows, or too many');
  const policy = dispositionOf(textOf(published, 'p'));
  const times = { beginsAt: beginsAt * 1000, endsAt: endsAt * 1000 };
  return { ok: true, report: { reporter, reference, ...times, domain, policy, rows } };
}

function unreadable(why: string): AggregateRead {
  return { ok: false, why };
}

/** None for a record without an address or a number of mails. */
function rowOf(record: unknown): readonly AggregateRow[] {
  const row = childOf(record, 'row');
  const source = textOf(row, 'source_ip');
  const messages = numberOf(row, 'count', 1_000_000_000);
  if (!ipaddr.isValid(source) || messages === null || messages === 0) return [];
  const evaluated = childOf(row, 'policy_evaluated');
  return [
    {
      source: ipaddr.process(source).toString(),
      headerFrom: domainOf(childOf(record, 'identifiers'), 'header_from') ?? '',
      disposition: dispositionOf(textOf(evaluated, 'disposition')),
      dkim: textOf(evaluated, 'dkim').toLowerCase() === 'pass' ? 'pass' : 'fail',
      spf: textOf(evaluated, 'spf').toLowerCase() === 'pass' ? 'pass' : 'fail',
      messages,
    },
  ];
}

/** Reporters split rows by what is not kept (DKIM selectors, reasons). */
function merged(rows: readonly AggregateRow[]): readonly AggregateRow[] {
  const byResult = new Map<string, AggregateRow>();
  for (const row of rows) {
    const key = [row.source, row.headerFrom, row.disposition, row.dkim, row.spf].join(' ');
    byResult.set(key, { ...row, messages: row.messages + (byResult.get(key)?.messages ?? 0) });
  }
  return [...byResult.values()];
}

function childOf(parent: unknown, name: string): unknown {
  if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, name)) return undefined;
  return (parent as Readonly<Record<string, unknown>>)[name];
}

/** At most 255 characters of one line; empty when it is not there. */
function textOf(parent: unknown, name: string): string {
  const value = childOf(parent, name);
  if (typeof value !== 'string') return '';
  return value
    .toWellFormed()
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, 255)
    .toWellFormed();
}

function numberOf(parent: unknown, name: string, max: number): number | null {
  const text = textOf(parent, name);
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return number <= max ? number : null;
}

function domainOf(parent: unknown, name: string): string | null {
  return parseDomainName(textOf(parent, name).replace(/\.$/, ''));
}

/** RFC 9990 says `pass` where nothing was to be done. */
function dispositionOf(text: string): Disposition {
  const word = text.toLowerCase();
  return word === 'quarantine' || word === 'reject' ? word : 'none';
}
