import { useSuspenseQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useCaller } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { Icon } from '../parts/icon.tsx';
import { MailView } from '../parts/mail-view.tsx';
import { sizeText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { readMail } from '../parts/read-mail.ts';
import { save } from '../parts/save.ts';
import { useLens } from '../shell/lens.ts';
import { useParam } from '../shell/location.ts';

/** A captured mail, as its reader would see it and byte for byte. */
export function Page(): ReactElement {
  const id = useParam('id');
  const lens = useLens();
  const caller = useCaller();
  const { data } = useSuspenseQuery({
    queryKey: [lens, 'capture', id],
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const blob = await caller('GET /captures/{id}/content', { path: { id } }, signal);
      return { blob, mail: await readMail(blob) };
    },
  });
  const { blob, mail } = data;
  return (
    <>
      <PageHead
        title={mail.subject === '' ? '(no subject)' : mail.subject}
        text={sizeText(blob.size)}
        back={{ to: 'captures', title: 'Captured mail' }}
      >
        <ActButton
          variant="default"
          why={null}
          leftSection={<Icon name="download" size={16} />}
          onClick={() => save(blob, `captured-${id}.eml`)}
        >
          Keep as a file
        </ActButton>
      </PageHead>
      <Panel title="Content" isFlush>
        <MailView mail={mail} title="Content of the captured mail" />
      </Panel>
    </>
  );
}
