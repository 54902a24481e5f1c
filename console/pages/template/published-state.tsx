import type { ReactElement } from 'react';
import { State } from '../../parts/state.tsx';

export function PublishedState({
  draft,
  published,
}: {
  readonly draft: number;
  readonly published: number | null;
}): ReactElement {
  if (published === null) return <State name="never published" tone="none" />;
  return draft === published ? (
    <State name="published" tone="good" />
  ) : (
    <State name="published, draft newer" tone="wait" />
  );
}
