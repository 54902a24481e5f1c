import { Modal } from '@mantine/core';
import type { MantineSize } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import type { Call } from '../api/client.ts';
import { useWhyNot } from '../shell/me.ts';
import { ActButton } from './act-button.tsx';
import { Icon } from './icon.tsx';

type NewThingProps = {
  /** What makes it: who may not call it reads why. */
  readonly call: Call;
  readonly label: string;
  /** Of the dialogue. */
  readonly title?: string;
  readonly size?: MantineSize;
  /** The form, given what closes the dialogue. */
  readonly children: (close: () => void) => ReactElement;
};

/** The main button of a list's page, with the dialogue that it opens. */
export function NewThing({ call, label, title = label, size = 'md', children }: NewThingProps): ReactElement {
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNot();
  return (
    <>
      <ActButton why={whyNot(call)} leftSection={<Icon name="plus" size={16} />} onClick={dialogue.open}>
        {label}
      </ActButton>
      <Modal opened={isOpen} onClose={dialogue.close} title={title} size={size}>
        <Suspense fallback={null}>{children(dialogue.close)}</Suspense>
      </Modal>
    </>
  );
}
