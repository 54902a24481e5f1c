/** What a mailed report says: pure. */
import type { FigureAnswer } from '../metrics/index.ts';
import type { Report } from './model.ts';

const rowsMax = 20;

const percent = (share: number | null): string => (share === null ? '-' : `${(share * 100).toFixed(2)} %`);

type Shown = Pick<FigureAnswer['total'], 'accepted' | 'delivered' | 'rates'>;

function oneLine({ accepted, delivered, rates }: Shown): string {
  return (
    `${accepted} accepted, ${delivered} delivered (${percent(rates.delivery)}), bounced ${percent(rates.bounce)}, ` +
    `complained ${percent(rates.complaint)}, opened ${percent(rates.open)}, clicked ${percent(rates.click)}, ` +
    `engaged ${percent(rates.engagement)}`
  );
}

export function lines(
  { name }: Report,
  { period, rows, total, previousTotal }: FigureAnswer,
): readonly string[] {
  const day = (ms: number): string =>
    new Intl.DateTimeFormat('sv-SE', { timeZone: period.timeZone }).format(ms);
  const shown = rows.slice(0, rowsMax).map(({ at, value, isOther, figures }) => {
    const what = isOther ? '(other)' : (value ?? (at === null ? '(none)' : ''));
    return `${[at === null ? '' : day(at.getTime()), what].filter((part) => part !== '').join(' ')}: ${oneLine(figures)}`;
  });
  return [
    name,
    `${day(period.from)} to ${day(period.until - 1)} (${period.timeZone})`,
    oneLine(total),
    ...(previousTotal === null ? [] : [`Before: ${oneLine(previousTotal)}`]),
    ...(shown.length === 0 ? [] : [shown.join('\n')]),
    ...(rows.length > rowsMax ? [`${rows.length - rowsMax} more behind the link`] : []),
  ];
}
