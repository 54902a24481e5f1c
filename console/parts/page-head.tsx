import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { pathTo } from '../pages.ts';
import type { PageName } from '../pages.ts';
import { keepLens } from '../shell/location.ts';
import { SomeSubaccounts } from './some-subaccounts.tsx';

type Head = {
  readonly title: string;
  /** One line that a newcomer understands. */
  readonly text?: ReactNode;
  /** The list that this page is a part of. */
  readonly back?: { readonly to: 'messages' | 'subaccounts' | PageName; readonly title: string };
  /** A list of things of several subaccounts: which of them are shown is chosen here. */
  readonly isOfMany?: true;
  /** Buttons, the main one last. */
  readonly children?: ReactNode;
};

/** A domain or an address that is too long for its line breaks behind a dot or an at sign, and within a name only then. */
function breakable(title: string): ReactNode {
  return title.split(/(?<=[.@])(?=\S)/).map((part, at) => (
    <Fragment key={at}>
      {at > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}

export function PageHead({ title, text, back, isOfMany, children }: Head): ReactElement {
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
            underline="hover"
          >
            {back.title}
          </Anchor>
        )}
        <Title order={1} size="h2" style={{ overflowWrap: 'anywhere' }}>
          {breakable(title)}
        </Title>
        {text !== undefined && (
          <Text c="dimmed" size="sm" component="div">
            {text}
          </Text>
        )}
      </Stack>
      {(children !== undefined || isOfMany === true) && (
        <Group gap="xs">
          {isOfMany === true && <SomeSubaccounts />}
          {children}
        </Group>
      )}
    </Group>
  );
}
