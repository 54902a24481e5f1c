/** What a profile may say: pure, and apart from the rules that the console shares. */
import { isTimeZone } from '../../base/time-zone.ts';
import type { Profile } from './rules.ts';

export type ProfileProblem = { readonly field: string; readonly rule: string; readonly message: string };

/** A country needs city and region, as a postal address does. */
export function profileProblem(profile: Profile): ProfileProblem | null {
  if (profile.timeZone !== undefined && !isTimeZone(profile.timeZone))
    return {
      field: 'profile.timeZone',
      rule: 'known',
      message: 'must be a name of the time zone database, as Europe/Vienna',
    };
  if (profile.country === undefined) return null;
  for (const field of ['city', 'region'] as const) {
    if (profile[field] === undefined)
      return { field: `profile.${field}`, rule: 'required', message: 'is needed when there is a country' };
  }
  return null;
}
