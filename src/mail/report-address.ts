/**
 * Where receivers send what they say of a domain's mail (`rua=` of its DMARC record): an address per domain, signed, so that a
 * report that comes to it names the domain and its holder, and no store is asked at RCPT.
 * `dmarc-<id: 13 base32><mac: 16 base32>@domain`, lower case, 35 octets before the @. It stands in DNS: it is no secret, and
 * does not age.
 */
import type { Keyring } from '../base/seal.ts';
import { decodeBytes, decodeNumber, encodeBytes, encodeNumber, idDigits, macBytes } from './verp.ts';

const purpose = 'dmarc report address';

export function makeReportAddress(domainId: string, mailDomain: string, ring: Keyring): string {
  const id = encodeNumber(BigInt(domainId), idDigits);
  return `dmarc-${id}${encodeBytes(ring.mac(purpose, id).subarray(0, macBytes))}@${mailDomain}`;
}

/** The id of the domain that the part before the @ names; null when it is not ours or was tampered with. */
export function readReportAddress(localPart: string, ring: Keyring): string | null {
  const [, id, mac] = /^dmarc-([a-z2-7]{13})([a-z2-7]{16})$/.exec(localPart.toLowerCase()) ?? [];
  if (id === undefined || mac === undefined || !ring.verifyMac(purpose, id, decodeBytes(mac))) return null;
  return decodeNumber(id).toString();
}
