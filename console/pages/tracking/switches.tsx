import { Select, SimpleGrid, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { useChange, useRead } from '../../api/hooks.ts';
import { act } from '../../parts/confirm.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useMe, useWhyNot } from '../../shell/me.ts';

const switches = [
  { name: 'opens', label: 'Opens', description: 'A pixel at the end of the HTML' },
  { name: 'initialOpens', label: 'First sight', description: 'A pixel at its beginning' },
  { name: 'clicks', label: 'Clicks', description: 'Links in HTML' },
  { name: 'textClicks', label: 'Clicks in text', description: 'Links in plain text' },
] as const;

function wordOf(isOn: boolean): string {
  return isOn ? 'on' : 'off';
}

/** What of mail is tracked that says nothing itself; null: as the next wider one says. */
export function Switches(): ReactElement {
  const { own, effective } = useRead('GET /tracking-settings', { query: {} });
  const put = useChange('PUT /tracking-settings');
  const why = useWhyNot()('PUT /tracking-settings');
  const { current } = useMe();
  const set = (name: (typeof switches)[number]['name'], value: string | null): void => {
    const word = value === 'on' ? true : value === 'off' ? false : null;
    if (word === own[name]) return;
    void act('Saved: it counts for mail from now on', () => put.run({ body: { ...own, [name]: word } }));
  };
  return (
    <Panel title="What is tracked">
      <Text size="sm" c="dimmed" mb="md">
        Of mail of subaccount {current.subaccountId} that says nothing itself.{' '}
        {why ?? 'A message or its sending domain may say otherwise.'}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
        {switches.map(({ name, label, description }) => (
          <Select
            key={name}
            label={label}
            description={description}
            allowDeselect={false}
            disabled={why !== null || put.isRunning}
            data={[
              { value: 'on', label: 'on' },
              { value: 'off', label: 'off' },
              {
                value: '',
                label: own[name] === null ? `as it comes: ${wordOf(effective[name])}` : 'as it comes',
              },
            ]}
            value={own[name] === null ? '' : wordOf(own[name])}
            onChange={(value) => set(name, value)}
          />
        ))}
      </SimpleGrid>
    </Panel>
  );
}
