import type { ReactElement, ReactNode } from 'react';

/** Names and values of one thing; what is null is left out. */
export function Facts({ of }: { readonly of: Readonly<Record<string, ReactNode | null>> }): ReactElement {
  return (
    <dl className="facts">
      {Object.entries(of).map(([name, value]) =>
        value === null ? null : (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
