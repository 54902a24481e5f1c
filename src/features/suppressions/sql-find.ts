/**
 * Look-ups of accept and of attempts are a HOT PATH (engine role): one statement for the recipients of many submissions,
 * one index scan for each address and layer, in which the address, its `*@domain` and its keyed hashes are probed
 * together. Other globs come along once per subaccount, in one row per layer, and are tried by the caller.
 * Measured on one connection, 20 addresses a statement, 200,000 entries: 0.31 ms (docs/decisions/suppressions.md).
 */
import type { HotConnection } from '../../base/database/hot-connection.ts';
import type { Asked, Entry, Kind, Layer } from './model.ts';

export const findText = `/* suppressions.find */
with asked as materialized (
  -- Own subaccounts one by one: a join, planned while there are few, walks those of all accounts for ever.
  select i.n, i.subaccount_id, (select o.id from subaccounts o where o.account_id = i.account_id and o.is_own) as own_id,
    string_to_array(i.probes, E'\\n') as probes
  from unnest($1::int[], $2::int[], $3::text[]) with ordinality as i (account_id, subaccount_id, probes, n)
),
everybody as materialized (
  select o.id from subaccounts o where o.account_id = (select a.id from accounts a where a.is_system) and o.is_own
),
owner as materialized (select distinct subaccount_id, own_id from asked)
select i.n::int, 0 as subaccount_id, x.layer, x.kind, x.stops_transactional, x.stops_bulk, x.only_list, x.only_sender, null as globs
from asked i cross join lateral (
  select * from suppressions s where s.subaccount_id = i.subaccount_id and s.layer = 'subaccount' and s.address = any (i.probes)
  union all
  select * from suppressions s where s.subaccount_id = i.own_id and s.layer = 'account' and s.address = any (i.probes)
  union all
  select s.* from everybody e join suppressions s on s.subaccount_id = e.id and s.layer = 'installation' and s.address = any (i.probes)
) x where (x.expires_at is null or x.expires_at > $4)
  -- An entry for somebody whose name is * is no pattern.
  and (x.kind = 'pattern' or x.address <> i.probes[2] or i.probes[1] = i.probes[2])
union all
select 0, o.subaccount_id, x.layer, 'pattern', x.stops_transactional, x.stops_bulk, '', '', string_agg(x.address, E'\\n')
from owner o cross join lateral (
  select * from suppressions s where s.subaccount_id = o.subaccount_id and s.layer = 'subaccount' and s.is_glob
  union all
  select * from suppressions s where s.subaccount_id = o.own_id and s.layer = 'account' and s.is_glob
  union all
  select s.* from everybody e join suppressions s on s.subaccount_id = e.id and s.layer = 'installation' and s.is_glob
) x where x.expires_at is null or x.expires_at > $4
group by o.subaccount_id, x.layer, x.stops_transactional, x.stops_bulk`;

type Row = {
  /** Which of all addresses, from 1; 0: globs of a subaccount. */
  n: number;
  subaccount_id: number;
  layer: Layer;
  kind: Kind;
  stops_transactional: boolean;
  stops_bulk: boolean;
  only_list: string;
  only_sender: string;
  globs: string | null;
};

export type Globs = { readonly entry: Entry; readonly patterns: readonly string[] };

export type Found = {
  /** By the address as it was given. */
  readonly entries: ReadonlyMap<string, readonly Entry[]>;
  readonly globs: readonly Globs[];
};

/**
 * Per question the entries that name one of its addresses, in all three layers, and the globs that may. `probesOf` gives
 * every text under which an address may stand on a list.
 */
export async function findSuppressed(
  connection: HotConnection,
  asked: readonly Asked[],
  probesOf: (address: string) => readonly string[],
  now: Date,
): Promise<readonly Found[]> {
  const columns: [number[], number[], string[]] = [[], [], []];
  const places: { question: number; address: string }[] = [];
  for (const [question, { accountId, subaccountId, addresses }] of asked.entries()) {
    for (const address of addresses) {
      columns[0].push(accountId);
      columns[1].push(subaccountId);
      columns[2].push(probesOf(address).join('\n'));
      places.push({ question, address });
    }
  }
  const result = await connection.query<Row>('suppressions.find', findText, [...columns, now]);
  const entries = asked.map(() => new Map<string, Entry[]>());
  const globs = new Map<number, Globs[]>();
  for (const row of result.rows) {
    const { layer, kind, stops_transactional: stopsTransactional, stops_bulk: stopsBulk } = row;
    const { only_list: onlyList, only_sender: onlySender } = row;
    const entry: Entry = { layer, kind, stopsTransactional, stopsBulk, onlyList, onlySender };
    const place = places[row.n - 1];
    if (place === undefined)
      push(globs, row.subaccount_id, { entry, patterns: row.globs?.split('\n') ?? [] });
    else push(entries[place.question], place.address, entry);
  }
  return asked.map(({ subaccountId }, question) => ({
    entries: entries[question] ?? new Map(),
    globs: globs.get(subaccountId) ?? [],
  }));
}

function push<Key, Value>(map: Map<Key, Value[]> | undefined, key: Key, value: Value): void {
  const known = map?.get(key);
  if (known === undefined) map?.set(key, [value]);
  else known.push(value);
}
