import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';
import { pathTo } from '../pages.ts';
import type { PageName } from '../pages.ts';
import { keepLens } from '../shell/location.ts';

type Head = {
  readonly title: string;
  /** One line that a newcomer understands. */
  readonly text?: ReactNode;
  /** The list that this page is a part of. */
  readonly back?: { readonly to: 'messages' | 'subaccounts' | PageName; readonly title: string };
  /** Buttons, the main one last. */
  readonly children?: ReactNode;
};

export function PageHead({ title, text, back, children }: Head): ReactElement {
  return (
    <Group justify="space-between" align="flex-start" mb="lg" gap="md">
      <Stack gap={3} miw={0} flex="1 1 280px">
        {back !== undefined && (
          <Anchor
            component={Link}
            to={pathTo(back.to as 'messages')}
            search={keepLens as never}
            size="sm"
            c="dimmed"
          >
            {back.title}
          </Anchor>
        )}
        <Title order={1} size="h2" style={{ overflowWrap: 'anywhere' }}>
          {title}
        </Title>
        {text !== undefined && (
          <Text c="dimmed" size="sm" component="div">
            {text}
          </Text>
        )}
      </Stack>
      {children !== undefined && <Group gap="xs">{children}</Group>}
    </Group>
  );
}
