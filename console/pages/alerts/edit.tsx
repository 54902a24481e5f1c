import { Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';
import { SecretOnce } from '../../parts/secret-once.tsx';
import { secretText } from './create.tsx';
import { bodyOf, LineFields, names, problemOf, TargetFields, wantedOf } from './fields.tsx';
import type { Alert } from './words.ts';

type EditProps = { readonly of: Alert; readonly onDone: () => void };

/** A target that stays is not sent, so that the secret of a webhook stays as well. */
export function Edit({ of: alert, onDone }: EditProps): ReactElement {
  const change = useChange('PATCH /alerts/{id}');
  const [secret, setSecret] = useState<string | null>(null);
  const form = useFields(wantedOf(alert), names);
  const send = form.send('Saved', async (wanted) => {
    const target = { kind: wanted.kind, to: wanted.to.trim() };
    const isOther = target.kind !== alert.target.kind || target.to !== alert.target.to;
    const body = { ...bodyOf(alert.measure, wanted), ...(isOther ? { target } : {}) };
    const changed = await change.run({ path: { id: alert.id }, body });
    if (changed.secret === null) onDone();
    else setSecret(changed.secret);
  });
  const submit = (): void => {
    const problem = problemOf(alert, form.getValues());
    if (problem === null) send();
    else form.setFieldError(problem.field, problem.message);
  };
  if (secret !== null)
    return <SecretOnce name="the signing secret" secret={secret} text={secretText} onClose={onDone} />;
  return (
    <form onSubmit={form.onSubmit(submit)}>
      <Stack gap="sm">
        <TextInput label="Name" required data-autofocus {...form.getInputProps('name')} />
        <LineFields line={alert} form={form} />
        <TargetFields form={form} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Save
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
