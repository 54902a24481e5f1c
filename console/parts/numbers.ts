const whole = new Intl.NumberFormat();
const brief = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });
const share = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 2 });

export function countText(count: number): string {
  return count < 100_000 ? whole.format(count) : brief.format(count);
}

/** A share of one; a dash where there is nothing to take it of. */
export function shareText(part: number | null): string {
  return part === null ? '–' : share.format(part);
}

export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1_048_576 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
