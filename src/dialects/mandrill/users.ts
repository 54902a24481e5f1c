/** The account (contract, 4.1). */
import type { MandrillCall, MandrillCaller } from './caller.ts';
import { keptDays, statsOf, windowsOf } from './figures.ts';
import { unlimited } from './subaccounts.ts';
import { timeText } from './times.ts';

export const userCalls: readonly MandrillCall[] = [
  { call: 'users/ping', example: {}, run: () => Promise.resolve('PONG!') },
  { call: 'users/ping2', example: {}, run: () => Promise.resolve({ PING: 'PONG!' }) },
  { call: 'users/info', example: {}, run: info },
];

type Waiting = { readonly groups: readonly { readonly code: string; readonly messages: number }[] };
type Quota = { readonly hour: { readonly max: number | null } };
type Named = { readonly name: string; readonly createdAt: string };

/** What waits for quota or a stop, of everybody that the key reaches. */
const held: ReadonlySet<string> = new Set(['paused', 'quota']);

async function info({ world, isPrimary, all, ...caller }: MandrillCaller): Promise<unknown> {
  const { native, ids } = world;
  const id = String(all.scope.subaccountId);
  const whole = { world, isPrimary, all, ...caller };
  const [holder, quota, waiting, { reputation }, stats, allTime] = await Promise.all([
    isPrimary
      ? native.call<Named>(all, 'GET /account')
      : native.call<Named>(all, 'GET /subaccounts/:id', { params: { id } }),
    native.call<Quota>(all, 'GET /quota'),
    native.call<Waiting>(all, 'GET /why'),
    native.call<{ reputation: number }>(all, 'GET /subaccounts/:id/summary', { params: { id } }),
    windowsOf(whole),
    statsOf(whole, keptDays),
  ]);
  return {
    username: holder.name,
    created_at: timeText(holder.createdAt),
    public_id: ids.printId(id, isPrimary ? 'account' : 'subaccount', 'hex20'),
    reputation,
    hourly_quota: quota.hour.max ?? unlimited,
    backlog: waiting.groups.reduce((sum, { code, messages }) => (held.has(code) ? sum + messages : sum), 0),
    stats: { ...stats, all_time: allTime },
  };
}
