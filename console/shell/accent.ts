/** The one accent of the console, and which text stands on colours. */

export const ember = [
  '#fff1eb',
  '#ffe0d3',
  '#fec0a6',
  '#fd9d75',
  '#fb7f4c',
  '#f66a30',
  '#d9501a',
  '#b74013',
  '#943512',
  '#782d12',
] as const;

/** Of `ember`, by scheme. */
export const primaryShade = { light: 7, dark: 5 } as const;

/** On a lighter colour text is black, else white: where both are read equally well, so that text has 4.5:1 on all (WCAG 1.4.3). */
export const luminanceThreshold = 0.18;
