import { Button, Checkbox, Group, SimpleGrid, Text } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

type GrantsProps = {
  readonly offered: readonly string[];
  readonly value: readonly string[];
  readonly onChange: (grants: string[]) => void;
  readonly error?: ReactNode;
};

/** What a key may do, chosen from what may be given. */
export function Grants({ offered, value, onChange, error }: GrantsProps): ReactElement {
  return (
    <>
      <Checkbox.Group
        label="Grants"
        description="What the key may do; you can give what you hold yourself"
        value={[...value]}
        onChange={onChange}
        error={error}
      >
        <SimpleGrid cols={{ base: 1, xs: 2, sm: 3 }} spacing={6} mt="xs">
          {offered.map((grant) => (
            <Checkbox key={grant} value={grant} label={grant} size="xs" />
          ))}
        </SimpleGrid>
      </Checkbox.Group>
      <Group gap="xs">
        <Text size="xs" c="dimmed" role="status">
          {value.length} chosen
        </Text>
        <Button size="compact-xs" variant="subtle" onClick={() => onChange([...offered])}>
          Choose all
        </Button>
        <Button size="compact-xs" variant="subtle" onClick={() => onChange([])}>
          Choose none
        </Button>
      </Group>
    </>
  );
}
