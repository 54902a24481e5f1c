/**
 * Long lists: a file of many rows is imported into a running program and exported again; then look-ups are asked against
 * it. Measured is what the program's own process needed at most, and what a look-up costs.
 */
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { findText } from '../../src/features/suppressions/index.ts';
import { killKey, NodeProcess } from './node.ts';
import { newFolder } from '../folder.ts';

export type ListResult = {
  readonly rows: number;
  readonly importedPerSecond: number;
  readonly importedAgainPerSecond: number;
  readonly exportedPerSecond: number;
  /** Most that the program's process ever had, PostgreSQL apart; and what it has before any row came. */
  readonly residentMaxMiB: number;
  readonly residentBeforeMiB: number;
  /** Of the program's processes for a look-up of 20 addresses against that list. */
  readonly lookUpMs: number;
  readonly wrong: readonly string[];
};

const addressesPerLookUp = 20;
const lookUps = 500;

export async function listRun(rows: number): Promise<ListResult> {
  const folder = newFolder('lettershop-lists');
  chmodSync(folder, 0o711);
  const node = new NodeProcess(folder, {});
  try {
    await node.start();
    const residentBeforeMiB = residentMiB(node.pid, 'VmRSS');
    const first = await importRows(node, rows);
    const second = await importRows(node, rows);
    const exported = await exportRows(node);
    const residentMaxMiB = residentMiB(node.pid, 'VmHWM');
    const wrong = [
      ...(first.added === rows ? [] : [`${first.added} of ${rows} rows were added`]),
      ...(second.unchanged === rows ? [] : [`${second.unchanged} of ${rows} rows were known`]),
      ...(exported.rows === rows ? [] : [`${exported.rows} of ${rows} rows were exported`]),
    ];
    return {
      rows,
      importedPerSecond: Math.round(rows / first.seconds),
      importedAgainPerSecond: Math.round(rows / second.seconds),
      exportedPerSecond: Math.round(rows / exported.seconds),
      residentMaxMiB,
      residentBeforeMiB,
      lookUpMs: await lookUpMs(node, rows),
      wrong,
    };
  } finally {
    await node.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function* file(rows: number): Generator<string> {
  yield 'address,kind,reason\r\n';
  for (let row = 0; row < rows; row += 1000) {
    const count = Math.min(1000, rows - row);
    const lines = Array.from(
      { length: count },
      (_, n) => `${addressOf(row + n)},unsubscribe,left by the link\r\n`,
    );
    yield lines.join('');
  }
}

/** Not in the order of the alphabet, as lists come. */
function addressOf(row: number): string {
  return `person${(row * 7919) % 10_000_019}@d${row % 997}.example`;
}

type Imported = { readonly added: number; readonly unchanged: number; readonly seconds: number };

async function call(
  node: NodeProcess,
  method: string,
  path: string,
  body: Iterable<string> | null,
): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${killKey.secret}`, 'content-type': 'text/csv' };
  const sent = request({ host: '127.0.0.1', port: node.ports.http, method, path: `/api/v1${path}`, headers });
  if (body === null) sent.end();
  else Readable.from(body, { objectMode: false }).pipe(sent);
  const [reply] = (await once(sent, 'response')) as [IncomingMessage];
  return reply;
}

async function importRows(node: NodeProcess, rows: number): Promise<Imported> {
  const started = performance.now();
  const reply = await call(node, 'POST', '/suppressions/imports', file(rows));
  const text = Buffer.concat(await reply.toArray()).toString();
  const { added, unchanged } = JSON.parse(text) as Imported;
  return { added, unchanged, seconds: (performance.now() - started) / 1000 };
}

async function exportRows(node: NodeProcess): Promise<{ readonly rows: number; readonly seconds: number }> {
  const started = performance.now();
  const reply = await call(node, 'GET', '/suppressions/export', null);
  let lines = 0;
  for await (const chunk of reply) for (const byte of chunk as Buffer) if (byte === 0x0a) lines += 1;
  return { rows: lines - 1, seconds: (performance.now() - started) / 1000 };
}

/** Half of the addresses are on the list. */
async function lookUpMs(node: NodeProcess, rows: number): Promise<number> {
  const db = await node.database();
  const owner = await db.query<{ account_id: number; subaccount_id: number }>(
    'select account_id, subaccount_id from suppressions limit 1',
  );
  const { account_id: account = 0, subaccount_id: subaccount = 0 } = owner.rows[0] ?? {};
  const ask = async (turn: number): Promise<void> => {
    const probes = Array.from({ length: addressesPerLookUp }, (_, n) => {
      const address = addressOf((turn * 7907 + n * 104_729) % (rows * 2));
      const hash = `#${'x'.repeat(43)}`;
      return [address, `*${address.slice(address.indexOf('@'))}`, hash].join('\n');
    });
    const values = [probes.map(() => account), probes.map(() => subaccount), probes, new Date()];
    await db.query({ name: 'suppressions.find', text: findText, values });
  };
  for (let turn = 0; turn < 50; turn++) await ask(turn);
  const started = performance.now();
  for (let turn = 0; turn < lookUps; turn++) await ask(turn + 50);
  const ms = (performance.now() - started) / lookUps;
  await db.end();
  return Math.round(ms * 1000) / 1000;
}

function residentMiB(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Math.round(Number(found?.[1] ?? 0) / 1024);
}
