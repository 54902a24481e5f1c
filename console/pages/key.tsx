import { Modal } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useChange, useRead } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { SecretOnce } from '../parts/secret-once.tsx';
import { State } from '../parts/state.tsx';
import { useParam } from '../shell/location.ts';
import { useWhyNot } from '../shell/me.ts';
import { KeyBody, Switch } from './keys/one.tsx';
import type { Key } from './keys/one.tsx';

export function Page(): ReactElement {
  const key = useRead('GET /keys/{id}', { path: { id: useParam('id') } });
  return (
    <>
      <PageHead title={key.name} text={<State name={key.status} />} back={{ to: 'keys', title: 'Keys' }}>
        <Switch of={key} kind="api" />
        <Rotate of={key} />
      </PageHead>
      <KeyBody of={key} kind="api" />
    </>
  );
}

const whyNotRotated: Readonly<Record<Key['reach'], string | null>> = {
  account: null,
  subaccount: null,
  person: 'The secret of a key of a person is theirs to make.',
};

function Rotate({ of: { id, name, status, reach } }: { readonly of: Key }): ReactElement {
  const rotate = useChange('POST /keys/{id}/rotate');
  const [secret, setSecret] = useState<string | null>(null);
  const whyNot = useWhyNot();
  const isOff = status === 'inactive' ? 'Activate it first.' : null;
  const run = async (): Promise<void> => {
    const text = 'A key with the same grants is made and shown once; this one stays valid for a day.';
    if (!(await confirm({ title: `Rotate ${name}?`, text, action: 'Rotate it' }))) return;
    await act(null, async () => setSecret((await rotate.run({ path: { id }, body: {} })).secret));
  };
  return (
    <>
      <ActButton
        why={whyNot('POST /keys/{id}/rotate') ?? whyNotRotated[reach] ?? isOff}
        loading={rotate.isRunning}
        onClick={() => void run()}
      >
        Rotate
      </ActButton>
      <Modal opened={secret !== null} onClose={() => setSecret(null)} title="The new secret">
        <SecretOnce
          name="the new key"
          secret={secret ?? ''}
          text="The old one stays valid for a day, so that programs can change over. The new key is in the list."
          onClose={() => setSecret(null)}
        />
      </Modal>
    </>
  );
}
