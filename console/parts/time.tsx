import type { ReactElement } from 'react';

const short = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/** The viewer's own time zone, for calls that count by days. */
export const viewersZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** An instant to the second with its zone, for `at` as ISO 8601. */
export const exactTime = (at: string): string => full.format(new Date(at));

/** An instant in the viewer's zone; the exact one with its zone when pointed at (`Hints`). */
export function Time({ at, isDay = false }: { readonly at: string; readonly isDay?: boolean }): ReactElement {
  const date = new Date(at);
  return <time dateTime={at}>{(isDay ? day : short).format(date)}</time>;
}
