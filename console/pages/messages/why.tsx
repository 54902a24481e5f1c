/** The exact limit or rule that holds a message, who set it, and when it moves. */
import { Alert, Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { useReadIf } from '../../api/hooks.ts';
import { Time } from '../../parts/time.tsx';

type Message = Reply<'GET /messages/{id}'>;

export const waiting: ReadonlySet<Message['state']> = new Set(['queued', 'held', 'deferred']);

/** Of a message that waits. */
export function useWhy({ id }: Message): Reply<'GET /messages/{id}/why'> | null {
  return useReadIf(true, 'GET /messages/{id}/why', { path: { id } }, { everyMs: 4000 });
}

export function Why({ message }: { readonly message: Message }): ReactElement | null {
  const why = useWhy(message);
  if (why === null || why.reasons.length === 0) return null;
  return (
    <Alert color="yellow" title="Why it is still here" role="status">
      <Stack gap={6}>
        {why.reasons.map((reason) => (
          <Text size="sm" key={reason.code + reason.owner}>
            {reason.text}{' '}
            <Text span c="dimmed">
              ({reason.owner})
            </Text>
            {reason.movesAt !== null && (
              <>
                {' '}
                It moves at <Time at={reason.movesAt} />.
              </>
            )}
          </Text>
        ))}
      </Stack>
    </Alert>
  );
}
