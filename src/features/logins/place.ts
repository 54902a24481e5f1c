/**
 * Where people log in: at the installation's own host, or at a proven host of a brand. Sessions, challenges and passkeys are of
 * one place and worth nothing at another, as whoever has a host's DNS can see all that a browser sends there.
 */
import { createHash } from 'node:crypto';
import { atHost } from './link-host.ts';

export type LoginPlace = {
  /** Of a brand, in lower case; null: the installation's own, under whatever name it is reached. */
  readonly host: string | null;
  /** How it is reached, with the path that is put before ours, without a slash at its end. */
  readonly url: string;
  /** What authenticators show. */
  readonly name: string;
};

export function placeAt(
  publicUrl: string,
  brand: { readonly host: string; readonly name: string } | null,
): LoginPlace {
  if (brand === null) return { host: null, url: publicUrl.replace(/\/+$/, ''), name: 'Lettershop' };
  return { host: brand.host, url: atHost(publicUrl, brand.host), name: brand.name };
}

/** WebAuthn Level 3, 5.1.2: the host itself; what is registered for it is good at no other. */
export function relyingParty({ url }: LoginPlace): string {
  return new URL(url).hostname;
}

/** What begins at one place and ends at another by design, and codes that are used up everywhere at once. */
const everywhere = ['reset-password:', 'totp '] as const;

/**
 * How identifiers of challenges are stored: as hashes, which hold the place, so that a second factor, a passkey or a provider's
 * answer that was asked for at one place is unknown at another.
 */
export function proofStorage({ host }: LoginPlace) {
  const here = {
    hash: (identifier: string): Promise<string> =>
      Promise.resolve(
        createHash('sha256')
          .update(`${host ?? ''} ${identifier}`)
          .digest('base64url'),
      ),
  };
  const overrides = Object.fromEntries(everywhere.map((prefix) => [prefix, 'hashed' as const]));
  return { default: here, overrides };
}
