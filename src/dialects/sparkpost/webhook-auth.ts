/** What a target wants to see (contract, section 10), as headers of its requests. */
import { isObject } from './fields.ts';
import type { Fields } from './fields.ts';
import type { SparkpostError } from './words.ts';

const basicHeader = 'Authorization';
const tokenHeader = 'X-MessageSystems-Webhook-Token';

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Null: nothing is said of it. */
export function authOf(fields: Fields, errors: SparkpostError[]): Fields | null {
  const { auth_type: type, auth_token: token, auth_credentials: credentials } = fields;
  const custom = isObject(fields['custom_headers']) ? Object.entries(fields['custom_headers']) : [];
  const given: Fields[] = [];
  if (type !== undefined && !['none', 'basic', 'oauth2'].includes(text(type)))
    errors.push({
      message: '`auth_type` must be one of: none, basic, oauth2',
      param: 'auth_type',
      value: type,
    });
  if (type === 'oauth2') {
    const wanted = tokensOf(fields['auth_request_details']);
    if (wanted === null)
      errors.push({
        message: '`auth_request_details` must have a url and a body',
        param: 'auth_request_details',
      });
    if (text(token) !== '' || custom.length > 0)
      errors.push({ message: 'oauth2 cannot be used with auth_token or custom_headers', param: 'auth_type' });
    if (wanted !== null) return wanted;
  }
  if (type === 'basic') {
    const { username, password } = isObject(credentials) ? credentials : {};
    if (text(username) === '' || text(password) === '')
      errors.push({
        message: '`auth_credentials` must have a username and a password',
        param: 'auth_credentials',
      });
    else given.push({ kind: 'basic', user: username, password });
  }
  if (text(token) !== '') given.push({ kind: 'header', name: tokenHeader, value: token });
  for (const [name, value] of custom) {
    if (isObject(value) || Array.isArray(value))
      errors.push({ message: '`custom_headers` must have values that are text', param: 'custom_headers' });
    else given.push({ kind: 'header', name, value: String(value) });
  }
  if (custom.length > 5)
    errors.push({ message: '`custom_headers` must have at most 5 headers', param: 'custom_headers' });
  if (given.length > 1) return { kind: 'headers', headers: Object.fromEntries(given.map(headerOf)) };
  if (given[0] !== undefined) return given[0];
  const isTaken = type === 'none' || token === '' || fields['custom_headers'] !== undefined;
  return isTaken ? { kind: 'none' } : null;
}

/** Where tokens are given out, and what is said there. */
function tokensOf(details: unknown): Fields | null {
  if (!isObject(details) || !isObject(details['body'])) return null;
  const [url, body] = [text(details['url']), Object.entries(details['body'])];
  const isFlat = body.length > 0 && body.every(([, value]) => text(value) !== '');
  return !isFlat || !/^https?:\/\/\S+$/i.test(url) ? null : { kind: 'oauth2', url, body: details['body'] };
}

function headerOf(auth: Fields): readonly [string, unknown] {
  if (auth['kind'] === 'header') return [String(auth['name']), auth['value']];
  const pair = `${text(auth['user'])}:${text(auth['password'])}`;
  return [basicHeader, `Basic ${Buffer.from(pair).toString('base64')}`];
}

/** Secrets are not shown again. */
const hidden = '********';

export function printAuth({ kind, name }: { readonly kind: string; readonly name: string }): Fields {
  const headers = kind === 'header' || kind === 'headers' ? name.split(',') : [];
  const isBasic = kind === 'basic' || headers.includes(basicHeader);
  const custom = headers.filter((each) => each !== basicHeader && each !== tokenHeader);
  return {
    auth_type: kind === 'oauth2' ? 'oauth2' : isBasic ? 'basic' : 'none',
    ...(kind === 'oauth2' ? { auth_request_details: { url: name, body: hidden } } : {}),
    ...(isBasic
      ? { auth_credentials: { username: kind === 'basic' ? name : hidden, password: hidden } }
      : {}),
    auth_token: headers.includes(tokenHeader) ? hidden : '',
    custom_headers: Object.fromEntries(custom.map((each) => [each, hidden])),
  };
}
