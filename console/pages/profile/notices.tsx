import { Stack, Switch, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { useChange } from '../../api/hooks.ts';
import { act } from '../../parts/confirm.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useMe } from '../../shell/me.ts';
import type { Me } from '../../shell/me.ts';

type Part = {
  readonly accountId: number;
  readonly subaccountId: number | null;
  readonly label: string;
  readonly isTold: boolean;
};

function partsOf({ accounts }: Me): readonly Part[] {
  return accounts.flatMap(({ id: accountId, name, account, subaccounts }) => [
    ...(account === null
      ? []
      : [{ accountId, subaccountId: null, label: `Of the account ${name}`, isTold: account.isTold }]),
    ...subaccounts.map((each) => ({
      accountId,
      subaccountId: each.id,
      label: `Of the subaccount ${each.name}`,
      isTold: each.isTold,
    })),
  ]);
}

/** Whether the program mails news to its person: limits, domains, senders, webhooks, reputation. */
export function Notices(): ReactElement | null {
  const put = useChange('PUT /me/notices');
  const parts = partsOf(useMe());
  if (parts.length === 0) return null;
  const set = ({ accountId, subaccountId }: Part, isTold: boolean): void =>
    void act(isTold ? 'Notices are mailed to you' : 'No more notices are mailed to you', () =>
      put.run({ body: { accountId, subaccountId, isTold } }),
    );
  return (
    <Panel title="Mail to you">
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          You are mailed when a limit is reached, a domain or webhook stops working, or a reputation falls, as
          far as you may read there.
        </Text>
        {parts.map((part) => (
          <Switch
            key={`${part.accountId} ${part.subaccountId ?? ''}`}
            label={part.label}
            checked={part.isTold}
            disabled={put.isRunning}
            onChange={(event) => set(part, event.currentTarget.checked)}
          />
        ))}
      </Stack>
    </Panel>
  );
}
