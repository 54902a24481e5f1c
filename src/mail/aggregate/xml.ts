/** The XML of an aggregate report. Read for what is used of it: reporters differ in what they add and leave out. */
import ipaddr from 'ipaddr.js';
import { parseDomainName } from '../address.ts';
import { readElements } from './elements.ts';
import type { AggregateRead, AggregateRow, Disposition } from './model.ts';

const rowsMax = 20_000;
const secondsMax = 4_102_444_800;

/** Values of one element's children, by their path below it; the first of each counts. */
type Values = Map<string, string>;

const recordPath = 'feedback/record';
const recordValues: ReadonlySet<string> = new Set([
  'row/source_ip',
  'row/count',
  'row/policy_evaluated/disposition',
  'row/policy_evaluated/dkim',
  'row/policy_evaluated/spf',
  'identifiers/header_from',
]);
const headValues: ReadonlySet<string> = new Set([
  'report_metadata/org_name',
  'report_metadata/report_id',
  'report_metadata/date_range/begin',
  'report_metadata/date_range/end',
  'policy_published/domain',
  'policy_published/p',
]);

export async function readXml(text: string): Promise<AggregateRead> {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) return unreadable('it declares a document type');
  const head: Values = new Map();
  let record: Values = new Map();
  const rows = new Map<string, AggregateRow>();
  const isWhole = await readElements(text, {
    onValue: (path, value) => {
      if (!keep(record, recordValues, `${recordPath}/`, path, value))
        keep(head, headValues, 'feedback/', path, value);
    },
    onEnd: (path) => {
      if (path !== recordPath) return;
      const row = rowOf(record);
      if (row !== null && rows.size <= rowsMax) add(rows, row);
      record = new Map();
    },
  });
  if (!isWhole || rows.size > rowsMax) return unreadable('it is deeper or longer than any report');
  return reportOf(head, [...rows.values()]);
}

function keep(
  into: Values,
  wanted: ReadonlySet<string>,
  before: string,
  path: string,
  value: string,
): boolean {
  if (!path.startsWith(before)) return false;
  const name = path.slice(before.length);
  if (wanted.has(name) && !into.has(name)) into.set(name, textOf(value));
  return wanted.has(name);
}

function reportOf(head: Values, rows: readonly AggregateRow[]): AggregateRead {
  const reporter = head.get('report_metadata/org_name') ?? '';
  const reference = head.get('report_metadata/report_id') ?? '';
  const domain = domainOf(head.get('policy_published/domain'));
  if (reporter === '' || reference === '' || domain === null)
    return unreadable('it names no reporter or domain');
  const beginsAt = numberOf(head.get('report_metadata/date_range/begin'), secondsMax);
  const endsAt = numberOf(head.get('report_metadata/date_range/end'), secondsMax);
  if (beginsAt === null || endsAt === null || endsAt < beginsAt) return unreadable('it names no time');
  if (rows.length === 0) return unreadable('it has no rows');
  const policy = dispositionOf(head.get('policy_published/p'));
  const times = { beginsAt: beginsAt * 1000, endsAt: endsAt * 1000 };
  return { ok: true, report: { reporter, reference, ...times, domain, policy, rows } };
}

function unreadable(why: string): AggregateRead {
  return { ok: false, why };
}

/** Null for a record without an address or a number of mails. */
function rowOf(record: Values): AggregateRow | null {
  const source = record.get('row/source_ip') ?? '';
  const messages = numberOf(record.get('row/count'), 1_000_000_000);
  if (!ipaddr.isValid(source) || messages === null || messages === 0) return null;
  return {
    source: ipaddr.process(source).toString(),
    headerFrom: domainOf(record.get('identifiers/header_from')) ?? '',
    disposition: dispositionOf(record.get('row/policy_evaluated/disposition')),
    dkim: record.get('row/policy_evaluated/dkim')?.toLowerCase() === 'pass' ? 'pass' : 'fail',
    spf: record.get('row/policy_evaluated/spf')?.toLowerCase() === 'pass' ? 'pass' : 'fail',
    messages,
  };
}

/** Reporters split rows by what is not kept (DKIM selectors, reasons). */
function add(rows: Map<string, AggregateRow>, row: AggregateRow): void {
  const key = [row.source, row.headerFrom, row.disposition, row.dkim, row.spf].join(' ');
  rows.set(key, { ...row, messages: row.messages + (rows.get(key)?.messages ?? 0) });
}

/** At most 255 characters of one line. */
function textOf(value: string): string {
  return value
    .toWellFormed()
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, 255)
    .toWellFormed();
}

function numberOf(text: string | undefined, max: number): number | null {
  const number = text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return number <= max ? number : null;
}

function domainOf(text: string | undefined): string | null {
  return text === undefined ? null : parseDomainName(text.replace(/\.$/, ''));
}

/** RFC 9990 says `pass` where nothing was to be done. */
function dispositionOf(text: string | undefined): Disposition {
  const word = text?.toLowerCase();
  return word === 'quarantine' || word === 'reject' ? word : 'none';
}
