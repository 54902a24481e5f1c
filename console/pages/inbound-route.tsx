import { Alert, Anchor, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
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
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import type { Search } from '../api/lens.ts';
import { keepLens, useGoTo, useParam } from '../shell/location.ts';
import { useWhyNot } from '../shell/me.ts';
import { EditRoute } from './inbound/edit-route.tsx';
import { addressOf, stateOf } from './inbound/words.ts';
import type { Route } from './inbound/words.ts';

type OfRoute = { readonly route: Route };

export function Page(): ReactElement {
  const id = useParam('id');
  const route = useRead('GET /inbound-routes/{id}', { path: { id } }, { everyMs: 5000 });
  return (
    <>
      <PageHead
        title={addressOf(route)}
        text={<State name={stateOf(route)} />}
        back={{ to: 'inbound-routes', title: 'Inbound routes' }}
      >
        <Change route={route} />
        <PauseOrResume route={route} />
        <Test route={route} />
      </PageHead>
      <Stack gap="lg">
        <Trouble route={route} />
        <About route={route} />
        <Ending route={route} />
      </Stack>
    </>
  );
}

function Trouble({ route }: OfRoute): ReactElement | null {
  const { id, status, failures, failingSince, nextTryAt, lastFailure } = route;
  const change = useChange('PATCH /inbound-routes/{id}');
  const whyNot = useWhyNot();
  // Set active, as it is already, an endpoint that failed has a new start.
  const again = (): Promise<unknown> => change.run({ path: { id }, body: { status } });
  if (failures === 0 || status === 'paused') return null;
  return (
    <Alert color="yellow" icon={<Icon name="warn" />} title="It does not take what is sent">
      <Text size="sm">
        {countText(failures)} {failures === 1 ? 'request' : 'requests in a row'} failed
        {failingSince !== null && (
          <>
            , since <Time at={failingSince} />
          </>
        )}
        {lastFailure !== '' && `: ${lastFailure}`}
        {nextTryAt !== null && (
          <>
            . The next try is at <Time at={nextTryAt} />
          </>
        )}
        . Its mail waits meanwhile, for up to five days.
      </Text>
      <ActButton
        size="compact-sm"
        variant="default"
        mt="xs"
        why={whyNot('PATCH /inbound-routes/{id}')}
        loading={change.isRunning}
        onClick={() => void act('It is tried again now', again)}
      >
        Try it again now
      </ActButton>
    </Alert>
  );
}

function About({ route }: OfRoute): ReactElement {
  const { auth, oldSecretUntil, lastTakenAt, lastFailure, lastFailureAt } = route;
  return (
    <Panel title="Facts" actions={<Rotate route={route} />}>
      <Facts
        of={{
          Name: route.name === '' ? null : route.name,
          'Handed to': <span className="mono">{route.url}</span>,
          Domain: (
            <Anchor
              component={Link}
              to={pathTo('inbound-domain', { id: route.inboundDomainId })}
              search={keepLens as never}
              size="sm"
            >
              {route.domain}
            </Anchor>
          ),
          Mail: (
            <Anchor
              component={Link}
              to={pathTo('inbound-mails')}
              search={((old: Search) => ({ ...keepLens(old), route: route.id })) as never}
              size="sm"
            >
              what came for it
            </Anchor>
          ),
          Format: route.format,
          Login: auth.kind === 'none' ? null : `${auth.kind}${auth.name === '' ? '' : `, ${auth.name}`}`,
          'Last taken': lastTakenAt === null ? 'never' : <Time at={lastTakenAt} />,
          'Last failure':
            lastFailureAt === null ? null : (
              <>
                <Time at={lastFailureAt} />: {lastFailure}
              </>
            ),
          'Old secret signs until': oldSecretUntil === null ? null : <Time at={oldSecretUntil} />,
          Subaccount: <SubaccountName id={route.subaccountId} />,
          Made: <Time at={route.createdAt} isDay />,
        }}
      />
    </Panel>
  );
}

function Test({ route: { id } }: OfRoute): ReactElement {
  const test = useChange('POST /inbound-routes/{id}/test');
  const whyNot = useWhyNot();
  const [result, setResult] = useState<Reply<'POST /inbound-routes/{id}/test'> | null>(null);
  return (
    <>
      <ActButton
        why={whyNot('POST /inbound-routes/{id}/test')}
        loading={test.isRunning}
        leftSection={<Icon name="send" size={16} />}
        onClick={() => void act(null, async () => setResult(await test.run({ path: { id } })))}
      >
        Send a test
      </ActButton>
      <Modal opened={result !== null} onClose={() => setResult(null)} title="The test">
        {result !== null && (
          <Alert
            color={result.isTaken ? 'green' : 'red'}
            title={result.isTaken ? 'It took the test' : 'It did not take the test'}
          >
            <Text size="sm" role="status">
              {result.status === null ? result.error : `Status ${result.status}`}
            </Text>
          </Alert>
        )}
      </Modal>
    </>
  );
}

/** A pause loses nothing, and so asks nothing. */
function PauseOrResume({ route: { id, status } }: OfRoute): ReactElement {
  const change = useChange('PATCH /inbound-routes/{id}');
  const whyNot = useWhyNot();
  const to = status === 'paused' ? 'active' : 'paused';
  const done = to === 'paused' ? 'Paused: mail is taken, and waits' : 'Resumed: what waited is handed over';
  return (
    <ActButton
      variant="default"
      why={whyNot('PATCH /inbound-routes/{id}')}
      loading={change.isRunning}
      leftSection={<Icon name={to === 'paused' ? 'pause' : 'play'} size={16} />}
      onClick={() => void act(done, () => change.run({ path: { id }, body: { status: to } }))}
    >
      {to === 'paused' ? 'Pause' : 'Resume'}
    </ActButton>
  );
}

function Change({ route }: OfRoute): ReactElement {
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNot();
  return (
    <>
      <ActButton variant="default" why={whyNot('PATCH /inbound-routes/{id}')} onClick={dialogue.open}>
        Change
      </ActButton>
      <Modal opened={isOpen} onClose={dialogue.close} title={`Change ${addressOf(route)}`} size="lg">
        <EditRoute route={route} onDone={dialogue.close} />
      </Modal>
    </>
  );
}

function Rotate({ route }: OfRoute): ReactElement {
  const rotate = useChange('POST /inbound-routes/{id}/rotate');
  const whyNot = useWhyNot();
  const [secret, setSecret] = useState<string | null>(null);
  const run = async (): Promise<void> => {
    const text = 'A new signing secret is made and shown once; for a day requests are signed with both.';
    const question = { title: `Rotate the secret of ${addressOf(route)}?`, text, action: 'Rotate it' };
    if (!(await confirm(question))) return;
    await act(null, async () => setSecret((await rotate.run({ path: { id: route.id } })).secret));
  };
  return (
    <>
      <ActButton
        size="compact-sm"
        variant="default"
        why={whyNot('POST /inbound-routes/{id}/rotate')}
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

function Ending({ route }: OfRoute): ReactElement {
  const remove = useChange('DELETE /inbound-routes/{id}');
  const whyNot = useWhyNot();
  const goTo = useGoTo();
  const name = addressOf(route);
  const run = async (): Promise<void> => {
    const text =
      'Mail for it is refused, unless another route matches, and what waits is handed over no more. What was received stays to be read.';
    const question = { title: `Delete ${name}?`, text, action: 'Delete it', isDangerous: true, typed: name };
    if (!(await confirm(question))) return;
    if (await act(`${name} was deleted`, () => remove.run({ path: { id: route.id } })))
      goTo('inbound-routes');
  };
  return (
    <Panel title="Ending it">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={560}>
          To stop it for a while, pause it instead: then mail is taken, and waits.
        </Text>
        <ActButton
          color="red"
          variant="light"
          why={whyNot('DELETE /inbound-routes/{id}')}
          onClick={() => void run()}
        >
          Delete
        </ActButton>
      </Group>
    </Panel>
  );
}
