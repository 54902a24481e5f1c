/** One act on all waiting mail that the filters match: counted first, then done in rounds that can be stopped. */
import { Alert, Button, Group, Loader, Modal, NumberInput, Select, Stack, Text } from '@mantine/core';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import type { ReactElement } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { Problem } from '../../api/client.ts';
import type { Input, Query, Reply } from '../../api/client.ts';
import { useCaller, useReadIf } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { countText } from '../../parts/numbers.ts';
import { mayCall, useMe, useWhyNot } from '../../shell/me.ts';

export type QueueFilter = Omit<NonNullable<Query<'GET /queue'>>, 'limit' | 'cursor'>;
type Body = Input<'POST /queue/actions'>['body'];
type Action = Body['action'];
type Row = Reply<'POST /queue/actions'>['samples'][number];

type About = { readonly label: string; readonly text: string; readonly isDangerous?: true };
const acts: Readonly<Record<Action, About>> = {
  retry: { label: 'Try now', text: 'They become due at once, in their order.' },
  hold: {
    label: 'Hold',
    text: 'They wait until they are released, or until the hold ends, when they expire.',
  },
  release: { label: 'Release', text: 'What was held by hand goes on; other holds stay.' },
  move_pool: { label: 'Move to a pool', text: 'They leave from the addresses of another pool.' },
  cancel: {
    label: 'Cancel',
    text: 'Their recipients will not get them. This cannot be undone.',
    isDangerous: true,
  },
};

type QueueActsProps = {
  readonly filter: QueueFilter;
  /** Why nothing can be done to what is listed, if so. */
  readonly why?: string | null;
};

export function QueueActs({ filter, why = null }: QueueActsProps): ReactElement {
  const [action, setAction] = useState<Action | null>(null);
  const whyNot = useWhyNot();
  return (
    <>
      <Group gap="xs" mb="md" role="group" aria-label="Acts on all that is listed">
        {(Object.keys(acts) as Action[]).map((name) => (
          <ActButton
            key={name}
            size="xs"
            variant="default"
            {...(acts[name].isDangerous === true ? { c: 'var(--bad)' } : {})}
            why={whyNot('POST /queue/actions') ?? why}
            onClick={() => setAction(name)}
          >
            {acts[name].label}
          </ActButton>
        ))}
        <Text size="xs" c="dimmed">
          {Object.keys(filter).length === 0
            ? 'on everything that waits; narrow it by the filters'
            : 'on all that the filters match, counted before anything is done'}
        </Text>
      </Group>
      <Modal
        opened={action !== null}
        onClose={() => setAction(null)}
        title={action === null ? '' : acts[action].label}
        size="lg"
      >
        {action !== null && <Bulk action={action} filter={filter} onDone={() => setAction(null)} />}
      </Modal>
    </>
  );
}

type Tally = {
  readonly step: 'counting' | 'counted' | 'working' | 'done';
  readonly matched: number;
  readonly changed: number;
  readonly samples: readonly Row[];
  readonly fault: string | null;
};
const nothing: Tally = { step: 'counting', matched: 0, changed: 0, samples: [], fault: null };

/** Rounds of one call, until the whole queue was looked at or somebody stops it. */
function useRounds(): {
  readonly tally: Tally;
  readonly run: (body: Body, signal: AbortSignal) => Promise<void>;
} {
  const [tally, setTally] = useState(nothing);
  const caller = useCaller();
  const run = async (body: Body, signal: AbortSignal): Promise<void> => {
    const isDry = body.dryRun === true;
    setTally({ ...nothing, step: isDry ? 'counting' : 'working' });
    let cursor: string | null = null;
    try {
      do {
        const result: Reply<'POST /queue/actions'> = await caller(
          'POST /queue/actions',
          { body: { ...body, ...(cursor === null ? {} : { cursor }) } },
          signal,
        );
        cursor = result.next;
        setTally((before) => ({
          ...before,
          matched: before.matched + result.matched,
          changed: before.changed + result.changed,
          samples: [...before.samples, ...result.samples].slice(0, 10),
        }));
      } while (cursor !== null);
      setTally((before) => ({ ...before, step: isDry ? 'counted' : 'done' }));
    } catch (error) {
      if (signal.aborted) return;
      const fault = error instanceof Problem ? error.message : 'The console met something unexpected.';
      setTally((before) => ({ ...before, step: isDry ? 'counted' : 'done', fault }));
    }
  };
  return { tally, run };
}

type BulkProps = {
  readonly action: Action;
  readonly filter: QueueFilter;
  readonly onDone: () => void;
};

function Bulk({ action, filter, onDone }: BulkProps): ReactElement {
  const { tally, run } = useRounds();
  const queries = useQueryClient();
  const stop = useRef<AbortController | null>(null);
  const [pool, setPool] = useState<string | null>(null);
  const [hours, setHours] = useState<number | string>(72);
  const { label, text, isDangerous } = acts[action];
  const body = (dryRun: boolean): Body => ({
    action,
    filter,
    dryRun,
    ...(action === 'move_pool' && pool !== null ? { toPool: pool } : {}),
    ...(action === 'hold' && hours !== ''
      ? { until: new Date(Date.now() + Number(hours) * 3_600_000).toISOString() }
      : {}),
  });
  const start = (dryRun: boolean): void => {
    stop.current?.abort();
    stop.current = new AbortController();
    void run(body(dryRun), stop.current.signal).then(() => (dryRun ? null : queries.invalidateQueries()));
  };
  const isReady = action !== 'move_pool' || pool !== null;
  const count = useEffectEvent(() => start(true));
  // Counted as soon as it is known what would be done, and to which pool; closing stops the rounds.
  useEffect(() => {
    if (isReady) count();
    return () => stop.current?.abort();
  }, [isReady, pool]);
  return (
    <Stack gap="sm">
      <Text size="sm">{text}</Text>
      {action === 'hold' && (
        <NumberInput
          label="Hours until the hold ends"
          min={1}
          max={9600}
          allowDecimal={false}
          w={220}
          value={hours}
          onChange={setHours}
          disabled={tally.step === 'working' || tally.step === 'done'}
        />
      )}
      {action === 'move_pool' && <PoolPick pool={pool} setPool={setPool} />}
      {isReady && <Told tally={tally} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone}>
          {tally.step === 'working' ? 'Stop' : tally.step === 'done' ? 'Close' : 'Cancel'}
        </Button>
        {tally.step !== 'done' && (
          <ActButton
            color={isDangerous === true ? 'red' : 'ember'}
            loading={tally.step === 'working'}
            why={whyNotYet(tally, isReady)}
            onClick={() => start(false)}
          >
            {label}: {countText(tally.matched)}
          </ActButton>
        )}
      </Group>
    </Stack>
  );
}

function whyNotYet({ step, matched, fault }: Tally, isReady: boolean): string | null {
  if (!isReady) return 'Choose the pool first.';
  if (step === 'counting') return 'It is being counted.';
  if (fault !== null) return fault;
  return matched === 0 ? 'Nothing that waits matches.' : null;
}

function PoolPick({
  pool,
  setPool,
}: {
  readonly pool: string | null;
  readonly setPool: (pool: string | null) => void;
}): ReactElement {
  const me = useMe();
  const pools = useReadIf(mayCall(me, 'GET /pools'), 'GET /pools', { query: { limit: 500 } });
  return (
    <Select
      label="To the pool"
      placeholder={pools === null || pools.items.length === 0 ? 'There is none' : 'Choose one'}
      data={(pools?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      value={pool}
      onChange={setPool}
    />
  );
}

/** What would be done, or was, with a few of those that it meets. */
function Told({ tally }: { readonly tally: Tally }): ReactElement {
  const { step, matched, changed, samples, fault } = tally;
  return (
    <>
      {fault !== null && <Alert color="red">{fault}</Alert>}
      <Group gap="xs" role="status">
        {(step === 'counting' || step === 'working') && <Loader size="xs" />}
        <Text size="sm">
          {step === 'working' || step === 'done' ? (
            <>
              <b className="figure">{countText(changed)}</b> changed of{' '}
              <b className="figure">{countText(matched)}</b> that matched
              {step === 'done' && changed < matched
                ? '; the others were being sent or are held otherwise'
                : ''}
            </>
          ) : (
            <>
              It meets <b className="figure">{countText(matched)}</b> {matched === 1 ? 'message' : 'messages'}
              {step === 'counting' ? ' so far' : '. Nothing was changed yet.'}
            </>
          )}
        </Text>
      </Group>
      {samples.length > 0 && step !== 'done' && (
        <div>
          <Text size="xs" c="dimmed" mb={4}>
            Among them
          </Text>
          <ul className="samples">
            {samples.map(({ messageId, to, state, hold }) => (
              <li key={messageId}>
                {to}{' '}
                <Text span c="dimmed" size="xs">
                  {hold === null ? state : `held: ${hold}`}
                </Text>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
