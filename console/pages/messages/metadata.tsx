import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { useReadIf } from '../../api/hooks.ts';
import { HtmlFrame } from '../../parts/mail-view.tsx';
import { Panel } from '../../parts/panel.tsx';

type MetadataProps = { readonly message: Reply<'GET /messages/{id}'> };

/** What programs gave with it; the fields that have a name are shown first, and as their view says. */
export function Metadata({ message: { id, metadata } }: MetadataProps): ReactElement | null {
  const isThere = Object.keys(metadata).length > 0;
  const named = useReadIf(isThere, 'GET /messages/{id}/metadata', { path: { id } });
  if (!isThere) return null;
  const known = named?.items ?? [];
  const names = new Set(known.map(({ name }) => name));
  const rest = Object.entries(metadata).filter(([name]) => !names.has(name));
  const views = known.flatMap(({ view }) => (view === null ? [] : [`<p>${view}</p>`]));
  return (
    <Panel title="Metadata">
      <table className="plain" aria-label="Metadata">
        <tbody>
          {known.map(({ name, value }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
          {rest.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <code className="mono">{JSON.stringify(value)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {views.length > 0 && (
        <div className="views">
          <HtmlFrame html={views.join('\n')} title="Metadata as its fields are shown" />
        </div>
      )}
    </Panel>
  );
}
