/** An alert in words: what it watches, of whom, and what it measured. */
import { measures } from '../../../src/features/alerts/model.ts';
import type { Measure } from '../../../src/features/alerts/model.ts';
import { isRate, isStanding } from '../../../src/features/alerts/rules.ts';
import type { Item } from '../../api/client.ts';
import { countText, shareText } from '../../parts/numbers.ts';

export type Alert = Item<'GET /alerts'>;

export const measureNames: Readonly<Record<Measure, string>> = {
  bounce_rate: 'bounces',
  hard_bounce_rate: 'hard bounces',
  complaint_rate: 'complaints',
  deferral_rate: 'deferrals',
  sent: 'messages accepted',
  domains_lost: 'domains lost',
  webhooks_failing: 'webhooks failing',
};

export const measureChoices = measures.map((value) => ({
  value,
  label: isRate(value) ? `Share of ${measureNames[value]}` : `Number of ${measureNames[value]}`,
}));

export function valueText(measure: Measure, value: number): string {
  return isRate(measure) ? shareText(value) : countText(value);
}

export function watchesText({
  measure,
  comparison,
  threshold,
  windowHours,
}: Pick<Alert, 'measure' | 'comparison' | 'threshold' | 'windowHours'>): string {
  const line = `${measureNames[measure]} ${comparison} ${valueText(measure, threshold)}`;
  if (isStanding(measure)) return line;
  return windowHours === 1 ? `${line} within an hour` : `${line} within ${windowHours} hours`;
}

export function stateOf({ status, state }: Pick<Alert, 'status' | 'state'>): string {
  return status === 'paused' ? 'paused' : state;
}

export const targetNames = { mail: 'mail', webhook: 'a signed request', slack: 'Slack' } as const;
