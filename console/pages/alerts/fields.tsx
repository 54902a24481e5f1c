import { Group, NumberInput, Select, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Measure, TargetKind } from '../../../src/features/alerts/model.ts';
import { alertProblem, isRate, isStanding, usualClearAt } from '../../../src/features/alerts/rules.ts';
import type { AlertProblem } from '../../../src/features/alerts/rules.ts';
import type { Input } from '../../api/client.ts';
import { targetNames } from './words.ts';
import type { Alert } from './words.ts';

type Line = Pick<Alert, 'measure' | 'comparison'>;

/** What the form holds; shares are told in percent there, and '' is what the server chooses. */
export type Wanted = {
  name: string;
  threshold: number | string;
  clearAt: number | string;
  windowHours: number | string;
  volumeMin: number | string;
  quietMinutes: number | string;
  kind: TargetKind;
  to: string;
};

export const names = { 'target.to': 'to', 'target.kind': 'kind' };

export const usual = { windowHours: 24, volumeMin: 0, quietMinutes: 60 } as const;

export function wantedOf(alert: Alert): Wanted {
  const { name, measure, windowHours, volumeMin, quietMinutes, target } = alert;
  return {
    name,
    threshold: shown(measure, alert.threshold),
    clearAt: shown(measure, alert.clearAt),
    windowHours,
    volumeMin,
    quietMinutes,
    kind: target.kind,
    to: target.to,
  };
}

/** As a person types it: 5 for a share of 0.05, without the dust of a product. */
function shown(measure: Measure, value: number): number {
  return isRate(measure) ? Number((value * 100).toPrecision(12)) : value;
}

function meant(measure: Measure, typed: number | string): number {
  return isRate(measure) ? Number((Number(typed) / 100).toPrecision(12)) : Number(typed);
}

/** The server's own rules, before it is asked; null when they hold. */
export function problemOf(line: Line, wanted: Wanted): AlertProblem | null {
  const threshold = meant(line.measure, wanted.threshold);
  const clearAt =
    wanted.clearAt === '' ? usualClearAt(line.comparison, threshold) : meant(line.measure, wanted.clearAt);
  return alertProblem({ ...line, threshold, clearAt });
}

type Body = Required<
  Pick<Input<'POST /alerts'>['body'], 'name' | 'threshold' | 'windowHours' | 'volumeMin' | 'quietMinutes'>
> & { readonly clearAt?: number };

export function bodyOf(measure: Measure, wanted: Wanted): Body {
  const { name, threshold, clearAt, windowHours, volumeMin, quietMinutes } = wanted;
  return {
    name: name.trim(),
    threshold: meant(measure, threshold),
    ...(clearAt === '' ? {} : { clearAt: meant(measure, clearAt) }),
    windowHours: Number(windowHours === '' ? usual.windowHours : windowHours),
    volumeMin: Number(volumeMin === '' ? usual.volumeMin : volumeMin),
    quietMinutes: Number(quietMinutes === '' ? usual.quietMinutes : quietMinutes),
  };
}

type FieldsProps = {
  readonly line: Line;
  readonly form: {
    readonly getInputProps: (name: keyof Wanted) => object;
    readonly getValues: () => Wanted;
  };
};

/** Where the line is and when it counts. */
export function LineFields({ line: { measure, comparison }, form }: FieldsProps): ReactElement {
  const { threshold } = form.getValues();
  const unit = isRate(measure) ? { suffix: ' %' } : {};
  const back = threshold === '' ? '' : Number(usualClearAt(comparison, Number(threshold)).toPrecision(6));
  return (
    <>
      <Group grow align="flex-start">
        <NumberInput
          label={comparison === 'above' ? 'Fires above' : 'Fires below'}
          required
          min={0}
          {...unit}
          {...form.getInputProps('threshold')}
        />
        <NumberInput
          label="Is over at"
          min={0}
          placeholder={`${back}${isRate(measure) ? ' %' : ''}`}
          {...unit}
          {...form.getInputProps('clearAt')}
        />
      </Group>
      {!isStanding(measure) && (
        <Group grow align="flex-start">
          <NumberInput
            label="Within hours"
            min={1}
            max={720}
            allowDecimal={false}
            placeholder={String(usual.windowHours)}
            {...form.getInputProps('windowHours')}
          />
          {isRate(measure) && (
            <NumberInput
              label="Of messages at least"
              min={0}
              allowDecimal={false}
              placeholder="any number"
              {...form.getInputProps('volumeMin')}
            />
          )}
        </Group>
      )}
    </>
  );
}

/** Who hears of it, and how often at most. */
export function TargetFields({ form }: Pick<FieldsProps, 'form'>): ReactElement {
  const { kind } = form.getValues();
  return (
    <>
      <Select
        label="Tells by"
        allowDeselect={false}
        data={Object.entries(targetNames).map(([value, label]) => ({ value, label }))}
        {...form.getInputProps('kind')}
      />
      <TextInput
        label={kind === 'mail' ? 'Address' : 'URL'}
        description={
          kind === 'mail'
            ? 'Of a person of the account, or of a proven sender'
            : kind === 'slack'
              ? 'Of an incoming webhook'
              : 'It takes JSON by POST, signed by Standard Webhooks'
        }
        required
        {...form.getInputProps('to')}
      />
      <NumberInput
        label="Quiet for minutes"
        description="Nobody is told twice within so long"
        min={15}
        max={10_080}
        allowDecimal={false}
        placeholder={String(usual.quietMinutes)}
        {...form.getInputProps('quietMinutes')}
      />
    </>
  );
}
