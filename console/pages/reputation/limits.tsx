import { Group, Modal, NumberInput, Select, SimpleGrid, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { measureNames, steps } from '../../../src/features/reputation/model.ts';
import type { MeasureName } from '../../../src/features/reputation/model.ts';
import { limitsProblem } from '../../../src/features/reputation/rules.ts';
import type { Reply } from '../../api/client.ts';
import { useChange, useRead } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';
import type { Fields } from '../../parts/fields.ts';
import { countText, shareText } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { useWhyNot } from '../../shell/me.ts';
import { measureTexts, stepTexts } from './words.ts';

type Limits = Reply<'GET /reputation/limits'>;

const takenSteps = steps.flatMap((step) => (step === 'none' ? [] : [step]));

/** From which rates on steps are taken against subaccounts of the account. */
export function LimitsPanel(): ReactElement {
  const limits = useRead('GET /reputation/limits', {});
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNot();
  return (
    <Panel
      title="From which rates on"
      actions={
        <ActButton
          size="compact-sm"
          variant="default"
          why={whyNot('PUT /reputation/limits')}
          onClick={dialogue.open}
        >
          Change
        </ActButton>
      }
    >
      <div className="table-scroll" role="region" aria-label="Limits" tabIndex={0}>
        <table className="plain" data-whole>
          <thead>
            <tr>
              <th scope="col">Measure</th>
              {takenSteps.map((step) => (
                <th scope="col" key={step} data-end>
                  {step}
                </th>
              ))}
              <th scope="col">Counted</th>
            </tr>
          </thead>
          <tbody>
            {measureNames.map((name) => (
              <tr key={name}>
                <th scope="row">{measureTexts[name]}</th>
                {takenSteps.map((step) => (
                  <td key={step} data-end>
                    {shareText(limits[name][step])}
                  </td>
                ))}
                <td>
                  {limits[name].windowHours} hours, {countText(limits[name].harmMin)} of{' '}
                  {countText(limits[name].volumeMin)} at least
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Modal opened={isOpen} onClose={dialogue.close} title="From which rates on" size="lg">
        <Choose limits={limits} onDone={dialogue.close} />
      </Modal>
    </Panel>
  );
}

type ChooseProps = { readonly limits: Limits; readonly onDone: () => void };

/** One measure at a time; another begins with what is kept of it. */
function Choose({ limits, onDone }: ChooseProps): ReactElement {
  const [name, setName] = useState<MeasureName>('hard_bounces');
  return (
    <Stack gap="sm">
      <Select
        label="Measure"
        allowDeselect={false}
        data={measureNames.map((value) => ({ value, label: measureTexts[value] }))}
        value={name}
        onChange={(chosen) => setName(measureNames.find((each) => each === chosen) ?? name)}
      />
      <MeasureForm key={name} name={name} limits={limits} onDone={onDone} />
    </Stack>
  );
}

type Wanted = Record<'warn' | 'slow' | 'review' | 'pause', number | string> &
  Record<'windowHours' | 'volumeMin' | 'harmMin', number | string>;

/** In percent, without the dust of a product. */
function shown(rate: number | null): number | string {
  return rate === null ? '' : Number((rate * 100).toPrecision(12));
}

function meant(typed: number | string): number | null {
  return typed === '' ? null : Number((Number(typed) / 100).toPrecision(12));
}

function MeasureForm({ name, limits, onDone }: ChooseProps & { readonly name: MeasureName }): ReactElement {
  const put = useChange('PUT /reputation/limits');
  const { windowHours, volumeMin, harmMin, ...rates } = limits[name];
  const form = useFields<Wanted>(
    {
      windowHours,
      volumeMin,
      harmMin,
      warn: shown(rates.warn),
      slow: shown(rates.slow),
      review: shown(rates.review),
      pause: shown(rates.pause),
    },
    Object.fromEntries(
      [...takenSteps, 'windowHours', 'volumeMin', 'harmMin'].map((field) => [`${name}.${field}`, field]),
    ),
  );
  const wanted = (): Limits => {
    const values = form.getValues();
    return {
      ...limits,
      [name]: {
        windowHours: Number(values.windowHours),
        volumeMin: Number(values.volumeMin),
        harmMin: Number(values.harmMin),
        warn: meant(values.warn),
        slow: meant(values.slow),
        review: meant(values.review),
        pause: meant(values.pause),
      },
    };
  };
  const send = form.send('Judged by these from now on', async () => {
    await put.run({ body: wanted() });
    onDone();
  });
  const submit = (): void => {
    const problem = limitsProblem(wanted());
    if (problem === null) send();
    else form.setFieldError(problem.field.split('.')[1] ?? '', problem.message);
  };
  return (
    <form onSubmit={form.onSubmit(submit)}>
      <Stack gap="sm">
        <MeasureFields form={form} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Save
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

/** Rates in percent from the mildest step on, and what it takes to prove anything. */
function MeasureFields({ form }: { readonly form: Fields<Wanted> }): ReactElement {
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        {takenSteps.map((step) => (
          <NumberInput
            key={step}
            label={stepTexts[step]}
            placeholder="never"
            suffix=" %"
            min={0}
            max={100}
            {...form.getInputProps(step)}
          />
        ))}
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, xs: 3 }}>
        <NumberInput label="Within hours" required min={1} max={720} {...form.getInputProps('windowHours')} />
        <NumberInput label="Of messages at least" required min={1} {...form.getInputProps('volumeMin')} />
        <NumberInput label="And harm at least" required min={1} {...form.getInputProps('harmMin')} />
      </SimpleGrid>
    </>
  );
}
