/**
 * Claims: names in DNS that a tenant says are theirs. Promises: an unproven claim blocks nobody; a name is proven by one
 * holder in the installation, whom DNS shows now by a record that carries their own token; whoever was it before is told
 * `lost`. Which record that is, and what a proven name is good for, says the feature whose claims they are. A claim is
 * unproven, then proven, and lost when its record is gone or another owner's.
 */
export { claimJson, claimReply } from './http.ts';
export type { Claim, ClaimKind, ClaimState, LookWorld, Proof } from './model.ts';
export { checkDue, existing, hasten, look, newToken } from './operations.ts';
export { isApex, judgeCname, withoutDot } from './rules.ts';
export { countClaims, deleteClaim, findClaim, insertClaim, listClaims } from './sql.ts';
