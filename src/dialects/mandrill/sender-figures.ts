/** Senders (contract, 4.7): the addresses that mail was sent from, by their figures. */
import type { MandrillCall, MandrillCaller } from './caller.ts';
import { neededAddress } from './fields.ts';
import type { Body } from './fields.ts';
import { noStats, seriesOf, statsBy, windowsOf } from './figures.ts';
import type { Valued } from './figures.ts';
import { timeText } from './times.ts';
import { unknown } from './words.ts';

/** Addresses that the native figures take at once. */
const askedMax = 50;

const example = { address: 'news@primary.test' };

export const senderFigureCalls: readonly MandrillCall[] = [
  { call: 'users/senders', example: {}, run: list },
  { call: 'senders/list', example: {}, run: list },
  { call: 'senders/info', example, run: info },
  { call: 'senders/time-series', example, run: series },
];

function print(caller: MandrillCaller, { value, stats, firstAt }: Valued): Readonly<Record<string, unknown>> {
  const createdAt = firstAt ?? new Date(caller.world.now()).toISOString();
  return { address: value, created_at: timeText(createdAt), ...stats };
}

/** By address, in lower case, the sender objects of these; of one that no mail was from yet, it has no figures but zeros. */
export async function sendersOf(
  caller: MandrillCaller,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
  const asked = [...new Set(addresses)];
  const told = new Map<string, Readonly<Record<string, unknown>>>();
  for (let at = 0; at < asked.length; at += askedMax) {
    const some = asked.slice(at, at + askedMax);
    const known = await statsBy(caller, 'senderAddress', { senderAddress: some });
    const byAddress = new Map(known.map((sender) => [sender.value, sender]));
    for (const address of some) {
      const unsent = { value: address, stats: noStats, score: 0, firstAt: null };
      told.set(address, print(caller, byAddress.get(address) ?? unsent));
    }
  }
  return told;
}

async function list(caller: MandrillCaller): Promise<unknown> {
  const senders = await statsBy(caller, 'senderAddress');
  return senders.map((sender) => print(caller, sender));
}

/** Refused as unknown when no mail that the key reaches is from it. */
async function needed(caller: MandrillCaller, body: Body) {
  const given = neededAddress(body, 'address');
  const address = given.toLowerCase();
  const what = { senderAddress: [address] };
  const sender = (await statsBy(caller, 'senderAddress', what)).find(({ value }) => value === address);
  if (sender === undefined) throw unknown.sender(given);
  return { what, sender: print(caller, sender) };
}

async function info(caller: MandrillCaller, body: Body): Promise<unknown> {
  const { what, sender } = await needed(caller, body);
  return { ...sender, stats: await windowsOf(caller, what) };
}

async function series(caller: MandrillCaller, body: Body): Promise<unknown> {
  return seriesOf(caller, (await needed(caller, body)).what);
}
