/** What the pages before the login share: a card, and a form that shows what the server objects to. */
import { Alert, Anchor, Button, Group, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { isPlain, useLook } from '../shell/brand.ts';
import { facts } from '../shell/facts.ts';
import { Mark } from '../shell/mark.tsx';

export function Door({
  title,
  text,
  children,
}: {
  readonly title: string;
  readonly text?: ReactNode;
  readonly children: ReactNode;
}): ReactElement {
  const look = useLook();
  useEffect(() => {
    document.title = `${title} · ${look.name}`;
  }, [title, look.name]);
  return (
    <main className="door">
      <Stack className="panel door-card" gap="md">
        <Group gap="sm" wrap="nowrap">
          <Mark size={36} />
          {!isPlain(look) && <Text fw={650}>{look.name}</Text>}
        </Group>
        <Title order={1} size="h3">
          {title}
        </Title>
        {text !== undefined && (
          <Text size="sm" c="dimmed" component="div">
            {text}
          </Text>
        )}
        {children}
        {look.supportAddress !== null && (
          <Text size="sm" c="dimmed">
            Help: <Anchor href={`mailto:${look.supportAddress}`}>{look.supportAddress}</Anchor>
          </Text>
        )}
      </Stack>
    </main>
  );
}

export function ToLogin(): ReactElement {
  return (
    <Anchor component={Link} to="/login" size="sm">
      To the login
    </Anchor>
  );
}

type DoorFormProps = {
  readonly action: string;
  readonly send: () => Promise<void>;
  readonly children?: ReactNode;
};

export function DoorForm({ action, send, children }: DoorFormProps): ReactElement {
  const [isSending, setSending] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const submit = async (): Promise<void> => {
    setSending(true);
    setFault(null);
    await send().catch((error: unknown) =>
      setFault(error instanceof Error ? error.message : 'This did not work.'),
    );
    setSending(false);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack gap="sm">
        {fault !== null && (
          <Alert color="red" role="alert" p="xs">
            {fault}
          </Alert>
        )}
        {children}
        <Button type="submit" loading={isSending} fullWidth mt={4}>
          {action}
        </Button>
      </Stack>
    </form>
  );
}

/** Into the console: to where somebody was when the session ended, if that is a page of ours. */
export function enter(): void {
  const next = new URLSearchParams(window.location.search).get('next') ?? '/';
  const isOurs = /^\/(?![/\\])/.test(next);
  window.location.assign(`${facts.base}${isOurs ? next : '/'}`);
}
