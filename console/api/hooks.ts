/** Calls as React uses them: reading suspends, so a page has what it reads; every change makes all readings fresh. */
import {
  useMutation,
  useQueryClient,
  useSuspenseInfiniteQuery,
  useSuspenseQuery,
} from '@tanstack/react-query';
import type { QueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { listLensOf, useAddress, useLens, useListLens } from '../shell/lens.ts';
import type { Calls } from './calls.ts';
import { call, Problem } from './client.ts';
import type { Call, Input, Item, Reply } from './client.ts';
import { lensOf } from './lens.ts';
import type { Lens, Search } from './lens.ts';

type ReadCall = Extract<Call, `GET ${string}`>;
/** GET calls that answer a page of items with a cursor. */
type PagedCall = {
  [C in ReadCall]: Calls[C]['reply'] extends {
    readonly items: readonly unknown[];
    readonly next: string | null;
  }
    ? C
    : never;
}[ReadCall];

type Whose = {
  /** A subaccount that is not the one looked at. */
  readonly of?: number;
};

function useLensOf({ of }: Whose): Lens {
  const lens = useLens();
  return useMemo(() => (of === undefined ? lens : { ...lens, subaccount: of }), [lens, of]);
}

type ReadOptions = {
  /** Asks again after so many milliseconds, as long as the page is looked at. */
  readonly everyMs?: number;
};

function readOf<C extends ReadCall>(lens: Lens, name: C, input: Input<C>) {
  return {
    queryKey: [lens, name, input],
    queryFn: ({ signal }: { readonly signal: AbortSignal }) => call(name, input, lens, signal),
  };
}

/** What a GET call answers, under the lens. Suspends until it is there; throws a `Problem` to the page's boundary. */
export function useRead<C extends ReadCall>(
  name: C,
  input: Input<C>,
  options: ReadOptions & Whose = {},
): Reply<C> {
  const lens = useLensOf(options);
  return useSuspenseQuery({
    ...readOf(lens, name, input),
    ...(options.everyMs === undefined ? {} : { refetchInterval: options.everyMs }),
  }).data;
}

/** Asks for what is read further down, so that what stands one after the other waits once; what is known is not asked again. */
export type Ahead = {
  /** Of a `useRead`. */
  readonly one: <C extends ReadCall>(name: C, input: Input<C>) => void;
  /** Of a `usePages`, its first page. */
  readonly pages: <C extends PagedCall>(name: C, input: Input<C>) => void;
};

/** Under the lens of an address, before anything of its page is drawn. `meOf`: who looks, known to the page that then reads it. */
export function aheadOf(client: QueryClient, search: Search) {
  const lens = lensOf(search);
  const isNew = ({ queryKey }: { readonly queryKey: readonly unknown[] }): boolean =>
    client.getQueryState(queryKey) === undefined;
  const ahead: Ahead = {
    one(name, input) {
      const read = readOf(lens, name, input);
      if (isNew(read)) void client.prefetchQuery(read);
    },
    pages(name, input) {
      const read = pagesOf(listLensOf(search), name, input);
      if (isNew(read)) void client.prefetchInfiniteQuery(read);
    },
  };
  return { ahead, meOf: () => client.ensureQueryData(readOf(lens, 'GET /me', {})) };
}

export function useAhead(): Ahead {
  const client = useQueryClient();
  return aheadOf(client, useAddress()).ahead;
}

/** As `useRead`, but null where the answer is "not found" or "not granted": for parts of a page that may be missing. */
export function useReadIf<C extends ReadCall>(
  isWanted: boolean,
  name: C,
  input: Input<C>,
  options: ReadOptions = {},
): Reply<C> | null {
  const lens = useLens();
  return useSuspenseQuery({
    queryKey: [lens, name, input, isWanted],
    queryFn: ({ signal }) =>
      isWanted ? call(name, input, lens, signal).catch(missing) : Promise.resolve(null),
    ...(options.everyMs === undefined ? {} : { refetchInterval: options.everyMs }),
  }).data;
}

function missing(error: unknown): null {
  if (error instanceof Problem && (error.status === 403 || error.status === 404)) return null;
  throw error;
}

export type Pages<One> = {
  readonly items: readonly One[];
  readonly hasMore: boolean;
  readonly isMoreComing: boolean;
  readonly more: () => void;
};

/** A first page is there soon; who reads on reads far, in pages whose reading holds up no frame. */
const firstRows = 100;
const laterRows = 250;

/** A list that somebody has read further is not read all over again by itself: that many pages are, no more. */
const freshPagesMax = 2;

function isShort({ state }: { readonly state: { readonly data?: unknown } }): boolean {
  const { pages = [] } = (state.data ?? {}) as { readonly pages?: readonly unknown[] };
  return pages.length <= freshPagesMax;
}

function pagesOf<C extends PagedCall>(lens: Lens, name: C, input: Input<C>) {
  const query = 'query' in input ? (input.query as object) : {};
  return {
    queryKey: [lens, 'pages', name, input],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }: { readonly pageParam: string | null; readonly signal: AbortSignal }) => {
      const limit = pageParam === null ? firstRows : laterRows;
      const asked = { ...input, query: { limit, ...query, cursor: pageParam ?? undefined } };
      return call(name, asked as unknown as Input<C>, lens, signal) as Promise<{
        items: readonly Item<C>[];
        next: string | null;
      }>;
    },
    getNextPageParam: ({ next }: { readonly next: string | null }) => next,
  };
}

/** A keyset list: the pages read so far as one list, and a way to read the next one. */
export function usePages<C extends PagedCall>(
  name: C,
  input: Input<C>,
  options: ReadOptions = {},
): Pages<Item<C>> {
  const lens = useListLens();
  const read = useSuspenseInfiniteQuery({
    ...pagesOf(lens, name, input),
    refetchOnWindowFocus: isShort,
    refetchInterval: (asked) => (options.everyMs !== undefined && isShort(asked) ? options.everyMs : false),
  });
  // Once for each page that comes, not at every drawing: there may be a hundred thousand.
  const { pages } = read.data;
  const items = useMemo(() => pages.flatMap((page) => page.items), [pages]);
  return {
    items,
    hasMore: read.hasNextPage,
    isMoreComing: read.isFetchingNextPage,
    more: () => void read.fetchNextPage(),
  };
}

export type Change<C extends Call> = {
  readonly run: (input: Input<C>) => Promise<Reply<C>>;
  readonly isRunning: boolean;
};

/** A call that changes something; all that was read is read anew. Throws a `Problem`: see `act` and `useFields`. */
export function useChange<C extends Exclude<Call, ReadCall>>(name: C, whose: Whose = {}): Change<C> {
  const lens = useLensOf(whose);
  const client = useQueryClient();
  const { mutateAsync, isPending } = useMutation<Reply<C>, Error, Input<C>>({
    mutationFn: (input) => call(name, input, lens),
    onSuccess: () => client.invalidateQueries(),
  });
  return { run: mutateAsync, isRunning: isPending };
}

/** A call by hand, under the lens: downloads, look-ups while typing. */
export function useCaller(): <C extends Call>(
  name: C,
  input: Input<C>,
  signal?: AbortSignal,
) => Promise<Reply<C>> {
  const lens = useLens();
  return (name, input, signal) => call(name, input, lens, signal);
}
