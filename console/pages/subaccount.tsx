import { Alert, Anchor, Button, Group, Modal, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { statusProblem } from '../../src/features/subaccounts/rules.ts';
import type { SettableStatus, Stage } from '../../src/features/subaccounts/rules.ts';
import type { Reply } from '../api/client.ts';
import { useChange, useRead, useReadIf } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act } from '../parts/confirm.tsx';
import { Copy } from '../parts/copy.tsx';
import { Facts } from '../parts/facts.tsx';
import { useFields } from '../parts/fields.ts';
import { Icon } from '../parts/icon.tsx';
import { countText, shareText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { State } from '../parts/state.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import type { Search } from '../api/lens.ts';
import { keepLens, useParam } from '../shell/location.ts';
import { mayCall, useMe, useWhyNot } from '../shell/me.ts';
import { QuotaPanel } from './quota/panel.tsx';
import { Defaults } from './subaccount/defaults.tsx';
import { Lifetimes } from './subaccount/lifetimes.tsx';
import { Ending } from './subaccount/ending.tsx';
import { Turns } from './subaccount/turns.tsx';

type Subaccount = Reply<'GET /subaccounts/{id}'>;

/** The stage behind the one word that the API tells: a stop hides it, and then it is one that may change. */
function stageOf({ status }: Subaccount): Stage {
  return status === 'retired' || status === 'deleted' || status === 'pending_retirement' ? status : 'active';
}

export function Page(): ReactElement {
  const id = useParam('id');
  const subaccount = useRead('GET /subaccounts/{id}', { path: { id } }, { everyMs: 10_000 });
  const me = useMe();
  return (
    <>
      <PageHead
        title={subaccount.name}
        text={<State name={subaccount.status} />}
        back={{ to: 'subaccounts', title: 'Subaccounts' }}
      >
        <LookThrough subaccount={subaccount} />
        <Edit subaccount={subaccount} />
        <PauseOrResume subaccount={subaccount} />
      </PageHead>
      <Stack gap="lg">
        <Stops subaccount={subaccount} />
        {mayCall(me, 'GET /queue') && <Backlog id={id} />}
        {mayCall(me, 'GET /subaccounts/{id}/summary') && <Summary id={id} />}
        {mayCall(me, 'GET /subaccounts/{id}/quota') && <Quota id={id} />}
        {me.current.reach === 'account' && <Turns id={id} />}
        {mayCall(me, 'GET /tracking-settings') && <Defaults subaccount={subaccount} />}
        {mayCall(me, 'GET /suppression-settings') && <Lifetimes key={id} subaccount={subaccount} />}
        <Panel title="Facts">
          <Facts
            of={{
              Number: <Copy value={String(subaccount.id)} name="the number" />,
              'External id':
                subaccount.externalId === null ? null : (
                  <Copy value={subaccount.externalId} name="the external id" />
                ),
              Made: <Time at={subaccount.createdAt} isDay />,
              Trial: subaccount.trial ? 'yes' : null,
              Pool: subaccount.poolId ?? "the account's default",
              Reputation: mayCall(me, 'GET /subaccounts/{id}/reputation') ? (
                <Anchor
                  component={Link}
                  to={pathTo('reputation', { id: subaccount.id })}
                  search={keepLens as never}
                  size="sm"
                >
                  figures and steps
                </Anchor>
              ) : null,
              Retires: subaccount.retiresAt === null ? null : <Time at={subaccount.retiresAt} />,
              Notes:
                subaccount.notes === '' ? null : (
                  <span style={{ whiteSpace: 'pre-wrap' }}>{subaccount.notes}</span>
                ),
            }}
          />
        </Panel>
        {!subaccount.isOwn && <Ending subaccount={subaccount} />}
      </Stack>
    </>
  );
}

function LookThrough({ subaccount }: { readonly subaccount: Subaccount }): ReactElement {
  const navigate = useNavigate();
  const look = (): void => {
    void navigate({
      to: '/',
      search: ({ account }: Search) => ({ account, subaccount: subaccount.id }),
    } as never);
  };
  return (
    <Button variant="default" leftSection={<Icon name="eye" size={16} />} onClick={look}>
      Look through it
    </Button>
  );
}

/** Pausing is undone by one click and so asks nothing; mail waits meanwhile and none is lost. */
function PauseOrResume({ subaccount }: { readonly subaccount: Subaccount }): ReactElement {
  const change = useChange('PATCH /subaccounts/{id}');
  const whyNot = useWhyNot();
  const own = subaccount.stops.find(({ authority }) => authority === 'parent');
  const to: SettableStatus = own === undefined ? 'paused' : 'active';
  const why = whyNot('PATCH /subaccounts/{id}') ?? statusProblem(stageOf(subaccount), to, subaccount.isOwn);
  const done =
    to === 'paused' ? 'Paused: its mail is accepted and waits' : 'Resumed: what waited is leaving, in order';
  return (
    <ActButton
      why={why}
      loading={change.isRunning}
      leftSection={<Icon name={to === 'paused' ? 'pause' : 'play'} size={16} />}
      variant={to === 'paused' ? 'default' : 'filled'}
      onClick={() => void act(done, () => change.run({ path: { id: subaccount.id }, body: { status: to } }))}
    >
      {to === 'paused' ? 'Pause' : 'Resume'}
    </ActButton>
  );
}

function Edit({ subaccount }: { readonly subaccount: Subaccount }): ReactElement {
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNot();
  return (
    <>
      <ActButton variant="default" why={whyNot('PATCH /subaccounts/{id}')} onClick={dialogue.open}>
        Edit
      </ActButton>
      <Modal opened={isOpen} onClose={dialogue.close} title={`Edit ${subaccount.name}`}>
        <EditForm subaccount={subaccount} onDone={dialogue.close} />
      </Modal>
    </>
  );
}

function EditForm({
  subaccount,
  onDone,
}: {
  readonly subaccount: Subaccount;
  readonly onDone: () => void;
}): ReactElement {
  const { id, isOwn } = subaccount;
  const change = useChange('PATCH /subaccounts/{id}');
  const rename = useChange('PATCH /account');
  const whyNot = useWhyNot();
  const form = useFields({ name: subaccount.name, notes: subaccount.notes, trial: subaccount.trial });
  const send = form.send('Saved', async (body) => {
    const { trial, name, notes } = body;
    const isRenamed = name !== subaccount.name;
    if (isOwn && isRenamed) await rename.run({ body: { name } });
    await change.run({
      path: { id },
      body: {
        notes,
        ...(isOwn || !isRenamed ? {} : { name }),
        ...(trial === subaccount.trial ? {} : { trial }),
      },
    });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput
          label="Name"
          description={isOwn ? 'That of the account' : null}
          required
          data-autofocus
          disabled={isOwn && whyNot('PATCH /account') !== null}
          {...form.getInputProps('name')}
        />
        <Textarea
          label="Notes"
          description="Only the account's people see them"
          autosize
          minRows={3}
          {...form.getInputProps('notes')}
        />
        {!isOwn && (
          <Switch
            label="On trial"
            description="A mark of yours, by which subaccounts are found"
            {...form.getInputProps('trial', { type: 'checkbox' })}
          />
        )}
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Save
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

const whose: Readonly<Record<string, string>> = {
  operator: 'the operator of the installation',
  system: 'the system, for its reputation',
  parent: 'the account',
};

function Stops({ subaccount }: { readonly subaccount: Subaccount }): ReactElement | null {
  if (subaccount.stops.length === 0) return null;
  return (
    <Alert color="yellow" title="Stopped" icon={<Icon name="pause" />}>
      {subaccount.stops.map(({ authority, stop, reason, at }) => (
        <Text size="sm" key={authority}>
          {stop} by {whose[authority] ?? authority}
          {at === null ? (
            ''
          ) : (
            <>
              {' '}
              since <Time at={at} />
            </>
          )}
          {reason === '' ? '' : `: ${reason}`}
        </Text>
      ))}
    </Alert>
  );
}

/** How much waits, asked every two seconds: after a resume one watches it leave. */
function Backlog({ id }: { readonly id: string }): ReactElement | null {
  const queue = useReadIf(true, 'GET /queue', { query: { subaccount: id, limit: 500 } }, { everyMs: 2000 });
  if (queue === null) return null;
  const count = queue.items.length;
  return (
    <Panel title="Backlog">
      <Text size="sm" role="status">
        {count === 0 ? (
          'Nothing waits.'
        ) : (
          <>
            <b className="figure">
              {countText(count)}
              {queue.next === null ? '' : ' or more'}
            </b>{' '}
            messages wait to leave.
          </>
        )}
      </Text>
    </Panel>
  );
}

function Summary({ id }: { readonly id: string }): ReactElement {
  const { today, last30Days, reputation } = useRead(
    'GET /subaccounts/{id}/summary',
    { path: { id } },
    { everyMs: 5000 },
  );
  const health = useReadIf(true, 'GET /subaccounts/{id}/health', { path: { id } });
  const attempted = last30Days.delivered + last30Days.hardBounces + last30Days.otherBounces;
  const tiles: readonly (readonly [string, string, string])[] = [
    ['Accepted today', countText(today.accepted), `${countText(last30Days.accepted)} in 30 days`],
    [
      'Delivered',
      countText(last30Days.delivered),
      shareText(attempted === 0 ? null : last30Days.delivered / attempted),
    ],
    [
      'Hard bounces',
      countText(last30Days.hardBounces),
      shareText(attempted === 0 ? null : last30Days.hardBounces / attempted),
    ],
    ['Complaints', countText(last30Days.complaints), 'in 30 days'],
    ['Health', health === null ? '–' : String(health.score), 'of 100'],
    ['Reputation', String(reputation), 'of 100'],
  ];
  return (
    <section className="panel tiles" aria-label="Its figures">
      {tiles.map(([name, value, small]) => (
        <div className="tile" key={name}>
          <Text size="sm" c="dimmed">
            {name}
          </Text>
          <div className="tile-value">{value}</div>
          <Text size="xs" c="dimmed">
            {small}
          </Text>
        </div>
      ))}
    </section>
  );
}

function Quota({ id }: { readonly id: string }): ReactElement | null {
  const quota = useReadIf(true, 'GET /subaccounts/{id}/quota', { path: { id } }, { everyMs: 10_000 });
  return quota === null ? null : <QuotaPanel quota={quota} title="Quota" />;
}
