import { Button, CopyButton, Group, Select, Text } from '@mantine/core';
import { useDeferredValue, useState } from 'react';
import type { ReactElement } from 'react';
import { dnsProviders } from '../../../src/features/domains/providers.ts';
import type { Query } from '../../api/client.ts';
import { useRead } from '../../api/hooks.ts';
import { Icon } from '../../parts/icon.tsx';

type Provider = NonNullable<Query<'GET /domains/{id}/instructions'>['provider']>;

/** The same records as a text for whoever keeps the DNS, in the words of their provider. */
export function Instructions({ id }: { readonly id: string }): ReactElement {
  const [chosen, setChosen] = useState<Provider | null>(null);
  const wanted = useDeferredValue(chosen);
  const { provider, spf, text } = useRead('GET /domains/{id}/instructions', {
    path: { id },
    query: wanted === null ? {} : { provider: wanted },
  });
  return (
    <>
      <Group justify="space-between" align="flex-end" mb="sm">
        <Select
          label="Provider of the DNS"
          placeholder="any"
          clearable={chosen !== null}
          searchable
          size="xs"
          w={240}
          data={dnsProviders.map((each) => ({ value: each.id, label: each.name }))}
          value={chosen ?? provider?.id ?? null}
          onChange={(value) => setChosen(value as Provider | null)}
        />
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<Icon name={copied ? 'check' : 'copy'} size={14} />}
              onClick={copy}
            >
              {copied ? 'Copied' : 'Copy all'}
            </Button>
          )}
        </CopyButton>
      </Group>
      <Text size="sm" c="dimmed" mb="xs">
        {provider === null
          ? 'As a text to hand on, for any provider.'
          : `As a text to hand on. ${provider.panel} ${provider.hint ?? ''}`}
      </Text>
      {spf.advice.map((line) => (
        <Text size="sm" key={line} mb={4}>
          {line}
        </Text>
      ))}
      <details>
        <summary>Show the text</summary>
        <pre className="source">{text}</pre>
      </details>
    </>
  );
}
