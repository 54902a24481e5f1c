import { Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Reply } from '../api/client.ts';
import { useRead } from '../api/hooks.ts';
import { Copy } from '../parts/copy.tsx';
import { Facts } from '../parts/facts.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { useParam } from '../shell/location.ts';
import { ErasureState, Report } from './erasures/report.tsx';

const texts: Readonly<Record<Reply<'GET /erasures/{id}'>['state'], string>> = {
  waiting: 'It begins in a moment.',
  running: 'It is under way: everything is read through, piece by piece. This page follows.',
  done: 'It is done. The address itself was not kept; a keyed hash sees to it that it is not written to again.',
};

export function Page(): ReactElement {
  const id = useParam('id');
  const erasure = useRead('GET /erasures/{id}', { path: { id } }, { everyMs: 2000 });
  const { state, reach, subaccountId, counts, createdAt, finishedAt } = erasure;
  return (
    <>
      <PageHead title={`Erasure ${id}`} text={texts[state]} back={{ to: 'erasures', title: 'Erasures' }} />
      <Stack gap="lg">
        <Panel title="Facts">
          <Facts
            of={{
              State: <ErasureState state={state} />,
              In: reach === 'account' ? 'the whole account' : <SubaccountName id={subaccountId} />,
              Asked: <Time at={createdAt} />,
              Done: finishedAt === null ? null : <Time at={finishedAt} />,
              Number: <Copy value={erasure.id} name="the erasure's number" />,
            }}
          />
        </Panel>
        <Panel title="What held the address">
          <Text size="sm" c="dimmed" mb="sm">
            A report for whoever asked: how many of each kind were deleted, or lost the address.
          </Text>
          <Report counts={counts} />
        </Panel>
      </Stack>
    </>
  );
}
