/** What stands in a page's place: waiting, gone wrong, not there, not for you. */
import { Button, Code, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQueryErrorResetBoundary } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ErrorComponentProps } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';
import { Problem } from '../api/client.ts';
import { facts } from './facts.ts';
import { firstPath } from './in-view.ts';

function Notice({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactElement {
  return (
    <Stack gap="sm" maw={560} py="xl" role="alert">
      <Title order={1} size="h3">
        {title}
      </Title>
      {children}
    </Stack>
  );
}

export function PageWait(): ReactElement {
  return (
    <Stack gap="md" role="progressbar" aria-busy aria-label="Loading">
      <Skeleton height={30} width={220} />
      <Skeleton height={90} />
      <Skeleton height={320} />
    </Stack>
  );
}

export function PageMissing(): ReactElement {
  if (facts.embed !== null) {
    return (
      <Notice title="This page is not part of this view">
        <Group>
          <Button component={Link} to={firstPath()} variant="default">
            Back to its first page
          </Button>
        </Group>
      </Notice>
    );
  }
  return (
    <Notice title="There is no such page">
      <Text>The address may be mistyped, or what it showed has been deleted.</Text>
      <Group>
        <Button component={Link} to="/" variant="default">
          To the overview
        </Button>
      </Group>
    </Notice>
  );
}

export function NotGranted({
  title,
  grant,
}: {
  readonly title: string;
  readonly grant: string | null;
}): ReactElement {
  return (
    <Notice title={`${title} is not open to you here`}>
      <Text>
        {grant === null ? (
          'This page is about a whole account; leave the subaccount that you look through to see it.'
        ) : (
          <>
            It needs the grant <Code>{grant}</Code>, which you do not have for what you are looking at.
            Somebody who manages people in this account can give it to you.
          </>
        )}
      </Text>
      <Group>
        <Button component={Link} to="/" variant="default">
          To the overview
        </Button>
      </Group>
    </Notice>
  );
}

const advice = (problem: Problem): string => {
  if (problem.status === 0) return 'Check the connection and try again; nothing was lost.';
  if (problem.status === 404) return 'It may have been deleted, or it is not in what you are looking at.';
  if (problem.status === 403) return 'Somebody who manages people in this account can give you the grant.';
  if (problem.status === 429) return 'Wait a moment, then try again.';
  if (problem.status >= 500) return 'Try again. If it stays, tell the operator the request id.';
  return 'Change what was asked and try again.';
};

/** A page that could not be shown: what happened, what to do, and the request's id where there is one. */
export function PageFault({ error, reset }: ErrorComponentProps): ReactElement {
  const queries = useQueryErrorResetBoundary();
  const problem = error instanceof Problem ? error : null;
  return (
    <Notice title={problem?.status === 404 ? 'Not found' : 'This page could not be shown'}>
      <Text>{problem?.message ?? 'The console met something that it did not expect.'}</Text>
      <Text c="dimmed">
        {problem === null ? 'Load the page again; if it stays, tell the operator.' : advice(problem)}
      </Text>
      {problem !== null && problem.requestId !== '' && (
        <Text size="xs" c="dimmed">
          Request <Code>{problem.requestId}</Code>
        </Text>
      )}
      <Group>
        <Button
          onClick={() => {
            queries.reset();
            reset();
          }}
        >
          Try again
        </Button>
      </Group>
    </Notice>
  );
}
