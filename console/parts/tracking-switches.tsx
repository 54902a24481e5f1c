import { Select, SimpleGrid, Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Reply } from '../api/client.ts';
import { useChange, useRead } from '../api/hooks.ts';
import { act } from './confirm.tsx';

const switches = [
  { name: 'opens', label: 'Opens', description: 'A pixel at the end of the HTML' },
  { name: 'initialOpens', label: 'First sight', description: 'A pixel at its beginning' },
  { name: 'clicks', label: 'Clicks', description: 'Links in HTML' },
  { name: 'textClicks', label: 'Clicks in text', description: 'Links in plain text' },
] as const;

type Own = Reply<'GET /tracking-settings'>['own'];

function wordOf(isOn: boolean): string {
  return isOn ? 'on' : 'off';
}

const onOff = (value: boolean | null): string | null => (value === null ? null : wordOf(value));
const isOn = (word: string | null): boolean | null => (word === null ? null : word === 'on');

type WordProps = {
  readonly label: string;
  readonly description: string;
  readonly words: readonly string[];
  /** Null: left to the next wider one. */
  readonly own: string | null;
  /** What mail gets. */
  readonly effective: string;
  readonly isClosed: boolean;
  readonly set: (word: string | null) => void;
};

function Word({ label, description, words, own, effective, isClosed, set }: WordProps): ReactElement {
  return (
    <Select
      label={label}
      description={description}
      allowDeselect={false}
      disabled={isClosed}
      data={[
        ...words.map((word) => ({ value: word, label: word })),
        { value: '', label: own === null ? `as it comes: ${effective}` : 'as it comes' },
      ]}
      value={own ?? ''}
      onChange={(value) => {
        const word = value === '' ? null : value;
        if (word !== own) set(word);
      }}
    />
  );
}

type SwitchesProps = {
  /** Whose mail is meant, in words. */
  readonly text: string;
  /** A sending domain; left out: the whole subaccount. */
  readonly domainId?: string;
  /** Not the subaccount that is looked at, but this one. */
  readonly of?: number;
  /** Null when they may be changed. */
  readonly why: string | null;
};

/** What mail gets that says nothing itself; null: as the next wider one says. */
export function TrackingSwitches({ text, domainId, of, why }: SwitchesProps): ReactElement {
  const domain = domainId === undefined ? {} : { domainId };
  const whose = of === undefined ? {} : { of };
  const { own, effective } = useRead('GET /tracking-settings', { query: domain }, whose);
  const put = useChange('PUT /tracking-settings', whose);
  const save = (words: Partial<Own>): void =>
    void act('Saved: it counts for mail from now on', () =>
      put.run({ body: { ...domain, ...own, ...words } }),
    );
  const isClosed = why !== null || put.isRunning;
  const onOffWord = { words: ['on', 'off'], isClosed };
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        {text} {why ?? ''}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
        {switches.map(({ name, label, description }) => (
          <Word
            key={name}
            {...onOffWord}
            label={label}
            description={description}
            own={onOff(own[name])}
            effective={wordOf(effective[name])}
            set={(word) => save({ [name]: isOn(word) })}
          />
        ))}
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
        {switches.map(({ name, label }) => (
          <Word
            key={name}
            {...onOffWord}
            label={`${label} by SMTP`}
            description="Where it differs"
            own={onOff(own.smtp[name])}
            effective={wordOf(effective.smtp[name])}
            set={(word) => save({ smtp: { ...own.smtp, [name]: isOn(word) } })}
          />
        ))}
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <Word
          {...onOffWord}
          label="Unsubscribing from transactional mail"
          description="List-Unsubscribe and one click, which mail in bulk has anyway"
          own={onOff(own.transactionalUnsubscribe)}
          effective={wordOf(effective.transactionalUnsubscribe)}
          set={(word) => save({ transactionalUnsubscribe: isOn(word) })}
        />
        {domainId === undefined && (
          <Word
            label="Lane"
            description="Of mail that names none; transactional mail goes ahead of bulk"
            words={['transactional', 'bulk']}
            isClosed={isClosed}
            own={own.lane}
            effective={effective.lane}
            set={(word) => save({ lane: word === null ? null : word === 'bulk' ? 'bulk' : 'transactional' })}
          />
        )}
      </SimpleGrid>
    </Stack>
  );
}
