/**
 * SparkPost's words for what a person may do, and our roles (contract, section 4). Each word gives one role; a role is told by
 * the word for all that it may do. What no word says, is told as `custom`: a manager, an accountant, a chosen set of grants,
 * and whoever does not see all pages or templates.
 */
export type NativePart = {
  readonly role: string;
  readonly grants: readonly string[];
  readonly templates: readonly string[] | null;
  readonly hiddenPages: readonly string[];
};

const table = [
  { word: 'admin', role: 'admin', told: ['owner', 'admin'] },
  { word: 'developer', role: 'developer', told: ['developer'] },
  { word: 'templates', role: 'designer', told: ['designer'] },
  { word: 'reporting', role: 'reporting', told: ['reporting'] },
] as const;

/** Of somebody who reaches one subaccount only. */
const bound = 'subaccount_reporting';
export const accessLevels: readonly string[] = [...table.map(({ word }) => word), bound];

/** Undefined for a word that gives nothing. */
export function roleOf(word: unknown): string | undefined {
  const plain = word === bound ? 'reporting' : word;
  return table.find((row) => row.word === plain)?.role;
}

function wordOf({ role, templates, hiddenPages }: NativePart): string {
  const found = table.find(({ told }) => (told as readonly string[]).includes(role))?.word;
  return found === undefined || templates !== null || hiddenPages.length > 0 ? 'custom' : found;
}

/** Of the whole account, or of chosen subaccounts: one word when it is the same in all of them. */
export function accessLevel(whole: NativePart | null, parts: readonly NativePart[]): string {
  if (whole !== null) return wordOf(whole);
  const [word = 'custom', ...others] = [...new Set(parts.map(wordOf))];
  if (others.length > 0) return 'custom';
  return word === 'reporting' && parts.length === 1 ? bound : word;
}
