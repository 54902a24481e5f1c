/**
 * The way of a new account to its first mail, first subaccount and first domain. What is done is the API's to say; only that
 * somebody has put it away is remembered here. Whoever could not take a step does not see it.
 */
import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import type { Call } from '../../api/client.ts';
import { useAhead, useChange, useRead } from '../../api/hooks.ts';
import { act } from '../../parts/confirm.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Panel } from '../../parts/panel.tsx';
import { pathTo } from '../../pages.ts';
import { useLens } from '../../shell/lens.ts';
import { keepLens } from '../../shell/location.ts';
import { useMe, whyNot } from '../../shell/me.ts';

const needed = [
  'POST /messages',
  'GET /messages',
  'GET /captures',
  'POST /subaccounts',
  'GET /subaccounts',
  'POST /domains',
  'GET /domains',
] as const satisfies readonly Call[];

/** Proven for the first account of an installation in capture mode. */
const tryDomain = 'lettershop.test';

export function FirstPath(): ReactElement | null {
  const me = useMe();
  const { subaccount } = useLens();
  const [isAway, setAway] = useLocalStorage({
    key: `first-path-away-${me.current.accountId}`,
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const isOpen =
    subaccount === null &&
    me.current.reach === 'account' &&
    needed.every((call) => whyNot(me, call) === null);
  return isOpen && !isAway ? <Path putAway={() => setAway(true)} /> : null;
}

const one = { query: { limit: 1 } } as const;
const two = { query: { limit: 2 } } as const;
const some = { query: { limit: 100 } } as const;

/** Asked again while a step is open; an account whose steps are done asks once in a browser. */
function Path({ putAway }: { readonly putAway: () => void }): ReactElement | null {
  const [isOpen, setOpen] = useState(true);
  const often = isOpen ? { everyMs: 3000 } : {};
  const ahead = useAhead();
  ahead.one('GET /messages', one);
  ahead.one('GET /captures', one);
  ahead.one('GET /subaccounts', two);
  ahead.one('GET /domains', some);
  const messages = useRead('GET /messages', one, often).items;
  const captures = useRead('GET /captures', one, often).items;
  const subaccounts = useRead('GET /subaccounts', two).items;
  const domains = useRead('GET /domains', some).items;
  const canTry = domains.some(({ name, state }) => name === tryDomain && state === 'proven');
  const theirs = domains.filter(({ name }) => name !== tryDomain);
  const done = {
    mail: messages.length > 0,
    subaccount: subaccounts.some(({ isOwn }) => !isOwn),
    domain: theirs.some(({ state }) => state === 'proven'),
  };
  const next = (['mail', 'subaccount', 'domain'] as const).find((step) => !done[step]);
  if (isOpen !== (next !== undefined)) setOpen(next !== undefined);
  useEffect(() => {
    if (next === undefined) putAway();
  }, [next, putAway]);
  if (next === undefined) return null;
  const capture = captures[0];
  const waiting = theirs[0];
  return (
    <Panel
      title="First steps"
      actions={
        <Button size="compact-sm" variant="subtle" color="gray" onClick={putAway}>
          Put it away
        </Button>
      }
    >
      <Stack component="ol" gap="md" m={0} p={0} style={{ listStyle: 'none' }}>
        <Step number={1} title="A first mail" isDone={done.mail} isNext={next === 'mail'}>
          <FirstMail canTry={canTry} isDone={done.mail} captureId={capture?.id ?? null} />
        </Step>
        <Step number={2} title="A first subaccount" isDone={done.subaccount} isNext={next === 'subaccount'}>
          One for each client or product, with keys, domains, suppressions and figures of its own:{' '}
          <To to={pathTo('subaccounts')}>{done.subaccount ? 'see it' : 'make one'}</To>.
        </Step>
        <Step number={3} title="A first domain" isDone={done.domain} isNext={next === 'domain'}>
          {waiting === undefined ? (
            <>
              Mail leaves from a domain of yours once its DNS records are seen:{' '}
              <To to={pathTo('domains')}>add it</To>.
            </>
          ) : (
            <>
              <To to={pathTo('domain', { id: waiting.id })}>{waiting.name}</To>{' '}
              {done.domain ? 'is there.' : 'waits for its DNS records.'}
            </>
          )}
        </Step>
      </Stack>
    </Panel>
  );
}

function To({ to, children }: { readonly to: string; readonly children: ReactNode }): ReactElement {
  return (
    <Anchor component={Link} to={to} search={keepLens as never} inherit>
      {children}
    </Anchor>
  );
}

type StepProps = {
  readonly number: number;
  readonly title: string;
  readonly isDone: boolean;
  readonly isNext: boolean;
  readonly children: ReactNode;
};

function Step({ number, title, isDone, isNext, children }: StepProps): ReactElement {
  return (
    <li {...(isNext ? { 'aria-current': 'step' } : {})}>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <Text c={isDone ? 'green' : 'dimmed'} w={20} ta="center" component="span">
          {isDone ? <Icon name="check" size={18} /> : number}
        </Text>
        <Stack gap={2}>
          <Text size="sm" fw={600}>
            {title}
            {isDone && (
              <Text span c="dimmed" size="sm" fw={400}>
                {' '}
                – done
              </Text>
            )}
          </Text>
          <Text size="sm" component="div">
            {children}
          </Text>
        </Stack>
      </Group>
    </li>
  );
}

type FirstMailProps = {
  readonly canTry: boolean;
  readonly isDone: boolean;
  readonly captureId: string | null;
};

function FirstMail({ canTry, isDone, captureId }: FirstMailProps): ReactElement {
  const send = useChange('POST /messages');
  const run = (): Promise<boolean> =>
    act('It is on its way', () =>
      send.run({
        body: {
          from: { email: `hello@${tryDomain}`, name: 'Lettershop' },
          to: [{ email: 'you@inbox.test' }],
          subject: 'First letter',
          text: 'It works.',
          html: '<p>It <b>works</b>.</p>',
        },
      }),
    );
  if (captureId !== null)
    return (
      <>
        It went the whole way but the last step, into the built-in mailbox:{' '}
        <To to={pathTo('capture', { id: captureId })}>read it</To>.
      </>
    );
  if (isDone)
    return (
      <>
        What became of it stands under <To to={pathTo('messages')}>Messages</To>.
      </>
    );
  if (!canTry)
    return (
      <>
        By a key and a domain of yours: <To to={pathTo('keys')}>make a key</To>.
      </>
    );
  return (
    <Stack gap={6} align="flex-start">
      <span>From {tryDomain}, which is proven already, into the built-in mailbox: nothing leaves.</span>
      <Button size="compact-sm" loading={send.isRunning} onClick={() => void run()}>
        Send the first mail
      </Button>
    </Stack>
  );
}
