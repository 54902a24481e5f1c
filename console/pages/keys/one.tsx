import { Alert, Code, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactElement } from 'react';
import { fullGrants } from '../../../src/base/scope.ts';
import type { Reply } from '../../api/client.ts';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { act, confirm } from '../../parts/confirm.tsx';
import { Copy } from '../../parts/copy.tsx';
import { Facts } from '../../parts/facts.tsx';
import { useFields } from '../../parts/fields.ts';
import { Icon } from '../../parts/icon.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Time } from '../../parts/time.tsx';
import { useGoTo } from '../../shell/location.ts';
import { useMe, useWhyNot } from '../../shell/me.ts';
import { Bounds, boundsOf } from './bounds.tsx';
import { Grants } from './grants.tsx';

export type Key = Reply<'GET /keys/{id}'>;
/** An API key, or an SMTP user: the same thing behind paths of their own. */
type KeyProps = { readonly of: Key; readonly kind: 'api' | 'smtp' };

const calls = {
  api: { change: 'PATCH /keys/{id}', remove: 'DELETE /keys/{id}' },
  smtp: { change: 'PATCH /smtp-users/{id}', remove: 'DELETE /smtp-users/{id}' },
} as const;

export function KeyBody({ of: key, kind }: KeyProps): ReactElement {
  const { reach, subaccountId, domainLimit, allowedAddresses, templates, expiresAt, lastUsedAt } = key;
  return (
    <Stack gap="lg">
      {key.status === 'inactive' && (
        <Alert color="yellow" title="Switched off" icon={<Icon name="pause" />}>
          Programs that use it are refused until it is activated.
        </Alert>
      )}
      <Panel title="Facts">
        <Facts
          of={{
            [kind === 'api' ? 'Begins' : 'User']: <Copy value={key.publicId} name="it" />,
            Reach:
              reach === 'subaccount' ? (
                <>
                  subaccount <span className="mono">{subaccountId}</span>
                </>
              ) : (
                { account: 'the whole account', person: 'what its person may do' }[reach]
              ),
            'Only from domain': domainLimit,
            'Only from addresses': allowedAddresses.length === 0 ? null : allowedAddresses.join(', '),
            'Only templates': templates === null ? null : templates.join(', '),
            Ends: expiresAt === null ? 'never' : <Time at={expiresAt} />,
            Used: lastUsedAt === null ? 'never' : <Time at={lastUsedAt} />,
            Made: <Time at={key.createdAt} isDay />,
          }}
        />
      </Panel>
      <Panel title="Grants" actions={<Edit of={key} kind={kind} />}>
        <Group gap={6}>
          {key.grants.map((grant) => (
            <Code key={grant}>{grant}</Code>
          ))}
        </Group>
      </Panel>
      <Ending of={key} kind={kind} />
    </Stack>
  );
}

export function Switch({ of: { id, name, status }, kind }: KeyProps): ReactElement {
  const { change: call } = calls[kind];
  const change = useChange(call);
  const whyNot = useWhyNot();
  const isActive = status === 'active';
  const run = async (): Promise<void> => {
    const text = 'Programs that use it are refused at once. It can be activated again.';
    const question = { title: `Deactivate ${name}?`, text, action: 'Deactivate it', isDangerous: true };
    if (isActive && !(await confirm(question))) return;
    const body = { status: isActive ? 'inactive' : 'active' } as const;
    await act(isActive ? `${name} is refused now` : `${name} works again`, () =>
      change.run({ path: { id }, body }),
    );
  };
  return (
    <ActButton variant="default" why={whyNot(call)} loading={change.isRunning} onClick={() => void run()}>
      {isActive ? 'Deactivate' : 'Activate'}
    </ActButton>
  );
}

function Edit({ of: key, kind }: KeyProps): ReactElement {
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNot();
  const isOfPerson =
    key.reach === 'person' ? 'What the key of a person may do is what they may do themselves.' : null;
  return (
    <>
      <ActButton
        size="compact-sm"
        variant="default"
        why={whyNot(calls[kind].change) ?? isOfPerson}
        onClick={dialogue.open}
      >
        Change
      </ActButton>
      <Modal opened={isOpen} onClose={dialogue.close} title={`Change ${key.name}`} size="lg">
        <EditForm of={key} kind={kind} onDone={dialogue.close} />
      </Modal>
    </>
  );
}

function EditForm({ of: key, kind, onDone }: KeyProps & { readonly onDone: () => void }): ReactElement {
  const { current } = useMe();
  const change = useChange(calls[kind].change);
  const form = useFields({
    name: key.name,
    grants: [...key.grants],
    domainLimit: key.domainLimit ?? '',
    allowedAddresses: key.allowedAddresses.join('\n'),
  });
  const { grants } = form.getValues();
  // What it holds already is shown, so that it can be taken away by somebody who could not give it.
  const offered = fullGrants(key.reach).filter(
    (grant) => current.grants.includes(grant) || key.grants.includes(grant),
  );
  const send = form.send('Saved', async ({ name, grants: chosen, ...texts }) => {
    const bounds = { domainLimit: null, ...boundsOf(texts) };
    const body = { name: name.trim(), ...bounds, ...(kind === 'smtp' ? {} : { grants: chosen }) };
    await change.run({ path: { id: key.id }, body });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput label="Name" required data-autofocus {...form.getInputProps('name')} />
        {kind === 'api' && (
          <Grants
            offered={offered}
            value={grants}
            onChange={(chosen) => form.setFieldValue('grants', chosen)}
            error={form.errors['grants']}
          />
        )}
        <Bounds form={form} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Save
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

function Ending({ of: { id, name }, kind }: KeyProps): ReactElement {
  const { remove: call } = calls[kind];
  const remove = useChange(call);
  const whyNot = useWhyNot();
  const goTo = useGoTo();
  const run = async (): Promise<void> => {
    const text = 'Programs that use it are refused at once, for good.';
    const question = { title: `Delete ${name}?`, text, action: 'Delete it', isDangerous: true, typed: name };
    if (!(await confirm(question))) return;
    if (await act(`${name} was deleted`, () => remove.run({ path: { id } }))) goTo('keys');
  };
  return (
    <Panel title="Ending it">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={560}>
          Deleting ends it for good. What it sent stays.
        </Text>
        <ActButton color="red" variant="light" why={whyNot(call)} onClick={() => void run()}>
          Delete
        </ActButton>
      </Group>
    </Panel>
  );
}
