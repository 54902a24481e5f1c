/** Senders (contract, 4.7): the addresses that mail was sent from, by their figures. */
import type { MandrillCall, MandrillCaller } from './caller.ts';
import { neededAddress } from './fields.ts';
import type { Body } from './fields.ts';
import { figuresOf, keptDays, seriesOf, statsBy, statsFrom, windowsOf } from './figures.ts';
import type { FigureRow } from './figures.ts';
import { timeText } from './times.ts';
import { unknown } from './words.ts';

const example = { address: 'news@primary.test' };

export const senderFigureCalls: readonly MandrillCall[] = [
  { call: 'users/senders', example: {}, run: list },
  { call: 'senders/list', example: {}, run: list },
  { call: 'senders/info', example, run: info },
  { call: 'senders/time-series', example, run: series },
];

/** By value, the beginning of the first month that has any: by day the list could be a million rows. */
function beginnings(months: readonly FigureRow[]): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  for (const { at, value } of months)
    if (value !== null && at !== null && at < (first.get(value) ?? '9')) first.set(value, at);
  return first;
}

async function list(caller: MandrillCaller): Promise<unknown> {
  const by = 'senderAddress';
  const [senders, months] = await Promise.all([
    statsBy(caller, by),
    figuresOf(caller, keptDays, { by, limit: 1000, step: 'month' }),
  ]);
  const first = beginnings(months.items);
  return senders.map(({ value, stats }) => ({
    address: value,
    created_at: timeText(first.get(value) ?? new Date(caller.world.now()).toISOString()),
    ...stats,
  }));
}

/** Refused as unknown when no mail that the key reaches is from it. */
async function needed(caller: MandrillCaller, body: Body) {
  const given = neededAddress(body, 'address');
  const address = given.toLowerCase();
  const what = { senderAddress: [address] };
  const { total, items } = await figuresOf(caller, keptDays, { ...what, by: 'senderAddress', step: 'month' });
  const createdAt = beginnings(items).get(address);
  if (createdAt === undefined) throw unknown.sender(given);
  return { what, sender: { address, created_at: timeText(createdAt), ...statsFrom(total) } };
}

async function info(caller: MandrillCaller, body: Body): Promise<unknown> {
  const { what, sender } = await needed(caller, body);
  return { ...sender, stats: await windowsOf(caller, what) };
}

async function series(caller: MandrillCaller, body: Body): Promise<unknown> {
  return seriesOf(caller, (await needed(caller, body)).what);
}
