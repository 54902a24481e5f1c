/** Asking before something is lost, and telling how an act ended. */
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, useSyncExternalStore } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { Problem } from '../api/client.ts';

export type Question = {
  readonly title: string;
  /** What will be lost, and what stays. */
  readonly text: ReactNode;
  /** The act's own verb: "Delete the key". */
  readonly action: string;
  readonly isDangerous?: boolean;
  /** Must be typed first: for what cannot be taken back. */
  readonly typed?: string;
};

type Asked = { readonly question: Question; readonly answer: (isYes: boolean) => void };
let asked: Asked | null = null;
const listeners = new Set<() => void>();

function put(next: Asked | null): void {
  asked = next;
  for (const listener of listeners) listener();
}

/** Resolves to true when the person goes on. */
export function confirm(question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    put({
      question,
      answer: (isYes) => {
        put(null);
        resolve(isYes);
      },
    });
  });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function ConfirmPlace(): ReactElement | null {
  const current = useSyncExternalStore(subscribe, () => asked);
  return current === null ? null : <Dialogue {...current} />;
}

function Dialogue({ question, answer }: Asked): ReactElement {
  const [typed, setTyped] = useState('');
  const isReady = question.typed === undefined || typed === question.typed;
  return (
    <Modal opened onClose={() => answer(false)} title={question.title}>
      <Stack>
        <Text size="sm" component="div">
          {question.text}
        </Text>
        {question.typed !== undefined && (
          <TextInput
            label={`Type ${question.typed} to go on`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-autofocus
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={() => answer(false)}>
            Cancel
          </Button>
          <Button
            color={question.isDangerous === true ? 'red' : 'ember'}
            disabled={!isReady}
            onClick={() => answer(true)}
          >
            {question.action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** Runs an act and tells how it ended: `done` as a toast, or the server's own words. False when it failed. */
export async function act(done: string | null, run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    if (done !== null) notifications.show({ message: done, color: 'green' });
    return true;
  } catch (error) {
    const isTold = error instanceof Problem;
    const fields = isTold ? error.errors.map(({ field, message }) => `${field} ${message}`) : [];
    notifications.show({
      title: 'This was not done',
      message: isTold
        ? [error.message, ...fields].join('. ')
        : 'The console met something that it did not expect.',
      color: 'red',
      autoClose: 10_000,
    });
    return false;
  }
}
