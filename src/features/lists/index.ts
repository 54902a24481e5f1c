/**
 * Recipient lists: addresses with the data, metadata and tags that mail to them is written with, kept to be sent to again.
 * Promises: an address stands in a list once; a list is bounded (10,000 recipients, 32 MiB), so that a send to it is one
 * transaction; a change of many recipients is stored whole or not at all; nobody but its holder and the account sees one.
 * Does not ask whether an address may be written to: that is asked when mail is accepted.
 */
export { listRoutes } from './http.ts';
export type { ListWish } from './model.ts';
export { bringIn, bringRecipients, recipientsFor } from './operations.ts';
export { readRecipient } from './rules.ts';
