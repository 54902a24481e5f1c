/**
 * Which methods each path of a door knows, for the 405 of all others: asked once no route has taken a request. A route of the
 * router for each path and other method, as it was before, made three quarters of the door's routes and of its time to open.
 */
import type { FastifyRequest } from 'fastify';

/** `path`: params are called `:param`. `methods`: sorted, with the HEAD of a GET. */
export type KnownPath = { readonly path: string; readonly methods: readonly string[] };

type Entry = KnownPath & { readonly segments: readonly string[] };

export class PathTable {
  /** A request of these may fit another pattern as well, whose route would take it: their other methods need routes too. */
  readonly overlapping: readonly KnownPath[];
  readonly #entries: ReadonlyMap<number, readonly Entry[]>;
  readonly #prefixLength: number;

  /** `prefix`: of the door, which the paths (params as `:name`) are below. */
  constructor(prefix: string, routes: readonly { readonly method: string; readonly path: string }[]) {
    this.#prefixLength = segmentsOf(prefix).length;
    const entries = [...Map.groupBy(routes, ({ path }) => path.replace(/:\w+/g, ':param'))].map(
      ([path, known]): Entry => ({
        path,
        methods: known.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).sort(),
        segments: segmentsOf(path),
      }),
    );
    this.#entries = Map.groupBy(entries, ({ segments }) => segments.length);
    this.overlapping = entries.filter((one) =>
      this.#entries.get(one.segments.length)?.some((other) => other !== one && overlap(one, other)),
    );
  }

  /** Null: nobody knows the path. One with the request's own method has a part that is too long for a route. */
  find({ raw }: FastifyRequest): KnownPath | null {
    const [path = ''] = (raw.url ?? '').split('?');
    const asked = segmentsOf(path).slice(this.#prefixLength).map(decodeURIComponent);
    const entries = this.#entries.get(asked.length) ?? [];
    return (
      entries.find(({ segments }) => segments.every((own, at) => isParam(own) || own === asked[at])) ?? null
    );
  }
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').slice(1);
}

function isParam(segment: string): boolean {
  return segment.startsWith(':');
}

function overlap(one: Entry, other: Entry): boolean {
  return one.segments.every((own, at) => {
    const its = other.segments[at] ?? '';
    return own === its || isParam(own) || isParam(its);
  });
}
