import { Group, NumberInput, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { useChange, useRead } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';
import { Panel } from '../../parts/panel.tsx';
import { useWhyNot } from '../../shell/me.ts';

/** How often its mail has its turn while others of the account wait too. For who looks at the whole account. */
export function Turns({ id }: { readonly id: string }): ReactElement {
  const { weight } = useRead('GET /subaccounts/{id}/turns', { path: { id } });
  return (
    <Panel title="Turns">
      <Text size="sm" c="dimmed" mb="sm">
        {weight === 1
          ? 'While several subaccounts have mail waiting, each has one turn after the other, and so does this one.'
          : `While several subaccounts have mail waiting, this one has ${weight} turns where one of weight 1 has one.`}{' '}
        Nobody waits longer for it when it has nothing to send.
      </Text>
      <WeightForm key={id} id={id} weight={weight} />
    </Panel>
  );
}

type WeightFormProps = { readonly id: string; readonly weight: number };

function WeightForm({ id, weight }: WeightFormProps): ReactElement {
  const put = useChange('PUT /subaccounts/{id}/turns');
  const whyNot = useWhyNot();
  const form = useFields<{ weight: number | string }>({ weight });
  const send = form.send('Saved: its next turns count by it', (wanted) =>
    put.run({ path: { id }, body: { weight: Number(wanted.weight) } }),
  );
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Group align="flex-end">
        <NumberInput
          label="Weight"
          description="1 to 100"
          min={1}
          max={100}
          clampBehavior="none"
          allowDecimal={false}
          required
          w={140}
          {...form.getInputProps('weight')}
        />
        <ActButton
          type="submit"
          variant="default"
          why={whyNot('PUT /subaccounts/{id}/turns')}
          loading={form.isSending}
        >
          Set it
        </ActButton>
      </Group>
    </form>
  );
}
