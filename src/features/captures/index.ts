/**
 * Captures: the built-in mailbox at the end of the delivery path while LETTERSHOP_OUTBOUND is `capture`. Promises:
 * nothing leaves this machine; what arrives is kept a week, byte for byte, and seen only by the tenant that sent it.
 */
export { captureRoutes } from './http.ts';
export { CaptureMailbox, complain, misbehaviour } from './mailbox.ts';
export { dropOldCaptures } from './sql.ts';
