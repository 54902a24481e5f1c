import { Group, Modal, NumberInput, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { Suspense, useState } from 'react';
import type { ReactElement } from 'react';
import { resendProblem } from '../../src/features/users/rules.ts';
import { useChange, usePages } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { useFields } from '../parts/fields.ts';
import { NewThing } from '../parts/new-thing.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { useMe, useWhyNot } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { AccessInputs } from './people/access-form.tsx';
import { fieldsOf, isOnePart, listBody, partBody, placesOf } from './people/access.ts';
import type { Access, AccessFields, Invitation } from './people/access.ts';

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        title="People"
        text="Who can log in here, and what each may see and do: in the whole account or in chosen subaccounts."
      >
        <NewThing call="POST /invitations" label="Invite" title="Invite somebody" size="lg">
          {(close) => <InviteForm onDone={close} />}
        </NewThing>
      </PageHead>
      <Stack gap="xl">
        <Suspense fallback={<PageWait />}>
          <List />
        </Suspense>
        <Suspense fallback={null}>
          <Invited />
        </Suspense>
      </Stack>
    </>
  );
}

function AccessText({ access }: { readonly access: Access }): ReactElement {
  const { account, subaccounts } = access;
  if (account !== null) return <>{account.role} of the account</>;
  const [first] = subaccounts;
  if (first === undefined) return <>nothing</>;
  if (subaccounts.length > 1) {
    const roles = [...new Set(subaccounts.map(({ role }) => role))];
    return (
      <>
        {roles.join(', ')} in {subaccounts.length} subaccounts
      </>
    );
  }
  return (
    <>
      {first.role} in <SubaccountName id={first.id} />
    </>
  );
}

function List(): ReactElement {
  const list = usePages('GET /users', {});
  const { user } = useMe();
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <Empty icon="people" title="Nobody has access here yet">
        Invite somebody by mail: they set a password of their own, and see only what you give them.
      </Empty>
    );
  }
  return (
    <DataTable
      name="People"
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo('person', { id })}
      columns={[
        { title: 'Name', width: '2fr', cell: ({ name, email }) => (name === '' ? email : name) },
        {
          title: 'Address',
          width: '3fr',
          cell: ({ id, email }) => (id === user?.id ? `${email} (you)` : email),
        },
        { title: 'May be', width: '3fr', cell: (person) => <AccessText access={person} /> },
        {
          title: 'Second factor',
          width: '140px',
          cell: ({ hasSecondFactor }) => (hasSecondFactor ? 'on' : 'off'),
        },
      ]}
    />
  );
}

function Invited(): ReactElement | null {
  const list = usePages('GET /invitations', {});
  const [edited, setEdited] = useState<Invitation | null>(null);
  if (list.items.length === 0) return null;
  return (
    <section aria-label="Invited">
      <Title order={2} size="h4" mb="xs">
        Invited, not here yet
      </Title>
      <DataTable
        name="Invitations"
        list={list}
        keyOf={({ id }) => id}
        columns={[
          { title: 'Address', width: '2fr', cell: ({ email }) => email },
          { title: 'Will be', width: '2fr', cell: (invitation) => <AccessText access={invitation} /> },
          {
            title: 'Mailed',
            width: '165px',
            cell: ({ sentAt, sentCount }) => (
              <>
                <Time at={sentAt} />
                {sentCount > 1 && ` (${sentCount})`}
              </>
            ),
          },
          { title: 'Good until', width: '165px', cell: ({ expiresAt }) => <Time at={expiresAt} /> },
          {
            title: 'Actions',
            width: '250px',
            cell: (invitation) => <InvitationActs invitation={invitation} onEdit={setEdited} />,
          },
        ]}
      />
      <Modal
        opened={edited !== null}
        onClose={() => setEdited(null)}
        title={`Change what ${edited?.email ?? ''} is offered`}
        size="lg"
      >
        {edited !== null && <ChangeForm invitation={edited} onDone={() => setEdited(null)} />}
      </Modal>
    </section>
  );
}

type InvitationActsProps = {
  readonly invitation: Invitation;
  readonly onEdit: (invitation: Invitation) => void;
};

function InvitationActs({ invitation, onEdit }: InvitationActsProps): ReactElement {
  const { id, email } = invitation;
  const resend = useChange('POST /invitations/{id}/resend');
  const revoke = useChange('DELETE /invitations/{id}');
  const whyNot = useWhyNot();
  const tooSoon = resendProblem({ ...invitation, sentAt: new Date(invitation.sentAt) }, Date.now());
  const end = async (): Promise<void> => {
    const text = `The link in the mail to ${email} stops working. You can invite them again.`;
    if (!(await confirm({ title: 'Revoke this invitation?', text, action: 'Revoke it', isDangerous: true })))
      return;
    await act('The invitation was revoked', () => revoke.run({ path: { id } }));
  };
  return (
    <Group gap={4} wrap="nowrap">
      <ActButton
        size="compact-xs"
        variant="subtle"
        aria-label={`Mail again to ${email}`}
        why={whyNot('POST /invitations/{id}/resend') ?? tooSoon?.message ?? null}
        loading={resend.isRunning}
        onClick={() => void act(`A new link was mailed to ${email}`, () => resend.run({ path: { id } }))}
      >
        Mail again
      </ActButton>
      <ActButton
        size="compact-xs"
        variant="subtle"
        aria-label={`Change the invitation of ${email}`}
        why={whyNot('PATCH /invitations/{id}')}
        onClick={() => onEdit(invitation)}
      >
        Change
      </ActButton>
      <ActButton
        size="compact-xs"
        variant="subtle"
        color="red"
        aria-label={`Revoke the invitation of ${email}`}
        why={whyNot('DELETE /invitations/{id}')}
        onClick={() => void end()}
      >
        Revoke
      </ActButton>
    </Group>
  );
}

const partNames = {
  role: 'whole.role',
  grants: 'whole.grants',
  templates: 'whole.templates',
  hiddenPages: 'whole.hiddenPages',
};

function InviteForm({ onDone }: { readonly onDone: () => void }): ReactElement {
  const places = placesOf(useMe());
  const invite = useChange('POST /invitations');
  const form = useFields<AccessFields>(fieldsOf(null, places), partNames);
  const send = form.send('The invitation is on its way', async (values) => {
    const { email, note, lifeDays } = values;
    await invite.run({
      body: {
        email: email.trim(),
        note,
        lifeDays: Number(lifeDays),
        ...(isOnePart(values, places) ? partBody(values.whole) : listBody(values)),
      },
    });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput label="Address" type="email" required data-autofocus {...form.getInputProps('email')} />
        <AccessInputs form={form} />
        <Textarea
          label="Note"
          description="Stands in the mail"
          autosize
          minRows={2}
          {...form.getInputProps('note')}
        />
        <NumberInput
          label="Days until it ends"
          min={1}
          max={30}
          allowDecimal={false}
          w={180}
          {...form.getInputProps('lifeDays')}
        />
        <Text size="xs" c="dimmed">
          They get a link that works once. Nobody can be given more than you have yourself.
        </Text>
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Mail the invitation
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

type ChangeFormProps = { readonly invitation: Invitation; readonly onDone: () => void };

function ChangeForm({ invitation, onDone }: ChangeFormProps): ReactElement {
  const places = placesOf(useMe());
  const change = useChange('PATCH /invitations/{id}');
  const form = useFields<AccessFields>(
    { ...fieldsOf(invitation, places), email: invitation.email, note: invitation.note },
    partNames,
  );
  const send = form.send('The invitation was changed', async (values) => {
    const part = isOnePart(values, places) ? partBody(values.whole) : listBody(values);
    await change.run({ path: { id: invitation.id }, body: { note: values.note, ...part } });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <AccessInputs form={form} />
        <Textarea
          label="Note"
          description="Stands in the mail when it is sent again"
          autosize
          minRows={2}
          {...form.getInputProps('note')}
        />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Change it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
