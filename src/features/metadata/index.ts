/**
 * Metadata fields: names that the account gives to what its mail carries as metadata. Promises: its subaccounts see the
 * account's fields beside their own, and change only theirs; each is a column of exports; its view template shows a value,
 * escaped, within the bounds of every template. Does not check what metadata mail is sent with.
 */
export { fieldRoutes } from './http.ts';
export { fieldNames } from './operations.ts';
export { plainValue } from './views.ts';
