/** What a list or an export may be narrowed to. */
import { Type } from 'typebox';
import { Instant, instantMs, word } from '../../base/route.ts';
import { parseDomainName } from '../../mail/address.ts';
import { invalidField } from '../refusals/index.ts';
import { kinds, layers } from './model.ts';
import type { Kind, Layer } from './model.ts';
import type { ListQuery } from './operations.ts';

export const filters = {
  address: Type.Optional(word(320, { description: 'beginning of the address' })),
  domain: Type.Optional(word(253)),
  search: Type.Optional(word(200, { description: 'part of the address' })),
  kind: Type.Optional(Type.Enum(kinds)),
  layer: Type.Optional(Type.Enum(layers)),
  since: Type.Optional(Instant),
  until: Type.Optional(Instant),
};

type Filters = {
  readonly address?: string;
  readonly domain?: string;
  readonly search?: string;
  readonly kind?: Kind;
  readonly layer?: Layer;
  readonly since?: string;
  readonly until?: string;
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
    since: query.since === undefined ? null : new Date(instantMs(query.since)),
    until: query.until === undefined ? null : new Date(instantMs(query.until)),
  };
}
