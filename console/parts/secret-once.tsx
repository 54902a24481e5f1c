import { Alert, Group, Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { ActButton } from './act-button.tsx';
import { Copy } from './copy.tsx';

type SecretOnceProps = {
  /** What it is: "the key". */
  readonly name: string;
  readonly secret: string;
  readonly text: string;
  readonly onClose: () => void;
};

/** A secret that the server tells one time only. */
export function SecretOnce({ name, secret, text, onClose }: SecretOnceProps): ReactElement {
  return (
    <Stack gap="sm">
      <Alert color="yellow" title="Shown this once">
        <Copy value={secret} name={name} />
      </Alert>
      <Text size="sm" c="dimmed">
        {text}
      </Text>
      <Group justify="flex-end">
        <ActButton why={null} onClick={onClose}>
          Done
        </ActButton>
      </Group>
    </Stack>
  );
}
