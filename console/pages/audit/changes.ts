/** An entry of the audit log as lines: what a field was before, and what after. */
import type { Item } from '../../api/client.ts';

type Entry = Pick<Item<'GET /audit'>, 'action' | 'changes'>;
export type Line = { readonly field: string; readonly before: string | null; readonly after: string | null };

function valueText(value: unknown): string {
  if (value === null || value === '') return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function linesOf({ action, changes }: Entry): readonly Line[] {
  return Object.entries(changes).map(([field, value]) => {
    if (action === 'changed' && Array.isArray(value)) {
      const [before, after] = value as readonly unknown[];
      return { field, before: valueText(before), after: valueText(after) };
    }
    const text = valueText(value);
    return action === 'deleted' ? { field, before: text, after: null } : { field, before: null, after: text };
  });
}

export function changeText(entry: Entry): string {
  return linesOf(entry)
    .map(({ field, before, after }) =>
      before !== null && after !== null ? `${field}: ${before} → ${after}` : `${field}: ${after ?? before}`,
    )
    .join(', ');
}
