/** HTML in values that MailerSend lets through: a few tags with a few attributes; any other `<` is escaped. */
const tags: ReadonlySet<string> = new Set(
  'p b i strong em a li ul q blockquote abbr address cite bdo strike u h1 h2 h3 br img'.split(' '),
);
const attributes: ReadonlySet<string> = new Set(
  'id class style href src width height alt lang title dir cite target'.split(' '),
);
/** No attribute value holds `<`, so each try ends before the next one begins. */
const tagAt = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+="[^"<>]*")*)\s*(\/?)>/iy;

export function allowedHtml(text: string): string {
  let at = text.indexOf('<');
  if (at < 0) return text;
  let done = 0;
  let kept = '';
  for (; at >= 0; at = text.indexOf('<', at + 1)) {
    kept += text.slice(done, at);
    tagAt.lastIndex = at;
    const found = tagAt.exec(text);
    const name = found?.[2]?.toLowerCase() ?? '';
    if (found === null || !tags.has(name)) {
      kept += '&lt;';
      done = at + 1;
      continue;
    }
    kept += `<${found[1] ?? ''}${name}${allowedAttributes(found[3] ?? '')}${found[4] === '/' ? ' /' : ''}>`;
    done = at + found[0].length;
  }
  return kept + text.slice(done);
}

function allowedAttributes(text: string): string {
  return [...text.matchAll(/([a-z-]+)="([^"<>]*)"/gi)]
    .filter(
      ([, name = '', value = '']) =>
        attributes.has(name.toLowerCase()) && !/^\s*(?:javascript|data|vbscript)\s*:/i.test(value),
    )
    .map(([, name = '', value = '']) => ` ${name.toLowerCase()}="${value}"`)
    .join('');
}
