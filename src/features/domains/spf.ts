/** SPF of a domain (RFC 7208): does it include ours, and does it stay within the limits of 4.6.4? Pure over `txt`. */
import type { ProofState } from './model.ts';

/** TXT strings of a name; null when DNS gave no answer. */
export type Txt = (name: string) => Promise<readonly string[] | null>;

export type JudgedSpf = {
  readonly state: ProofState;
  readonly seen: readonly string[];
  readonly explain: string;
};

export const lookupsMax = 10;
const voidMax = 2;

type Walk = {
  lookups: number;
  voids: number;
  isIncluded: boolean;
  problem: string | null;
  isUnknown: boolean;
};

export function spfRecords(values: readonly string[]): string[] {
  return values.filter((value) => /^v=spf1(?: |$)/i.test(value));
}

/** `wantedInclude` is the name that must be included, at any depth. */
export async function judgeSpf(domain: string, wantedInclude: string, txt: Txt): Promise<JudgedSpf> {
  const values = await txt(domain);
  if (values === null)
    return { state: 'unknown', seen: [], explain: 'DNS gave no answer; it is asked again.' };
  const records = spfRecords(values);
  const [record] = records;
  const wanted = `include:${wantedInclude}`;
  if (record === undefined)
    return {
      state: 'missing',
      seen: [],
      explain: `Publish "v=spf1 ${wanted} ~all" as a TXT record at ${domain}.`,
    };
  if (records.length > 1) {
    return {
      state: 'wrong',
      seen: records,
      explain: 'Two SPF records are a permanent error (RFC 7208 3.2): merge them into one.',
    };
  }
  const walk: Walk = { lookups: 0, voids: 0, isIncluded: false, problem: null, isUnknown: false };
  await follow(record, wantedInclude, txt, walk, 0);
  if (walk.problem !== null) return { state: 'wrong', seen: records, explain: walk.problem };
  if (walk.isIncluded)
    return { state: 'proven', seen: records, explain: 'It includes our sending addresses.' };
  if (walk.isUnknown)
    return { state: 'unknown', seen: records, explain: 'An include gave no answer; it is asked again.' };
  const count = walk.lookups + 1;
  const over =
    count > lookupsMax
      ? ` It would then need ${count} look-ups; ${lookupsMax} are allowed: remove an include first.`
      : '';
  return {
    state: 'wrong',
    seen: records,
    explain: `Change the one record to "${mergeSpf(record, wanted)}".${over}`,
  };
}

/** Adds the mechanism before the first of `all` and `redirect`: a second record would be an error. */
export function mergeSpf(record: string, mechanism: string): string {
  const terms = record.trim().split(/\s+/);
  const at = terms.findIndex((term) => /^[+?~-]?all$/i.test(term) || /^redirect=/i.test(term));
  const merged = at < 0 ? [...terms, mechanism] : [...terms.slice(0, at), mechanism, ...terms.slice(at)];
  return merged.join(' ');
}

/** What one term of a record costs in look-ups (at most one more than is allowed), and what is wrong with it. */
export async function costOfTerm(
  term: string,
  wantedInclude: string,
  txt: Txt,
): Promise<{ readonly lookups: number; readonly problem: string | null; readonly isIncluded: boolean }> {
  const walk: Walk = { lookups: 0, voids: 0, isIncluded: false, problem: null, isUnknown: false };
  await follow(`v=spf1 ${term}`, wantedInclude, txt, walk, 0);
  return { lookups: walk.lookups, problem: walk.problem, isIncluded: walk.isIncluded };
}

async function follow(record: string, wanted: string, txt: Txt, walk: Walk, depth: number): Promise<void> {
  for (const term of record.trim().split(/\s+/).slice(1)) {
    if (walk.problem !== null) return;
    const match = /^[+?~-]?(include:|exists:|(?:a|mx|ptr)(?=[:/]|$))(.*)$|^(redirect=)(.*)$/i.exec(term);
    if (match === null) {
      if (!/^[+?~-]?(?:all|ip4:\S+|ip6:\S+)$|^exp=|^[a-z][\w.-]*=/i.test(term)) {
        walk.problem = `"${term}" is not an SPF term: the whole record is a permanent error.`;
      }
      continue;
    }
    walk.lookups += 1;
    if (walk.lookups > lookupsMax) {
      walk.problem = `The record needs more than ${lookupsMax} look-ups, which is a permanent error (RFC 7208 4.6.4).`;
      return;
    }
    const kind = (match[1] ?? match[3] ?? '').toLowerCase();
    if (kind !== 'include:' && kind !== 'redirect=') continue;
    await followName((match[2] ?? match[4] ?? '').toLowerCase(), wanted, txt, walk, depth);
  }
}

async function followName(name: string, wanted: string, txt: Txt, walk: Walk, depth: number): Promise<void> {
  if (name === wanted) walk.isIncluded = true;
  const values = await txt(name);
  if (values === null) {
    walk.isUnknown = true;
    return;
  }
  const records = spfRecords(values);
  const [record] = records;
  if (values.length === 0) walk.voids += 1;
  // Our own include may not be published yet; that is the operator's matter, not this domain's.
  if (name === wanted && record === undefined) return;
  if (walk.voids > voidMax)
    walk.problem = `More than ${voidMax} look-ups find nothing, which is a permanent error (RFC 7208 4.6.4).`;
  else if (record === undefined || records.length > 1)
    walk.problem = `${name} has ${records.length} SPF records; an include needs exactly one.`;
  else if (depth < lookupsMax) await follow(record, wanted, txt, walk, depth + 1);
}
