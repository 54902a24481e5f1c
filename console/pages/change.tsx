import { Stack } from '@mantine/core';
import type { ReactElement } from 'react';
import { useRead } from '../api/hooks.ts';
import { Actor } from '../parts/actor.tsx';
import { Copy } from '../parts/copy.tsx';
import { Facts } from '../parts/facts.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { useParam } from '../shell/location.ts';
import { linesOf } from './audit/changes.ts';

export function Page(): ReactElement {
  const id = useParam('id');
  const entry = useRead('GET /audit/{id}', { path: { id } });
  return (
    <>
      <PageHead
        title={`${entry.subject.replaceAll('_', ' ')} ${entry.subjectId} ${entry.action}`}
        back={{ to: 'audit', title: 'Audit log' }}
      />
      <Stack gap="lg">
        <Panel title="Facts">
          <Facts
            of={{
              At: <Time at={entry.at} />,
              By: <Actor actor={entry.actor} />,
              Subaccount: <SubaccountName id={entry.subaccountId} />,
              'Request id':
                entry.requestId === null ? (
                  'none: at the machine'
                ) : (
                  <Copy value={entry.requestId} name="the request id" />
                ),
            }}
          />
        </Panel>
        <Panel title="Changes">
          <Changes entry={entry} />
        </Panel>
      </Stack>
    </>
  );
}

function Changes({ entry }: { readonly entry: Parameters<typeof linesOf>[0] }): ReactElement {
  const lines = linesOf(entry);
  if (lines.length === 0) return <>No field that is told.</>;
  return (
    <div className="table-scroll">
      <table className="plain">
        <thead>
          <tr>
            <th>Field</th>
            <th>Before</th>
            <th>After</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ field, before, after }) => (
            <tr key={field}>
              <th scope="row">{field}</th>
              <td>{before}</td>
              <td>{after}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
