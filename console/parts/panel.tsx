import { Group, Title } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

type PanelProps = {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly isFlush?: boolean;
  readonly children: ReactNode;
};

/** A part of a page with a heading of its own; `isFlush`: its content reaches the edges. */
export function Panel({ title, actions, isFlush = false, children }: PanelProps): ReactElement {
  return (
    <section className="panel" aria-label={title} style={isFlush ? {} : { padding: '16px 20px 20px' }}>
      <Group justify="space-between" mb={isFlush ? 0 : 'sm'} px={isFlush ? 20 : 0} py={isFlush ? 12 : 0}>
        <Title order={2} size="h5">
          {title}
        </Title>
        {actions}
      </Group>
      {children}
    </section>
  );
}
