/** What may be kept of a request: pure. By the names of fields first, then by the look of the text. */
import { redact } from '../../base/secrets.ts';

/** Bytes that are kept of each body. */
export const bodyBytesMax = 8192;
const pathCharsMax = 2000;
/** Larger replies are not parsed for the sake of the log. */
const parsedBytesMax = 262_144;
const depthMax = 64;

const secretName =
  /secret|passw|passphrase|token|authorization|api_?key|private|credential|cookie|hash|signature/i;
const fileList = /attachments|images|files/i;

/** A JSON value as text: secrets as `***`, contents of attachments as `(n bytes)`, cut at `bodyBytesMax`. */
export function maskedJson(value: unknown): string {
  if (value === undefined || value === null) return '';
  const budget = { left: bodyBytesMax };
  const text = JSON.stringify(masked(value, '', '', budget, 0));
  return cutText(redact(text), budget.left < 0);
}

/** A JSON reply as text, masked the same way. */
export function maskedReply(json: string | Buffer): string {
  const text = json.toString();
  if (text === '') return '';
  if (text.length > parsedBytesMax) return `(${Buffer.byteLength(text)} bytes)`;
  try {
    return maskedJson(JSON.parse(text));
  } catch {
    return cutText(redact(text), false);
  }
}

/** Path and query; values of secret params and of secret fields of the query are `***`. */
export function maskedUrl(url: string, pattern: string): string {
  const [path = '', ...rest] = url.split('?');
  const names = pattern.split('/');
  const segments = path
    .split('/')
    .map((segment, at) =>
      names[at]?.startsWith(':') === true && secretName.test(names[at]) ? '***' : segment,
    );
  const query = rest.join('?').split('&').map(maskedPair).join('&');
  return redact(rest.length === 0 ? segments.join('/') : `${segments.join('/')}?${query}`)
    .slice(0, pathCharsMax)
    .toWellFormed();
}

function maskedPair(pair: string): string {
  const [name = ''] = pair.split('=');
  return secretName.test(unescaped(name)) ? `${name}=***` : pair;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The header block of a message: fields of secret names as `***`, cut like a body. */
export function maskedHeader(bytes: Buffer): string {
  const head = bytes.subarray(0, 4 * bodyBytesMax).toString('utf8');
  const end = head.search(/\r?\n\r?\n/);
  const block = (end === -1 ? head : head.slice(0, end)).replaceAll('\0', ' ');
  const fields = block.split(/\r?\n(?![ \t])/).map((field) => {
    const [name = ''] = field.split(':', 1);
    return secretName.test(name) && !/^dkim-signature$/i.test(name) ? `${name}: ***` : field;
  });
  return cutText(redact(fields.join('\r\n')), end === -1 && bytes.length > 4 * bodyBytesMax);
}

/** One line of another's: no controls, not long. */
export function maskedLine(text: string, charsMax: number): string {
  return redact(text.slice(0, 2 * charsMax).replaceAll(/\p{Cc}+/gu, ' '))
    .slice(0, charsMax)
    .toWellFormed();
}

function cutText(text: string, isCut: boolean): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= bodyBytesMax) return isCut ? `${text} (cut)` : text;
  const kept = bytes.subarray(0, bodyBytesMax - 16).toString('utf8');
  return `${kept.replace(/\ufffd$/, '')} (cut)`;
}

type Budget = { left: number };

/** Walks no further than the budget goes: a body of megabytes costs no more than one of 8 KiB. */
function masked(value: unknown, name: string, list: string, budget: Budget, depth: number): unknown {
  if (secretName.test(name) && value !== null && typeof value !== 'boolean') {
    budget.left -= 5;
    return '***';
  }
  if (typeof value === 'string') return maskedText(value, name === 'content' && fileList.test(list), budget);
  if (typeof value !== 'object' || value === null) {
    budget.left -= 6;
    return value;
  }
  if (depth === depthMax) return '...';
  if (Array.isArray(value)) return maskedItems(value, name === '' ? list : name, budget, depth);
  const kept: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (budget.left < 0) break;
    budget.left -= key.length + 4;
    kept[key] = masked(Reflect.get(value, key), key, list, budget, depth + 1);
  }
  return kept;
}

function maskedItems(items: readonly unknown[], list: string, budget: Budget, depth: number): unknown[] {
  const kept: unknown[] = [];
  for (const item of items) {
    if (budget.left < 0) break;
    kept.push(masked(item, '', list, budget, depth + 1));
  }
  return kept;
}

function maskedText(text: string, isFile: boolean, budget: Budget): string {
  if (isFile) {
    budget.left -= 16;
    return `(${Buffer.byteLength(text, 'base64')} bytes)`;
  }
  const room = Math.max(0, budget.left);
  budget.left -= text.length + 2;
  // Some more than fits, so that no half of a secret stands at the cut and passes for a word.
  return text.length <= room ? text : redact(text.slice(0, room + 512)).slice(0, room);
}
