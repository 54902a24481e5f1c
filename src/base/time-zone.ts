/** Names of time zones: pure. */

/** Three or four capitals are abbreviations, which mean one thing here and another to the store, but for these. */
const plainNames = new Set(['UTC', 'GMT', 'UCT', 'PRC', 'ROC', 'ROK', 'EST', 'MST', 'HST']);

/**
 * Whether it names a zone of the time zone database, links of older names (`US/Eastern`, `Asia/Kolkata`) among them. Neither an
 * offset (`+01:00`) nor an abbreviation (`CST`) does. A store of somebody else's may know fewer: who asks it says so.
 */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  if (/^[A-Z]{3,4}$/i.test(name) && !plainNames.has(name)) return false;
  if (/^SystemV\//i.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
