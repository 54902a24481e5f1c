/** The key pairs that are made for a domain. */
import { generateKeyPair } from '../../mail/dkim/index.ts';
import type { KeyRow } from './sql.ts';

/**
 * Two selectors are handed out when the domain is made, so that rotation later needs no customer (design, section 5). The
 * row's id is added, as several holders may publish keys for one name.
 */
export const selectors = [
  { selector: 'ls1', algorithm: 'rsa-sha256', state: 'signing' },
  { selector: 'ls2', algorithm: 'rsa-sha256', state: 'reserve' },
  { selector: 'lse1', algorithm: 'ed25519-sha256', state: 'signing' },
] as const;

export type MadeKey = Omit<KeyRow, 'sealedPrivateKey'> & { readonly privateDer: Buffer };

/**
 * New key pairs for a domain: some hundred milliseconds, so not within a transaction. Beside one that is brought, those of its
 * algorithm wait.
 */
export async function makeKeys(brought: MadeKey | null = null): Promise<readonly MadeKey[]> {
  const made = await Promise.all(
    selectors.map(async ({ selector, algorithm, state }): Promise<MadeKey> => {
      const pair = await generateKeyPair(algorithm);
      const waits = brought?.algorithm === algorithm;
      const { record, privateDer } = pair;
      return { selector, algorithm, state: waits ? 'reserve' : state, record, privateDer };
    }),
  );
  return brought === null ? made : [brought, ...made];
}
