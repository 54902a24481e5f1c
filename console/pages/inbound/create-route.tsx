import { Group, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { routeFormats } from '../../../src/features/incoming/kinds.ts';
import type { RouteFormat } from '../../../src/features/incoming/kinds.ts';
import type { Item } from '../../api/client.ts';
import { useChange, useRead } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { authOf, LoginFields, loginNames } from '../../parts/endpoint-login.tsx';
import { useFields } from '../../parts/fields.ts';
import { SecretOnce } from '../../parts/secret-once.tsx';
import { bodyOf, RouteFields } from './route-fields.tsx';
import type { Wanted } from './route-fields.tsx';

type Domain = Pick<Item<'GET /inbound-domains'>, 'id' | 'name'>;
type WantedNew = Wanted & { inboundDomainId: string; format: RouteFormat };

type CreateRouteProps = {
  /** Null: chosen in the form. */
  readonly domain: Domain | null;
  readonly onClose: () => void;
};

export function CreateRoute({ domain, onClose }: CreateRouteProps): ReactElement {
  return domain === null ? <WithChoice onClose={onClose} /> : <Create domains={[domain]} onClose={onClose} />;
}

function WithChoice({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { items } = useRead('GET /inbound-domains', { query: { limit: 500 } });
  if (items.length === 0) {
    return <Text size="sm">A route is of an inbound domain: add one first, and it can have routes.</Text>;
  }
  return <Create domains={items} onClose={onClose} />;
}

type CreateProps = { readonly domains: readonly Domain[]; readonly onClose: () => void };

function Create({ domains, onClose }: CreateProps): ReactElement {
  const create = useChange('POST /inbound-routes');
  const [secret, setSecret] = useState<string | null>(null);
  const form = useFields<WantedNew>(
    {
      inboundDomainId: domains.length === 1 ? (domains[0]?.id ?? '') : '',
      pattern: '*',
      url: '',
      name: '',
      format: 'native',
      auth: 'none',
      authName: '',
      authSecret: '',
    },
    loginNames,
  );
  if (secret !== null) {
    const text =
      'With it your program checks the signature of our own format (Standard Webhooks). Lost, it can be rotated.';
    return <SecretOnce name="the signing secret" secret={secret} text={text} onClose={onClose} />;
  }
  const send = form.send(null, async (wanted) => {
    const { inboundDomainId, format } = wanted;
    const auth = authOf(wanted) ?? { kind: 'none' as const };
    setSecret((await create.run({ body: { ...bodyOf(wanted), inboundDomainId, format, auth } })).secret);
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <Select
          label="Inbound domain"
          required
          searchable
          allowDeselect={false}
          disabled={domains.length === 1}
          data={domains.map(({ id, name }) => ({ value: id, label: name }))}
          {...form.getInputProps('inboundDomainId')}
        />
        <RouteFields form={form} />
        <Select
          label="Format"
          description="Ours, or that of a provider whose program you keep. It does not change later"
          allowDeselect={false}
          data={[...routeFormats]}
          {...form.getInputProps('format')}
        />
        <LoginFields form={form} mayKeep={false} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Make it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
