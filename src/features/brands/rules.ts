/** What a brand may look like, and how its colour becomes those of a page: pure, shared with the console. */

export const brandLimits = {
  nameLengthMax: 60,
  logoBytesMax: 65_536,
  logoSideMax: 2000,
  hostsMax: 20,
} as const;

/** A proven host is looked at so often, whoever asks for it: what it was repointed to is trusted no longer than this. */
export const provenLookMs = 3_600_000;

/** And at a login, when the last look is older; how long the login waits for it, and the look for DNS. */
export const looksAtLogin = { olderThanMs: 300_000, waitMs: 2000, dnsMs: 10_000 } as const;

/** What stands where nobody has a brand. */
export const defaultName = 'Lettershop';

/** WCAG 2.1, 1.4.3: of text that is not large. */
const contrastMin = 4.5;

type Rgb = readonly [number, number, number];

function rgbOf(color: string): Rgb | null {
  const found = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (found === null) return null;
  const part = (index: number): number => Number.parseInt(found[index] ?? '0', 16);
  return [part(1), part(2), part(3)];
}

function linear(part: number): number {
  const value = part / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** WCAG 2.1, relative luminance: 0 for black, 1 for white. */
function luminance(rgb: Rgb): number {
  return 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
}

/** Of white text on the colour: 1 to 21; null when it is no `#rrggbb`. */
export function whiteOn(color: string): number | null {
  const rgb = rgbOf(color);
  return rgb === null ? null : 1.05 / (luminance(rgb) + 0.05);
}

/** Null when it may be a brand's, else why not. */
export function colorProblem(color: string): string | null {
  const contrast = whiteOn(color);
  if (contrast === null) return 'must be a colour as #rrggbb';
  if (contrast >= contrastMin) return null;
  const reached = (Math.floor(contrast * 10) / 10).toFixed(1);
  return `must be darker: white text on it has a contrast of ${reached} to 1, and ${contrastMin} to 1 is needed`;
}

function hexOf(rgb: Rgb): string {
  return `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}

function mix(from: Rgb, to: number, share: number): Rgb {
  const part = (value: number): number => value + (to - value) * share;
  return [part(from[0]), part(from[1]), part(from[2])];
}

/** As much white in it as it takes to be so light. */
function lifted(rgb: Rgb, wanted: number): Rgb {
  for (let share = 0; share < 1; share += 0.01) {
    const tried = mix(rgb, 255, share);
    if (luminance(tried) >= wanted) return tried;
  }
  return [255, 255, 255];
}

/**
 * Ten shades of a colour that `colorProblem` lets through, light to dark. The eighth is the colour itself, for light pages. On
 * dark ones the sixth is filled (white text on it can be read, and it stands out from the page) and the fifth is text.
 */
export function shadesOf(color: string): readonly string[] {
  const rgb = rgbOf(color) ?? [0, 0, 0];
  const light = [0.9, 0.78, 0.6, 0.42, 0.26, 0.13].map((wanted) => lifted(rgb, wanted));
  const sixth = light.at(-1) ?? rgb;
  const between: Rgb = [(sixth[0] + rgb[0]) / 2, (sixth[1] + rgb[1]) / 2, (sixth[2] + rgb[2]) / 2];
  return [...light, between, rgb, mix(rgb, 0, 0.14), mix(rgb, 0, 0.28)].map(hexOf);
}

/** Where a logo is served; its name follows from its bytes, so that it may be kept for ever. */
export function logoPath(hash: string | null): string | null {
  return hash === null ? null : `/api/brand/logo/${hash}`;
}

/**
 * The name that the CNAME must point at; the owner's token is part of it. The operator publishes `*.console` under the mail
 * domain.
 */
export function hostTarget(ownerToken: string, mailDomain: string): string {
  return `${ownerToken}.console.${mailDomain}`;
}
