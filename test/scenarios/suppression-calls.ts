/** What the scenarios of suppressions share: calls in the name of small clients. */
import { systemAccount } from '../../src/features/accounts/index.ts';
import { put } from '../../src/features/suppressions/index.ts';
import type { World } from '../world.ts';

export type Client = { readonly id: number; readonly secret: string };
export type Outcome = {
  readonly id: string;
  readonly to: string;
  readonly state: string;
  readonly why?: { readonly code: string; readonly layer?: string; readonly kind?: string };
};
export type Item = {
  readonly id: string;
  readonly address: string | null;
  readonly kind: string;
  readonly layer: string;
  readonly subaccountId: number;
  readonly isNew?: boolean;
};
export type Page = { readonly items: readonly Item[]; readonly next: string | null };

export async function client(world: World, externalId: string): Promise<Client> {
  const body = { name: externalId, externalId, key: { name: 'k' } };
  const made = await world.ok<{ id: number; key: { secret: string } }>('POST', '/subaccounts', { body });
  return { id: made.id, secret: made.key.secret };
}

export const asKey = (secret: string | undefined) => (secret === undefined ? {} : { secret });

export async function add(
  world: World,
  entries: readonly Record<string, unknown>[],
  secret?: string,
  layer?: string,
): Promise<readonly Item[]> {
  const body = { entries, ...(layer === undefined ? {} : { layer }) };
  return (await world.ok<Page>('POST', '/suppressions', { body, ...asKey(secret) })).items;
}

export async function send(
  world: World,
  to: readonly string[],
  secret?: string,
  more = {},
): Promise<readonly Outcome[]> {
  const body = {
    from: { email: 'a@lettershop.test' },
    recipients: to.map((email) => ({ to: { email } })),
    subject: 's',
    text: 't',
    ...more,
  };
  return (await world.ok<{ messages: Outcome[] }>('POST', '/messages', { body, ...asKey(secret) })).messages;
}

export const told = ({ to, state, why }: Outcome): string =>
  [to.split('@')[0], state, why?.layer, why?.kind].filter((word) => word !== undefined).join(' ');

export async function operatorAdds(world: World, address: string): Promise<void> {
  const { db } = world.database;
  const scope = world.program.access.operatorScope(await systemAccount(db, new Date()));
  const parts = { db, clock: world.clock, erasedForms: () => [] };
  await put(parts, scope, { layer: 'installation', entries: [{ address }] });
}
