/**
 * Messages: submissions and their copies. Promises: `accept` resolves only after everything it answers is stored, in one
 * transaction with its events; a refused submission left nothing behind; one tenant's bad row never fails another's.
 * A copy is queued, held, suppressed or rejected at first; deferred between attempts; then delivered, bounced, expired, cancelled,
 * failed or undetermined; a delivered one is bounced when its report comes later. Sending is `delivery`'s.
 */
export { Acceptor } from './accept.ts';
export { messageRoutes } from './http.ts';
export type {
  Accepted,
  CopyData,
  DsnRequest,
  MessageState,
  Rejection,
  Submission,
  SubmissionOptions,
} from './model.ts';
export { messageStates } from './model.ts';
export { findMessage, setState, setStates, walkMessages } from './sql.ts';
export type { MessageRow, StoredContent } from './sql.ts';
export { rejectRaw, send, sendRaw } from './operations.ts';
export { withOptions } from './raw-options.ts';
export type { RawOptions } from './raw-options.ts';
export type { RawRequest } from './prepare-raw.ts';
export type { MessageWorld } from './operations.ts';
export type { LateWorld } from './late.ts';
export { decodeParts, encodeParts } from './parts.ts';
export { mailIn } from './list-of.ts';
export type { Parts } from './parts.ts';
export { forgetAnswers, tendHolds } from './work.ts';
export { tellSettled } from './bulk.ts';
