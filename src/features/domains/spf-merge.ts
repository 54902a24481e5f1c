/**
 * How to bring our include into the SPF record that a domain has: the record that results, what each term costs of the ten
 * look-ups (RFC 7208 4.6.4), and what could go. Pure over `txt`.
 */
import { costOfTerm, lookupsMax, mergeSpf, spfRecords } from './spf.ts';
import type { Txt } from './spf.ts';

export type SpfTerm = { readonly term: string; readonly lookups: number; readonly problem: string | null };

export type SpfMerge = {
  /** The SPF records that are there: more than one is an error in itself. Null when DNS gave no answer. */
  readonly seen: readonly string[] | null;
  readonly merged: string;
  readonly lookups: { readonly before: number; readonly after: number; readonly max: number };
  readonly terms: readonly SpfTerm[];
  /** For people, in the order in which to go about it. */
  readonly advice: readonly string[];
};

export async function explainSpf(domain: string, wantedInclude: string, txt: Txt): Promise<SpfMerge> {
  const values = await txt(domain);
  const records = spfRecords(values ?? []);
  const wanted = `include:${wantedInclude}`;
  const costs = await Promise.all(
    unique(records.flatMap(termsOf)).map(async (term) => ({
      term,
      ...(await costOfTerm(term, wantedInclude, txt)),
    })),
  );
  const before = costs.reduce((sum, { lookups }) => sum + lookups, 0);
  const isIncluded = costs.some((cost) => cost.isIncluded);
  const merged = mergeRecords(records, isIncluded ? null : wanted);
  const terms = costs.map(({ term, lookups, problem }): SpfTerm => ({ term, lookups, problem }));
  const facts = { domain, records, merged, terms, isIncluded, after: before + (isIncluded ? 0 : 1) };
  return {
    seen: values === null ? null : records,
    merged,
    lookups: { before, after: facts.after, max: lookupsMax },
    terms,
    advice: values === null ? ['DNS gave no answer; ask again in a while.'] : adviceFor(facts),
  };
}

/** The terms of a record that count: nothing is looked at behind `all`. */
function termsOf(record: string): string[] {
  const terms = record.trim().split(/\s+/).slice(1);
  const all = terms.findIndex(isAll);
  return all < 0 ? terms : terms.slice(0, all + 1);
}

function isAll(term: string): boolean {
  return /^[+?~-]?all$/i.test(term);
}

function unique(terms: readonly string[]): string[] {
  const seen = new Set<string>();
  return terms.filter((term) => {
    const key = term.toLowerCase().replace(/^\+/, '');
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
}

/** One record of all: each term once, the mildest `all` last, so that nobody's mail is refused by the merge. */
function mergeRecords(records: readonly string[], wanted: string | null): string {
  const terms = unique(records.flatMap(termsOf));
  const alls = ['?all', '~all', '-all'].filter((all) => terms.some((term) => term.toLowerCase() === all));
  const kept = terms.filter((term) => !isAll(term));
  const redirect = kept.some((term) => /^redirect=/i.test(term));
  const end = alls[0] ?? (redirect ? null : '~all');
  const joined = ['v=spf1', ...kept, ...(end === null ? [] : [end])].join(' ');
  return wanted === null ? joined : mergeSpf(joined, wanted);
}

type Facts = {
  readonly domain: string;
  readonly records: readonly string[];
  readonly merged: string;
  readonly terms: readonly SpfTerm[];
  readonly isIncluded: boolean;
  readonly after: number;
};

function adviceFor({ domain, records, merged, terms, isIncluded, after }: Facts): string[] {
  const advice: string[] = [];
  if (records.length > 1)
    advice.push('Several SPF records are an error (RFC 7208 3.2): delete all of them but one.');
  if (records.length === 0) advice.push(`Publish a TXT record at ${domain} with the value: ${merged}`);
  else if (!isIncluded || records.length > 1) advice.push(`Change the one record to: ${merged}`);
  else advice.push('Our sending addresses are included already.');
  for (const { term, problem } of terms) {
    if (problem !== null) advice.push(`Mend or remove ${term}: ${problem}`);
    else if (/^[+?~-]?ptr\b/i.test(term))
      advice.push(`Remove ${term}: it is slow and should not be used (RFC 7208 5.5).`);
    else if (/^\+?all$/i.test(term))
      advice.push(`Replace ${term} by ~all: as it stands everybody may send as ${domain}.`);
  }
  if (after > lookupsMax) advice.push(...overLimit(terms, after));
  return advice;
}

/** The costliest terms first, as many as bring the record back to the limit. */
function overLimit(terms: readonly SpfTerm[], after: number): string[] {
  let over = after - lookupsMax;
  const advice = [
    `The record would need ${after} look-ups and ${lookupsMax} are allowed; beyond that it counts for nothing.`,
  ];
  for (const { term, lookups } of terms.toSorted((left, right) => right.lookups - left.lookups)) {
    if (over <= 0 || lookups === 0) break;
    advice.push(`If ${term} is no longer needed, removing it saves ${lookups} of them.`);
    over -= lookups;
  }
  advice.push(
    'A service whose addresses are few and fixed can be named by ip4: and ip6: instead, at no cost.',
  );
  return advice;
}
