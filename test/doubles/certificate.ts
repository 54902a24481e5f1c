/** Certificates made on the spot (X.509 v3 in DER, RFC 5280 4.1): self-signed ones, and those of an authority of a test's own. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export type Pair = { readonly cert: string; readonly key: string };

export type Issued = {
  /** Names in subjectAltName; none when left out, and the first is the common name. */
  readonly names: readonly string[];
  /** Two-digit years of the first and last day. */
  readonly years?: readonly [from: string, to: string];
};

/** `cert` is its own certificate; what it issues comes with it as a chain. */
export type Authority = { readonly cert: string; readonly issue: (wanted: Issued) => Pair };

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));

function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(commonName)))));
}

function extension(hex: string, value: Buffer): Buffer {
  return sequence(oid(hex), der(0x04, value));
}

let serial = 1;

function certificate(parts: {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly years?: readonly [string, string];
  readonly extensions?: readonly Buffer[];
}): string {
  const { subject, issuer, publicKey, signer, years = ['20', '49'], extensions = [] } = parts;
  const time = (year: string): Buffer => der(0x17, Buffer.from(`${year}0101000000Z`));
  serial += 1;
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1, serial >> 8, serial & 255])),
    ecdsaWithSha256,
    nameOf(issuer),
    sequence(time(years[0]), time(years[1])),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [der(0xa3, sequence(...extensions))]),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, signer));
  const bytes = sequence(body, ecdsaWithSha256, signature)
    .toString('base64')
    .match(/.{1,64}/g)
    ?.join('\n');
  return `-----BEGIN CERTIFICATE-----\n${bytes}\n-----END CERTIFICATE-----\n`;
}

function newKey(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject; readonly pem: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { publicKey: createPublicKey(createPrivateKey(pem)), privateKey, pem };
}

export function selfSigned(commonName: string): Pair {
  const { publicKey, privateKey, pem } = newKey();
  return {
    cert: certificate({ subject: commonName, issuer: commonName, publicKey, signer: privateKey }),
    key: pem,
  };
}

export function authority(name: string): Authority {
  const own = newKey();
  // basicConstraints with cA true (RFC 5280 4.2.1.9).
  const isAuthority = extension('551d13', sequence(der(0x01, Buffer.from([255]))));
  const cert = certificate({
    subject: name,
    issuer: name,
    publicKey: own.publicKey,
    signer: own.privateKey,
    extensions: [isAuthority],
  });
  return {
    cert,
    issue: ({ names, years }) => {
      const { publicKey, pem } = newKey();
      // subjectAltName of dNSNames (RFC 5280 4.2.1.6).
      const alternatives = sequence(...names.map((each) => der(0x82, Buffer.from(each))));
      const issued = certificate({
        subject: names[0] ?? 'nobody',
        issuer: name,
        publicKey,
        signer: own.privateKey,
        extensions: [extension('551d11', alternatives)],
        ...(years === undefined ? {} : { years }),
      });
      return { cert: `${issued}${cert}`, key: pem };
    },
  };
}
