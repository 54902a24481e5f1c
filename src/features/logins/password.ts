/**
 * Passwords: Argon2id with the parameters in the stored text (PHC string format), so that stronger ones may follow.
 * 19 MiB, 2 passes, 1 lane: 26 ms on the reference machine (contract smtp-and-standards 10.2).
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';

export type Cost = { readonly memoryKiB: number; readonly passes: number; readonly lanes: number };
export const cost: Cost = { memoryKiB: 19_456, passes: 2, lanes: 1 };

const saltBytes = 16;
const hashBytes = 32;

/** NIST SP 800-63B-4: so many when the password stands alone; no rules on what it is made of. */
export const passwordLengthMin = 15;
export const passwordLengthMax = 256;

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, salt, cost, hashBytes);
  const { memoryKiB, passes, lanes } = cost;
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${bare(salt)}$${bare(hash)}`;
}

/** False for what was not stored by `hashPassword`. */
export async function verifyPassword({
  hash,
  password,
}: {
  hash: string;
  password: string;
}): Promise<boolean> {
  const stored = parseStored(hash);
  if (stored === null) return false;
  const derived = await derive(password, stored.salt, stored.cost, stored.hash.length);
  return timingSafeEqual(derived, stored.hash);
}

type Stored = { readonly cost: Cost; readonly salt: Buffer; readonly hash: Buffer };

export function parseStored(text: string): Stored | null {
  const parts =
    /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([\w+/]{11,86})\$([\w+/]{22,86})$/.exec(text);
  if (parts === null) return null;
  const [, memory, passes, lanes, salt = '', hash = ''] = parts;
  return {
    cost: { memoryKiB: Number(memory), passes: Number(passes), lanes: Number(lanes) },
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

function bare(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

/** In libuv's pool: at most four at once, the event loop stays free. NFC, so that every keyboard means the same. */
function derive(
  password: string,
  nonce: Buffer,
  { memoryKiB, passes, lanes }: Cost,
  tagLength: number,
): Promise<Buffer> {
  const message = Buffer.from(password.normalize('NFC'), 'utf8');
  return new Promise((resolve, reject) => {
    argon2(
      'argon2id',
      { message, nonce, memory: memoryKiB, passes, parallelism: lanes, tagLength },
      (error, tag) => (error === null ? resolve(tag) : reject(error)),
    );
  });
}
