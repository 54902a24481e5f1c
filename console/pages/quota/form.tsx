import { Group, NumberInput, Stack, Switch } from '@mantine/core';
import type { ReactElement } from 'react';
import { periods } from '../../../src/features/quotas/model.ts';
import type { Period } from '../../../src/features/quotas/model.ts';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';
import type { Quota } from './windows.tsx';

type Wanted = Record<Period, number | string> & { automatic: boolean; monthStartsOn: number | string };
type FormProps = { readonly quota: Quota; readonly onDone: () => void };

function limit(value: number | string): number | null {
  return value === '' ? null : Number(value);
}

/** The account's limits hold for all its subaccounts together; a subaccount's are its own, and may follow its reputation. */
export function QuotaForm({ quota, onDone }: FormProps): ReactElement {
  const ofAccount = useChange('PUT /quota');
  const ofSubaccount = useChange('PUT /subaccounts/{id}/quota');
  const isAccounts = quota.level === 'account';
  const form = useFields<Wanted>({
    hour: quota.hour.max ?? '',
    day: quota.day.max ?? '',
    month: quota.month.max ?? '',
    automatic: quota.automatic,
    monthStartsOn: new Date(quota.month.startedAt).getUTCDate(),
  });
  const send = form.send('The quota was changed', async (wanted) => {
    const { automatic, monthStartsOn } = wanted;
    const limits = { hour: limit(wanted.hour), day: limit(wanted.day), month: limit(wanted.month) };
    if (isAccounts)
      await ofAccount.run({
        body: { ...limits, ...(monthStartsOn === '' ? {} : { monthStartsOn: Number(monthStartsOn) }) },
      });
    else await ofSubaccount.run({ path: { id: quota.subaccountId }, body: { ...limits, automatic } });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        {periods.map((period) => (
          <NumberInput
            key={period}
            label={`Messages per ${period}`}
            placeholder="no limit"
            min={0}
            allowDecimal={false}
            {...form.getInputProps(period)}
          />
        ))}
        {isAccounts ? (
          <NumberInput
            label="The month starts on day"
            min={1}
            max={28}
            allowDecimal={false}
            {...form.getInputProps('monthStartsOn')}
          />
        ) : (
          <Switch
            label="The hour's limit follows the reputation"
            description="It begins with what stands above"
            {...form.getInputProps('automatic', { type: 'checkbox' })}
          />
        )}
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Change it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
