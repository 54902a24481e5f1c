import type { Item } from '../../api/client.ts';

export type Route = Item<'GET /inbound-routes'>;
export type Mail = Item<'GET /inbound-mails'>;

/** The one word for how it is: somebody's pause, or how its endpoint does. */
export function stateOf({ status, failures }: Pick<Route, 'status' | 'failures'>): string {
  if (status === 'paused') return 'paused';
  return failures > 0 ? 'failing' : 'active';
}

/** Which addresses it takes, as one reads them. */
export function addressOf({ pattern, domain }: Pick<Route, 'pattern' | 'domain'>): string {
  return `${pattern}@${domain}`;
}

export const mailStates = ['waiting', 'handed_over', 'given_up'] as const satisfies readonly Mail['state'][];
