/**
 * The session of a view inside another product: a secret that only this page has, in memory, and that is gone with it. Nothing
 * of it is stored, and no cookie goes along.
 */
import { facts } from '../shell/facts.ts';

/** refused: its link was used before or is too old. over: it has ended while it was looked at. */
export type ViewState = 'opening' | 'open' | 'refused' | 'over';

let state: ViewState = 'opening';
let secret = '';
let reason = '';
const listeners = new Set<() => void>();

export function viewState(): ViewState {
  return state;
}

/** Why it was refused, in the server's words. */
export function refusal(): string {
  return reason;
}

export function watchView(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function become(next: ViewState): void {
  state = next;
  for (const listener of listeners) listener();
}

export function viewOpened(given: string): void {
  secret = given;
  become('open');
}

export function viewRefused(why: string): void {
  reason = why;
  become('refused');
}

/** Whatever was asked for with it comes to nothing. */
export function viewEnded(): void {
  secret = '';
  become('over');
}

/** What each request carries: in a view its secret and no cookie, else the session's cookie by itself. */
export function proof(): {
  readonly headers: Record<string, string>;
  readonly credentials: RequestCredentials;
} {
  if (facts.embed === null) return { headers: {}, credentials: 'same-origin' };
  return { headers: secret === '' ? {} : { authorization: `Bearer ${secret}` }, credentials: 'omit' };
}
