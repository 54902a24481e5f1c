import type { ReactElement } from 'react';
import { useRead } from '../api/hooks.ts';
import { PageHead } from '../parts/page-head.tsx';
import { State } from '../parts/state.tsx';
import { useParam } from '../shell/location.ts';
import { KeyBody, Switch } from './keys/one.tsx';

export function Page(): ReactElement {
  const user = useRead('GET /smtp-users/{id}', { path: { id: useParam('id') } });
  return (
    <>
      <PageHead title={user.name} text={<State name={user.status} />} back={{ to: 'keys', title: 'Keys' }}>
        <Switch of={user} kind="smtp" />
      </PageHead>
      <KeyBody of={user} kind="smtp" />
    </>
  );
}
