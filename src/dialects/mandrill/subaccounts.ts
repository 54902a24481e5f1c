/** Subaccounts (contract, 4.2 and 4.3). */
import type { Body } from './fields.ts';
import { neededText, text, whole } from './fields.ts';
import { findSubaccount, orNull, pages, printSubaccount } from './caller.ts';
import type { MandrillCall, MandrillCaller, NativeSubaccount } from './caller.ts';
import { isRefusal } from '../../features/refusals/index.ts';
import { sentBy, statsOf, subaccountSums } from './figures.ts';
import { timeOrNull, timeText } from './times.ts';
import { invalid, unknown } from './words.ts';

const idMax = 255;
const listMax = 1000;

export const subaccountCalls: readonly MandrillCall[] = [
  { call: 'subaccounts/list', example: { q: 'cust' }, run: list },
  { call: 'subaccounts/add', example: { id: 'cust-9', name: 'Nine Ltd', custom_quota: 40 }, run: add },
  { call: 'subaccounts/info', example: { id: 'cust-9' }, run: info },
  { call: 'subaccounts/update', example: { id: 'cust-9', name: 'Nine' }, run: update },
  { call: 'subaccounts/delete', example: { id: 'cust-9' }, run: remove },
  { call: 'subaccounts/pause', example: { id: 'cust-9' }, run: setStatus('paused') },
  { call: 'subaccounts/resume', example: { id: 'cust-9' }, run: setStatus('active') },
];

type Window = { readonly max: number | null; readonly used: number };
type Quota = { readonly automatic: boolean; readonly hour: Window; readonly month: Window };
type Summary = { readonly reputation: number };

/** How many subaccounts are asked about at the same time. */
const abreast = 8;

async function printAll(
  caller: MandrillCaller,
  found: readonly NativeSubaccount[],
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const printed: Readonly<Record<string, unknown>>[] = [];
  const sums = await subaccountSums(caller);
  for (let from = 0; from < found.length; from += abreast) {
    const some = found.slice(from, from + abreast);
    printed.push(...(await Promise.all(some.map((each) => print(caller, each, sums)))));
  }
  return printed;
}

async function print(
  caller: MandrillCaller,
  subaccount: NativeSubaccount,
  sums: Awaited<ReturnType<typeof subaccountSums>>,
): Promise<Readonly<Record<string, unknown>>> {
  const [quota, sent, { reputation }] = await Promise.all([
    quotaOf(caller, subaccount.id),
    sentBy(caller, subaccount.id),
    caller.world.native.call<Summary>(caller.all, 'GET /subaccounts/:id/summary', {
      params: { id: String(subaccount.id) },
    }),
  ]);
  const sum = sums.get(subaccount.id);
  return {
    id: printSubaccount(subaccount),
    name: subaccount.name,
    ...(quota.automatic || quota.hour.max === null ? {} : { custom_quota: quota.hour.max }),
    status: subaccount.status === 'active' ? 'active' : 'paused',
    reputation,
    created_at: timeText(subaccount.createdAt),
    first_sent_at: timeOrNull(sent.firstAt),
    sent_weekly: sent.week,
    sent_monthly: sum?.month ?? 0,
    sent_total: sent.total,
  };
}

function quotaOf({ world, all }: MandrillCaller, id: number): Promise<Quota> {
  return world.native.call<Quota>(all, 'GET /subaccounts/:id/quota', { params: { id: String(id) } });
}

async function printOne(caller: MandrillCaller, subaccount: NativeSubaccount) {
  return (await printAll(caller, [subaccount]))[0];
}

async function list(caller: MandrillCaller, body: Body): Promise<unknown> {
  const q = text(body, 'q', idMax)?.toLowerCase() ?? '';
  const found = await pages<NativeSubaccount>(caller.world, caller.all, 'GET /subaccounts', {
    ...(q === '' ? {} : { search: q }),
    status: 'active,paused,suspended,terminated,pending_retirement',
  });
  const begins = (each: NativeSubaccount): boolean =>
    printSubaccount(each).toLowerCase().startsWith(q) || each.name.toLowerCase().startsWith(q);
  return printAll(caller, found.filter((each) => !each.isOwn && begins(each)).slice(0, listMax));
}

/** Null: the automatic quota. */
function customQuota(body: Body): number | null | undefined {
  if (body['custom_quota'] === undefined) return undefined;
  const given = whole(body, 'custom_quota');
  if (given !== null && given < 1) throw invalid({ custom_quota: 'Please enter a number greater than 0' });
  return given;
}

async function add(caller: MandrillCaller, body: Body): Promise<unknown> {
  const id = neededText(body, 'id', idMax);
  const name = text(body, 'name', 1024);
  const notes = text(body, 'notes', 10_000);
  const quota = customQuota(body);
  try {
    const made = await caller.world.native.call<NativeSubaccount>(caller.all, 'POST /subaccounts', {
      body: {
        externalId: id,
        name: name === null || name === '' ? id : name,
        ...(notes === null ? {} : { notes }),
      },
    });
    await setQuota(caller, made.id, quota ?? null);
    return await printOne(caller, made);
  } catch (error) {
    if (isRefusal(error) && error.code === 'conflict.exists')
      throw invalid({ id: `A subaccount with id ${id} already exists` });
    throw error;
  }
}

/** Above the account's own limit it is stored as the account's, which is what would count. */
async function setQuota(caller: MandrillCaller, subaccountId: number, custom: number | null): Promise<void> {
  const { world, all } = caller;
  const account = await orNull(world.native.call<Quota>(all, 'GET /quota'));
  const hour = custom ?? account?.hour.max ?? null;
  const max = account?.hour.max ?? null;
  await world.native.call(all, 'PUT /subaccounts/:id/quota', {
    params: { id: String(subaccountId) },
    body: { hour: hour === null || max === null ? hour : Math.min(hour, max), automatic: false },
  });
}

async function info(caller: MandrillCaller, body: Body): Promise<unknown> {
  const subaccount = await findSubaccount(caller, neededText(body, 'id', idMax));
  const [printed, quota, account, stats] = await Promise.all([
    printOne(caller, subaccount),
    quotaOf(caller, subaccount.id),
    orNull(caller.world.native.call<Quota>(caller.all, 'GET /quota')),
    statsOf(caller, 30, { subaccount: [subaccount.id] }),
  ]);
  return {
    ...printed,
    notes: subaccount.notes,
    sent_hourly: quota.hour.used,
    hourly_quota: smaller(quota.hour.max, account?.hour.max ?? null),
    last_30_days: stats,
  };
}

/** Programs want a number: where nothing limits, one that nobody reaches in an hour. */
export const unlimited = 1_000_000;

export function smaller(own: number | null, account: number | null): number {
  return Math.min(own ?? unlimited, account ?? unlimited);
}

async function update(caller: MandrillCaller, body: Body): Promise<unknown> {
  const id = neededText(body, 'id', idMax);
  const name = text(body, 'name', 1024);
  const notes = text(body, 'notes', 10_000);
  const quota = customQuota(body);
  const subaccount = await findSubaccount(caller, id);
  const changes = {
    ...(name === null || name === '' ? {} : { name }),
    ...(notes === null ? {} : { notes }),
  };
  const changed =
    Object.keys(changes).length === 0
      ? subaccount
      : await caller.world.native.call<NativeSubaccount>(caller.all, 'PATCH /subaccounts/:id', {
          params: { id: String(subaccount.id) },
          body: changes,
        });
  if (quota !== undefined) await setQuota(caller, subaccount.id, quota);
  return printOne(caller, changed);
}

async function remove(caller: MandrillCaller, body: Body): Promise<unknown> {
  const id = neededText(body, 'id', idMax);
  const subaccount = await findSubaccount(caller, id);
  const printed = await printOne(caller, subaccount);
  const params = { id: String(subaccount.id) };
  const gone = await orNull(caller.world.native.answer(caller.all, 'DELETE /subaccounts/:id', { params }));
  if (gone === null) throw unknown.subaccount(id);
  return printed;
}

function setStatus(status: 'paused' | 'active'): MandrillCall['run'] {
  return async (caller, body) => {
    const subaccount = await findSubaccount(caller, neededText(body, 'id', idMax));
    const changed = await caller.world.native.call<NativeSubaccount>(caller.all, 'PATCH /subaccounts/:id', {
      params: { id: String(subaccount.id) },
      body: { status },
    });
    return printOne(caller, changed);
  };
}
