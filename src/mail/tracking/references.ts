/** From the value of an href, as bytes in latin1, to the URL that a click on it opens. */

const known: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
};

/**
 * Resolves character references in an attribute (HTML 13.2.5.73). Null for a named one beyond the common six that a browser
 * might resolve: the link is left alone rather than broken.
 */
export function decodeReferences(value: string): string | null {
  if (!value.includes('&')) return value;
  let isKnown = true;
  const decoded = value.replaceAll(
    /&(?:#(\d{1,7});?|#[xX]([0-9a-fA-F]{1,6});?|([a-zA-Z][a-zA-Z0-9]*)(;|(?=(.?))))/g,
    (whole: string, decimal?: string, hex?: string, name?: string, end?: string, next?: string) => {
      if (name === undefined)
        return fromNumber(decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal));
      // As in `?a=1&copy=2`: in an attribute that is no reference.
      if (end !== ';' && next === '=') return whole;
      const text = end === ';' ? known[name] : undefined;
      if (text === undefined) isKnown = false;
      return text ?? whole;
    },
  );
  return isKnown ? decoded : null;
}

function fromNumber(code: number): string {
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd';
  return String.fromCodePoint(code);
}

/** As a browser would ask for it; null for everything but http and https, and for what no URL is. */
export function webTarget(text: string): string | null {
  if (!/^\s*https?:/i.test(text) || !URL.canParse(text)) return null;
  const { protocol, host, href } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && host !== '' ? href : null;
}
