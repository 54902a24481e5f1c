import { Alert, Code, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Suspense, useState } from 'react';
import type { ReactElement } from 'react';
import type { Reply } from '../api/client.ts';
import { useChange, useRead } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { Facts } from '../parts/facts.tsx';
import { Icon } from '../parts/icon.tsx';
import { countText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { SecretOnce } from '../parts/secret-once.tsx';
import { State } from '../parts/state.tsx';
import { Time } from '../parts/time.tsx';
import { useGoTo, useParam } from '../shell/location.ts';
import { useWhyNot } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { Deliveries } from './webhooks/deliveries.tsx';
import { Edit, TestResult } from './webhooks/edit.tsx';
import { Replays } from './webhooks/replays.tsx';
import { stateOf, toldText } from './webhooks/words.ts';
import type { Webhook } from './webhooks/words.ts';

type OfWebhook = { readonly webhook: Webhook };

export function Page(): ReactElement {
  const id = useParam('id');
  const webhook = useRead('GET /webhooks/{id}', { path: { id } }, { everyMs: 5000 });
  return (
    <>
      <PageHead
        title={webhook.name}
        text={<State name={stateOf(webhook)} />}
        back={{ to: 'webhooks', title: 'Webhooks' }}
      >
        <Change webhook={webhook} />
        <PauseOrResume webhook={webhook} />
        <Test webhook={webhook} />
      </PageHead>
      <Stack gap="lg">
        <Trouble webhook={webhook} />
        <About webhook={webhook} />
        <Deliveries id={id} />
        <Suspense fallback={<PageWait />}>
          <Replays of={webhook} />
        </Suspense>
        <Ending webhook={webhook} />
      </Stack>
    </>
  );
}

function Trouble({ webhook: { state, failures, failingSince, nextTryAt } }: OfWebhook): ReactElement | null {
  if (failures === 0 && state === 'ok') return null;
  const isStopped = state === 'stopped';
  return (
    <Alert
      color={isStopped ? 'red' : 'yellow'}
      icon={<Icon name="warn" />}
      title={isStopped ? 'Given up: resume it to go on where it stopped' : 'It does not take what is sent'}
    >
      <Text size="sm">
        {countText(failures)} requests failed in a row
        {failingSince !== null && (
          <>
            , since <Time at={failingSince} />
          </>
        )}
        {nextTryAt !== null && (
          <>
            ; the next try is at <Time at={nextTryAt} />
          </>
        )}
        . Nothing is lost meanwhile; below stands what it answered.
      </Text>
    </Alert>
  );
}

function About({ webhook }: OfWebhook): ReactElement {
  const { kinds, auth, lastSequence, sentSequence, oldSecretUntil } = webhook;
  return (
    <Panel title="Facts" actions={<Rotate webhook={webhook} />}>
      <Facts
        of={{
          Address: <span className="mono">{webhook.url}</span>,
          'Told of': toldText(webhook),
          Kinds:
            kinds === null ? (
              'every kind'
            ) : (
              <Group gap={6}>
                {kinds.map((kind) => (
                  <Code key={kind}>{kind}</Code>
                ))}
              </Group>
            ),
          Format: webhook.format,
          Login: auth.kind === 'none' ? null : `${auth.kind}${auth.name === '' ? '' : `, ${auth.name}`}`,
          Sent: `${countText(sentSequence)} of ${countText(lastSequence)} events`,
          'Old secret signs until': oldSecretUntil === null ? null : <Time at={oldSecretUntil} />,
          Made: <Time at={webhook.createdAt} isDay />,
        }}
      />
    </Panel>
  );
}

function Test({ webhook: { id } }: OfWebhook): ReactElement {
  const test = useChange('POST /webhooks/{id}/test');
  const whyNot = useWhyNot();
  const [result, setResult] = useState<Reply<'POST /webhooks/{id}/test'> | null>(null);
  return (
    <>
      <ActButton
        why={whyNot('POST /webhooks/{id}/test')}
        loading={test.isRunning}
        leftSection={<Icon name="send" size={16} />}
        onClick={() => void act(null, async () => setResult(await test.run({ path: { id } })))}
      >
        Send a test
      </ActButton>
      <Modal opened={result !== null} onClose={() => setResult(null)} title="The test">
        {result !== null && <TestResult of={result} />}
      </Modal>
    </>
  );
}

/** A pause loses nothing, and so asks nothing. An endpoint that was given up goes on by the same act. */
function PauseOrResume({ webhook: { id, status, state } }: OfWebhook): ReactElement {
  const change = useChange('PATCH /webhooks/{id}');
  const whyNot = useWhyNot();
  const to = status === 'paused' || state === 'stopped' ? 'active' : 'paused';
  const done =
    to === 'paused' ? 'Paused: its events are kept for it' : 'Resumed: what waited is sent, in order';
  return (
    <ActButton
      variant="default"
      why={whyNot('PATCH /webhooks/{id}')}
      loading={change.isRunning}
      leftSection={<Icon name={to === 'paused' ? 'pause' : 'play'} size={16} />}
      onClick={() => void act(done, () => change.run({ path: { id }, body: { status: to } }))}
    >
      {to === 'paused' ? 'Pause' : 'Resume'}
    </ActButton>
  );
}

function Change({ webhook }: OfWebhook): ReactElement {
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNot();
  return (
    <>
      <ActButton variant="default" why={whyNot('PATCH /webhooks/{id}')} onClick={dialogue.open}>
        Change
      </ActButton>
      <Modal opened={isOpen} onClose={dialogue.close} title={`Change ${webhook.name}`} size="lg">
        <Edit of={webhook} onDone={dialogue.close} />
      </Modal>
    </>
  );
}

function Rotate({ webhook: { id, name } }: OfWebhook): ReactElement {
  const rotate = useChange('POST /webhooks/{id}/rotate');
  const whyNot = useWhyNot();
  const [secret, setSecret] = useState<string | null>(null);
  const run = async (): Promise<void> => {
    const text = 'A new signing secret is made and shown once; for a day requests are signed with both.';
    const question = { title: `Rotate the secret of ${name}?`, text, action: 'Rotate it' };
    if (!(await confirm(question))) return;
    await act(null, async () => setSecret((await rotate.run({ path: { id }, body: {} })).secret));
  };
  return (
    <>
      <ActButton
        size="compact-sm"
        variant="default"
        why={whyNot('POST /webhooks/{id}/rotate')}
        onClick={() => void run()}
      >
        Rotate the secret
      </ActButton>
      <Modal opened={secret !== null} onClose={() => setSecret(null)} title="The new secret">
        <SecretOnce
          name="the signing secret"
          secret={secret ?? ''}
          text="For a day each request carries a signature by either, so that your program can change over."
          onClose={() => setSecret(null)}
        />
      </Modal>
    </>
  );
}

function Ending({ webhook: { id, name } }: OfWebhook): ReactElement {
  const remove = useChange('DELETE /webhooks/{id}');
  const whyNot = useWhyNot();
  const goTo = useGoTo();
  const run = async (): Promise<void> => {
    const text = 'It is told nothing more, and what waits for it is dropped. The events themselves stay.';
    const question = { title: `Delete ${name}?`, text, action: 'Delete it', isDangerous: true, typed: name };
    if (!(await confirm(question))) return;
    if (await act(`${name} was deleted`, () => remove.run({ path: { id } }))) goTo('webhooks');
  };
  return (
    <Panel title="Ending it">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={560}>
          To stop it for a while, pause it instead: then nothing is lost.
        </Text>
        <ActButton
          color="red"
          variant="light"
          why={whyNot('DELETE /webhooks/{id}')}
          onClick={() => void run()}
        >
          Delete
        </ActButton>
      </Group>
    </Panel>
  );
}
