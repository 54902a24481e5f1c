/**
 * Suppressions: addresses that must not be written to, in three layers: a subaccount's own list, its account's for all of
 * its subaccounts, the operator's for everybody.
 * Promises: asked at accept, and again at each attempt of mail that waited (`makeLookUp`); hard bounces, complaints,
 * unsubscribes and repeated soft bounces enter the sending subaccount's list by themselves, never a wider one; a hit tells
 * its layer, and its cause only to whom the list belongs; imports and exports of any size in bounded memory; an erased
 * person stays suppressed under a keyed hash. Entries stop all mail, or that of one list or sender. What comes by itself stands as long
 * as account and subaccount say, and longer each time it is renewed; what has expired stops nothing, and leaves a year later.
 * Does not check whether a mailbox exists, and does not know consent: whoever removes an entry answers for it.
 */
export { suppressionRoutes } from './http.ts';
export { bringIn, cutText, Gate, importEntries } from './imports.ts';
export type { ImportWorld } from './imports.ts';
export { erasedForms, makeLookUp } from './look-up.ts';
export type {
  Asked,
  Hit,
  Hits,
  ImportReport,
  Kind,
  Layer,
  LookUp,
  MailOf,
  Suppression,
  Told,
} from './model.ts';
export { addFromReports, addSoftBounce, everyEntry, list, put, removeAddress } from './operations.ts';
export type { Report } from './operations.ts';
export { entryCells, entryColumns } from './rows.ts';
export type { Given } from './rules.ts';
export { addressKey, entryAddress, hitOf, senderKey, told, unknownMail } from './rules.ts';
export { entryKeyText, isRenewedText, renewedText } from './sql-renew.ts';
export { softBounceText } from './sql-soft.ts';
export { kinds, layers } from './model.ts';
export { findText } from './sql-find.ts';
export { endSuppressions, eraseAddress } from './work.ts';
