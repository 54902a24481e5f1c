import { Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { isRate } from '../../src/features/alerts/rules.ts';
import { useChange, usePages, useRead } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { Facts } from '../parts/facts.tsx';
import { Icon } from '../parts/icon.tsx';
import { countText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { State } from '../parts/state.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { useGoTo, useParam } from '../shell/location.ts';
import { useWhyNot } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { Edit } from './alerts/edit.tsx';
import { Firings } from './alerts/firings.tsx';
import { stateOf, targetNames, valueText, watchesText } from './alerts/words.ts';
import type { Alert } from './alerts/words.ts';

type OfAlert = { readonly alert: Alert };

export function Page(): ReactElement {
  const id = useParam('id');
  const alert = useRead('GET /alerts/{id}', { path: { id } }, { everyMs: 5000 });
  return (
    <>
      <PageHead
        title={alert.name}
        text={<State name={stateOf(alert)} />}
        back={{ to: 'alerts', title: 'Alerts' }}
      >
        <Change alert={alert} />
        <PauseOrResume alert={alert} />
        <Test alert={alert} />
      </PageHead>
      <Stack gap="lg">
        <About alert={alert} />
        <section aria-label="What fired">
          <Text component="h2" fw={600} mb="sm">
            What fired
          </Text>
          <Suspense fallback={<PageWait />}>
            <Fired alert={alert} />
          </Suspense>
        </section>
        <Ending alert={alert} />
      </Stack>
    </>
  );
}

function Fired({ alert }: OfAlert): ReactElement {
  const list = usePages('GET /alerts/{id}/firings', { path: { id: alert.id }, query: {} }, { everyMs: 5000 });
  return <Firings list={list} alerts={[alert]} />;
}

function About({ alert }: OfAlert): ReactElement {
  const { measure, about, target, quietMinutes, volumeMin, toldAt } = alert;
  return (
    <Panel title="Facts">
      <Facts
        of={{
          Watches: watchesText(alert),
          Of: about === null ? 'the whole account' : <SubaccountName id={about} />,
          'Is over at': valueText(measure, alert.clearAt),
          'Of at least': isRate(measure) && volumeMin > 0 ? `${countText(volumeMin)} messages` : null,
          Tells: (
            <>
              {targetNames[target.kind]} to <span className="mono">{target.to}</span>
            </>
          ),
          'Then quiet': `${countText(quietMinutes)} minutes`,
          Since: <Time at={alert.stateSince} />,
          'Last told': toldAt === null ? 'never' : <Time at={toldAt} />,
          Made: <Time at={alert.createdAt} isDay />,
        }}
      />
    </Panel>
  );
}

/** Says what came of it; a failure stands longer, to be read. */
function Test({ alert: { id } }: OfAlert): ReactElement {
  const test = useChange('POST /alerts/{id}/test');
  const whyNot = useWhyNot();
  const run = async (): Promise<void> => {
    await act(null, async () => {
      const { isTaken, status, error } = await test.run({ path: { id } });
      const answer = status === null ? '' : ` (status ${status})`;
      notifications.show(
        isTaken
          ? { message: `The target took the test${answer}`, color: 'green' }
          : { title: 'The target did not take the test', message: error, color: 'red', autoClose: 10_000 },
      );
    });
  };
  return (
    <ActButton
      why={whyNot('POST /alerts/{id}/test')}
      loading={test.isRunning}
      leftSection={<Icon name="send" size={16} />}
      onClick={() => void run()}
    >
      Send a test
    </ActButton>
  );
}

/** Paused it judges nothing and tells nobody; undone by one click, and so it asks nothing. */
function PauseOrResume({ alert: { id, status } }: OfAlert): ReactElement {
  const change = useChange('PATCH /alerts/{id}');
  const whyNot = useWhyNot();
  const to = status === 'paused' ? 'active' : 'paused';
  const done = to === 'paused' ? 'Paused: nobody is told' : 'Resumed: it is watched again';
  return (
    <ActButton
      variant="default"
      why={whyNot('PATCH /alerts/{id}')}
      loading={change.isRunning}
      leftSection={<Icon name={to === 'paused' ? 'pause' : 'play'} size={16} />}
      onClick={() => void act(done, () => change.run({ path: { id }, body: { status: to } }))}
    >
      {to === 'paused' ? 'Pause' : 'Resume'}
    </ActButton>
  );
}

function Change({ alert }: OfAlert): ReactElement {
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNot();
  return (
    <>
      <ActButton variant="default" why={whyNot('PATCH /alerts/{id}')} onClick={dialogue.open}>
        Change
      </ActButton>
      <Modal opened={isOpen} onClose={dialogue.close} title={`Change ${alert.name}`} size="lg">
        <Edit of={alert} onDone={dialogue.close} />
      </Modal>
    </>
  );
}

function Ending({ alert: { id, name } }: OfAlert): ReactElement {
  const remove = useChange('DELETE /alerts/{id}');
  const whyNot = useWhyNot();
  const goTo = useGoTo();
  const run = async (): Promise<void> => {
    const text = 'It watches no longer, and the record of what fired goes with it.';
    const question = { title: `Delete ${name}?`, text, action: 'Delete it', isDangerous: true };
    if (!(await confirm(question))) return;
    if (await act(`${name} was deleted`, () => remove.run({ path: { id } }))) goTo('alerts');
  };
  return (
    <Panel title="Ending it">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={560}>
          To hear nothing for a while, pause it instead: then its record stays.
        </Text>
        <ActButton color="red" variant="light" why={whyNot('DELETE /alerts/{id}')} onClick={() => void run()}>
          Delete
        </ActButton>
      </Group>
    </Panel>
  );
}
