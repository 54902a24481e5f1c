/** Links to a file: signed, for one export, until it expires. Whoever has it needs no login; a deleted export ends it. */
import type { Keyring } from '../../base/seal.ts';

const purpose = 'export link';

export function makeLink(ring: Keyring, exportId: string, expiresAt: Date): string {
  const data = `${exportId}.${Math.floor(expiresAt.getTime() / 1000)}`;
  return `${data}.${ring.mac(purpose, data).toString('base64url')}`;
}

/** The export's id; null for everything that was not made here, was changed, or is too old. */
export function readLink(ring: Keyring, token: string, now: number): string | null {
  const [, data = '', exportId = '', seconds = '', mac = ''] =
    /^((\d{1,16})\.(\d{1,12}))\.([\w-]{43})$/.exec(token) ?? [];
  if (data === '' || !ring.verifyMac(purpose, data, Buffer.from(mac, 'base64url'))) return null;
  return Number(seconds) * 1000 <= now ? null : exportId;
}
