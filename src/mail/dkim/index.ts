/** DKIM signing: relaxed/relaxed, RSA-2048 and Ed25519. Verifying is left to an independent library. */
export { bodyHash } from './body.ts';
export { generateKeyPair, readPrivateKey, recordOfPrivate } from './keys.ts';
export { Signer } from './sign.ts';
export type { DkimAlgorithm, DkimKey } from './sign.ts';
