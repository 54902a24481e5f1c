import { Group, Stack, Switch, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Reply } from '../api/client.ts';
import { useChange, useRead } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { Connect } from '../parts/connect.tsx';
import { Copy } from '../parts/copy.tsx';
import { Facts } from '../parts/facts.tsx';
import { Icon } from '../parts/icon.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { ShareChoice } from '../parts/share-choice.tsx';
import { State } from '../parts/state.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { useGoTo, useParam } from '../shell/location.ts';
import { useWhyNotOn } from '../shell/me.ts';

type Tracking = Reply<'GET /tracking-domains/{id}'>;
type OfTracking = { readonly of: Tracking };

export function Page(): ReactElement {
  const tracking = useRead(
    'GET /tracking-domains/{id}',
    { path: { id: useParam('id') } },
    { everyMs: 10_000 },
  );
  return (
    <>
      <PageHead
        title={tracking.name}
        text={<State name={tracking.state} />}
        back={{ to: 'tracking-domains', title: 'Tracking' }}
      >
        <Connect call="GET /tracking-domains/{id}/connect" of={tracking} />
        <CheckNow of={tracking} />
      </PageHead>
      <Stack gap="lg">
        <Record of={tracking} />
        <Use of={tracking} />
        <Ending of={tracking} />
      </Stack>
    </>
  );
}

function CheckNow({ of: { id, subaccountId } }: OfTracking): ReactElement {
  const check = useChange('POST /tracking-domains/{id}/check');
  const whyNot = useWhyNotOn(subaccountId);
  return (
    <ActButton
      why={whyNot('POST /tracking-domains/{id}/check')}
      loading={check.isRunning}
      leftSection={<Icon name="search" size={16} />}
      onClick={() => void act('Checked: below stands what was seen', () => check.run({ path: { id } }))}
    >
      Check now
    </ActButton>
  );
}

function Record({ of: { record, seen, explain, state, checkedAt } }: OfTracking): ReactElement {
  return (
    <Panel title="Record">
      <Facts
        of={{
          Type: <span className="mono">{record.type}</span>,
          Name: <Copy value={record.name} name="the name" />,
          Wanted: <Copy value={record.value} name="the value" />,
          Seen: checkedAt === null ? null : seen === '' ? 'nothing' : <span className="mono">{seen}</span>,
          'To do': state === 'proven' || explain === '' ? null : explain,
          Checked: checkedAt === null ? 'not yet' : <Time at={checkedAt} />,
        }}
      />
    </Panel>
  );
}

function Use({ of: tracking }: OfTracking): ReactElement {
  const { id, subaccountId, isDefault, secure, state } = tracking;
  const change = useChange('PATCH /tracking-domains/{id}');
  const why = useWhyNotOn(subaccountId)('PATCH /tracking-domains/{id}');
  const whyNoDefault = why ?? (state === 'proven' ? null : 'Only a proven one can be the default.');
  const set = (body: { isDefault?: boolean; secure?: boolean; share?: Tracking['share'] }): void =>
    void act('Saved', () => change.run({ path: { id }, body }));
  return (
    <Panel title="Use">
      <Stack gap="md">
        <Switch
          label="The default"
          description={whyNoDefault ?? 'For mail whose sending domain has no tracking domain of its own'}
          checked={isDefault}
          disabled={(whyNoDefault !== null && !isDefault) || why !== null || change.isRunning}
          onChange={(event) => set({ isDefault: event.currentTarget.checked })}
        />
        <Switch
          label="Links begin with https"
          description={why ?? 'Only when something in front of it has a certificate for the name'}
          checked={secure}
          disabled={why !== null || change.isRunning}
          onChange={(event) => set({ secure: event.currentTarget.checked })}
        />
        <Facts
          of={{
            Subaccount: <SubaccountName id={subaccountId} />,
            Shared: (
              <ShareChoice
                of={tracking}
                why={why}
                isRunning={change.isRunning}
                set={(share) => set({ share })}
              />
            ),
            Made: <Time at={tracking.createdAt} isDay />,
          }}
        />
      </Stack>
    </Panel>
  );
}

function Ending({ of: { id, name, subaccountId } }: OfTracking): ReactElement {
  const remove = useChange('DELETE /tracking-domains/{id}');
  const whyNot = useWhyNotOn(subaccountId);
  const goTo = useGoTo();
  const run = async (): Promise<void> => {
    const text =
      'Links of mail that is already out stop working once its record is gone. New mail uses the default.';
    const question = { title: `Delete ${name}?`, text, action: 'Delete it', isDangerous: true, typed: name };
    if (!(await confirm(question))) return;
    if (await act(`${name} was deleted`, () => remove.run({ path: { id } }))) goTo('tracking-domains');
  };
  return (
    <Panel title="Ending it">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={560}>
          What was linked to it falls back to the defaults.
        </Text>
        <ActButton
          color="red"
          variant="light"
          why={whyNot('DELETE /tracking-domains/{id}')}
          onClick={() => void run()}
        >
          Delete
        </ActButton>
      </Group>
    </Panel>
  );
}
