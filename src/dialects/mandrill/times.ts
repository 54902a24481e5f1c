/** Time as Mandrill writes it (contract, section 3): `YYYY-MM-DD HH:MM:SS` in UTC, or whole seconds since 1970. */

/** From our RFC 3339. */
export function timeText(instant: string): string {
  return instant.slice(0, 19).replace('T', ' ');
}

export function timeOrNull(instant: string | null | undefined): string | null {
  return instant === null || instant === undefined ? null : timeText(instant);
}

export function seconds(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000);
}

const form = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?(?:\.\d{1,9})?))?(Z|[+-]\d{2}:?\d{2})?$/;

/** Our RFC 3339 of a time or a day; null when it is none. */
export function readTime(text: string): string | null {
  const found = form.exec(text.trim());
  if (found === null) return null;
  const [, day, clock = '00:00:00', zone = 'Z'] = found;
  const ms = Date.parse(`${day}T${clock.length === 5 ? `${clock}:00` : clock}${zone}`);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
