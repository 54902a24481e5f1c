/**
 * Audit: who changed what, of every table that is not traffic. Promises: an entry is written by the database in the
 * change's own transaction, as soon as that transaction says who acts (`db.scoped` does, `actAsOperator` for the operator
 * at the machine); secrets are never in it; tenants cannot change or delete it. Entries end after 400 days. What nobody
 * did (background work) is told by events instead.
 */
export { auditRoutes } from './http.ts';
export { endOldEntries } from './work.ts';
export { actAsOperator } from './sql.ts';
