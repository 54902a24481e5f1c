import { Type } from 'typebox';
import type { Static } from 'typebox';
import { fields, word } from '../../base/route.ts';
import type { MadeKey } from './operations.ts';
import type { Key } from './sql.ts';

const keyFields = {
  id: Type.String(),
  publicId: Type.String(),
  name: Type.String(),
  subaccountId: Type.Integer(),
  reach: Type.Enum(['account', 'subaccount', 'person']),
  userId: Type.Union([Type.String(), Type.Null()], { description: 'whose key it is, with the reach person' }),
  grants: Type.Array(Type.String()),
  domainLimit: Type.Union([Type.String(), Type.Null()]),
  allowedAddresses: Type.Array(Type.String()),
  status: Type.Enum(['active', 'inactive']),
  expiresAt: Type.Union([Type.String(), Type.Null()]),
  templates: Type.Union([Type.Array(Type.String()), Type.Null()], {
    description: 'ids of the templates and snippets that it knows; null: all',
  }),
  lastUsedAt: Type.Union([Type.String(), Type.Null()]),
  createdAt: Type.String(),
};
export const KeyReply = fields(keyFields);
export const MadeKeyReply = fields({ ...keyFields, secret: Type.String({ description: 'shown this once' }) });
export const Addresses = Type.Array(word(64), {
  maxItems: 100,
  description: 'IP addresses or CIDRs that may use it; none for everywhere',
});
/** Also none: then it knows no template. */
export const TemplateIds = Type.Array(word(16, { pattern: '^\\d{1,16}$' }), {
  maxItems: 1000,
  description: 'ids of templates and snippets, these only',
});
export const IdParams = fields({ id: word(16, { pattern: '^\\d{1,16}$' }) });

export function keyJson(key: Key): Static<typeof KeyReply> {
  return {
    id: key.id,
    publicId: key.publicId,
    name: key.name,
    subaccountId: key.subaccountId,
    reach: key.reach,
    userId: key.userId,
    grants: [...key.grants],
    domainLimit: key.domainLimit,
    allowedAddresses: [...key.allowedAddresses],
    status: key.status,
    expiresAt: key.expiresAt?.toISOString() ?? null,
    templates: key.templates === null ? null : [...key.templates],
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    createdAt: key.createdAt.toISOString(),
  };
}

export function madeJson({ key, secret }: MadeKey): Static<typeof MadeKeyReply> {
  return { ...keyJson(key), secret };
}
