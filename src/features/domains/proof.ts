/**
 * Judging what a domain publishes: evaluated, not compared as text. SPF by counting and following includes (RFC 7208),
 * DKIM by the key itself (RFC 6376 3.6.1), DMARC by the tree walk. Pure over `resolve`.
 */
import type { DnsOutcome, RecordType } from '../../base/dns/index.ts';
import { findDmarc } from './dmarc.ts';
import { judgeOwnCname, judgeOwnMx, returnPathAlternatives } from './bounce-proof.ts';
import type { DomainFacts, ProofResult, ProofState, WantedRecord } from './model.ts';
import { wantedRecords } from './rules.ts';
import { judgeSpf } from './spf.ts';

export type Resolve = (name: string, type: RecordType) => Promise<DnsOutcome>;

type Seen = { readonly values: readonly string[]; readonly state: 'seen' | 'missing' | 'unknown' };

/** Records of one name as text; TXT strings are joined without spaces (RFC 7208 3.3). */
async function look(resolve: Resolve, name: string, type: 'TXT' | 'CNAME'): Promise<Seen> {
  const outcome = await resolve(name, type);
  if (outcome.kind === 'failed') return { values: [], state: 'unknown' };
  if (outcome.kind !== 'found') return { values: [], state: 'missing' };
  const values = outcome.records.flatMap((record): string[] => {
    if (record.type === 'TXT') return [joinTxt(record.data)];
    return record.type === 'CNAME' ? [record.data.toLowerCase().replace(/\.$/, '')] : [];
  });
  return { values, state: values.length > 0 ? 'seen' : 'missing' };
}

/** TXT strings of a name, joined per record; null when DNS gave no answer. */
export function txtOf(resolve: Resolve): (name: string) => Promise<readonly string[] | null> {
  return async (name) => {
    const seen = await look(resolve, name, 'TXT');
    return seen.state === 'unknown' ? null : seen.values;
  };
}

function joinTxt(data: string | Buffer | readonly (string | Buffer)[]): string {
  const parts = Array.isArray(data) ? data : [data as string | Buffer];
  return parts.map((part: string | Buffer) => part.toString()).join('');
}

/** One result per wanted record, in their order, then one per alternative of the return path. */
export async function proveDomain(facts: DomainFacts, resolve: Resolve): Promise<readonly ProofResult[]> {
  const records = [...wantedRecords(facts), ...returnPathAlternatives(facts.domain, facts.mailDomain)];
  return Promise.all(records.map((record) => prove(record, facts, resolve)));
}

async function prove(record: WantedRecord, facts: DomainFacts, resolve: Resolve): Promise<ProofResult> {
  switch (record.purpose) {
    case 'ownership':
      return ownership(record, await look(resolve, record.name, 'TXT'));
    case 'dkim':
      return dkim(record, await look(resolve, record.name, 'TXT'));
    case 'return_path':
      return returnPath(record, await look(resolve, record.name, 'CNAME'));
    case 'spf':
      return spf(record, facts, resolve);
    case 'dmarc':
      return dmarc(record, facts, resolve);
    case 'return_path_cname': {
      const { values, state } = await look(resolve, record.name, 'CNAME');
      return judged(record, judgeOwnCname(record, state === 'unknown' ? null : values));
    }
    case 'return_path_mx':
      return judged(record, judgeOwnMx(record, facts.mailDomain, await resolve(record.name, 'MX')));
  }
}

function result(
  record: WantedRecord,
  state: ProofState,
  seen: readonly string[],
  explain: string,
): ProofResult {
  return {
    purpose: record.purpose,
    state,
    asked: { name: record.name, type: record.type },
    wanted: record.value,
    seen,
    explain,
  };
}

function judged(
  record: WantedRecord,
  { state, seen, explain }: Pick<ProofResult, 'state' | 'seen' | 'explain'>,
): ProofResult {
  return result(record, state, seen, explain);
}

function ownership(record: WantedRecord, seen: Seen): ProofResult {
  if (seen.state === 'unknown')
    return result(record, 'unknown', [], 'DNS gave no answer; it is asked again.');
  if (seen.values.some((value) => value.trim() === record.value))
    return result(record, 'proven', seen.values, 'The token is there.');
  const isOther = seen.values.some((value) => value.startsWith('lettershop-verify='));
  if (isOther)
    return result(record, 'wrong', seen.values, 'There is a token, but not the one of this owner.');
  return result(record, 'missing', seen.values, `Publish a TXT record with this value at ${record.name}.`);
}

function tagsOf(text: string): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const part of text.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0)
      tags.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).replaceAll(/\s+/g, ''));
  }
  return tags;
}

function dkim(record: WantedRecord, seen: Seen): ProofResult {
  if (seen.state === 'unknown')
    return result(record, 'unknown', [], 'DNS gave no answer; it is asked again.');
  if (seen.state === 'missing')
    return result(record, 'missing', [], `Publish the key as a TXT record at ${record.name}.`);
  if (seen.values.length > 1)
    return result(
      record,
      'wrong',
      seen.values,
      'There are several TXT records; a verifier may take the wrong one.',
    );
  const wanted = tagsOf(record.value);
  const tags = tagsOf(seen.values[0] ?? '');
  if ((tags.get('v') ?? 'DKIM1') !== 'DKIM1')
    return result(record, 'wrong', seen.values, 'v= must be DKIM1.');
  if (tags.get('p') === '') return result(record, 'wrong', seen.values, 'The key is revoked (empty p=).');
  if ((tags.get('k') ?? 'rsa') !== wanted.get('k'))
    return result(record, 'wrong', seen.values, `k= must be ${wanted.get('k')}.`);
  const same = Buffer.from(tags.get('p') ?? '', 'base64').equals(
    Buffer.from(wanted.get('p') ?? '', 'base64'),
  );
  if (!same) return result(record, 'wrong', seen.values, 'It is another key.');
  const hashes = tags.get('h');
  if (hashes !== undefined && !hashes.split(':').includes('sha256'))
    return result(record, 'wrong', seen.values, 'h= must allow sha256.');
  const services = tags.get('s');
  if (
    services !== undefined &&
    !services.split(':').some((service) => service === '*' || service === 'email')
  ) {
    return result(record, 'wrong', seen.values, 's= must allow email.');
  }
  const isTesting = tags.get('t')?.split(':').includes('y') === true;
  return result(
    record,
    'proven',
    seen.values,
    isTesting ? 'The key is there; t=y tells verifiers to ignore it: remove it.' : 'The key is there.',
  );
}

function returnPath(record: WantedRecord, seen: Seen): ProofResult {
  if (seen.state === 'unknown')
    return result(record, 'unknown', [], 'DNS gave no answer; it is asked again.');
  if (seen.values.includes(record.value.toLowerCase()))
    return result(record, 'proven', seen.values, 'Bounces come here, and SPF aligns.');
  if (seen.state === 'missing')
    return result(record, 'missing', [], `Publish a CNAME at ${record.name} to ${record.value}.`);
  return result(record, 'wrong', seen.values, `The CNAME must point to ${record.value}.`);
}

/** SPF is evaluated on the return path's domain; on the domain itself it helps those who look there (RFC 7208 2.4). */
async function spf(record: WantedRecord, facts: DomainFacts, resolve: Resolve): Promise<ProofResult> {
  return judged(record, await judgeSpf(record.name, `spf.${facts.mailDomain}`, txtOf(resolve)));
}

async function dmarc(record: WantedRecord, facts: DomainFacts, resolve: Resolve): Promise<ProofResult> {
  const found = await findDmarc(facts.domain, txtOf(resolve));
  if (found.kind === 'unknown')
    return result(record, 'unknown', [], 'DNS gave no answer; it is asked again.');
  if (found.kind === 'none')
    return result(record, 'missing', [], 'Large receivers want a DMARC record; p=none is a beginning.');
  const at = `policy ${found.policy}, from ${found.at} (organizational domain ${found.organizational})`;
  const reports = found.record.toLowerCase().includes(`mailto:${facts.reportAddress.toLowerCase()}`)
    ? ''
    : ` To read its reports here, add mailto:${facts.reportAddress} to its rua.`;
  return result(
    record,
    'proven',
    [found.record],
    `DMARC is there: ${at}. Mail aligns by its DKIM signature.${reports}`,
  );
}
