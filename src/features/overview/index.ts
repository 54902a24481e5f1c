/**
 * Overview: how the subaccounts of an account are, those in trouble first. Promises: what somebody sees of it is what their
 * scope reaches; twenty thousand subaccounts are answered at once (figures: docs/performance.md). It keeps nothing of its own.
 */
export { overviewRoutes } from './http.ts';
