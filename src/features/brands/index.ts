/**
 * Brands: the name, logo and colour that a tenant's people see in the console instead of ours. Promises: a subaccount without
 * a brand shows its account's, an account without one the installation's; a host shows a brand only while DNS shows its
 * holder's own CNAME, so that a name has one brand in the installation; that is asked again every hour and at logins; a host of a suspended tenant, and one that is not
 * known, answer the same bytes; a logo is a picture by its own bytes, never markup; white text can be read on a brand's colour.
 * Does not get certificates for hosts: whatever stands in front of the program does.
 */
export { brandRoutes } from './http.ts';
export { makeConfirmHost } from './recheck.ts';
export { BrandHosts } from './standing.ts';
export type { HostHolder } from './standing.ts';
export type { BrandWorld, ShownBrand } from './model.ts';
export { checkDueHosts } from './hosts.ts';
export { logoPath } from './rules.ts';
export { findLogo } from './sql.ts';
