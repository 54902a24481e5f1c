import { Group, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';
import { countText } from '../../parts/numbers.ts';

export type Limits = Reply<'GET /site-limits'>['items'][number];
type Wanted = { site: string } & Record<
  'connections' | 'messagesPerConnection' | 'messagesPerHour',
  number | string
>;

/** What of them is set, in words. */
export function limitsText({
  connections,
  messagesPerConnection,
  messagesPerHour,
}: Pick<Limits, 'connections' | 'messagesPerConnection' | 'messagesPerHour'>): string {
  return [
    connections === null ? null : `${connections} at once`,
    messagesPerConnection === null ? null : `${countText(messagesPerConnection)} each`,
    messagesPerHour === null ? null : `${countText(messagesPerHour)} an hour`,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

const fields = [
  { name: 'connections', label: 'Connections at once' },
  { name: 'messagesPerConnection', label: 'Messages per connection' },
  { name: 'messagesPerHour', label: 'Messages per hour' },
] as const;

function limit(value: number | string): number | null {
  return value === '' ? null : Number(value);
}

type LimitsFormProps = {
  /** Null: for a site that is named in the form. */
  readonly site: string | null;
  readonly limits: Limits | null;
  readonly onDone: () => void;
};

/** Stricter than the site's profile; a looser one does not count. */
export function LimitsForm({ site, limits, onDone }: LimitsFormProps): ReactElement {
  const put = useChange('PUT /site-limits');
  const form = useFields<Wanted>({
    site: site ?? '',
    connections: limits?.connections ?? '',
    messagesPerConnection: limits?.messagesPerConnection ?? '',
    messagesPerHour: limits?.messagesPerHour ?? '',
  });
  const send = form.send('The limits were set', async (wanted) => {
    const body = {
      site: wanted.site.trim(),
      connections: limit(wanted.connections),
      messagesPerConnection: limit(wanted.messagesPerConnection),
      messagesPerHour: limit(wanted.messagesPerHour),
    };
    await put.run({ body });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        {site === null && (
          <TextInput
            label="Site"
            description="The domain that its mail servers are in"
            placeholder="google.com"
            required
            data-autofocus
            {...form.getInputProps('site')}
          />
        )}
        {fields.map(({ name, label }) => (
          <NumberInput
            key={name}
            label={label}
            placeholder="as its profile says"
            min={1}
            allowDecimal={false}
            {...form.getInputProps(name)}
          />
        ))}
        <Text size="sm" c="dimmed">
          They hold where they are stricter than what is known of the site. Empty ones are taken back.
        </Text>
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Set them
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
