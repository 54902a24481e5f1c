/**
 * Routes as data. A feature's `http.ts` lists values made by `defineRoute`; validation, OpenAPI, the reference page,
 * the console's client types, the attack sweep and the audit label all come from that one value.
 *
 * Shapes are TypeBox schemas. Objects that a caller sends are closed (`fields`): an unknown field is refused by name.
 * The mount (`src/http`) refuses to start with a route whose input is open, unbounded or without an example.
 */
import type { Readable } from 'node:stream';
import { Type } from 'typebox';
import type {
  Static,
  TArray,
  TInteger,
  TNull,
  TObject,
  TOptional,
  TProperties,
  TSchema,
  TString,
  TUnion,
  TUnsafe,
} from 'typebox';
import type { Grant, Scope } from './scope.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a route may know of the request besides its parsed input. */
export type RequestFacts = {
  /** Echoed to the caller as `Lettershop-Request-Id`. */
  readonly id: string;
  /** Of the caller: behind a trusted proxy the forwarded one. Always a valid IP address. */
  readonly remoteAddress: string;
  /** Value of a request header, by lower-case name; several are joined by `, ` (RFC 9110 5.3). */
  readonly header: (name: string) => string | undefined;
  /** Unquoted, 1..255 printable ASCII characters. */
  readonly idempotencyKey?: string;
  /** Of a call that a dialect makes of mail by SMTP. */
  readonly door?: 'smtp';
};

/** A reply that is not JSON: `raw('text/csv')`. Its body is bytes, text or a stream. */
export type RawReply = { readonly raw: string; readonly description?: string };
/** `null`: this status has no body. */
export type ReplyShape = TSchema | RawReply | null;
export type Replies = { readonly [status: number]: ReplyShape };

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** The answer of a route whose shapes are forgotten; what the mount sees. */
export type Answer = {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of a raw body. The declared type when left out. */
  readonly contentType?: string;
};

type AnswerOf<R extends Replies> = {
  [Status in keyof R & number]: {
    readonly status: Status;
    readonly headers?: Readonly<Record<string, string>>;
  } & (R[Status] extends RawReply
    ? { readonly body: Buffer | string | Readable; readonly contentType?: string }
    : R[Status] extends TSchema
      ? { readonly body: DeepReadonly<Static<R[Status]>> }
      : { readonly body?: undefined });
}[keyof R & number];

/** A body that is no JSON and is not collected: `run` reads it as it comes. */
export type RawBody = {
  /** Media types without parameters. */
  readonly types: readonly string[];
  readonly sizeBytesMax: number;
};

/** The body of a call to a route with `rawBody`; breaks with an error when it is cut or grows too large. */
export type BodyStream = { readonly type: string; readonly bytes: Readable };

type Shaped<S> = S extends TSchema ? Static<S> : undefined;

export type RouteInput<P = unknown, Q = unknown, B = unknown, H = unknown> = {
  readonly scope: Scope;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly headers: H;
  /** There whenever the route has a `rawBody`. */
  readonly stream?: BodyStream;
  readonly request: RequestFacts;
};

/** A valid call, in JSON. The sweeps break it field by field. */
export type RouteExample = {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly raw?: { readonly type: string; readonly text: string };
};

type RouteHead = {
  readonly method: Method;
  /** Under `/api/v1`, params as `:name`. */
  readonly path: string;
  /** Heading in the reference: the feature's noun. */
  readonly tag: string;
  /** What the caller's scope must hold. `null`: any valid credential will do (never "no credential"). */
  readonly grant: Grant | null;
  /** Changes nothing of the account: people of a suspended one may still do it. */
  readonly isPersonal?: true;
  /** One line, imperative, without a full stop: "Send a message". */
  readonly summary: string;
  readonly description?: string;
  /** Largest body in bytes; the server's own limit when left out. */
  readonly bodyLimitBytes?: number;
  /** Instead of a `body`. */
  readonly rawBody?: RawBody;
  readonly example: RouteExample;
};

/** A route in a list: its shapes as data, its `run` untyped. Made by `defineRoute` only. */
export type Route = RouteHead & {
  readonly params?: TObject;
  readonly query?: TObject;
  readonly body?: TSchema;
  readonly headers?: TObject;
  readonly replies: Replies;
  readonly run: (input: RouteInput) => Promise<Answer>;
};

type RouteDefinition<
  P extends TObject | undefined,
  Q extends TObject | undefined,
  B extends TSchema | undefined,
  H extends TObject | undefined,
  R extends Replies,
  A,
> = RouteHead & {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Lower-case names. Only those named here are checked and given to `run`. */
  readonly headers?: H;
  readonly replies: R;
  readonly run: (input: RouteInput<Shaped<P>, Shaped<Q>, Shaped<B>, Shaped<H>>) => Promise<A>;
};

/** Types `run` by the route's shapes, then forgets them. Checks nothing: the mount does, at start. */
export function defineRoute<
  const R extends Replies,
  P extends TObject | undefined = undefined,
  Q extends TObject | undefined = undefined,
  B extends TSchema | undefined = undefined,
  H extends TObject | undefined = undefined,
  const A extends AnswerOf<R> = AnswerOf<R>,
>(definition: RouteDefinition<P, Q, B, H, R, A>): Route {
  return definition as unknown as Route;
}

/** A closed object: fields that are not named here are refused. */
export function fields<const P extends TProperties>(
  properties: P,
  options: { readonly description?: string } = {},
): TObject<P> {
  return Type.Object(properties, { ...options, additionalProperties: false });
}

type TextOptions = {
  readonly minLength?: number;
  readonly description?: string;
  readonly pattern?: string;
  readonly format?: string;
};

/** Text of at most `maxLength` characters (code points). */
export function text(maxLength: number, options: TextOptions = {}): TString {
  return Type.String({ ...options, maxLength });
}

/** Text of at least one and at most `maxLength` characters. */
export function word(maxLength: number, options: TextOptions = {}): TString {
  return Type.String({ minLength: 1, ...options, maxLength });
}

/** One line of text: no control characters, so it can stand in a header of a mail. */
export function line(maxLength: number, options: { readonly description?: string } = {}): TString {
  return Type.String({ ...options, pattern: '^[^\\u0000-\\u001f\\u007f\\u2028\\u2029]*$', maxLength });
}

/**
 * Names of the caller's own choosing, each with a value of one shape. Not `Type.Record`: its pattern `^.*$` does not
 * match a name with a line end, whose value would then go unchecked.
 */
export function record<T extends TSchema>(
  value: T,
  bounds: { readonly nameLengthMax: number; readonly entriesMax: number; readonly description?: string },
): TUnsafe<Record<string, Static<T>>> {
  const { nameLengthMax, entriesMax, ...options } = bounds;
  return Type.Unsafe<Record<string, Static<T>>>({
    ...options,
    type: 'object',
    additionalProperties: value,
    propertyNames: line(nameLengthMax),
    maxProperties: entriesMax,
  });
}

/** RFC 3339 with any offset when it comes in (`instantMs`), UTC with milliseconds when it goes out (`instantText`). */
export const Instant = Type.String({
  format: 'date-time',
  maxLength: 40,
  description: 'RFC 3339 date and time',
});

/**
 * Milliseconds since 1970 of a text that `Instant` has let through. A leap second counts as the last whole
 * second of its minute, as the clocks here know none.
 */
export function instantMs(instant: string): number {
  return Date.parse(instant.toUpperCase().replace(/:60(?=[.Z+-])/, ':59'));
}

export function instantText(ms: number): string {
  return new Date(ms).toISOString();
}

const cursorText = { description: '`next` of the page before' };
/** An id below 2^63. */
export const idPattern = '^(?:\\d{1,18}|[1-8]\\d{18})$';
/** Without anchors: an account's or subaccount's number, below 2^31. */
export const tenantIdPattern = '(?:\\d{1,9}|1\\d{9}|2(?:0\\d|1[0-3])\\d{7})';

/**
 * Query of a list: `limit` (always set when `run` sees it) and `cursor`, plus the list's own filters. A cursor is an id
 * unless the list says otherwise.
 */
export function pageQuery<const P extends TProperties>(
  filters: P,
  cursorPattern = idPattern,
): TObject<P & { limit: TOptional<TInteger>; cursor: TOptional<TString> }> {
  return fields({
    ...filters,
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 500,
        default: 50,
        description: 'Items per page, 50 when left out',
      }),
    ),
    cursor: Type.Optional(word(100, { ...cursorText, pattern: cursorPattern })),
  });
}

/** A page: `next` is the cursor of the following one, `null` on the last. */
export function pageReply<T extends TSchema>(
  item: T,
): TObject<{ items: TArray<T>; next: TUnion<[TString, TNull]> }> {
  return Type.Object(
    {
      items: Type.Array(item),
      next: Type.Union([Type.String(), Type.Null()], { description: 'Cursor of the next page' }),
    },
    { additionalProperties: false },
  );
}

/** The page's cursor: the last item's id when the page is full, else null (there may be one empty page at the end). */
export function nextCursor(items: readonly { readonly id: number | string }[], limit: number): string | null {
  const last = items.length === limit ? items.at(-1) : undefined;
  return last === undefined ? null : String(last.id);
}

export function isRawReply(reply: ReplyShape): reply is RawReply {
  return reply !== null && 'raw' in reply && typeof reply.raw === 'string';
}
