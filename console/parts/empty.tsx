import { Stack, Text, Title } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { Icon } from './icon.tsx';
import type { IconName } from './icons.ts';

type EmptyProps = {
  readonly icon: IconName;
  readonly title: string;
  /** What would stand here, and how it comes about. */
  readonly children: ReactNode;
};

/** Nothing there yet: teaches what comes here and how. */
export function Empty({ icon, title, children }: EmptyProps): ReactElement {
  return (
    <Stack className="panel" align="center" gap={8} px="lg" py={56} ta="center">
      <Text c="dimmed">
        <Icon name={icon} size={34} />
      </Text>
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text c="dimmed" size="sm" maw={460} component="div">
        {children}
      </Text>
    </Stack>
  );
}
