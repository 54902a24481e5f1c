/** What was sent in the day and in the month (contract, section 4): the windows of the account's quota. */
import type { Answer } from '../../base/route.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import type { Fields } from './fields.ts';

type Window = { readonly used: number; readonly startedAt: string; readonly turnsAt: string };
type Quota = { readonly day: Window; readonly month: Window };
type Days = {
  readonly items: readonly { readonly at: string | null; readonly figures: { readonly accepted: number } }[];
};

export function usageRoutes(): readonly SparkpostRoute[] {
  const grant = 'quotas:read';
  return [{ method: 'GET', path: '/api/v1/usage', grant, isPrimaryOnly: true, example: {}, run: usage }];
}

const spanOf = ({ startedAt: start, turnsAt: end }: Window, used: number): Fields => ({ start, end, used });

/** Nobody's address is validated here, so that nothing of it is used. */
async function usage({ world, account }: SparkpostCaller): Promise<Answer> {
  const timestamp = new Date(world.now()).toISOString();
  const { day, month } = await world.native.call<Quota>(account, 'GET /quota');
  const query = { from: month.startedAt, step: 'day' };
  const { items } = await world.native.call<Days>(account, 'GET /figures', { query });
  const last = items.findLast(({ figures }) => figures.accepted > 0)?.at ?? null;
  const results = {
    messaging: {
      day: spanOf(day, day.used),
      month: spanOf(month, month.used),
      last_usage_date: last?.slice(0, 10) ?? null,
      timestamp,
    },
    recipient_validation: { day: spanOf(day, 0), month: spanOf(month, 0), timestamp },
  };
  return { status: 200, body: { results } };
}
