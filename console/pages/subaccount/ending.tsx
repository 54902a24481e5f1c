/** How a subaccount ends: retired at once or on a day, which is taken back until then, or deleted. */
import { Group, Modal, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { act, confirm } from '../../parts/confirm.tsx';
import { useFields } from '../../parts/fields.ts';
import { instantOf, localText } from '../../parts/local-time.ts';
import { Panel } from '../../parts/panel.tsx';
import { Time } from '../../parts/time.tsx';
import { useGoTo } from '../../shell/location.ts';
import { mayCall, useMe, useWhyNot } from '../../shell/me.ts';

type Subaccount = Reply<'GET /subaccounts/{id}'>;
type Of = { readonly subaccount: Subaccount };

/** When it will; a stop hides the stage behind it, and the day says it all the same. Null: it does not. */
function dayOf({ status, retiresAt }: Subaccount): string | null {
  return status === 'retired' || status === 'deleted' ? null : retiresAt;
}

export function Ending({ subaccount }: Of): ReactElement {
  const me = useMe();
  return (
    <Panel title="Ending it">
      <Stack gap="md">
        {me.current.reach === 'account' && mayCall(me, 'POST /subaccounts/{id}/retire') && (
          <Retiring subaccount={subaccount} />
        )}
        <Deleting subaccount={subaccount} />
      </Stack>
    </Panel>
  );
}

function Retiring({ subaccount }: Of): ReactElement {
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNot();
  const { name, status, purgeAt } = subaccount;
  const day = dayOf(subaccount);
  const over =
    status === 'retired'
      ? 'It is retired; the operator can bring it back until it is purged.'
      : status === 'deleted'
        ? 'It is deleted.'
        : null;
  return (
    <Group justify="space-between">
      <Text size="sm" c="dimmed" maw={560} role="status">
        {day !== null ? (
          <>
            It retires at <Time at={day} />, and works until then.
          </>
        ) : status === 'retired' && purgeAt !== null ? (
          <>
            It is retired. All of it is purged at <Time at={purgeAt} />; until then the operator can bring it
            back.
          </>
        ) : (
          'Retiring ends keys and mail at once or on a day. What it has sent stays readable to the account for 30 days; then all of it is purged.'
        )}
      </Text>
      <Group gap="xs">
        {day !== null && <TakeBack subaccount={subaccount} />}
        <ActButton
          variant="default"
          why={whyNot('POST /subaccounts/{id}/retire') ?? over}
          onClick={dialogue.open}
        >
          {day === null ? 'Retire' : 'Another day'}
        </ActButton>
      </Group>
      <Modal opened={isOpen} onClose={dialogue.close} title={`Retire ${name}`}>
        <RetireForm subaccount={subaccount} onDone={dialogue.close} />
      </Modal>
    </Group>
  );
}

function TakeBack({ subaccount: { id, name } }: Of): ReactElement {
  const unretire = useChange('POST /subaccounts/{id}/unretire');
  const whyNot = useWhyNot();
  return (
    <ActButton
      variant="default"
      why={whyNot('POST /subaccounts/{id}/unretire')}
      loading={unretire.isRunning}
      onClick={() => void act(`${name} does not retire`, () => unretire.run({ path: { id } }))}
    >
      Take it back
    </ActButton>
  );
}

const times = [
  { value: 'day', label: 'On a day' },
  { value: 'now', label: 'Now' },
];

function RetireForm({ subaccount, onDone }: Of & { readonly onDone: () => void }): ReactElement {
  const retire = useChange('POST /subaccounts/{id}/retire');
  const { id, name } = subaccount;
  const day = dayOf(subaccount);
  const [typed, setTyped] = useState('');
  const form = useFields({ when: 'day', at: day === null ? '' : localText(day) });
  const isNow = form.values.when === 'now';
  const at = instantOf(form.values.at);
  const why = isNow
    ? typed === name
      ? null
      : `Type ${name} first: only the operator takes this back.`
    : at !== null && Date.parse(at) > Date.now()
      ? null
      : 'Choose a time to come.';
  const send = form.send(isNow ? `${name} is retired` : `${name} retires on that day`, async () => {
    await retire.run({ path: { id }, body: isNow || at === null ? {} : { at } });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <SegmentedControl
          fullWidth
          aria-label="When it retires"
          data={times}
          {...form.getInputProps('when')}
        />
        {isNow ? (
          <TextInput
            label={`Type ${name} to go on`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        ) : (
          <TextInput type="datetime-local" label="It retires at" {...form.getInputProps('at')} />
        )}
        <Text size="sm" c="dimmed">
          Its keys fail and its people see nothing from then on, and mail that still waits is dropped. People
          of the account read what it has sent for 30 days; then all of it is purged.
          {isNow ? '' : ' Until its day it works as before, and this can be taken back.'}
        </Text>
        <Group justify="flex-end">
          <ActButton type="submit" color={isNow ? 'red' : 'ember'} why={why} loading={form.isSending}>
            Retire it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

function Deleting({ subaccount }: Of): ReactElement {
  const remove = useChange('DELETE /subaccounts/{id}');
  const whyNot = useWhyNot();
  const goTo = useGoTo();
  const isGone = subaccount.status === 'deleted' ? 'It is deleted already.' : null;
  const run = async (): Promise<void> => {
    const isSure = await confirm({
      title: `Delete ${subaccount.name}?`,
      text: 'Its keys, people and denylist go at once, and mail that waits is dropped. Activity stays under its number.',
      action: 'Delete it',
      isDangerous: true,
      typed: subaccount.name,
    });
    if (!isSure) return;
    if (await act(`${subaccount.name} was deleted`, () => remove.run({ path: { id: subaccount.id } })))
      goTo('subaccounts');
  };
  return (
    <Group justify="space-between">
      <Text size="sm" c="dimmed" maw={560}>
        Deleting ends keys and mail at once. What it has sent stays readable under its number.
      </Text>
      <ActButton
        color="red"
        variant="light"
        why={whyNot('DELETE /subaccounts/{id}') ?? isGone}
        onClick={() => void run()}
      >
        Delete
      </ActButton>
    </Group>
  );
}
