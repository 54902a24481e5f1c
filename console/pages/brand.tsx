import { Button, FileButton, Group, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import type { Item, Reply } from '../api/client.ts';
import { useChange, usePages, useRead } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { Copy } from '../parts/copy.tsx';
import { Empty } from '../parts/empty.tsx';
import { Facts } from '../parts/facts.tsx';
import { useFields } from '../parts/fields.ts';
import { NewThing } from '../parts/new-thing.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { State } from '../parts/state.tsx';
import { Time } from '../parts/time.tsx';
import { Mark } from '../shell/mark.tsx';
import { useWhyNot } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { brandLimits, colorProblem, whiteOn } from '../../src/features/brands/rules.ts';

type Brand = Reply<'GET /brand'>;
type Host = Item<'GET /brand/hosts'>;

const whose = {
  own: 'This brand is shown here.',
  account: 'There is no brand here: that of the account is shown.',
  installation: 'There is no brand yet: that of the installation is shown.',
} as const;

export function Page(): ReactElement {
  const brand = useRead('GET /brand', {});
  return (
    <>
      <PageHead
        title="Brand"
        text={`The name, logo and colour that people see in place of ours. ${whose[brand.shown.source]}`}
      >
        <NewThing call="POST /brand/hosts" label="New host">
          {(close) => <NewHost close={close} />}
        </NewThing>
      </PageHead>
      <Stack gap="lg">
        <Look of={brand} />
        <Logo of={brand} />
        <Suspense fallback={<PageWait />}>
          <Hosts />
        </Suspense>
        {brand.own !== null && <Ending />}
      </Stack>
    </>
  );
}

function Look({ of: { own, shown } }: { readonly of: Brand }): ReactElement {
  const save = useChange('PUT /brand');
  const why = useWhyNot()('PUT /brand');
  const form = useFields({
    name: own?.name ?? '',
    color: own?.color ?? '',
    supportAddress: own?.supportAddress ?? '',
  });
  const send = form.send('Saved', ({ name, color, supportAddress }) => {
    const body = { name, color: color.trim() || null, supportAddress: supportAddress.trim() || null };
    return save.run({ body });
  });
  const values = form.getValues();
  const color = values.color.trim();
  const problem = color === '' ? null : colorProblem(color);
  const told = color === '' ? 'As #rrggbb; empty for ours' : (problem ?? contrastText(color));
  const look = {
    name: values.name === '' ? shown.name : values.name,
    color: problem === null && color !== '' ? color : null,
    supportAddress: null,
    logo: own?.logo ?? null,
  };
  return (
    <Panel title="Name and colour">
      <form onSubmit={form.onSubmit(send)}>
        <Stack gap="sm" maw={520}>
          <TextInput
            label="Name"
            required
            maxLength={brandLimits.nameLengthMax}
            disabled={why !== null}
            {...form.getInputProps('name')}
          />
          <TextInput
            label="Colour"
            description={told}
            placeholder="#1d4ed8"
            disabled={why !== null}
            {...form.getInputProps('color')}
          />
          <TextInput
            label="Address for help"
            description="Shown where people log in, and in their menu"
            type="email"
            disabled={why !== null}
            {...form.getInputProps('supportAddress')}
          />
          <Group className="panel" p="sm" gap="sm" role="group" aria-label="Preview">
            <Mark size={28} of={look} />
            <Text fw={650}>{look.name}</Text>
            <Button component="span" ml="auto" {...(look.color === null ? {} : { color: look.color })}>
              Log in
            </Button>
          </Group>
          <Group justify="flex-end">
            <ActButton type="submit" why={why} loading={form.isSending}>
              Save
            </ActButton>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

function contrastText(color: string): string {
  return `White text on it has a contrast of ${(whiteOn(color) ?? 0).toFixed(1)} to 1`;
}

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

function Logo({ of: { own } }: { readonly of: Brand }): ReactElement {
  const save = useChange('PUT /brand/logo');
  const remove = useChange('DELETE /brand/logo');
  const whyNot = useWhyNot();
  const why = whyNot('PUT /brand/logo') ?? (own === null ? 'Save a name first.' : null);
  const upload = async (file: File | null): Promise<void> => {
    if (file === null) return;
    if (file.size > brandLimits.logoBytesMax) {
      notifications.show({ message: 'A logo has at most 64 KiB.', color: 'red' });
      return;
    }
    await act('The logo was saved', async () => save.run({ body: { image: await base64Of(file) } }));
  };
  return (
    <Panel title="Logo">
      <Group>
        {own?.logo != null && <Mark size={40} of={{ ...own, logo: own.logo }} />}
        <Text size="sm" c="dimmed">
          PNG, JPEG or WebP of at most 64 KiB
        </Text>
        <Group ml="auto">
          {own?.logo != null && (
            <ActButton
              variant="default"
              why={whyNot('DELETE /brand/logo')}
              onClick={() => void act('The logo was taken away', () => remove.run({}))}
            >
              Take it away
            </ActButton>
          )}
          {why === null ? (
            <FileButton
              accept="image/png,image/jpeg,image/webp"
              onChange={(file) => void upload(file)}
              inputProps={{ 'aria-label': 'Logo file' }}
            >
              {(props) => (
                <Button {...props} loading={save.isRunning}>
                  Choose a picture
                </Button>
              )}
            </FileButton>
          ) : (
            <ActButton why={why}>Choose a picture</ActButton>
          )}
        </Group>
      </Group>
    </Panel>
  );
}

function Hosts(): ReactElement {
  const { items } = usePages('GET /brand/hosts', { query: {} }, { everyMs: 10_000 });
  if (items.length === 0) {
    return (
      <Empty icon="globe" title="No hosts yet">
        Name a host below a domain of yours, such as console.example.com: people who log in there see your
        brand. One CNAME record proves it, and whatever stands in front of the console needs a certificate for
        the name.
      </Empty>
    );
  }
  return (
    <>
      {items.map((host) => (
        <OneHost key={host.id} of={host} />
      ))}
    </>
  );
}

function OneHost({
  of: { id, name, state, record, seen, explain, checkedAt },
}: {
  readonly of: Host;
}): ReactElement {
  const check = useChange('POST /brand/hosts/{id}/check');
  const remove = useChange('DELETE /brand/hosts/{id}');
  const whyNot = useWhyNot();
  const end = async (): Promise<void> => {
    const text = 'People cannot log in there any more.';
    if (!(await confirm({ title: `Delete ${name}?`, text, action: 'Delete it', isDangerous: true }))) return;
    await act(`${name} was deleted`, () => remove.run({ path: { id } }));
  };
  const actions = (
    <Group gap="xs">
      <ActButton
        why={whyNot('POST /brand/hosts/{id}/check')}
        loading={check.isRunning}
        variant="default"
        onClick={() => void act('Checked: below stands what was seen', () => check.run({ path: { id } }))}
      >
        Check now
      </ActButton>
      <ActButton
        why={whyNot('DELETE /brand/hosts/{id}')}
        color="red"
        variant="light"
        onClick={() => void end()}
      >
        Delete
      </ActButton>
    </Group>
  );
  return (
    <Panel title={name} actions={actions}>
      <Facts
        of={{
          State: <State name={state} />,
          Type: <span className="mono">{record.type}</span>,
          Name: <Copy value={record.name} name="the name" />,
          Wanted: <Copy value={record.value} name="the value" />,
          Seen: checkedAt === null ? null : seen === '' ? 'nothing' : <span className="mono">{seen}</span>,
          'To do': state === 'proven' || explain === '' ? null : explain,
          Checked: checkedAt === null ? 'not yet' : <Time at={checkedAt} />,
        }}
      />
    </Panel>
  );
}

function NewHost({ close }: { readonly close: () => void }): ReactElement {
  const create = useChange('POST /brand/hosts');
  const form = useFields({ name: '' });
  const send = form.send(null, async ({ name }) => {
    await create.run({ body: { name: name.trim() } });
    close();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput
          label="Name"
          description="Below a domain of yours: a CNAME cannot stand at the domain itself"
          placeholder="console.example.com"
          required
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Show the record
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

function Ending(): ReactElement {
  const remove = useChange('DELETE /brand');
  const why = useWhyNot()('DELETE /brand');
  const run = async (): Promise<void> => {
    const text = 'Its name, colour and logo go. Its hosts stay.';
    if (!(await confirm({ title: 'Delete the brand?', text, action: 'Delete it', isDangerous: true })))
      return;
    await act('The brand was deleted', () => remove.run({}));
  };
  return (
    <Panel title="Ending it">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          People see the brand above this one again.
        </Text>
        <ActButton color="red" variant="light" why={why} onClick={() => void run()}>
          Delete the brand
        </ActButton>
      </Group>
    </Panel>
  );
}
