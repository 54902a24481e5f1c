/** What a list or an export may be narrowed to. */
import { Type } from 'typebox';
import { Instant, instantMs, line, word } from '../../base/route.ts';
import { parseDomainName } from '../../mail/address.ts';
import { listKey } from '../../mail/list-id.ts';
import { addressKey } from './rules.ts';
import { invalidField } from '../refusals/index.ts';
import { kinds, layers } from './model.ts';
import type { Kind, Layer } from './model.ts';
import type { ListQuery } from './operations.ts';

const made = Type.Optional(Type.Unsafe<string>({ ...Instant, description: 'when it was made' }));
const changed = Type.Optional(
  Type.Unsafe<string>({ ...Instant, description: 'when it was made or last put or changed' }),
);

export const filters = {
  address: Type.Optional(word(320, { description: 'beginning of the address' })),
  domain: Type.Optional(word(253)),
  search: Type.Optional(word(200, { description: 'part of the address' })),
  kind: Type.Optional(Type.Enum(kinds)),
  layer: Type.Optional(Type.Enum(layers)),
  onlyList: Type.Optional(line(200, { description: 'bound to this list; empty: bound to none' })),
  onlySender: Type.Optional(line(320, { description: 'bound to this sender; empty: bound to none' })),
  includeExpired: Type.Optional(
    Type.Boolean({ description: 'also entries that have expired, which stop nothing' }),
  ),
  since: made,
  until: made,
  updatedSince: changed,
  updatedUntil: changed,
};

type Filters = {
  readonly address?: string;
  readonly domain?: string;
  readonly search?: string;
  readonly kind?: Kind;
  readonly layer?: Layer;
  readonly onlyList?: string;
  readonly onlySender?: string;
  readonly includeExpired?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly updatedSince?: string;
  readonly updatedUntil?: string;
};

export function filterOf(query: Filters): ListQuery {
  const domain = query.domain === undefined ? null : parseDomainName(query.domain);
  if (query.domain !== undefined && domain === null)
    throw invalidField('domain', 'format', 'must be a domain name');
  return {
    prefix: query.address?.toLowerCase() ?? null,
    domain,
    search: query.search?.toLowerCase() ?? null,
    kind: query.kind ?? null,
    layer: query.layer ?? null,
    onlyList: query.onlyList === undefined ? null : (listKey(query.onlyList) ?? query.onlyList),
    onlySender: query.onlySender === undefined ? null : addressKey(query.onlySender),
    includeExpired: query.includeExpired ?? false,
    since: dateOf(query.since),
    until: dateOf(query.until),
    updatedSince: dateOf(query.updatedSince),
    updatedUntil: dateOf(query.updatedUntil),
  };
}

function dateOf(text: string | undefined): Date | null {
  return text === undefined ? null : new Date(instantMs(text));
}
