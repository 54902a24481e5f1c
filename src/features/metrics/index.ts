/**
 * Metrics: counts per subaccount, day and kind of event, and the standing that follows from them. Promises: exact against
 * the event log: a cursor moves in the transaction that counts, on one node at a time, so that nothing counts twice or
 * never. Lags the log by about a second. The numbers of a deleted subaccount stay, those of a purged one go.
 */
export { metricRoutes } from './http.ts';
export { countEvents, standings } from './operations.ts';
