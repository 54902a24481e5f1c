/** Which series (`s`) a question is about: by filters, and by clauses of conditions. */
import { sql } from 'kysely';
import { siteRegion } from '../events/index.ts';
import type { By, Clause, Condition, Dimension, Filters, Where } from './model.ts';

type Part = ReturnType<typeof sql>;

export const columns = {
  sendingDomain: sql`s.sending_domain`,
  senderAddress: sql`s.sender_address`,
  recipientDomain: sql`s.recipient_domain`,
  site: sql`s.site`,
  source: sql`s.source`,
  pool: sql`s.pool_id::text`,
  template: sql`s.template_id::text`,
  campaign: sql`s.campaign`,
  reason: sql`s.reason`,
  link: sql`s.link`,
  attempt: sql`s.attempt`,
  subject: sql`s.subject`,
} as const satisfies Partial<Record<Dimension, Part>>;

/** Where its site is; null where it has none. */
export const region = siteRegion(sql`s.site`);

export type Kept = { readonly filters: Filters; readonly where: Where };

export function kept({ filters, where }: Kept): Part {
  const parts: Part[] = where.map(clause);
  for (const [dimension, column] of Object.entries(columns)) {
    const wanted = filters[dimension as keyof typeof columns];
    if (wanted !== undefined) parts.push(sql`${column} = any(${wanted}::text[])`);
  }
  if (filters.region !== undefined) parts.push(sql`${region} = any(${filters.region}::text[])`);
  if (filters.tag !== undefined) parts.push(sql`s.tags ?| ${filters.tag}::text[]`);
  return parts.length === 0 ? sql`true` : sql.join(parts, sql` and `);
}

function clause({ holds, conditions }: Clause): Part {
  const parts = conditions.map(condition);
  return sql`(${sql.join(parts, holds === 'all' ? sql` and ` : sql` or `)})`;
}

/** What was counted as other may be any value: no condition holds for it, whether it asks for values or for none of them. */
function condition({ of, test, values }: Condition): Part {
  const met = test === 'is' || test === 'isNot' ? equals(of, values) : contains(of, values);
  if (test === 'is' || test === 'contains') return sql`coalesce(${met}, false)`;
  const counted: Dimension | null = of === 'subaccount' ? null : of === 'region' ? 'site' : of;
  const isKnown = counted === null ? sql`true` : sql`not ${counted} = any(s.folded)`;
  return sql`(${isKnown} and not coalesce(${met}, false))`;
}

function valueOf(of: Exclude<By, 'tag'>): Part {
  if (of === 'subaccount') return sql`s.subaccount_id::text`;
  return of === 'region' ? region : columns[of];
}

function equals(of: By, values: readonly string[]): Part {
  return of === 'tag' ? sql`s.tags ?| ${values}::text[]` : sql`${valueOf(of)} = any(${values}::text[])`;
}

function contains(of: By, values: readonly string[]): Part {
  const parts = sql`from unnest(${values.map((value) => value.toLowerCase())}::text[]) v (part)`;
  return of === 'tag'
    ? sql`exists (select ${parts} cross join jsonb_array_elements_text(s.tags) t where position(v.part in lower(t)) > 0)`
    : sql`exists (select ${parts} where position(v.part in lower(${valueOf(of)})) > 0)`;
}
