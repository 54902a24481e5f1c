/** What the pages before the login share: a card, and a form that shows what the server objects to. */
import { Alert, Anchor, Button, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { facts } from '../shell/facts.ts';

export function Door({
  title,
  text,
  children,
}: {
  readonly title: string;
  readonly text?: ReactNode;
  readonly children: ReactNode;
}): ReactElement {
  useEffect(() => {
    document.title = `${title} · Lettershop`;
  }, [title]);
  return (
    <main className="door">
      <Stack className="panel door-card" gap="md">
        <svg width="36" height="36" viewBox="0 0 32 32" aria-hidden>
          <rect width="32" height="32" rx="8" fill="#1c1b22" />
          <path d="M7 10h18v12H7z" fill="none" stroke="#fff" strokeWidth="2" strokeLinejoin="round" />
          <path d="m7 11 9 7 9-7" fill="none" stroke="#ff6a3d" strokeWidth="2.4" strokeLinecap="round" />
        </svg>
        <Title order={1} size="h3">
          {title}
        </Title>
        {text !== undefined && (
          <Text size="sm" c="dimmed" component="div">
            {text}
          </Text>
        )}
        {children}
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
