import { Group, Modal, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactElement } from 'react';
import { steps } from '../../../src/features/reputation/model.ts';
import type { TakenStep } from '../../../src/features/reputation/model.ts';
import { mayUndo } from '../../../src/features/reputation/rules.ts';
import type { Reply } from '../../api/client.ts';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';
import { useMe, useWhyNot } from '../../shell/me.ts';
import { holderText, stepTexts } from './words.ts';

export type Reputation = Reply<'GET /subaccounts/{id}/reputation'>;
type OfReputation = { readonly of: Reputation };
type FormProps = OfReputation & { readonly onDone: () => void };

const setters = ['system', 'parent', 'operator'] as const;

/** Why the account may not touch what holds; null when it may. */
function useWhyKept({ setBy }: Reputation): string | null {
  const { current } = useMe();
  if (current.reach !== 'account') return 'Only the account decides on reputation.';
  const by = setters.find((each) => each === setBy);
  return by === undefined || mayUndo('parent', by) ? null : `It was set by ${holderText(by)}, who undoes it.`;
}

function later(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/** The end of a day in UTC, as a call takes it; nothing for nothing. */
function endOf(day: string): string | null {
  return day === '' ? null : `${day}T23:59:59Z`;
}

/** Raise, reset, exempt: by hand, with a reason that the subaccount reads. */
export function Acts({ of: reputation }: OfReputation): ReactElement {
  const whyNot = useWhyNot();
  const kept = useWhyKept(reputation);
  const [isRaising, raising] = useDisclosure();
  const [isResetting, resetting] = useDisclosure();
  const [isExempting, exempting] = useDisclosure();
  const nothing = reputation.step === 'none' ? 'No step holds.' : null;
  return (
    <>
      <ActButton
        variant="default"
        why={whyNot('PUT /subaccounts/{id}/reputation/exemption') ?? kept}
        onClick={exempting.open}
      >
        Exempt
      </ActButton>
      <ActButton
        variant="default"
        why={whyNot('POST /subaccounts/{id}/reputation/raise') ?? kept}
        onClick={raising.open}
      >
        Take a step
      </ActButton>
      <ActButton
        why={whyNot('POST /subaccounts/{id}/reputation/reset') ?? kept ?? nothing}
        onClick={resetting.open}
      >
        End the step
      </ActButton>
      <Modal opened={isRaising} onClose={raising.close} title="Take a step">
        <Raise of={reputation} onDone={raising.close} />
      </Modal>
      <Modal opened={isResetting} onClose={resetting.close} title="End the step">
        <Reset of={reputation} onDone={resetting.close} />
      </Modal>
      <Modal opened={isExempting} onClose={exempting.close} title="Exempt it">
        <Exempt of={reputation} onDone={exempting.close} />
      </Modal>
    </>
  );
}

const reason = { label: 'Why', description: 'The subaccount reads it', autosize: true, minRows: 2 } as const;

function Raise({ of: { subaccountId }, onDone }: FormProps): ReactElement {
  const raise = useChange('POST /subaccounts/{id}/reputation/raise');
  const form = useFields<{ step: TakenStep; until: string; reason: string }>({
    step: 'slow',
    until: '',
    reason: '',
  });
  const send = form.send('The step holds', async (wanted) => {
    const until = endOf(wanted.until);
    const body = { step: wanted.step, reason: wanted.reason, ...(until === null ? {} : { until }) };
    await raise.run({ path: { id: subaccountId }, body });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <Select
          label="Step"
          allowDeselect={false}
          data={steps.flatMap((value) => (value === 'none' ? [] : [{ value, label: stepTexts[value] }]))}
          {...form.getInputProps('step')}
        />
        <TextInput
          type="date"
          label="Until the end of"
          description="UTC; empty: a day, for a pause two"
          {...form.getInputProps('until')}
        />
        <Textarea {...reason} {...form.getInputProps('reason')} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Take it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

function Reset({ of: { subaccountId }, onDone }: FormProps): ReactElement {
  const reset = useChange('POST /subaccounts/{id}/reputation/reset');
  const form = useFields({ reason: '' });
  const send = form.send('The step has ended, and mail that it held leaves', async (body) => {
    await reset.run({ path: { id: subaccountId }, body });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <Textarea {...reason} data-autofocus {...form.getInputProps('reason')} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            End it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

function Exempt({ of: { subaccountId, exemptUntil }, onDone }: FormProps): ReactElement {
  const exempt = useChange('PUT /subaccounts/{id}/reputation/exemption');
  const form = useFields({ until: exemptUntil?.slice(0, 10) ?? later(7), reason: '' });
  const set = (isOver: boolean): (() => void) =>
    form.send(isOver ? 'Its figures count again' : 'Its figures lead to nothing', async (wanted) => {
      const until = isOver ? null : endOf(wanted.until);
      await exempt.run({ path: { id: subaccountId }, body: { until, reason: wanted.reason } });
      onDone();
    });
  return (
    <form onSubmit={form.onSubmit(set(false))}>
      <Stack gap="sm">
        <TextInput
          type="date"
          label="Until the end of"
          description="UTC; meanwhile its figures lead to no step"
          required
          {...form.getInputProps('until')}
        />
        <Textarea {...reason} {...form.getInputProps('reason')} />
        <Group justify="flex-end">
          {exemptUntil !== null && (
            <ActButton variant="default" why={null} loading={form.isSending} onClick={set(true)}>
              End the exemption
            </ActButton>
          )}
          <ActButton type="submit" why={null} loading={form.isSending}>
            Exempt it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
