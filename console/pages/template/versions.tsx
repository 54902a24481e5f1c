import { Group, Stack } from '@mantine/core';
import type { ReactElement } from 'react';
import { useChange, useRead } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { act } from '../../parts/confirm.tsx';
import { Panel } from '../../parts/panel.tsx';
import { State } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import { useWhyNot } from '../../shell/me.ts';

const calls = {
  template: {
    list: 'GET /templates/{id}/versions',
    revert: 'POST /templates/{id}/revert',
    publish: 'POST /templates/{id}/publish',
  },
  snippet: {
    list: 'GET /snippets/{id}/versions',
    revert: 'POST /snippets/{id}/revert',
    publish: 'POST /snippets/{id}/publish',
  },
} as const;

type VersionsProps = { readonly id: string; readonly kind: keyof typeof calls };

export function Versions({ id, kind }: VersionsProps): ReactElement {
  const of = calls[kind];
  const { items } = useRead(of.list, { path: { id } });
  const revert = useChange(of.revert);
  const publish = useChange(of.publish);
  const whyNot = useWhyNot();
  return (
    <Panel title="Versions">
      <Stack gap={6}>
        {items.map(({ number, isDraft, isPublished, createdAt }) => (
          <Group key={number} justify="space-between">
            <Group gap="md">
              <span>Version {number}</span>
              <Time at={createdAt} />
              {isDraft && <State name="draft" tone="wait" />}
              {isPublished && <State name="published" tone="good" />}
            </Group>
            <Group gap={4}>
              {!isDraft && (
                <ActButton
                  size="compact-xs"
                  variant="subtle"
                  aria-label={`Go back to version ${number}`}
                  why={whyNot(of.revert)}
                  onClick={() =>
                    void act(`The draft is as version ${number} was`, () =>
                      revert.run({ path: { id }, body: { version: number } }),
                    )
                  }
                >
                  Go back
                </ActButton>
              )}
              {!isPublished && (
                <ActButton
                  size="compact-xs"
                  variant="subtle"
                  aria-label={`Publish version ${number}`}
                  why={whyNot(of.publish)}
                  onClick={() =>
                    void act(`Version ${number} is published`, () =>
                      publish.run({ path: { id }, body: { version: number } }),
                    )
                  }
                >
                  Publish
                </ActButton>
              )}
            </Group>
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}
