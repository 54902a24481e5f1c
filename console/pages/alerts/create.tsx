import { Group, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { isStanding } from '../../../src/features/alerts/rules.ts';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';
import type { Fields } from '../../parts/fields.ts';
import { OneSubaccount } from '../../parts/one-subaccount.tsx';
import { SecretOnce } from '../../parts/secret-once.tsx';
import { useMe } from '../../shell/me.ts';
import { bodyOf, LineFields, names, problemOf, TargetFields, usual } from './fields.tsx';
import type { Wanted } from './fields.tsx';
import { measureChoices } from './words.ts';
import type { Alert } from './words.ts';

type WantedNew = Wanted & Pick<Alert, 'measure' | 'comparison'>;

export const secretText = 'With it your program checks the signature. Another address gets another secret.';

const first: WantedNew = {
  name: '',
  measure: 'bounce_rate',
  comparison: 'above',
  threshold: 5,
  clearAt: '',
  ...usual,
  volumeMin: 200,
  kind: 'mail',
  to: '',
};

export function Create({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { current, user } = useMe();
  const create = useChange('POST /alerts');
  const [secret, setSecret] = useState<string | null>(null);
  const [about, setAbout] = useState<number | null>(null);
  const form = useFields<WantedNew>({ ...first, to: user?.email ?? '' }, names);
  if (secret !== null)
    return <SecretOnce name="the signing secret" secret={secret} text={secretText} onClose={onClose} />;
  const wanted = form.getValues();
  const { measure } = wanted;
  const line = { measure, comparison: isStanding(measure) ? ('above' as const) : wanted.comparison };
  const send = form.send('It is watched from now on', async ({ kind, to }) => {
    const body = {
      ...bodyOf(measure, wanted),
      ...line,
      target: { kind, to: to.trim() },
      ...(about === null ? {} : { subaccount: String(about) }),
    };
    const made = await create.run({ body });
    if (made.secret === null) onClose();
    else setSecret(made.secret);
  });
  const submit = (): void => {
    const problem = problemOf(line, wanted);
    if (problem === null) send();
    else form.setFieldError(problem.field, problem.message);
  };
  return (
    <form onSubmit={form.onSubmit(submit)}>
      <Stack gap="sm">
        <TextInput label="Name" required data-autofocus {...form.getInputProps('name')} />
        <MeasureFields form={form} />
        <LineFields line={line} form={form} />
        {current.reach === 'account' && (
          <OneSubaccount label="Figures of one subaccount" id={about} set={setAbout} />
        )}
        <TargetFields form={form} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Watch it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

/** What an alert is made for, which stays: another is another alert. */
function MeasureFields({ form }: { readonly form: Fields<WantedNew> }): ReactElement {
  const { measure } = form.getValues();
  return (
    <Group grow align="flex-start">
      <Select
        label="Watches"
        allowDeselect={false}
        data={measureChoices}
        {...form.getInputProps('measure')}
      />
      {!isStanding(measure) && (
        <Select
          label="For being"
          allowDeselect={false}
          data={[
            { value: 'above', label: 'above a line' },
            { value: 'below', label: 'below a line' },
          ]}
          {...form.getInputProps('comparison')}
        />
      )}
    </Group>
  );
}
