import { Group, Modal, MultiSelect, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Suspense, useState } from 'react';
import type { ReactElement } from 'react';
import type { Reply } from '../api/client.ts';
import { useChange, useRead } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { Empty } from '../parts/empty.tsx';
import { useFields } from '../parts/fields.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { useGoTo, useParam } from '../shell/location.ts';
import { useWhyNot } from '../shell/me.ts';
import { Addresses } from './pools/addresses.tsx';
import { Rename } from './pools/form.tsx';
import { Signers } from './pools/signers.tsx';
import { Warmup } from './pools/warmup.tsx';
import { membersOf } from './pools/words.ts';
import type { SourceAddress } from './pools/words.ts';

type Pool = Reply<'GET /pools/{id}'>;
type OfPool = { readonly pool: Pool };

export function Page(): ReactElement {
  const id = useParam('id');
  const pool = useRead('GET /pools/{id}', { path: { id } });
  return (
    <>
      <PageHead
        title={pool.name}
        text={
          pool.isDefault
            ? 'Mail leaves from it where nothing else is said.'
            : 'Mail leaves from it where it is named.'
        }
        back={{ to: 'pools', title: 'Pools' }}
      >
        <Change pool={pool} />
        <MakeDefault pool={pool} />
      </PageHead>
      <Stack gap="lg">
        <Members pool={pool} />
        <Suspense fallback={null}>
          <Signers pool={pool} />
        </Suspense>
        <Ending pool={pool} />
      </Stack>
    </>
  );
}

function Members({ pool: { id } }: OfPool): ReactElement {
  const { items } = useRead('GET /addresses', {}, { everyMs: 5000 });
  const members = items.filter(({ poolId }) => poolId === id);
  const [warming, setWarming] = useState<SourceAddress | null>(null);
  return (
    <section aria-label="Addresses of the pool">
      <Group justify="space-between" mb="sm">
        <Text component="h2" fw={600}>
          Addresses
        </Text>
        <Add poolId={id} all={items} members={members} />
      </Group>
      {members.length === 0 ? (
        <Empty icon="pool" title="No addresses in it">
          Mail of this pool leaves from the system&apos;s own address until there are some.
        </Empty>
      ) : (
        <Addresses
          name="Addresses of the pool"
          addresses={members}
          last={{
            title: 'Acts',
            width: '190px',
            cell: (address) => <Acts of={address} onWarm={setWarming} />,
          }}
        />
      )}
      <Modal
        opened={warming !== null}
        onClose={() => setWarming(null)}
        title={`Warm-up of ${warming?.address ?? ''}`}
      >
        <Suspense fallback={null}>
          {warming !== null && <Warmup poolId={id} of={warming} onDone={() => setWarming(null)} />}
        </Suspense>
      </Modal>
    </section>
  );
}

type ActsProps = {
  readonly of: SourceAddress;
  readonly onWarm: (address: SourceAddress) => void;
};

function Acts({ of, onWarm }: ActsProps): ReactElement {
  const { address } = of;
  const change = useChange('PATCH /addresses');
  const whyNot = useWhyNot();
  const take = async (): Promise<void> => {
    const text = 'Mail of the pool leaves from its other addresses. The warm-up plan of this one is lost.';
    const question = { title: `Take ${address} out?`, text, action: 'Take it out' };
    if (!(await confirm(question))) return;
    await act(`${address} is in no pool now`, () => change.run({ body: { address, poolId: null } }));
  };
  const look = { size: 'compact-xs', variant: 'default' } as const;
  const why = whyNot('PATCH /addresses');
  return (
    <Group gap={6} wrap="nowrap">
      <ActButton {...look} why={why} onClick={() => onWarm(of)}>
        Warm-up
      </ActButton>
      <ActButton {...look} why={why} onClick={() => void take()}>
        Take out
      </ActButton>
    </Group>
  );
}

type AddProps = {
  readonly poolId: string;
  readonly all: readonly SourceAddress[];
  readonly members: readonly SourceAddress[];
};

function Add({ poolId, all, members }: AddProps): ReactElement {
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNot();
  const free = all.filter((each) => each.poolId !== poolId);
  const none = free.length === 0 ? 'The account has no other address; the operator gives them.' : null;
  return (
    <>
      <ActButton
        size="compact-sm"
        variant="default"
        why={whyNot('PUT /pools/{id}/addresses') ?? none}
        onClick={dialogue.open}
      >
        Put addresses in
      </ActButton>
      <Modal opened={isOpen} onClose={dialogue.close} title="Put addresses in">
        <AddForm poolId={poolId} free={free} members={members} onDone={dialogue.close} />
      </Modal>
    </>
  );
}

type AddFormProps = {
  readonly poolId: string;
  readonly free: readonly SourceAddress[];
  readonly members: readonly SourceAddress[];
  readonly onDone: () => void;
};

function AddForm({ poolId, free, members, onDone }: AddFormProps): ReactElement {
  const put = useChange('PUT /pools/{id}/addresses');
  const form = useFields<{ addresses: string[] }>({ addresses: [] }, { addresses: 'addresses' });
  const send = form.send('Mail leaves from them as well', async ({ addresses }) => {
    const added = membersOf(free).filter(({ address }) => addresses.includes(address));
    // What another pool was warming up goes on here where it was.
    await put.run({ path: { id: poolId }, body: { addresses: [...membersOf(members), ...added] } });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <MultiSelect
          label="Addresses"
          description="One that is in another pool leaves it"
          required
          data-autofocus
          data={[...new Set(free.map(({ address }) => address))]}
          searchable
          {...form.getInputProps('addresses')}
        />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Put them in
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

function Change({ pool }: OfPool): ReactElement {
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNot();
  return (
    <>
      <ActButton variant="default" why={whyNot('PATCH /pools/{id}')} onClick={dialogue.open}>
        Rename
      </ActButton>
      <Modal opened={isOpen} onClose={dialogue.close} title={`Rename ${pool.name}`}>
        <Rename of={pool} onDone={dialogue.close} />
      </Modal>
    </>
  );
}

/** Another steps down, and one click there takes it back: it asks nothing. */
function MakeDefault({ pool: { id, name, isDefault } }: OfPool): ReactElement {
  const change = useChange('PATCH /pools/{id}');
  const whyNot = useWhyNot();
  return (
    <ActButton
      variant="default"
      why={whyNot('PATCH /pools/{id}') ?? (isDefault ? 'It is the default already.' : null)}
      loading={change.isRunning}
      onClick={() =>
        void act(`Mail leaves from ${name} where nothing else is said`, () =>
          change.run({ path: { id }, body: { isDefault: true } }),
        )
      }
    >
      Make it the default
    </ActButton>
  );
}

function Ending({ pool: { id, name, isDefault } }: OfPool): ReactElement {
  const remove = useChange('DELETE /pools/{id}');
  const whyNot = useWhyNot();
  const goTo = useGoTo();
  const run = async (): Promise<void> => {
    const text = 'Mail that names it is refused from then on.';
    const question = { title: `Delete ${name}?`, text, action: 'Delete it', isDangerous: true };
    if (!(await confirm(question))) return;
    if (await act(`${name} was deleted`, () => remove.run({ path: { id } }))) goTo('pools');
  };
  return (
    <Panel title="Ending it">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={560}>
          The default pool, and one that a subaccount is bound to, that has addresses or takes the overflow of
          others, cannot be deleted.
        </Text>
        <ActButton
          color="red"
          variant="light"
          why={whyNot('DELETE /pools/{id}') ?? (isDefault ? 'Make another one the default first.' : null)}
          onClick={() => void run()}
        >
          Delete
        </ActButton>
      </Group>
    </Panel>
  );
}
