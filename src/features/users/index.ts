/**
 * Users: what a person may do in an account. A membership reaches the whole account or one subaccount, with a role or own
 * grants, may be narrowed to named templates and have pages taken away. Promises: nobody hands out more than they hold, or
 * changes an equal or higher one; the last owner stays; an invitation tells an outsider nothing but the account's name;
 * below the account nobody sees who reaches all of it. Who somebody is, `logins` knows.
 */
export { actingOf } from './acting.ts';
export type { Acting, Target, Usable } from './acting.ts';
export { invitationPlugin } from './accept.ts';
export type { Page, Part, Role } from './model.ts';
export { invitationRoutes } from './http-invitations.ts';
export type { InvitationWorld } from './invitations.ts';
export { meRoutes } from './http-me.ts';
export { userRoutes } from './http.ts';
export { addOwner, addPerson } from './operations.ts';
export { hearersOf, readersAmong } from './readers.ts';
export type { Hearer } from './readers.ts';
export { commonPart, mayLead, worksFor } from './rules.ts';
export type { TenantHost } from './rules.ts';
export { grantsOf } from './roles.ts';
export { deletePeopleOf, findOwnerOf, placesOf, usableMemberships } from './sql.ts';
export { deleteOldInvitations } from './sql-invitations.ts';
