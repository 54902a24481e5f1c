/** Backup codes are kept as hashes: better-auth would only seal them. `guards.ts` hashes the code that is tried. */
import { hashToken } from './store.ts';

const hashedCode = /^[0-9a-f]{64}$/;

/** How better-auth stores a list of codes; what is left of a list that was stored is stored again as it is. */
export const hashBackupCodes = {
  encrypt: (codes: string): Promise<string> => {
    const list = JSON.parse(codes) as string[];
    return Promise.resolve(
      JSON.stringify(list.map((code) => (hashedCode.test(code) ? code : hashBackupCode(code)))),
    );
  },
  decrypt: (stored: string): Promise<string> => Promise.resolve(stored),
};

export function hashBackupCode(code: string): string {
  return hashToken(`backup code ${code.trim()}`);
}
