import { Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactElement } from 'react';
import { ActButton } from '../../parts/act-button.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useWhyNot } from '../../shell/me.ts';
import { QuotaForm } from './form.tsx';
import { Windows } from './windows.tsx';
import type { Quota } from './windows.tsx';

type QuotaPanelProps = { readonly quota: Quota; readonly title: string };

/** A quota with the button that changes it, for whoever may. */
export function QuotaPanel({ quota, title }: QuotaPanelProps): ReactElement {
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNot();
  const call = quota.level === 'account' ? 'PUT /quota' : 'PUT /subaccounts/{id}/quota';
  return (
    <Panel
      title={title}
      actions={
        <ActButton size="compact-sm" variant="default" why={whyNot(call)} onClick={dialogue.open}>
          Change
        </ActButton>
      }
    >
      <Windows quota={quota} />
      <Modal opened={isOpen} onClose={dialogue.close} title="Change the quota">
        <QuotaForm quota={quota} onDone={dialogue.close} />
      </Modal>
    </Panel>
  );
}
