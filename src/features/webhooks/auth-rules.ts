/** Which credentials may be put on a request: pure. */
import type { Auth } from './model.ts';

export type Problem = { readonly field: string; readonly rule: string; readonly message: string };

/** Set by us, or about the connection and not the request. */
const taken = new Set([
  'host',
  'connection',
  'content-length',
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'user-agent',
]);

/** RFC 9110 5.6.2 and 5.5: a token, and a value of visible ASCII characters, spaces between them. */
export function authProblem(auth: Auth): Problem | null {
  switch (auth.kind) {
    case 'none':
    case 'oauth2':
      return null;
    case 'basic':
      return auth.user.includes(':') ? problem('auth.user', 'format', 'must not hold a colon') : null;
    case 'bearer':
      return isValue(auth.token) ? null : problem('auth.token', 'format', 'must be visible ASCII characters');
    case 'header':
      return headerProblem(auth.name, auth.value, 'auth.name', 'auth.value');
    case 'headers': {
      const entries = Object.entries(auth.headers);
      if (new Set(entries.map(([name]) => name.toLowerCase())).size < entries.length)
        return problem('auth.headers', 'unique', 'must name each header once');
      for (const [name, value] of entries) {
        const found = headerProblem(name, value, 'auth.headers', 'auth.headers');
        if (found !== null) return found;
      }
      return null;
    }
  }
}

function headerProblem(given: string, value: string, nameField: string, valueField: string): Problem | null {
  const name = given.toLowerCase();
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name))
    return problem(nameField, 'format', 'must be the name of an HTTP header');
  if (taken.has(name) || name.startsWith('webhook-') || name.startsWith('proxy-'))
    return problem(nameField, 'taken', 'is a header that is not yours to set');
  return isValue(value) ? null : problem(valueField, 'format', 'must be visible ASCII characters');
}

function isValue(text: string): boolean {
  return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text);
}

function problem(field: string, rule: string, message: string): Problem {
  return { field, rule, message };
}
