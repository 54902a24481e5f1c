/**
 * Metrics: the event log counted per hour and day, by everything that figures are asked by, and what follows: rates, health,
 * standing. Promises: exact against the log: a cursor moves in the transaction that counts, on one node at a time, so that
 * nothing counts twice or never. Lags the log by about a second. Values beyond what a dimension takes on a day are counted
 * as other, and that is told. The numbers of a deleted subaccount stay, those of a purged one go.
 */
export { Counter } from './count.ts';
export { metricRoutes } from './http.ts';
export { answerCsv, answerJson, AnswerReply } from './json.ts';
export { endOldFigures, figures, standings, takeOut } from './operations.ts';
export type { FigureAnswer } from './operations.ts';
export { toQuery, WhatQuery } from './query.ts';
export type { What } from './query.ts';
export { forgetRecipient } from './sql-read.ts';
