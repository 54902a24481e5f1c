/** Functions of Mailjet's language; their names do not tell upper from lower case. */
import { encodeUrl, escapeHtml, own, textOf } from './values.ts';

type Callable = (args: readonly unknown[]) => unknown;

function rounded(value: number, digits: number): number {
  const factor = 10 ** Math.min(15, Math.max(0, digits));
  // The small push keeps 1.005 from falling to 1.00 by its binary form.
  return Math.round(value * factor + Math.sign(value) * 1e-9) / factor;
}

const functions: Readonly<Record<string, Callable>> = {
  upper: ([text]) => textOf(text).toUpperCase(),
  lower: ([text]) => textOf(text).toLowerCase(),
  capitalize: ([text]) => textOf(text).slice(0, 1).toUpperCase() + textOf(text).slice(1),
  round: ([value, digits]) => rounded(Number(value), Number(digits ?? 0)),
  int: ([value]) => Math.trunc(Number(value)),
  urlencode: ([text]) => encodeUrl(textOf(text)),
  escape: ([text]) => escapeHtml(textOf(text)),
  length: ([value]) => {
    if (typeof value === 'string') return Array.from(value).length;
    return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
  },
  trim: ([text]) => textOf(text).trim(),
  replaceall: ([text, search, replacement]) =>
    textOf(search) === '' ? textOf(text) : textOf(text).split(textOf(search)).join(textOf(replacement)),
  // What a recipient did before is not known where a copy is rendered.
  hasopenedsince: () => false,
  hasclickedsince: () => false,
};

export function functionNamed(name: string): Callable | null {
  const found = own(functions, name.toLowerCase());
  return typeof found === 'function' ? (found as Callable) : null;
}
