import { Button, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useChange, useRead } from '../api/hooks.ts';
import {
  addPasskey,
  changePassword,
  deletePasskey,
  disableSecondFactor,
  enableSecondFactor,
  giveCode,
  listPasskeys,
  setPassword,
} from '../api/login.ts';
import type { Enrolment } from '../api/login.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { Copy } from '../parts/copy.tsx';
import { useFields } from '../parts/fields.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { Time } from '../parts/time.tsx';
import { useMe } from '../shell/me.ts';
import { Notices } from './profile/notices.tsx';
import { OwnKeys } from './profile/own-keys.tsx';

export function Page(): ReactElement {
  const { user } = useMe();
  return (
    <>
      <PageHead title="Your login" text={user?.email} />
      <Stack gap="lg" maw={760}>
        <Password />
        <SecondFactor isOn={user?.hasSecondFactor === true} />
        <Passkeys />
        <OwnKeys />
        <Notices />
        <Sessions />
      </Stack>
    </>
  );
}

function Password(): ReactElement {
  const form = useFields({ current: '', next: '' });
  const send = form.send('Your password was changed', async ({ current, next }) => {
    await (current === '' ? setPassword(next) : changePassword(current, next));
    form.reset();
  });
  return (
    <Panel title="Password">
      <form onSubmit={form.onSubmit(send)}>
        <Group align="flex-end">
          <PasswordInput
            label="Current password"
            placeholder="none yet"
            autoComplete="current-password"

            w={230}
            {...form.getInputProps('current')}
          />
          <PasswordInput
            label="New password"
            autoComplete="new-password"
            required
            w={230}
            {...form.getInputProps('next')}
          />
          <ActButton type="submit" why={null} variant="default" loading={form.isSending}>
            Change it
          </ActButton>
        </Group>
      </form>
    </Panel>
  );
}

function SecondFactor({ isOn }: { readonly isOn: boolean }): ReactElement {
  const client = useQueryClient();
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  const form = useFields({ password: '', code: '' });
  const change = form.send(null, async ({ password }) => {
    if (isOn) await disableSecondFactor(password);
    else setEnrolment(await enableSecondFactor(password));
    form.reset();
    await client.invalidateQueries();
  });
  const prove = form.send('The second factor is on', async ({ code }) => {
    await giveCode(code.trim());
    setEnrolment(null);
    form.reset();
    await client.invalidateQueries();
  });
  return (
    <Panel title="Second factor">
      {enrolment === null ? (
        <form onSubmit={form.onSubmit(change)}>
          <Text size="sm" c="dimmed" mb="sm">
            {isOn
              ? 'It is on: a code of your authenticator is asked at each login.'
              : 'An authenticator on your telephone makes a stolen password worth nothing.'}
          </Text>
          <Group align="flex-end">
            <PasswordInput
              label="Your password"
              autoComplete="current-password"
              required
              w={230}
              {...form.getInputProps('password')}
            />
            <ActButton type="submit" why={null} variant="default" loading={form.isSending}>
              {isOn ? 'Turn it off' : 'Set it up'}
            </ActButton>
          </Group>
        </form>
      ) : (
        <form onSubmit={form.onSubmit(prove)}>
          <Stack gap="sm">
            <Text size="sm">Enter this key into your authenticator, then the code that it shows.</Text>
            <Copy
              value={new URL(enrolment.totpURI).searchParams.get('secret') ?? ''}
              name="the authenticator's key"
            />
            <Text size="sm">Keep these backup codes; each logs you in once when the telephone is lost.</Text>
            <Copy value={enrolment.backupCodes.join(' ')} name="the backup codes" />
            <Group align="flex-end">
              <TextInput
                label="Code"
                autoComplete="one-time-code"
                required
                w={160}
                {...form.getInputProps('code')}
              />
              <ActButton type="submit" why={null} loading={form.isSending}>
                Turn it on
              </ActButton>
            </Group>
          </Stack>
        </form>
      )}
    </Panel>
  );
}

function Passkeys(): ReactElement {
  const client = useQueryClient();
  const { data } = useSuspenseQuery({ queryKey: ['passkeys'], queryFn: listPasskeys });
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: ['passkeys'] });
  const remove = async (id: string): Promise<void> => {
    const text = 'The device that holds it cannot log in by it any more.';
    if (!(await confirm({ title: 'Delete this passkey?', text, action: 'Delete it', isDangerous: true })))
      return;
    await act('The passkey was deleted', () => deletePasskey(id).then(refresh));
  };
  const add = (): Promise<boolean> =>
    act('The passkey was added', () => addPasskey(navigator.platform).then(refresh));
  return (
    <Panel
      title="Passkeys"
      actions={
        <Button size="compact-sm" variant="default" onClick={() => void add()}>
          Add this device
        </Button>
      }
    >
      <Stack gap="xs">
        <Text size="sm" c="dimmed">
          {data.items.length === 0 &&
            'With a passkey you log in by fingerprint, face or security key, without a password. '}
          A passkey logs in only at the host where it was added.
          {data.isBrandHost && ` Here stand those of ${data.host}.`}
        </Text>
        {data.items.map(({ id, name, createdAt, host, isHere }) => (
          <Group key={id} justify="space-between">
            <Text size="sm">
              {name ?? 'Passkey'}{' '}
              <Text span c="dimmed" size="xs">
                at {host}
                {isHere && ' (here)'}, since <Time at={createdAt} isDay />
              </Text>
            </Text>
            <Button size="compact-xs" variant="subtle" color="red" onClick={() => void remove(id)}>
              Delete
            </Button>
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}

function Sessions(): ReactElement {
  const { items } = useRead('GET /me/sessions', {});
  const end = useChange('DELETE /me/sessions/{id}');
  const endOthers = useChange('DELETE /me/sessions');
  return (
    <Panel
      title="Sessions"
      actions={
        <ActButton
          size="compact-sm"
          variant="default"
          why={items.length > 1 ? null : 'There is no other session.'}
          onClick={() => void act('All other sessions have ended', () => endOthers.run({}))}
        >
          End all others
        </ActButton>
      }
    >
      <Stack gap="xs">
        {items.map(({ id, isCurrent, createdAt, remoteAddress, userAgent }) => (
          <Group key={id} justify="space-between" wrap="nowrap">
            <div style={{ minWidth: 0 }}>
              <Text size="sm" truncate>
                {userAgent === '' ? 'A program' : userAgent}
              </Text>
              <Text size="xs" c="dimmed">
                {remoteAddress} since <Time at={createdAt} />
              </Text>
            </div>
            {isCurrent ? (
              <Text size="sm" c="dimmed">
                this one
              </Text>
            ) : (
              <Button
                size="compact-xs"
                variant="subtle"
                color="red"
                onClick={() => void act('The session has ended', () => end.run({ path: { id } }))}
              >
                End
              </Button>
            )}
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}
