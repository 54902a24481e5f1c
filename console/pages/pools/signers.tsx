import { Select, Stack } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { useChange, useRead } from '../../api/hooks.ts';
import { act } from '../../parts/confirm.tsx';
import { Panel } from '../../parts/panel.tsx';
import { mayCall, useMe, useWhyNot } from '../../shell/me.ts';

type OfPool = { readonly pool: Reply<'GET /pools/{id}'> };

/** Domains of the account that sign what leaves by the pool, besides the one that the mail is from. */
export function Signers({ pool }: OfPool): ReactElement | null {
  return mayCall(useMe(), 'GET /domains') ? <Choices pool={pool} /> : null;
}

const nobody = 'nobody';

function Choices({ pool }: OfPool): ReactElement {
  const { current } = useMe();
  const { items } = useRead('GET /domains', { query: { limit: 500 } });
  const own = items.filter(
    ({ state, subaccountId }) => state === 'proven' && subaccountId === current.subaccountId,
  );
  const change = useChange('PATCH /pools/{id}');
  const whyNot = useWhyNot()('PATCH /pools/{id}');
  const choice = (field: 'signingDomainId' | 'feedbackDomainId', label: string, description: string) => (
    <Select
      label={label}
      description={description}
      maw={420}
      allowDeselect={false}
      data={[
        { value: nobody, label: 'nobody else' },
        ...own.map(({ id, name }) => ({ value: id, label: name })),
      ]}
      value={pool[field] ?? nobody}
      disabled={whyNot !== null || change.isRunning}
      {...(whyNot === null ? {} : { error: whyNot })}
      onChange={(value) => {
        const id = value === nobody ? null : value;
        if (id === pool[field]) return;
        void act('What leaves from now on is signed so', () =>
          change.run({ path: { id: pool.id }, body: { [field]: id } }),
        );
      }}
    />
  );
  return (
    <Panel title="Signatures">
      <Stack gap="sm">
        {choice(
          'signingDomainId',
          'Signs besides',
          'A proven domain of the account; the one that the mail is from signs as ever',
        )}
        {choice('feedbackDomainId', 'Takes complaints', 'Signs, too, and is where feedback headers lead')}
      </Stack>
    </Panel>
  );
}
