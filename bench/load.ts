// Runs the load tools as processes of their own and reads their JSON line.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export type SinkRun = { readonly port: number; readonly done: Promise<SinkCounts>; readonly end: () => void };
export type SinkCounts = {
  readonly messages: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly cpuSeconds: number;
};
export type SourceCounts = {
  readonly messages: number;
  readonly refused: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuSeconds: number;
};

function node(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Starts the sink; `done` resolves when it has seen `messages` final dots, or was ended. */
export async function startSink(messages: number): Promise<SinkRun> {
  const child = node(['bench/load/sink.ts', '0', String(messages)]);
  const lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]();
  const first = (await lines.next()).value as string;
  const done = lines.next().then(({ value }) => JSON.parse(value as string) as SinkCounts);
  return { port: (JSON.parse(first) as { port: number }).port, done, end: () => child.kill('SIGTERM') };
}

async function result<T>(child: ChildProcess): Promise<T> {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`a load tool ended with ${code}`);
  return JSON.parse(text) as T;
}

export type SmtpLoad = {
  port: number;
  messages: number;
  size: number;
  connections: number;
  from: string;
  auth: string;
  /** HTML with so many links. */
  links?: number;
};

export function smtpLoad({
  port,
  messages,
  size,
  connections,
  from,
  auth,
  links = 0,
}: SmtpLoad): Promise<SourceCounts> {
  return result(
    node([
      'bench/load/source.ts',
      ...[port, messages, size, connections].map(String),
      from,
      auth,
      '50',
      String(links),
    ]),
  );
}

export type ClickLoad = { port: number; clicks: number; connections: number; host: string; file: string };

/** `file`: paths, one a line. */
export function clickLoad({ port, clicks, connections, host, file }: ClickLoad): Promise<SourceCounts> {
  return result(node(['bench/load/click-source.ts', ...[port, clicks, connections].map(String), host, file]));
}

export type HttpLoad = {
  port: number;
  messages: number;
  size: number;
  connections: number;
  from: string;
  secret: string;
};

export function httpLoad({
  port,
  messages,
  size,
  connections,
  from,
  secret,
}: HttpLoad): Promise<SourceCounts> {
  return result(
    node(['bench/load/http-source.ts', ...[port, messages, size, connections].map(String), from, secret]),
  );
}
