/** The owner of a domain says yes by mail, instead of publishing the ownership record. */
import { Group, Select, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ReactElement } from 'react';
import type { Input, Reply } from '../../api/client.ts';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';
import { Panel } from '../../parts/panel.tsx';
import { mayCall, useMe, useWhyNotOn } from '../../shell/me.ts';

type Domain = Reply<'GET /domains/{id}'>;
type Mailbox = Input<'POST /domains/{id}/mail-proof'>['body']['mailbox'];

const mailboxes = [
  'admin',
  'administrator',
  'hostmaster',
  'postmaster',
  'webmaster',
] as const satisfies readonly Mailbox[];

/** Nothing for a domain whose owner is known already, and for whoever may not change it. */
export function MailProof({ domain }: { readonly domain: Domain }): ReactElement | null {
  const me = useMe();
  const whyNot = useWhyNotOn(domain.subaccountId);
  const ask = useChange('POST /domains/{id}/mail-proof');
  const form = useFields<{ mailbox: Mailbox }>({ mailbox: 'postmaster' });
  const isOwned = domain.proofs.some(({ purpose, state }) => purpose === 'ownership' && state === 'proven');
  if (domain.state === 'proven' || isOwned || !mayCall(me, 'POST /domains/{id}/mail-proof')) return null;
  const send = form.send(null, async ({ mailbox }) => {
    const { state, email } = await ask.run({ path: { id: domain.id }, body: { mailbox } });
    const message =
      state === 'proven'
        ? 'Its owner is known already'
        : `A link went to ${email}; it is good for three days`;
    notifications.show({ message, color: 'green' });
  });
  return (
    <Panel title="Proof by mail">
      <Text size="sm" c="dimmed" mb="sm">
        Instead of the ownership record: whoever administers the domain gets a link, and agrees by it. The
        record of the signature is needed all the same.
      </Text>
      <form onSubmit={form.onSubmit(send)}>
        <Group gap="sm" align="flex-end">
          <Select
            label="Ask"
            w={280}
            maw="100%"
            allowDeselect={false}
            data={mailboxes.map((value) => ({ value, label: `${value}@${domain.name}` }))}
            {...form.getInputProps('mailbox')}
          />
          <ActButton
            type="submit"
            variant="default"
            why={whyNot('POST /domains/{id}/mail-proof')}
            loading={form.isSending}
          >
            Send the link
          </ActButton>
        </Group>
      </form>
    </Panel>
  );
}
