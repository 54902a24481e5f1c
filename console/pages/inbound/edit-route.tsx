import { Group, Stack } from '@mantine/core';
import type { ReactElement } from 'react';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { authOf, LoginFields, loginNames } from '../../parts/endpoint-login.tsx';
import { useFields } from '../../parts/fields.ts';
import { bodyOf, RouteFields } from './route-fields.tsx';
import type { Wanted } from './route-fields.tsx';
import type { Route } from './words.ts';

type EditRouteProps = { readonly route: Route; readonly onDone: () => void };

export function EditRoute({ route: { id, pattern, url, name }, onDone }: EditRouteProps): ReactElement {
  const change = useChange('PATCH /inbound-routes/{id}');
  const form = useFields<Wanted>(
    { pattern, url, name, auth: 'keep', authName: '', authSecret: '' },
    loginNames,
  );
  const send = form.send('Saved', async (wanted) => {
    const auth = authOf(wanted);
    const body = { ...bodyOf(wanted), ...(auth === null ? {} : { auth }) };
    await change.run({ path: { id }, body });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <RouteFields form={form} />
        <LoginFields form={form} mayKeep />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Save
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
