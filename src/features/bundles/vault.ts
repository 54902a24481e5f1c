/** Secrets on their way: sealed under a passphrase of the caller's (scrypt, AES-256-GCM), never under the master key. */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { refuse } from '../refusals/index.ts';
import type { Header } from './model.ts';

export const passphraseLengthMin = 12;
const saltBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;
const proofText = 'lettershop bundle';

export type Vault = {
  readonly seal: (plain: Buffer, context: string) => string;
  /** Null when it was changed, or belongs elsewhere. */
  readonly open: (sealed: string, context: string) => Buffer | null;
};

type Derive = (
  passphrase: string,
  salt: Buffer,
  bytes: number,
  options: { readonly N: number; readonly r: number; readonly p: number; readonly maxmem: number },
) => Promise<Buffer>;

/** About 0.1 s and 32 MiB. */
async function derive(passphrase: string, salt: Buffer): Promise<Vault> {
  const slow = promisify(scrypt) as Derive;
  const key = await slow(passphrase.normalize('NFKC'), salt, 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 });
  return {
    seal: (plain, context) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context, 'utf8'));
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
    },
    open: (sealed, context) => {
      const bytes = Buffer.from(sealed, 'base64');
      if (bytes.length < nonceBytes + tagBytes) return null;
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes));
      decipher.setAAD(Buffer.from(context, 'utf8'));
      decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
      } catch {
        return null;
      }
    },
  };
}

export async function makeVault(
  passphrase: string,
): Promise<{ readonly vault: Vault; readonly header: NonNullable<Header['vault']> }> {
  const salt = randomBytes(saltBytes);
  const vault = await derive(passphrase, salt);
  return {
    vault,
    header: { salt: salt.toString('base64'), proof: vault.seal(Buffer.from(proofText), 'proof') },
  };
}

/** Refuses a passphrase that is not the one of the bundle. */
export async function openVault(passphrase: string, header: NonNullable<Header['vault']>): Promise<Vault> {
  const vault = await derive(passphrase, Buffer.from(header.salt, 'base64'));
  if (vault.open(header.proof, 'proof')?.toString() !== proofText) {
    const error = {
      field: 'passphrase',
      rule: 'match',
      message: 'is not the one that the bundle was sealed under',
    };
    throw refuse('request.invalid', { message: 'passphrase is not the one of the bundle', errors: [error] });
  }
  return vault;
}

export const contexts = {
  dkim: (domain: string, selector: string): string => `dkim/${domain}/${selector}`,
  key: (publicId: string): string => `key/${publicId}`,
};
