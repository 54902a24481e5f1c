/** DMARC of a domain by the tree walk of RFC 9989 4.10: which record applies, and which policy it sets. Pure over `txt`. */

/** TXT strings of a name, joined per record; null when DNS gave no answer. */
export type Txt = (name: string) => Promise<readonly string[] | null>;

export type DmarcFound =
  | {
      readonly kind: 'found';
      readonly at: string;
      readonly record: string;
      readonly policy: string;
      readonly organizational: string;
    }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' };

type DmarcRecord = {
  readonly domain: string;
  readonly record: string;
  readonly tags: ReadonlyMap<string, string>;
};

const queriesMax = 8;

function parseTags(record: string): ReadonlyMap<string, string> | null {
  const parts = record.split(';').map((part) => part.trim());
  if (!/^v\s*=\s*DMARC1$/.test(parts[0] ?? '')) return null;
  const tags = new Map<string, string>();
  for (const part of parts.slice(1)) {
    const equals = part.indexOf('=');
    if (equals > 0) tags.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim());
  }
  return tags;
}

/** The names to ask, longest first: a name of 8 or more labels jumps to its last 7. */
export function walkNames(domain: string): readonly string[] {
  const labels = domain.split('.');
  const names = [domain];
  for (let count = Math.min(labels.length - 1, 7); count >= 1; count--)
    names.push(labels.slice(-count).join('.'));
  return names.slice(0, queriesMax);
}

export async function findDmarc(domain: string, txt: Txt): Promise<DmarcFound> {
  const found: DmarcRecord[] = [];
  for (const name of walkNames(domain)) {
    const strings = await txt(`_dmarc.${name}`);
    if (strings === null) return { kind: 'unknown' };
    const records = strings.flatMap((record) => {
      const tags = parseTags(record);
      return tags === null ? [] : [{ domain: name, record, tags }];
    });
    // Two records are none.
    const [only] = records;
    if (records.length !== 1 || only === undefined) continue;
    found.push(only);
    const psd = only.tags.get('psd');
    if (psd === 'n' || (psd === 'y' && name !== domain)) break;
  }
  return judge(domain, found);
}

function judge(domain: string, found: readonly DmarcRecord[]): DmarcFound {
  const last = found.at(-1);
  if (last === undefined) return { kind: 'none' };
  const isSuffix = last.tags.get('psd') === 'y' && last.domain !== domain;
  const organizational = isSuffix
    ? domain
        .split('.')
        .slice(-(last.domain.split('.').length + 1))
        .join('.')
    : last.domain;
  const own = found.find((record) => record.domain === domain);
  const applies = own ?? found.find((record) => record.domain === organizational) ?? last;
  const base = validPolicy(applies.tags.get('p')) ?? 'none';
  const policy = applies.domain === domain ? base : (validPolicy(applies.tags.get('sp')) ?? base);
  return { kind: 'found', at: applies.domain, record: applies.record, policy, organizational };
}

function validPolicy(text: string | undefined): string | null {
  const policy = text?.toLowerCase();
  return policy === 'none' || policy === 'quarantine' || policy === 'reject' ? policy : null;
}
