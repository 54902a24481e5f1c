import { Alert, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { authOf, LoginFields, loginNames } from '../../parts/endpoint-login.tsx';
import type { Auth } from '../../parts/endpoint-login.tsx';
import { useFields } from '../../parts/fields.ts';
import { useWhyNot } from '../../shell/me.ts';
import { bodyOf, WebhookFields } from './fields.tsx';
import type { Wanted } from './fields.tsx';
import type { Webhook } from './words.ts';

type Tested = Reply<'POST /webhooks/{id}/test-change'>;

function loginOf(wanted: Wanted): { readonly auth?: Auth } {
  const auth = authOf(wanted);
  return auth === null ? {} : { auth };
}

/** Changes an endpoint, and may try the new address and login before anything is kept. */
export function Edit({
  of: webhook,
  onDone,
}: {
  readonly of: Webhook;
  readonly onDone: () => void;
}): ReactElement {
  const change = useChange('PATCH /webhooks/{id}');
  const attempt = useChange('POST /webhooks/{id}/test-change');
  const whyNot = useWhyNot();
  const [tested, setTested] = useState<Tested | null>(null);
  const form = useFields<Wanted>(
    {
      name: webhook.name,
      url: webhook.url,
      kinds: [...(webhook.kinds ?? [])],
      batchMax: webhook.batchMax,
      auth: 'keep',
      authName: '',
      authSecret: '',
    },
    loginNames,
  );
  const path = { id: webhook.id };
  const send = form.send('Saved', async (wanted) => {
    await change.run({ path, body: { ...bodyOf(wanted), ...loginOf(wanted) } });
    onDone();
  });
  const test = form.send(null, async (wanted) => {
    setTested(null);
    setTested(await attempt.run({ path, body: { url: wanted.url.trim(), ...loginOf(wanted) } }));
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <WebhookFields form={form} />
        <LoginFields form={form} mayKeep />
        {tested !== null && <TestResult of={tested} />}
        <Group justify="flex-end">
          <ActButton
            variant="default"
            why={whyNot('POST /webhooks/{id}/test-change')}
            loading={attempt.isRunning}
            onClick={test}
          >
            Try it first
          </ActButton>
          <ActButton type="submit" why={null} loading={change.isRunning}>
            Save
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

/** What an endpoint said to a test. */
export function TestResult({
  of: { isTaken, status, error, ms, response },
}: {
  readonly of: Tested;
}): ReactElement {
  return (
    <Alert
      color={isTaken ? 'green' : 'red'}
      title={isTaken ? 'It took the test' : 'It did not take the test'}
    >
      <Text size="sm" role="status">
        {status === null ? (error ?? 'No answer') : `Status ${status}`} after {Math.round(ms)} ms
      </Text>
      {response !== '' && <pre className="source">{response}</pre>}
    </Alert>
  );
}
