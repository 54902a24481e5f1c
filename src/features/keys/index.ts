/**
 * Keys: API keys and SMTP users. Promises: only a hash of the secret is stored, it is shown once; nobody hands out
 * grants, reach, subaccounts, addresses, domains or a life beyond their own. Whether a key may be used now, `access` decides.
 */
export { keyRoutes } from './http.ts';
export { create, createHashed, createWithin, newPair } from './operations.ts';
export { isGrant, isWithin, keyProblem } from './rules.ts';
export { deleteKeysOf, findLoginKeyById, findLoginKeys, recordUses } from './sql.ts';
export { countEmbedKeys, deleteEmbedKey, deleteEmbedKeys, openEmbedKey } from './sql-embed.ts';
export type { LoginKey } from './sql.ts';
