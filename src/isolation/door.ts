/**
 * Calls of the attack over HTTP. Each group of calls comes from another loopback address, as the door closes itself to an
 * address after 20 failed logins. Replies are kept as they are: status, every header, the body's bytes.
 */
import { Agent, request } from 'node:http';
import { assert } from '../base/assert.ts';
import type { Route } from '../base/route.ts';

export type Call = {
  readonly method: string;
  /** Under `/api/v1`, encoded, with its query. */
  readonly path: string;
  /** The whole value of `Authorization`, or `Session <token>` for a login's cookie; null: none is sent. */
  readonly authorization: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Instead of it, as it is. */
  readonly raw?: { readonly type: string; readonly text: string };
};

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Where the attacked program listens. */
export type Target = {
  /** Without a path: `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly smtp: { readonly host: string; readonly port: number };
};

export type Door = (call: Call) => Promise<Reply>;

const callTimeoutMs = 30_000;
/** Below the 20 failures that close the door, and below what other tests of the same run may have used up. */
const callsPerAddress = 15;

/** Gives the address that a connection leaves from: another one after every few calls; undefined: the system's choice. */
export type Sources = () => string | undefined;

export function loopbackSources(host: string): Sources {
  if (!/^(?:127\.|localhost$)/.test(host) || process.platform !== 'linux') return () => undefined;
  const start = Math.floor(Math.random() * 60_000);
  let calls = 0;
  return () => {
    const number = (start + Math.floor(calls++ / callsPerAddress)) % 64_000;
    return `127.77.${Math.floor(number / 250)}.${(number % 250) + 2}`;
  };
}

/** `base` stands before each path. */
export function openDoor(target: Target, base = '/api/v1'): Door {
  const url = new URL(target.url);
  const lines = openLines(loopbackSources(url.hostname));
  return (call) => lines((line) => oneCall(url, line, { ...call, path: `${base}${call.path}` }));
}

type Line = { readonly agent: Agent; readonly localAddress: string | undefined };

function newLine(localAddress: string | undefined): Line & { users: number } {
  return { localAddress, agent: new Agent({ keepAlive: true }), users: 0 };
}

/** Calls from one address share its connections, which end with the last of them: a connection a call is a third of its time. */
function openLines(sources: Sources): <T>(use: (line: Line) => Promise<T>) => Promise<T> {
  let current = newLine(undefined);
  return async (use) => {
    const address = sources();
    if (address !== current.localAddress) {
      if (current.users === 0) current.agent.destroy();
      current = newLine(address);
    }
    const line = current;
    line.users++;
    try {
      return await use(line);
    } finally {
      if (--line.users === 0 && line !== current) line.agent.destroy();
    }
  };
}

function oneCall(url: URL, { agent, localAddress }: Line, call: Call): Promise<Reply> {
  const body = bodyOf(call);
  const headers: Record<string, string> = { ...call.headers };
  const session = /^Session (.+)$/.exec(call.authorization ?? '')?.[1];
  if (session !== undefined)
    Object.assign(headers, { origin: url.origin, cookie: `lettershop_session=${session}` });
  else if (call.authorization !== null) headers['authorization'] = call.authorization;
  if (body !== null) {
    headers['content-type'] = call.raw?.type ?? 'application/json';
    headers['content-length'] = String(body.length);
  }
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: url.hostname.replaceAll(/[[\]]/g, ''),
        port: url.port,
        method: call.method,
        path: call.path,
        headers,
        agent,
        timeout: callTimeoutMs,
        ...(localAddress === undefined ? {} : { localAddress }),
      },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('error', (error) => reject(new Error(`${call.method} ${call.path}: ${error.message}`)));
        reply.on('end', () =>
          resolve({
            status: reply.statusCode ?? 0,
            headers: Object.fromEntries(
              Object.entries(reply.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
            ),
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`${call.method} ${call.path}: no answer`)));
    sent.on('error', reject);
    sent.end(body ?? undefined);
  });
}

function bodyOf({ body, raw }: Call): Buffer | null {
  if (raw !== undefined) return Buffer.from(raw.text);
  return body === undefined ? null : Buffer.from(JSON.stringify(body));
}

/** The JSON of a reply that must have succeeded; throws with what was answered. */
export async function succeed<T>(door: Door, call: Call): Promise<T> {
  const reply = await door(call);
  assert(
    reply.status >= 200 && reply.status < 300,
    `${call.method} ${call.path}: ${reply.status} ${reply.body.slice(0, 500)}`,
  );
  return (reply.body === '' ? null : JSON.parse(reply.body)) as T;
}

export function bearer(secret: string): string {
  return `Bearer ${secret}`;
}

/** A person's login instead of a key. */
export function session(token: string): string {
  return `Session ${token}`;
}

export function routeName(route: Route): string {
  return `${route.method} ${route.path}`;
}

/** The example's own call with these params; its query only where the route demands one. */
export function exampleCall(
  route: Route,
  params: Readonly<Record<string, string>>,
  authorization: string | null,
): Call {
  const { example } = route;
  const demanded = (route.query?.required ?? []).length > 0 ? queryText(example.query ?? {}) : '';
  return {
    method: route.method,
    path: `${pathWith(route, params)}${demanded}`,
    authorization,
    ...(example.headers === undefined ? {} : { headers: example.headers }),
    ...(example.body === undefined ? {} : { body: example.body }),
    ...(example.raw === undefined ? {} : { raw: example.raw }),
  };
}

export function pathWith(route: Route, params: Readonly<Record<string, string>>): string {
  return route.path.replaceAll(/:(\w+)/g, (_all, name: string) =>
    encodeURIComponent(params[name] ?? String(route.example.params?.[name])),
  );
}

export function queryText(query: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((each) => `${encodeURIComponent(name)}=${encodeURIComponent(String(each))}`),
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
