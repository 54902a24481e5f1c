/** Trouble as one number, so that the database can sort by it: pure. */
import { troubles } from './model.ts';
import type { Trouble } from './model.ts';

/** A trouble weighs more than all milder ones together: the worst decides, then the second, and so on. */
export function weightOf(trouble: Trouble): number {
  return 2 ** (troubles.length - 1 - troubles.indexOf(trouble));
}

/** From the worst. */
export function troublesOf(weight: number): readonly Trouble[] {
  return troubles.filter((each) => (weight & weightOf(each)) !== 0);
}

/** Where a page ends: the last row's weight and number. */
export type Place = { readonly weight: number; readonly id: number };

export const placePattern = '^\\d{1,9}-\\d{1,10}$';

export function placeOf(cursor: string): Place {
  const [weight = '0', id = '0'] = cursor.split('-');
  return { weight: Number(weight), id: Number(id) };
}

export function cursorOf({ weight, id }: Place): string {
  return `${weight}-${id}`;
}
