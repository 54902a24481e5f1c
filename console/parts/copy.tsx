import { ActionIcon, CopyButton, Group } from '@mantine/core';
import type { ReactElement } from 'react';
import { Icon } from './icon.tsx';

/** A value to be taken elsewhere, with a button that copies it. */
export function Copy({ value, name }: { readonly value: string; readonly name: string }): ReactElement {
  return (
    <Group gap={6} wrap="nowrap" align="flex-start">
      <span className="mono" style={{ overflowWrap: 'anywhere' }}>
        {value}
      </span>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            aria-label={copied ? `${name} was copied` : `Copy ${name}`}
            data-hint={copied ? 'Copied' : `Copy ${name}`}
            onClick={copy}
          >
            <Icon name={copied ? 'check' : 'copy'} size={14} />
          </ActionIcon>
        )}
      </CopyButton>
    </Group>
  );
}
