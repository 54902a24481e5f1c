import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { regionNames } from '../../mail/site-regions.ts';

const ofSite = JSON.stringify(regionNames.ofSite);
const ofEnding = JSON.stringify(regionNames.ofEnding);

/** Where on earth the site of that name is, as `regionOf` says; null where there is none. */
export function siteRegion(site: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(case when ${site} is not null then coalesce(${ofSite}::jsonb ->> ${site},
    ${ofEnding}::jsonb ->> substring(${site} from '[^.]*$'), 'unknown') end)`;
}
