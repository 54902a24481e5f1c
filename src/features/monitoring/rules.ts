/** Which reports count, and how a blocklist is asked and understood: pure. */
import ipaddr from 'ipaddr.js';
import type { DnsOutcome } from '../../base/dns/index.ts';
import type { AggregateReport } from '../../mail/aggregate/index.ts';
import type { Answer } from './model.ts';

const dayMs = 86_400_000;
export const dmarcKeptDays = 90;
/** The largest domains hear of some hundred receivers a day. */
export const reportsPerDayMax = 1000;
export const rowsPerDayMax = 50_000;

/** Why a report does not count for the domain that its address is of; null when it does. */
export function reportProblem(
  report: AggregateReport,
  domain: { readonly name: string; readonly isProven: boolean },
  now: number,
): string | null {
  if (!domain.isProven || report.domain !== domain.name)
    return 'a report about a domain that is not proven here';
  if (report.endsAt < now - dmarcKeptDays * dayMs) return 'a report of long ago';
  if (report.endsAt > now + 2 * dayMs) return 'a report of the future';
  return null;
}

/** Anyone may write to an address that stands in DNS: what of it is kept is bounded by the day. */
export function hasRoom(today: { readonly reports: number; readonly rows: number }, rows: number): boolean {
  return today.reports < reportsPerDayMax && today.rows + rows <= rowsPerDayMax;
}

export function totalsOf({ rows }: AggregateReport): { readonly messages: number; readonly passed: number } {
  const passed = rows.filter(({ dkim, spf }) => dkim === 'pass' || spf === 'pass');
  return { messages: mailsOf(rows), passed: mailsOf(passed) };
}

function mailsOf(rows: AggregateReport['rows']): number {
  return rows.reduce((sum, { messages }) => sum + messages, 0);
}

/** RFC 5782 2.1 and 2.4: octets or nibbles backwards, before the name of the list. */
export function questionFor(address: string, blocklist: string): string {
  const parsed = ipaddr.process(address);
  const parts =
    parsed.kind() === 'ipv4'
      ? parsed.toByteArray()
      : Buffer.from(parsed.toByteArray()).toString('hex').split('');
  return `${parts.toReversed().join('.')}.${blocklist}`;
}

const codesMax = 16;

/**
 * A listing is an answer within 127.0.0.0/8 (RFC 5782 2.3), but not 127.255.255.0/24, by which lists say that they do not
 * answer this resolver; any other address is a resolver that lies.
 */
export function readAnswer(outcome: DnsOutcome, reason: string): Answer {
  if (outcome.kind === 'failed') return null;
  if (outcome.kind !== 'found') return { state: 'clear', codes: [], reason: '' };
  const codes = outcome.records.flatMap((record) => (record.type === 'A' ? [record.data] : []));
  const isSound = codes.every((code) => code.startsWith('127.') && !code.startsWith('127.255.255.'));
  if (!isSound || codes.length === 0) return null;
  return {
    state: 'listed',
    codes: codes.toSorted().slice(0, codesMax),
    reason: reason.slice(0, 500).toWellFormed(),
  };
}
