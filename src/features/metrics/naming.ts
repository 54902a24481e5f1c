/**
 * Under which names something is counted: pure. What is known keeps its name for ever; of what is new on a day each
 * dimension takes so many values, and the rest of that day is counted as other, so that tags like order numbers end.
 */
import { createHash } from 'node:crypto';
import { dimensions } from './model.ts';
import type { Dimension, Group, Named, Values } from './model.ts';

/** New values of one dimension, and new series, of one subaccount on one day. */
export const newPerDayMax = { values: 500, series: 20_000 } as const;

/** What a subaccount opened on a day; grows with each new name. */
export type Opened = {
  series: number;
  readonly values: Readonly<Record<Dimension, Set<string>>>;
  /** Dimensions that were folded already: told. */
  readonly folded: Set<Dimension>;
};

export function nothingOpened(): Opened {
  const values = Object.fromEntries(dimensions.map((dimension) => [dimension, new Set<string>()]));
  return { series: 0, values: values as Opened['values'], folded: new Set() };
}

export function valuesIn(values: Values, dimension: Dimension): readonly string[] {
  if (dimension === 'tag') return values.tags;
  const value = values[dimension];
  return value === null ? [] : [value];
}

export function open(opened: Opened, { values, folded }: Pick<Named, 'values' | 'folded'>): void {
  opened.series += 1;
  for (const dimension of dimensions)
    for (const value of valuesIn(values, dimension)) opened.values[dimension].add(value);
  for (const dimension of folded) opened.folded.add(dimension);
}

/** The group as it is counted on a day on which so much was opened: as it is, or with other in the place of values. */
export function fold(group: Named, opened: Opened): Named {
  const isFull = opened.series >= newPerDayMax.series;
  const folded = new Set<Dimension>(group.folded);
  const values: Record<Dimension, readonly string[]> = {} as Record<Dimension, readonly string[]>;
  for (const dimension of dimensions) {
    const known = opened.values[dimension];
    const all = valuesIn(group.values, dimension);
    const kept = isFull ? [] : all.filter((value) => known.has(value) || known.size < newPerDayMax.values);
    if (kept.length < all.length) folded.add(dimension);
    values[dimension] = kept;
  }
  if (folded.size === group.folded.length) return group;
  const one = (dimension: Dimension): string | null => values[dimension][0] ?? null;
  return {
    ...group,
    folded: dimensions.filter((dimension) => folded.has(dimension)),
    values: {
      sendingDomain: one('sendingDomain'),
      senderAddress: one('senderAddress'),
      recipientDomain: one('recipientDomain'),
      site: one('site'),
      source: one('source'),
      pool: one('pool'),
      template: one('template'),
      campaign: one('campaign'),
      reason: one('reason'),
      link: one('link'),
      attempt: one('attempt'),
      subject: one('subject'),
      tags: values.tag,
    },
  };
}

/**
 * What a series is known by within its subaccount, as a UUID. The order of the parts is stored with every series, the 0 too (a bucket of time
 * once stood there); what came later (the sender, then an object of the rest) stands last and only where there is one.
 */
export function seriesHash({
  kind,
  class: name,
  isFirst,
  values,
  folded,
}: Omit<Named, 'n' | 'wait'>): string {
  const { sendingDomain, senderAddress, recipientDomain, site, source, pool, template, campaign, tags } =
    values;
  const { reason, link, attempt, subject } = values;
  const mail = [sendingDomain, recipientDomain, site, source, pool, template, campaign, tags];
  const sender = senderAddress === null ? [] : [senderAddress];
  const isLater = reason !== null || link !== null || attempt !== null || subject !== null;
  const later = isLater ? [{ reason, link, attempt, subject }] : [];
  const hex = createHash('md5')
    .update(JSON.stringify([kind, name, 0, isFirst, ...mail, folded, ...sender, ...later]))
    .digest('hex');
  return [8, 12, 16, 20, 32].map((end, at) => hex.slice([0, 8, 12, 16, 20][at], end)).join('-');
}

export function unfolded(group: Group): Named {
  return { ...group, folded: [] };
}
