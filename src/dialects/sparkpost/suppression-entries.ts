/**
 * Our entries as SparkPost sees them: one per address, list and type. One that stops only the mail of one sender is none of them: its
 * list has no word for that, and would say that the address gets no mail at all.
 */
import type { Asking } from '../shared/native.ts';
import type { SparkpostCaller } from './caller.ts';
import { secondsText } from './fields.ts';
import type { Fields } from './fields.ts';
import { tell } from './words.ts';

export type NativeEntry = {
  readonly id: string;
  readonly subaccountId: number;
  readonly address: string | null;
  readonly kind: string;
  readonly source: string;
  readonly stopsTransactional: boolean;
  readonly stopsBulk: boolean;
  readonly reason: string;
  readonly onlyList: string;
  readonly createdAt: string;
  readonly updatedAt: string;
};

export const types = ['transactional', 'non_transactional'] as const;
export type Type = (typeof types)[number];

/** By what brought it there. */
export function sourceOf({ kind, source }: Pick<NativeEntry, 'kind' | 'source'>): string {
  if (kind === 'complaint') return 'Spam Complaint';
  if (kind === 'hard_bounce' || kind === 'on_hold') return 'Bounce Rule';
  if (kind === 'unsubscribe') return source === 'link' ? 'Unsubscribe Link' : 'List Unsubscribe';
  return 'Manually Added';
}

/** Erased persons have no address, exceptions stop nothing: neither is an entry there. */
export function printed(caller: SparkpostCaller, entry: NativeEntry): readonly Fields[] {
  if (entry.address === null || entry.kind === 'allow') return [];
  const stopped = { transactional: entry.stopsTransactional, non_transactional: entry.stopsBulk };
  return types
    .filter((type) => stopped[type])
    .map((type) => ({
      recipient: entry.address,
      type,
      [type]: true,
      source: sourceOf(entry),
      ...(entry.reason === '' ? {} : { description: entry.reason }),
      ...(entry.onlyList === '' ? {} : { list_id: entry.onlyList }),
      created: secondsText(entry.createdAt),
      updated: secondsText(entry.updatedAt),
      ...(entry.subaccountId === caller.primaryId || !caller.isPrimary
        ? {}
        : { subaccount_id: String(entry.subaccountId) }),
    }));
}

export type Count = Pick<NativeEntry, 'kind' | 'source'> & {
  readonly stopTransactional: number;
  readonly stopBulk: number;
};

export async function countsOf({ world, all }: SparkpostCaller, query: Fields): Promise<readonly Count[]> {
  const { items } = await world.native.call<{ readonly items: readonly Count[] }>(
    all,
    'GET /suppressions/counts',
    { query: { ...query, layer: 'subaccount', onlySender: '' } },
  );
  return items.filter(({ kind }) => kind !== 'allow');
}

export const notFound = (): Error => tell(404, { message: 'Recipient could not be found' });

/** The entries of one address on one list. `address` filters by its beginning. */
export async function entriesOf(
  { world }: SparkpostCaller,
  asking: Asking,
  recipient: string,
): Promise<readonly NativeEntry[]> {
  const address = recipient.toLowerCase();
  const query = { address, layer: 'subaccount', onlySender: '', limit: 500 };
  const { items } = await world.native.call<{ readonly items: readonly NativeEntry[] }>(
    asking,
    'GET /suppressions',
    { query },
  );
  return items.filter((entry) => entry.address === address && entry.kind !== 'allow');
}
