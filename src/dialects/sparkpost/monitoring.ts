/**
 * Alerts and monitors of blocklists (contract, section 16), read only, of the primary account alone: what is watched, and how,
 * is set in the native API.
 */
import type { Answer } from '../../base/route.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { everything } from './fields.ts';
import type { Fields } from './fields.ts';

type Alert = {
  readonly id: string;
  readonly about: number | null;
  readonly name: string;
  readonly measure: string;
  readonly comparison: 'above' | 'below';
  readonly threshold: number;
  readonly target: { readonly kind: 'mail' | 'webhook' | 'slack'; readonly to: string };
  readonly status: 'active' | 'paused';
  readonly toldAt: string | null;
};
type Listing = { readonly state: string; readonly since: string | null };
type Watched = { readonly address: string; readonly listings: readonly Listing[] };

export function monitoringRoutes(): readonly SparkpostRoute[] {
  const base = { method: 'GET', grant: 'monitoring:read', isPrimaryOnly: true, example: {} } as const;
  return [
    { ...base, path: '/api/v1/alerts', run: listAlerts },
    { ...base, path: '/api/v1/blocklist-monitors', run: listMonitors },
  ];
}

/** SparkPost's word where it has one; the others are ours. */
const metrics: Readonly<Record<string, string>> = { sent: 'injection_count' };

/** Rates are shares here, hundredths there. */
function thresholdOf({ measure, threshold }: Alert): number {
  return measure.endsWith('_rate') ? Number((threshold * 100).toFixed(6)) : threshold;
}

function channelsOf({ target: { kind, to } }: Alert): Fields {
  return { emails: kind === 'mail' ? [to] : [], ...(kind === 'mail' ? {} : { [kind]: { target: to } }) };
}

function printAlert({ primaryId }: SparkpostCaller, alert: Alert): Fields {
  const { id, about, name, measure, comparison, status, toldAt } = alert;
  return {
    id,
    name,
    metric: metrics[measure] ?? measure,
    muted: status === 'paused',
    last_triggered: toldAt,
    any_subaccount: false,
    // -1: the primary account and all subaccounts together.
    subaccounts: [about === null ? -1 : about === primaryId ? 0 : about],
    filters: [],
    threshold_evaluator: {
      source: 'raw',
      operator: comparison === 'above' ? 'gt' : 'lt',
      value: thresholdOf(alert),
    },
    channels: channelsOf(alert),
  };
}

async function listAlerts(caller: SparkpostCaller): Promise<Answer> {
  const found = await everything<Alert>(caller.world.native, caller.account, 'GET /alerts');
  return { status: 200, body: { results: found.map((alert) => printAlert(caller, alert)) } };
}

/** The source addresses that the operator gave; those without any have none that are theirs to watch. */
async function listMonitors({ world, account }: SparkpostCaller): Promise<Answer> {
  const found = await everything<Watched>(world.native, account, 'GET /blocklists');
  const byAddress = Map.groupBy(found, ({ address }) => address);
  const results = [...byAddress].map(([address, ofNodes]) => {
    const [first] = ofNodes.map(({ listings }) => listings.filter(({ state }) => state === 'listed'));
    const active = first ?? [];
    const since = active.map((each) => each.since ?? '').toSorted();
    return {
      resource: address,
      active_listing_count: active.length,
      total_listing_count: active.length,
      last_listed_at: since.at(-1) ?? null,
    };
  });
  return { status: 200, body: { results } };
}
