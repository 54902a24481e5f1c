import { Button, Group, Stack, Text } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { useCaller } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { Icon } from '../../parts/icon.tsx';
import { MailView } from '../../parts/mail-view.tsx';
import { sizeText } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { save } from '../../parts/save.ts';
import { useLens } from '../../shell/lens.ts';

type Mail = Reply<'GET /inbound-mails/{id}/parsed'>['mail'];
type Attachment = NonNullable<Mail>['attachments'][number];
const shownMax = 2_000_000;

/** The parts of a received mail as the program of its route gets them, and the whole byte for byte. */
export function Content({ id }: { readonly id: string }): ReactElement {
  const lens = useLens();
  const caller = useCaller();
  const { data } = useSuspenseQuery({
    queryKey: [lens, 'inbound-content', id],
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const [blob, { mail }] = await Promise.all([
        caller('GET /inbound-mails/{id}/content', { path: { id } }, signal),
        caller('GET /inbound-mails/{id}/parsed', { path: { id } }, signal),
      ]);
      return { blob, mail, source: await blob.slice(0, shownMax).text() };
    },
  });
  const { mail } = data;
  const keep = (
    <ActButton
      size="compact-sm"
      variant="default"
      why={null}
      leftSection={<Icon name="download" size={14} />}
      onClick={() => save(data.blob, `received-${id}.eml`)}
    >
      Keep as a file
    </ActButton>
  );
  const attachments = mail?.attachments ?? [];
  return (
    <>
      <Panel title="Content" actions={keep} isFlush>
        {mail === null && (
          <Text c="dimmed" size="sm" px={20} pb={12}>
            Nothing of it can be read as a mail: its bytes are handed over as they came.
          </Text>
        )}
        <MailView
          mail={{ html: mail?.html ?? null, text: mail?.text ?? null, source: data.source }}
          title="Content of the received mail"
        />
      </Panel>
      {attachments.length > 0 && <Attachments of={attachments} />}
    </>
  );
}

function Attachments({ of: attachments }: { readonly of: readonly Attachment[] }): ReactElement {
  return (
    <Panel title="Attachments">
      <Stack gap="xs" role="list" aria-label="Attachments">
        {attachments.map((each, at) => (
          <Group key={`${at} ${each.name}`} role="listitem" justify="space-between" wrap="nowrap">
            <div style={{ minWidth: 0 }}>
              <Text size="sm" truncate>
                {nameOf(each, at)}
              </Text>
              <Text size="xs" c="dimmed" truncate>
                {each.type}, {sizeText(each.sizeBytes)}
              </Text>
            </div>
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Keep ${nameOf(each, at)} as a file`}
              onClick={() => save(fileOf(each), nameOf(each, at))}
            >
              Keep
            </Button>
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}

function nameOf({ name }: Attachment, at: number): string {
  return name === '' ? `attachment ${at + 1}` : name;
}

/** Of no type, so that the browser keeps it and opens nothing. */
function fileOf({ content }: Attachment): Blob {
  const bytes = Uint8Array.from(atob(content), (byte) => byte.charCodeAt(0));
  return new Blob([bytes], { type: 'application/octet-stream' });
}
