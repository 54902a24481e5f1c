/** What exports are handed: every form there is, each provider's from its dialect. */
import type { Clock } from '../base/clock.ts';
import { mandrillExportForm } from '../dialects/mandrill/index.ts';
import type { Access } from '../features/access/index.ts';
import { nativeForm } from '../features/exports/index.ts';
import type { ExportWorld } from '../features/exports/index.ts';
import { erasedForms } from '../features/suppressions/index.ts';
import type { Store } from './store.ts';

export function exportsOf(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly access: Access;
  readonly publicUrl: () => string;
}): ExportWorld {
  const { store, clock, access, publicUrl } = parts;
  const { db, ring } = store;
  return {
    db,
    ring,
    clock,
    access,
    publicUrl,
    suppressions: { db, clock, erasedForms: erasedForms(ring) },
    forms: { native: nativeForm, mandrill: mandrillExportForm },
  };
}
