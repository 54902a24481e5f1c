/** Errors of the store: which lie in a row, and which say that the store is away and the caller may try again. */
import { DatabaseError } from 'pg';
import { errorText } from '../log.ts';

/** The store did not answer: nothing is known about the statement's fate but that it was not confirmed. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** The SQLSTATE of an error of PostgreSQL, null for everything else (a broken socket, say). */
export function sqlState(error: unknown): string | null {
  return error instanceof DatabaseError ? (error.code ?? null) : null;
}

/** 57P01..03: administrator shutdown, crash, cannot connect now; 08: connection. */
export function isShutdown(error: unknown): boolean {
  const state = sqlState(error);
  return state !== null && (state.startsWith('57P') || state.startsWith('08'));
}

/** The database went away under a statement, whether of a hot connection or of a pool: the caller may try again. */
export function isStoreLost(error: unknown): boolean {
  return error instanceof StoreUnavailable || isShutdown(error);
}

/** What `pg` says when a connection of a pool cannot be had or ends under a query; it gives these no code. */
const cutOff =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed)/;

/**
 * What a pool threw, told as StoreUnavailable when it came from the socket: `ECONNRESET` of the store must not look like
 * that of a caller. Errors of PostgreSQL stay as they are.
 */
export function toStoreLost(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DatabaseError) return error;
  return 'syscall' in error || cutOff.test(error.message)
    ? new StoreUnavailable(errorText(error), { cause: error })
    : error;
}

/** Data exceptions and broken constraints lie in a row; resources, locks and shutdowns do not. */
export function isRowFault(error: unknown): boolean {
  const state = sqlState(error);
  return state !== null && /^(?:22|23|42|P0|XX)/.test(state);
}
