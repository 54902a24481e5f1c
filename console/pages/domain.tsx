import { Anchor, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import type { Reply } from '../api/client.ts';
import { useChange, useRead } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { Connect } from '../parts/connect.tsx';
import { Facts } from '../parts/facts.tsx';
import { useFields } from '../parts/fields.ts';
import { Icon } from '../parts/icon.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { ShareChoice } from '../parts/share-choice.tsx';
import { State } from '../parts/state.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { keepLens, useGoTo, useParam } from '../shell/location.ts';
import { mayCall, useMe, useWhyNotOn } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { Bounces } from './domain/bounces.tsx';
import { DomainTracking } from './domain/tracking.tsx';
import { Instructions } from './domain/instructions.tsx';
import { MailProof } from './domain/mail-proof.tsx';
import { Records } from './domain/records.tsx';

type Domain = Reply<'GET /domains/{id}'>;

export function Page(): ReactElement {
  const id = useParam('id');
  const me = useMe();
  const domain = useRead('GET /domains/{id}', { path: { id } }, { everyMs: 10_000 });
  return (
    <>
      <PageHead
        title={domain.name}
        text={<State name={domain.state} />}
        back={{ to: 'domains', title: 'Domains' }}
      >
        <Forward domain={domain} />
        <Connect call="GET /domains/{id}/connect" of={domain} />
        <CheckNow domain={domain} />
      </PageHead>
      <Stack gap="lg">
        <Panel title="Records">
          <Text size="sm" c="dimmed" mb="md">
            Publish these where the domain’s DNS is kept; to send, its ownership and one signature must be
            seen. They are looked for by themselves, too, for as long as the domain is here.
          </Text>
          <Records domain={domain} of="records" name="Records to publish" />
        </Panel>
        {domain.alternatives.length > 0 && (
          <Panel title="Bounces at the name itself">
            <Text size="sm" c="dimmed" mb="md">
              A name that serves nothing else can take its bounces itself: one of these then stands in for the
              return path record.
            </Text>
            <Records domain={domain} of="alternatives" name="Alternatives to the return path record" />
          </Panel>
        )}
        <MailProof domain={domain} />
        <Panel title="Instructions">
          <Suspense fallback={<PageWait />}>
            <Instructions id={id} />
          </Suspense>
        </Panel>
        {mayCall(me, 'GET /tracking-choice') && (
          <Panel title="Tracking">
            <Suspense fallback={<PageWait />}>
              <DomainTracking domain={domain} />
            </Suspense>
          </Panel>
        )}
        <Panel title="Facts">
          <Facts
            of={{
              Subaccount: <SubaccountName id={domain.subaccountId} />,
              Checked: domain.checkedAt === null ? 'not yet' : <Time at={domain.checkedAt} />,
              Made: <Time at={domain.createdAt} isDay />,
              Monitored: mayCall(me, 'GET /domains/{id}/dmarc/reports') ? (
                <Anchor component={Link} to={pathTo('dmarc', { id })} search={keepLens as never} size="sm">
                  DMARC reports
                </Anchor>
              ) : null,
              Bounces: <Bounces domain={domain} />,
              Shared: <Share domain={domain} />,
            }}
          />
        </Panel>
        <Ending domain={domain} />
      </Stack>
    </>
  );
}

type OfDomain = { readonly domain: Domain };

function CheckNow({ domain }: OfDomain): ReactElement {
  const check = useChange('POST /domains/{id}/check');
  const whyNot = useWhyNotOn(domain.subaccountId);
  return (
    <ActButton
      why={whyNot('POST /domains/{id}/check')}
      loading={check.isRunning}
      leftSection={<Icon name="search" size={16} />}
      onClick={() =>
        void act('Checked: below stands what was seen', () => check.run({ path: { id: domain.id } }))
      }
    >
      Check now
    </ActButton>
  );
}

function Forward({ domain }: OfDomain): ReactElement {
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNotOn(domain.subaccountId);
  return (
    <>
      <ActButton
        variant="default"
        why={whyNot('POST /domains/{id}/forward')}
        leftSection={<Icon name="send" size={16} />}
        onClick={dialogue.open}
      >
        Forward the instructions
      </ActButton>
      <Modal opened={isOpen} onClose={dialogue.close} title="Forward the instructions">
        <ForwardForm domain={domain} onDone={dialogue.close} />
      </Modal>
    </>
  );
}

function ForwardForm({ domain, onDone }: OfDomain & { readonly onDone: () => void }): ReactElement {
  const forward = useChange('POST /domains/{id}/forward');
  const form = useFields({ to: '', note: '', replyTo: '' });
  const send = form.send('The instructions are on their way', async ({ to, note, replyTo }) => {
    const body = {
      to: to.trim(),
      ...(note.trim() === '' ? {} : { note: note.trim() }),
      ...(replyTo.trim() === '' ? {} : { replyTo: replyTo.trim() }),
    };
    await forward.run({ path: { id: domain.id }, body });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput
          label="To"
          description="Whoever keeps the DNS of the domain; they need no login"
          required
          data-autofocus
          {...form.getInputProps('to')}
        />
        <Textarea label="A line from you" autosize minRows={2} {...form.getInputProps('note')} />
        <TextInput
          label="Answers go to"
          placeholder="nobody, if left empty"
          {...form.getInputProps('replyTo')}
        />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Send them
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

function Share({ domain }: OfDomain): ReactElement {
  const change = useChange('PATCH /domains/{id}');
  const why = useWhyNotOn(domain.subaccountId)('PATCH /domains/{id}');
  return (
    <ShareChoice
      of={domain}
      why={why}
      isRunning={change.isRunning}
      set={(share) => void act('Saved', () => change.run({ path: { id: domain.id }, body: { share } }))}
    />
  );
}

function Ending({ domain }: OfDomain): ReactElement {
  const remove = useChange('DELETE /domains/{id}');
  const whyNot = useWhyNotOn(domain.subaccountId);
  const goTo = useGoTo();
  const run = async (): Promise<void> => {
    const isSure = await confirm({
      title: `Delete ${domain.name}?`,
      text: 'Mail from it is refused at once, and its DKIM keys are destroyed. Adding it again makes new records.',
      action: 'Delete it',
      isDangerous: true,
      typed: domain.name,
    });
    if (!isSure) return;
    if (await act(`${domain.name} was deleted`, () => remove.run({ path: { id: domain.id } })))
      goTo('domains');
  };
  return (
    <Panel title="Ending it">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={560}>
          Deleting ends sending from this domain. Its records in the DNS can then be taken away.
        </Text>
        <ActButton
          color="red"
          variant="light"
          why={whyNot('DELETE /domains/{id}')}
          onClick={() => void run()}
        >
          Delete
        </ActButton>
      </Group>
    </Panel>
  );
}
