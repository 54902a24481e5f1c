/**
 * Reputation: what a subaccount's own figures lead to. Promises: one subaccount's harm changes no other's figures or steps;
 * every step (warn, slow, review, pause) has its evidence (figures, window, limit), a history, an event and an end; it is
 * judged in the order: counted (outcomes), found, decided (rules), done in one transaction with its event. `slow` caps the
 * hour's quota, `review` holds new and waiting mail, `pause` is the stop of the authority "system". Whoever reads the whole
 * account may raise, reset and exempt; what the operator has set the account does not undo.
 */
export { reputationRoutes } from './http.ts';
export { steps } from './model.ts';
export type { Step } from './model.ts';
export { exempt, raise, reset } from './operations.ts';
export { dueFor, endOldSteps, judgeWhatIsDue } from './work.ts';
