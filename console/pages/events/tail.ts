/** Events as they happen: the newest first, at most so many, and going on where the last stream ended. */
import { useEffect, useState } from 'react';
import { follow, Problem } from '../../api/client.ts';
import type { Item, Query } from '../../api/client.ts';
import { useListLens } from '../../shell/lens.ts';

export type Event = Item<'GET /events'>;
export type Kind = Event['kind'];

const shownMax = 2000;
const streamSeconds = 3600;
const againMs = 2000;

export type Tail = {
  readonly events: readonly Event[];
  readonly state: 'off' | 'connecting' | 'live';
  /** The server's word when it refuses; it is tried again. */
  readonly fault: string | null;
};
const off: Tail = { events: [], state: 'off', fault: null };

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

export function useTail(isOn: boolean, kind: Kind | null): Tail {
  const lens = useListLens();
  const [tail, setTail] = useState(off);
  useEffect(() => {
    if (!isOn) return undefined;
    const ending = new AbortController();
    const { signal } = ending;
    setTail({ ...off, state: 'connecting' });
    const run = async (): Promise<void> => {
      let after: string | null = null;
      while (!signal.aborted) {
        const query: Query<'GET /events/tail'> = {
          seconds: streamSeconds,
          ...(kind === null ? {} : { kind: [kind] }),
        };
        try {
          const stream = follow(query, lens, after, signal, () =>
            setTail((before) => ({ ...before, state: 'live', fault: null })),
          );
          for await (const { id, data } of stream) {
            after = id;
            setTail((before) => ({
              ...before,
              events: [data as Event, ...before.events].slice(0, shownMax),
            }));
          }
        } catch (error) {
          if (signal.aborted) return;
          const fault = error instanceof Problem ? error.message : 'The server cannot be reached.';
          setTail((before) => ({ ...before, state: 'connecting', fault }));
          await wait(againMs, signal);
        }
      }
    };
    void run();
    return () => ending.abort();
  }, [isOn, kind, lens]);
  return isOn ? tail : off;
}
