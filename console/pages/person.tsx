import { Badge, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactElement } from 'react';
import { useChange, useRead } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { Copy } from '../parts/copy.tsx';
import { Facts } from '../parts/facts.tsx';
import { useFields } from '../parts/fields.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { useSubaccountName } from '../shell/choices.ts';
import { facts } from '../shell/facts.ts';
import { useGoTo, useParam } from '../shell/location.ts';
import { useMe, useWhyNot } from '../shell/me.ts';
import { AccessInputs } from './people/access-form.tsx';
import { fieldsOf, isOnePart, listBody, partBody, placesOf, whyNotBelow } from './people/access.ts';
import type { AccessFields, Person } from './people/access.ts';

export function Page(): ReactElement {
  const id = useParam('id');
  const person = useRead('GET /users/{id}', { path: { id } });
  return (
    <>
      <PageHead
        title={person.name === '' ? person.email : person.name}
        text={person.email}
        back={{ to: 'people', title: 'People' }}
      >
        <Leave person={person} />
        <Change person={person} />
      </PageHead>
      <Stack gap="lg">
        <Panel title="Facts">
          <Facts
            of={{
              Address: <Copy value={person.email} name="the address" />,
              'Second factor': person.hasSecondFactor ? 'on' : 'off',
              Reach: person.reach === 'account' ? 'the whole account' : 'chosen subaccounts',
            }}
          />
        </Panel>
        {person.account !== null && (
          <Panel title="In the account">
            <PartFacts part={person.account} />
          </Panel>
        )}
        {person.subaccounts.map((part) => (
          <InSubaccount key={part.id} part={part} />
        ))}
      </Stack>
    </>
  );
}

type Part = NonNullable<Person['account']>;

function InSubaccount({ part }: { readonly part: Part & { readonly id: number } }): ReactElement {
  return (
    <Panel title={`In ${useSubaccountName(part.id)}`}>
      <PartFacts part={part} />
    </Panel>
  );
}

function Words({ of }: { readonly of: readonly string[] }): ReactElement {
  return (
    <Group gap={6}>
      {of.map((word) => (
        <Badge key={word} variant="default" tt="none" fw={500}>
          {word}
        </Badge>
      ))}
    </Group>
  );
}

function PartFacts({ part }: { readonly part: Part }): ReactElement {
  return (
    <Facts
      of={{
        Role: part.role,
        'Hidden pages': part.hiddenPages.length === 0 ? null : <Words of={part.hiddenPages} />,
        'Only the templates': part.templates === null ? null : <Words of={part.templates} />,
        May: part.grants.length === 0 ? 'nothing' : <Words of={part.grants} />,
      }}
    />
  );
}

function Change({ person }: { readonly person: Person }): ReactElement {
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNot();
  const me = useMe();
  return (
    <>
      <ActButton why={whyNot('PATCH /users/{id}') ?? whyNotBelow(me, person)} onClick={dialogue.open}>
        Change access
      </ActButton>
      <Modal opened={isOpen} onClose={dialogue.close} title={`What ${person.email} may do`} size="lg">
        <ChangeForm person={person} onDone={dialogue.close} />
      </Modal>
    </>
  );
}

type ChangeFormProps = { readonly person: Person; readonly onDone: () => void };

function ChangeForm({ person, onDone }: ChangeFormProps): ReactElement {
  const places = placesOf(useMe());
  const whole = useChange('PATCH /users/{id}');
  const chosen = useChange('PUT /users/{id}/subaccounts');
  const form = useFields<AccessFields>(fieldsOf(person, places), {
    role: 'whole.role',
    grants: 'whole.grants',
    templates: 'whole.templates',
    hiddenPages: 'whole.hiddenPages',
  });
  const send = form.send('Changed, from their next click on', async (values) => {
    const path = { id: person.id };
    if (isOnePart(values, places)) await whole.run({ path, body: partBody(values.whole) });
    else await chosen.run({ path, body: listBody(values) });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <AccessInputs form={form} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Change it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

/** Taking somebody out, or leaving oneself: the login stays, its access here ends. */
function Leave({ person }: { readonly person: Person }): ReactElement {
  const remove = useChange('DELETE /users/{id}');
  const whyNot = useWhyNot();
  const me = useMe();
  const goTo = useGoTo();
  const isSelf = me.user?.id === person.id;
  const run = async (): Promise<void> => {
    const isSure = await confirm({
      title: isSelf ? 'Leave this account?' : `Take ${person.email} out?`,
      text: (
        <Text size="sm">
          {isSelf ? 'You' : 'They'} can do nothing here from the next click on. Keys that{' '}
          {isSelf ? 'you' : 'they'} made for programs stay.
        </Text>
      ),
      action: isSelf ? 'Leave' : 'Take them out',
      isDangerous: true,
    });
    if (!isSure) return;
    const done = isSelf ? 'You have left' : `${person.email} has no access here any more`;
    if (!(await act(done, () => remove.run({ path: { id: person.id } })))) return;
    if (isSelf) window.location.assign(`${facts.base}/`);
    else goTo('people');
  };
  return (
    <ActButton
      variant="default"
      color="red"
      why={whyNot('DELETE /users/{id}') ?? (isSelf ? null : whyNotBelow(me, person))}
      loading={remove.isRunning}
      onClick={() => void run()}
    >
      {isSelf ? 'Leave' : 'Take out'}
    </ActButton>
  );
}
