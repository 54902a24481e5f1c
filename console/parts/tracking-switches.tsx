import { Select, SimpleGrid, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { useChange, useRead } from '../api/hooks.ts';
import { act } from './confirm.tsx';

const switches = [
  { name: 'opens', label: 'Opens', description: 'A pixel at the end of the HTML' },
  { name: 'initialOpens', label: 'First sight', description: 'A pixel at its beginning' },
  { name: 'clicks', label: 'Clicks', description: 'Links in HTML' },
  { name: 'textClicks', label: 'Clicks in text', description: 'Links in plain text' },
] as const;

function wordOf(isOn: boolean): string {
  return isOn ? 'on' : 'off';
}

type SwitchesProps = {
  /** Whose mail is meant, in words. */
  readonly text: string;
  /** A sending domain; left out: the whole subaccount. */
  readonly domainId?: string;
  /** Null when they may be changed. */
  readonly why: string | null;
};

/** What of mail is tracked that says nothing itself; null: as the next wider one says. */
export function TrackingSwitches({ text, domainId, why }: SwitchesProps): ReactElement {
  const domain = domainId === undefined ? {} : { domainId };
  const { own, effective } = useRead('GET /tracking-settings', { query: domain });
  const put = useChange('PUT /tracking-settings');
  const set = (name: (typeof switches)[number]['name'], value: string | null): void => {
    const word = value === 'on' ? true : value === 'off' ? false : null;
    if (word === own[name]) return;
    void act('Saved: it counts for mail from now on', () =>
      put.run({ body: { ...domain, ...own, [name]: word } }),
    );
  };
  return (
    <>
      <Text size="sm" c="dimmed" mb="md">
        {text} {why ?? ''}
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
    </>
  );
}
