import type { Item } from '../../api/client.ts';

export type Webhook = Item<'GET /webhooks'>;

/** The one word for how it is: somebody's pause, or how its endpoint does. */
export function stateOf({ status, state }: Pick<Webhook, 'status' | 'state'>): string {
  return status === 'paused' ? 'paused' : state;
}

export function toldText({ told }: Pick<Webhook, 'told'>): string {
  if (told === 'all') return 'all there is';
  return told === 'account' ? 'the account alone' : `subaccount ${told}`;
}

export function kindsText(kinds: Webhook['kinds']): string {
  if (kinds === null) return 'every kind';
  return kinds.length === 1 ? '1 kind' : `${kinds.length} kinds`;
}
