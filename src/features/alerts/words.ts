/** How an alert is told: pure. */
import type { Alert, FiringKind, Measure } from './model.ts';
import { isRate, isStanding } from './rules.ts';

const nouns: Readonly<Record<Measure, string>> = {
  bounce_rate: 'bounce rate',
  hard_bounce_rate: 'hard bounce rate',
  complaint_rate: 'complaint rate',
  deferral_rate: 'share of attempts that were put off',
  sent: 'number of accepted messages',
  domains_lost: 'number of domains whose proof is lost',
  webhooks_failing: 'number of webhooks that fail',
};

export type Told = {
  readonly kind: FiringKind;
  readonly at: Date;
  readonly value: number | null;
  readonly volume: number | null;
  readonly from: Date | null;
};

export function subjectOf({ name }: Alert, { kind }: Told): string {
  return `${{ fired: 'Alert', cleared: 'Alert is over', test: 'Test of an alert' }[kind]}: ${name}`;
}

/** One sentence with the figures. */
export function sentenceOf(alert: Alert, { kind, value, volume, from }: Told): string {
  const { measure, comparison, threshold, onlySubaccountId } = alert;
  const whose = onlySubaccountId === null ? 'the account' : `subaccount ${onlySubaccountId}`;
  const line = `${comparison} ${number(measure, threshold)}`;
  if (kind === 'test')
    return `This is a test: it would tell that the ${nouns[measure]} of ${whose} is ${line}.`;
  const of = volume === null ? '' : ` (of ${volume})`;
  const since = from === null || isStanding(measure) ? '' : `, counted since ${from.toISOString()}`;
  const is = `The ${nouns[measure]} of ${whose} is ${number(measure, value ?? 0)}${of}${since}`;
  return kind === 'fired' ? `${is}: ${line}.` : `${is}: not ${line} any more.`;
}

function number(measure: Measure, value: number): string {
  return isRate(measure) ? `${Math.round(value * 100_000) / 1000} %` : String(value);
}

/** Slack's incoming webhooks, and what speaks their format. */
export function slackBody(alert: Alert, told: Told): string {
  const [title, sentence] = [subjectOf(alert, told), sentenceOf(alert, told)].map(plain);
  return JSON.stringify({ text: `*${title}*\n${sentence}` });
}

/** Without what Slack reads as links and mentions. */
function plain(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export function webhookBody(alert: Alert, { kind, at, value, volume, from }: Told): string {
  return JSON.stringify({
    alert: {
      id: alert.id,
      name: alert.name,
      measure: alert.measure,
      comparison: alert.comparison,
      threshold: alert.threshold,
      subaccountId: alert.onlySubaccountId,
    },
    kind,
    at: at.toISOString(),
    value,
    volume,
    from: from?.toISOString() ?? null,
  });
}
