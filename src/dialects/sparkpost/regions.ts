/** What regions of mailbox providers are called there. */
import type { Region } from '../../mail/site-regions.ts';
import { tell } from './words.ts';

export const regionWords: Readonly<Record<Region, string>> = {
  global: 'Global',
  africa: 'Africa',
  asia: 'Asia',
  europe: 'Europe',
  north_america: 'North America',
  oceania: 'Oceania',
  south_america: 'South America',
  unknown: 'Unknown',
};

/** Ours, of names in any case; what is none is refused as a value of that parameter. */
export function regionsOf(
  names: readonly string[] | null,
  param = 'mailbox_provider_regions',
): readonly string[] | null {
  if (names === null) return null;
  return names.map((name) => {
    const known = Object.entries(regionWords).find(([, word]) => word.toLowerCase() === name.toLowerCase());
    if (known !== undefined) return known[0];
    throw tell(400, { message: `${name.slice(0, 64)} is no region`, param, value: name });
  });
}
