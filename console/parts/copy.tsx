import { ActionIcon, CopyButton, Group, Tooltip } from '@mantine/core';
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
          <Tooltip label={copied ? 'Copied' : `Copy ${name}`}>
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              aria-label={copied ? `${name} was copied` : `Copy ${name}`}
              onClick={copy}
            >
              <Icon name={copied ? 'check' : 'copy'} size={14} />
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  );
}
