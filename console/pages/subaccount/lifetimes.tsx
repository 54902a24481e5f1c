import { NumberInput, Select, SimpleGrid, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { useChange, useRead } from '../../api/hooks.ts';
import { useFields } from '../../parts/fields.ts';
import { Panel } from '../../parts/panel.tsx';
import { SaveButton } from '../../parts/save-button.tsx';
import { useMe, useWhyNot } from '../../shell/me.ts';

type Settings = Reply<'GET /suppression-settings'>;
type Own = Settings['own'];
type Reach = Settings['effective']['unsubscribeHoldsFor'];

const causes = [
  { name: 'hardBounceHours', label: 'Hard bounces' },
  { name: 'softBounceHours', label: 'Soft bounces' },
  { name: 'complaintHours', label: 'Complaints' },
  { name: 'unsubscribeHours', label: 'Unsubscribes' },
] as const;
type Cause = (typeof causes)[number]['name'];

/** An empty field leaves it to the next wider one. */
type Values = Record<Cause, number | string> & { unsubscribeHoldsFor: string };

const reaches: Readonly<Record<Reach, string>> = {
  every_sender: 'mail of every sender',
  one_sender: 'mail of the sender that it came from',
};

function valuesOf(own: Own): Values {
  return {
    hardBounceHours: own.hardBounceHours ?? '',
    softBounceHours: own.softBounceHours ?? '',
    complaintHours: own.complaintHours ?? '',
    unsubscribeHours: own.unsubscribeHours ?? '',
    unsubscribeHoldsFor: own.unsubscribeHoldsFor ?? '',
  };
}

function wordsOf(values: Values): Own {
  const hours = (cause: Cause): number | null => (values[cause] === '' ? null : Number(values[cause]));
  return {
    hardBounceHours: hours('hardBounceHours'),
    softBounceHours: hours('softBounceHours'),
    complaintHours: hours('complaintHours'),
    unsubscribeHours: hours('unsubscribeHours'),
    unsubscribeHoldsFor: values.unsubscribeHoldsFor === '' ? null : (values.unsubscribeHoldsFor as Reach),
  };
}

function hoursText(hours: number): string {
  return hours === 0 ? 'they stay' : `${hours} hours`;
}

type LifetimesProps = { readonly subaccount: Reply<'GET /subaccounts/{id}'> };

/** For how long what comes by itself stands on its suppression list; the account's own subaccount says it for all. */
export function Lifetimes({ subaccount: { id, isOwn } }: LifetimesProps): ReactElement {
  const whose = isOwn ? {} : { of: id };
  const { own, effective } = useRead('GET /suppression-settings', {}, whose);
  const put = useChange('PUT /suppression-settings', whose);
  const { reach } = useMe().current;
  const isShut = isOwn && reach !== 'account' ? 'Only who reaches the whole account may change it.' : null;
  const why = useWhyNot()('PUT /suppression-settings') ?? isShut;
  const form = useFields<Values>(valuesOf(own));
  const isChanged = JSON.stringify(wordsOf(form.values)) !== JSON.stringify(wordsOf(valuesOf(own)));
  const save = form.send('Saved: it counts for what comes from now on', (values) =>
    put.run({ body: wordsOf(values) }),
  );
  return (
    <Panel
      title="How long suppressions stand"
      actions={
        <SaveButton why={why} isChanged={isChanged} isSending={form.isSending} onSave={save}>
          Save the times
        </SaveButton>
      }
    >
      <Text size="sm" c="dimmed" mb="sm">
        In hours after the last event, 0: they stay. An address that is suppressed again after that stands
        twice as long, up to a year.{' '}
        {isOwn ? 'It counts for all subaccounts that say nothing.' : 'Empty: as the account says.'}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} mb="sm">
        {causes.map(({ name, label }) => (
          <NumberInput
            key={name}
            label={label}
            description={`Now: ${hoursText(effective[name])}`}
            placeholder="as it comes"
            min={name === 'softBounceHours' ? 1 : 0}
            max={8760}
            clampBehavior="none"
            allowDecimal={false}
            readOnly={why !== null}
            {...form.getInputProps(name)}
          />
        ))}
      </SimpleGrid>
      <Select
        label="An unsubscribe stops"
        maw={360}
        allowDeselect={false}
        readOnly={why !== null}
        data={[
          ...Object.entries(reaches).map(([value, text]) => ({ value, label: text })),
          { value: '', label: `as it comes: ${reaches[effective.unsubscribeHoldsFor]}` },
        ]}
        {...form.getInputProps('unsubscribeHoldsFor')}
      />
    </Panel>
  );
}
