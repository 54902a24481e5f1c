import { Group, Progress, Text } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { DataTable } from '../../parts/data-table.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { planText, takenText } from './words.ts';
import type { SourceAddress } from './words.ts';

type AddressesProps = {
  readonly name: string;
  readonly addresses: readonly SourceAddress[];
  /** What else each row says or does, last. */
  readonly last: {
    readonly title: string;
    readonly width: string;
    readonly cell: (of: SourceAddress) => ReactNode;
  };
};

/** Source addresses with how far their warm-up is. */
export function Addresses({ name, addresses, last }: AddressesProps): ReactElement {
  const now = Date.now();
  const columns: readonly Column<SourceAddress>[] = [
    { title: 'Address', width: '3fr', cell: ({ address }) => <span className="mono">{address}</span> },
    { title: 'Names itself', width: '3fr', cell: ({ ehloName }) => ehloName },
    { title: 'On node', width: '100px', cell: ({ node }) => node },
    { title: 'Warm-up', width: '160px', cell: (address) => planText(address, now) },
    { title: 'Today', width: '190px', cell: (address) => <Today of={address} /> },
    last,
  ];
  return (
    <DataTable
      name={name}
      list={{ items: addresses, hasMore: false, isMoreComing: false, more: () => undefined }}
      keyOf={({ address, node }) => `${node} ${address}`}
      columns={columns}
    />
  );
}

function Today({ of: address }: { readonly of: SourceAddress }): ReactElement {
  const { warmup } = address;
  const cap = warmup?.capToday ?? null;
  if (warmup === null || cap === null) return <>{takenText(address)}</>;
  return (
    <Group gap={8} wrap="nowrap">
      <Progress
        w={70}
        value={cap === 0 ? 0 : Math.min(100, (warmup.takenToday / cap) * 100)}
        aria-label={`Sent today from ${address.address}`}
      />
      <Text size="sm" component="span" className="figure">
        {takenText(address)}
      </Text>
    </Group>
  );
}
