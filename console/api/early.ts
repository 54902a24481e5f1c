/**
 * What every page asks for first is under way while the code of the console still comes: each answer goes to the first who
 * asks for the same under the same lens. Logins and views inside other products ask for nothing before they have a session.
 */
import { facts } from '../shell/facts.ts';
import { lensHeaders, lensOf } from './lens.ts';

export const doors = /^\/(?:login|reset|invitation)(?:\/|$)/;

const asked = new Map<string, Promise<Response>>();
const keyOf = (address: string, headers: Readonly<Record<string, string>>): string =>
  JSON.stringify([address, headers]);

export function askEarly(): void {
  const { pathname, search } = window.location;
  if (facts.embed !== null || doors.test(pathname.slice(facts.base.length))) return;
  const headers = lensHeaders(lensOf(Object.fromEntries(new URLSearchParams(search))));
  for (const address of ['/api/v1/me', '/api/v1/brand/shown']) {
    const answer = fetch(`${facts.base}${address}`, { credentials: 'same-origin', headers });
    // Told to whoever asks for it; nobody may.
    answer.catch(() => undefined);
    asked.set(keyOf(address, headers), answer);
  }
}

/** The answer that is under way, once. */
export function takeEarly(
  address: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> | undefined {
  const key = keyOf(address, headers);
  const answer = asked.get(key);
  asked.delete(key);
  return answer;
}
