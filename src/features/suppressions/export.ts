/** Exports: keyset pages, each read in a transaction of its own as the reader takes them; nothing is collected. */
import type { Scope } from '../../base/scope.ts';
import type { ImportFormat } from './model.ts';
import { list } from './operations.ts';
import type { ListQuery, SuppressionWorld } from './operations.ts';
import { csvHeader, csvLine, jsonLine } from './rows.ts';

const pageMax = 1000;

/**
 * What the list shows, in the order of ids. Left out are erased persons: without their address nobody could read them
 * back.
 */
export async function* exportEntries(
  world: SuppressionWorld,
  scope: Scope,
  filter: ListQuery,
  format: ImportFormat,
): AsyncGenerator<string> {
  const toLine = format === 'csv' ? csvLine : jsonLine;
  if (format === 'csv') yield csvHeader;
  for (let after = '0'; ;) {
    const page = await list(world, scope, filter, { after, limit: pageMax });
    const text = page
      .filter(({ address }) => address !== null)
      .map(toLine)
      .join('');
    if (text !== '') yield text;
    if (page.length < pageMax) return;
    after = page.at(-1)?.id ?? after;
  }
}
