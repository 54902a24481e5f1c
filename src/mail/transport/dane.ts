/**
 * DANE for SMTP (RFC 7672, RFC 6698): whether a certificate chain is what TLSA records name. The records must have come by
 * DNSSEC; that is not checked here.
 */
import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export type Tlsa = {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  readonly data: Buffer;
};

export type DaneProblem = 'certificate-expired' | 'certificate-host-mismatch' | 'validation-failure';

const lengths: Readonly<Record<number, number>> = { 1: 32, 2: 64 };
/** Certificates of a chain that are looked at. */
const chainMax = 10;

/** Usages 2 and 3 (RFC 7672 3.1.3), and parameters that we know: what else there is cannot be met. */
export function isUsable({ usage, selector, matchingType, data }: Tlsa): boolean {
  if (usage !== 2 && usage !== 3) return false;
  if (selector !== 0 && selector !== 1) return false;
  if (matchingType === 0) return data.length > 0;
  return lengths[matchingType] === data.length;
}

/** As in a zone file. */
export function tlsaText({ usage, selector, matchingType, data }: Tlsa): string {
  return `${usage} ${selector} ${matchingType} ${data.toString('hex')}`;
}

/**
 * Why the chain (the server's own certificate first) matches none of the usable records; null when it matches one. Usage 3
 * asks for the server's certificate alone, whatever its names and dates (RFC 7672 3.1.1); usage 2 for an issuer above it, with
 * signatures, dates, and one of the names. Path lengths and name constraints of issuers are not checked.
 */
export function daneProblem(
  records: readonly Tlsa[],
  chain: readonly X509Certificate[],
  { names, now }: { readonly names: readonly string[]; readonly now: number },
): DaneProblem | null {
  const [own] = chain;
  if (own === undefined) return 'validation-failure';
  if (records.some((record) => record.usage === 3 && matches(record, own))) return null;
  const anchors = records.filter(({ usage }) => usage === 2);
  const path = anchors.length === 0 ? null : pathTo(anchors, chain.slice(0, chainMax));
  if (path === null) return 'validation-failure';
  if (path.some((each) => !isInTime(each, now))) return 'certificate-expired';
  return names.some((name) => own.checkHost(name, { subject: 'default' }) !== undefined)
    ? null
    : 'certificate-host-mismatch';
}

function matches({ selector, matchingType, data }: Tlsa, certificate: X509Certificate): boolean {
  const bytes =
    selector === 0 ? certificate.raw : certificate.publicKey.export({ type: 'spki', format: 'der' });
  if (matchingType === 0) return bytes.equals(data);
  return createHash(matchingType === 1 ? 'sha256' : 'sha512')
    .update(bytes)
    .digest()
    .equals(data);
}

/** The certificates from the server's up to the one that an anchor names; null when none does. */
function pathTo(
  anchors: readonly Tlsa[],
  chain: readonly X509Certificate[],
): readonly X509Certificate[] | null {
  const path: X509Certificate[] = [];
  let at = chain[0];
  while (at !== undefined && path.length < chainMax) {
    const certificate = at;
    path.push(certificate);
    if (anchors.some((anchor) => isSignedByWhole(anchor, certificate))) return path;
    const issuer = chain.find((each) => !path.includes(each) && isIssuer(each, certificate));
    if (issuer === undefined) return null;
    if (anchors.some((anchor) => matches(anchor, issuer))) return [...path, issuer];
    at = issuer;
  }
  return null;
}

function isIssuer(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && verifies(certificate, issuer.publicKey);
}

/** An anchor that stands in DNS as a whole need not be sent by the server (RFC 7672 3.1.2). */
function isSignedByWhole({ selector, matchingType, data }: Tlsa, certificate: X509Certificate): boolean {
  if (matchingType !== 0) return false;
  try {
    if (selector === 0) return isIssuer(new X509Certificate(data), certificate);
    return verifies(certificate, createPublicKey({ key: data, format: 'der', type: 'spki' }));
  } catch {
    // What stands in DNS is no certificate or key.
    return false;
  }
}

function verifies(certificate: X509Certificate, key: KeyObject): boolean {
  try {
    return certificate.verify(key);
  } catch {
    // A key of another kind than the signature's.
    return false;
  }
}

function isInTime({ validFromDate, validToDate }: X509Certificate, now: number): boolean {
  return validFromDate.getTime() <= now && now <= validToDate.getTime();
}
