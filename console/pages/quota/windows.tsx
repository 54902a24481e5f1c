/** What may be sent in an hour, a day and a month, and what was: of an account or one subaccount. */
import { Progress, SimpleGrid, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { periods } from '../../../src/features/quotas/model.ts';
import type { Reply } from '../../api/client.ts';
import { countText } from '../../parts/numbers.ts';
import { Time } from '../../parts/time.tsx';

export type Quota = Reply<'GET /quota'>;

export function Windows({ quota }: { readonly quota: Quota }): ReactElement {
  const { hourCap, automatic } = quota;
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="lg">
        {periods.map((period) => {
          const { max, used, turnsAt } = quota[period];
          return (
            <div key={period}>
              <Text size="sm">
                <b className="figure">{countText(used)}</b>{' '}
                {max === null ? `this ${period}, no limit` : `of ${countText(max)} this ${period}`}
              </Text>
              <Progress
                my={6}
                value={max === null || max === 0 ? 0 : Math.min(100, (used / max) * 100)}
                aria-label={`Used of the ${period}'s quota`}
                color={max !== null && used >= max ? 'red' : 'ember'}
              />
              <Text size="xs" c="dimmed">
                counts anew <Time at={turnsAt} />
              </Text>
            </div>
          );
        })}
      </SimpleGrid>
      {automatic && (
        <Text size="sm" c="dimmed" mt="md">
          The limit of the hour follows the reputation.
        </Text>
      )}
      {hourCap !== null && (
        <Text size="sm" mt="md" role="status">
          Slowed by its reputation: at most {countText(hourCap)} an hour, if that is less.
        </Text>
      )}
    </>
  );
}
