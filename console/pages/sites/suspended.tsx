import { Alert, Group, Stack, Text } from '@mantine/core';
import { useEffect } from 'react';
import type { ReactElement } from 'react';
import { usePages } from '../../api/hooks.ts';
import { Icon } from '../../parts/icon.tsx';
import { SubaccountName } from '../../parts/subaccount-pick.tsx';
import { Time } from '../../parts/time.tsx';
import { Lift } from '../suspensions/lift.tsx';
import type { Suspension } from '../suspensions/lift.tsx';
import { authorityTexts, kindTexts } from '../suspensions/words.ts';

type SuspendedProps = { readonly site: string; readonly domains: readonly string[] };

/** Suspensions of the site and of domains of it, each with who set it and the way to lift it. */
export function Suspended({ site, domains }: SuspendedProps): ReactElement | null {
  const { items, hasMore, isMoreComing, more } = usePages(
    'GET /suspensions',
    { query: {} },
    { everyMs: 5000 },
  );
  useEffect(() => {
    if (hasMore && !isMoreComing) more();
  }, [hasMore, isMoreComing, more]);
  const found = items.filter(({ kind, value }) =>
    kind === 'site' ? value === site : kind === 'domain' && domains.includes(value),
  );
  if (found.length === 0) return null;
  return (
    <Alert color="yellow" title="Suspended" icon={<Icon name="pause" />}>
      <Stack gap="xs">
        {found.map((suspension) => (
          <Line key={suspension.id} of={suspension} />
        ))}
      </Stack>
    </Alert>
  );
}

function Line({ of: suspension }: { readonly of: Suspension }): ReactElement {
  const { kind, value, subaccountId, authority, reason, until } = suspension;
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        Mail {kind === 'site' ? 'to it' : `${kindTexts[kind]}, ${value},`} is held, of{' '}
        {subaccountId === null ? 'the whole account' : <SubaccountName id={subaccountId} />}, by{' '}
        {authorityTexts[authority]}
        {reason === '' ? '' : `: ${reason}`}
        {until !== null && (
          <>
            , until <Time at={until} />
          </>
        )}
      </Text>
      <Lift of={suspension} />
    </Group>
  );
}
