/** The DNS zone that a name lies in, and who serves it: pure over `resolve`. */
import { getDomain } from 'tldts';
import type { Resolve } from './proof.ts';

export type Zone = { readonly name: string; readonly nameServers: readonly string[] };

/** The name and its parents down to the domain that was registered, longest first. */
export function zoneCandidates(domain: string): readonly string[] {
  const registered = getDomain(domain) ?? domain;
  const names = [domain];
  while (names.at(-1) !== registered && (names.at(-1) ?? '').includes('.')) {
    const last = names.at(-1) ?? '';
    names.push(last.slice(last.indexOf('.') + 1));
  }
  return names;
}

/** The longest name of these that has name servers; null when DNS shows none. */
export async function findZone(domain: string, resolve: Resolve): Promise<Zone | null> {
  for (const name of zoneCandidates(domain)) {
    const outcome = await resolve(name, 'NS');
    if (outcome.kind !== 'found') continue;
    const nameServers = outcome.records.flatMap((record) =>
      record.type === 'NS' ? [record.data.toLowerCase().replace(/\.$/, '')] : [],
    );
    if (nameServers.length > 0) return { name, nameServers: nameServers.sort() };
  }
  return null;
}
