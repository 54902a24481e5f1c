import { Type } from 'typebox';
import type { Static } from 'typebox';
import { defineRoute, fields, pageQuery, pageReply, text, word, nextCursor } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { parseDomainName } from '../../mail/address.ts';
import { invalidField } from '../refusals/index.ts';
import { change, check, create, get, list, remove } from './operations.ts';
import { ownKey, replaceOwnKey } from './own-key.ts';
import type { Domain, DomainWorld } from './operations.ts';
import { bounceHostOf } from './bounce-proof.ts';
import { isOurSelector } from './rules.ts';

const Share = Type.Enum(['none', 'read', 'use'], {
  description: 'whether the other subaccounts of the account see it, or may send with it',
});

const RecordReply = fields({
  purpose: Type.String(),
  type: Type.String(),
  name: Type.String(),
  value: Type.String(),
  required: Type.Boolean(),
});

export const DomainReply = fields({
  id: Type.String(),
  subaccountId: Type.Integer(),
  name: Type.String(),
  state: Type.Enum(['unproven', 'proven', 'lost']),
  share: Share,
  bounceHost: Type.String({ description: 'where bounces of its mail come back to' }),
  takesBounces: Type.Boolean({ description: 'it is proven, and DNS showed its bounce host' }),
  isDefaultBounce: Type.Boolean({
    description:
      "bounces of all mail of its holder come back by it, unless a call says so; the account's serves its subaccounts while it is shared for use",
  }),
  signingDomainId: Type.Union([Type.String(), Type.Null()], {
    description:
      'the domain that signs its mail in its place, while that is proven and may be used by its holder',
  }),
  mailProofs: Type.Array(
    fields({
      mailbox: Type.String(),
      state: Type.Enum(['asked', 'expired', 'proven']),
      askedAt: Type.String(),
    }),
    { description: 'mailboxes that were asked instead of the owner record' },
  ),
  checkedAt: Type.Union([Type.String(), Type.Null()]),
  createdAt: Type.String(),
  records: Type.Array(RecordReply, { description: 'what to publish in DNS' }),
  keys: Type.Array(
    fields({
      selector: Type.String(),
      algorithm: Type.String(),
      isBrought: Type.Boolean({ description: 'by its holder; the others were made here' }),
      state: Type.Enum(['signing', 'reserve', 'retired']),
      createdAt: Type.String(),
    }),
    { description: 'its DKIM keys; none of a domain that is only shared with the caller' },
  ),
  alternatives: Type.Array(RecordReply, {
    description:
      'either of which does what the return path record does, at the name itself: bounces then come back to that',
  }),
  proofs: Type.Array(
    fields({
      purpose: Type.String(),
      state: Type.String(),
      asked: fields({ name: Type.String(), type: Type.String() }),
      wanted: Type.String(),
      seen: Type.Array(Type.String()),
      explain: Type.String(),
    }),
    { description: 'what was asked, wanted and seen at the last look' },
  ),
});

const OwnKeyInput = fields(
  {
    selector: word(63, { pattern: '^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$' }),
    privateKey: text(8192, {
      description: 'PEM, or the base64 of its DER: RSA of 1024 to 4096 bits, or Ed25519',
    }),
  },
  { description: 'a key that is published already: it signs in place of those made here of its algorithm' },
);

const IdParams = fields({ id: word(16, { pattern: '^\\d{1,16}$' }) });

export function domainJson(
  { clock }: Pick<DomainWorld, 'clock'>,
  domain: Domain,
): Static<typeof DomainReply> {
  const now = clock.now();
  return {
    id: domain.id,
    subaccountId: domain.subaccountId,
    name: domain.name,
    state: domain.state,
    share: domain.share,
    bounceHost: bounceHostOf(domain.name, domain.isBounceProven && domain.bouncesToItself),
    takesBounces: domain.state === 'proven' && (domain.isBuiltin || domain.isBounceProven),
    isDefaultBounce: domain.isDefaultBounce,
    signingDomainId: domain.signingDomainId,
    mailProofs: domain.mailProofs.map(({ mailbox, askedAt, expiresAt, provenAt }) => ({
      mailbox,
      state: provenAt !== null ? 'proven' : expiresAt.getTime() > now ? 'asked' : 'expired',
      askedAt: askedAt.toISOString(),
    })),
    checkedAt: domain.checkedAt?.toISOString() ?? null,
    createdAt: domain.createdAt.toISOString(),
    records: [...domain.records],
    keys: domain.keys.map(({ createdAt, ...key }) => ({
      ...key,
      isBrought: !isOurSelector(key.selector),
      createdAt: createdAt.toISOString(),
    })),
    alternatives: [...domain.alternatives],
    proofs: domain.proofs.map((proof) => ({ ...proof, seen: [...proof.seen] })),
  };
}

export function domainRoutes(world: DomainWorld): readonly Route[] {
  return [...changing(world), ...reading(world)];
}

function keyRoutes(world: DomainWorld): readonly Route[] {
  const params = { id: '100123' };
  return [
    defineRoute({
      method: 'PUT',
      path: '/domains/:id/dkim',
      tag: 'domains',
      grant: 'domains:write',
      summary: 'Sign with a key of your own that DNS shows, in place of one brought before',
      params: IdParams,
      body: OwnKeyInput,
      replies: { 200: DomainReply },
      example: { params, body: { selector: 's2026', privateKey: '-----BEGIN PRIVATE KEY-----' } },
      run: async ({ scope, params: { id }, body }) => ({
        status: 200,
        body: domainJson(world, await replaceOwnKey(world, scope, id, body)),
      }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/domains/:id/dkim',
      tag: 'domains',
      grant: 'domains:write',
      summary: 'Forget the key of your own: those made here sign again',
      params: IdParams,
      replies: { 200: DomainReply },
      example: { params },
      run: async ({ scope, params: { id } }) => ({
        status: 200,
        body: domainJson(world, await replaceOwnKey(world, scope, id, null)),
      }),
    }),
  ];
}

function changing(world: DomainWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/domains',
      tag: 'domains',
      grant: 'domains:write',
      summary: 'Add a sending domain; the answer lists the DNS records that prove it',
      body: fields({
        name: word(253, { minLength: 3 }),
        share: Type.Optional(Share),
        dkim: Type.Optional(OwnKeyInput),
        signingDomainId: Type.Optional(word(16, { pattern: '^\\d{1,16}$' })),
      }),
      replies: { 201: DomainReply },
      example: { body: { name: 'news.example.com' } },
      run: async ({ scope, body }) => {
        const name = parseDomainName(body.name);
        if (name === null) throw invalidField('name', 'format', 'must be a domain name');
        const brought = body.dkim === undefined ? null : ownKey(body.dkim);
        const { share = 'none', signingDomainId } = body;
        const signer = signingDomainId === undefined ? {} : { signingDomainId };
        const domain = await create(world, scope, { name, share, ...signer }, brought);
        return { status: 201, body: domainJson(world, domain) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/domains/:id/check',
      tag: 'domains',
      grant: 'domains:write',
      summary: 'Look at the DNS of a domain now',
      params: IdParams,
      replies: { 200: DomainReply },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: domainJson(world, await check(world, scope, params.id)),
      }),
    }),
    changeRoute(world),
    ...keyRoutes(world),
    defineRoute({
      method: 'DELETE',
      path: '/domains/:id',
      tag: 'domains',
      grant: 'domains:write',
      summary: 'Remove a sending domain and its keys',
      params: IdParams,
      replies: { 204: null },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => {
        await remove(world, scope, params.id);
        return { status: 204 };
      },
    }),
  ];
}

function changeRoute(world: DomainWorld): Route {
  return defineRoute({
    method: 'PATCH',
    path: '/domains/:id',
    tag: 'domains',
    grant: 'domains:write',
    summary:
      'Change how far a domain is shared, who signs for it, and whether bounces of all mail of its holder come back by it',
    params: IdParams,
    body: fields({
      share: Type.Optional(Share),
      isDefaultBounce: Type.Optional(
        Type.Boolean({
          description: 'instead of the one that was it; only while the domain takes bounces',
        }),
      ),
      signingDomainId: Type.Optional(
        Type.Union([word(16, { pattern: '^\\d{1,16}$' }), Type.Null()], {
          description:
            "another proven domain of its holder, or one that the account shares for use: DKIM's d= of its mail; null for itself. Its own records are needed all the same, and receivers that want DMARC want one organizational domain",
        }),
      ),
    }),
    replies: { 200: DomainReply },
    example: { params: { id: '100123' }, body: { share: 'use' } },
    run: async ({ scope, params, body }) => ({
      status: 200,
      body: domainJson(world, await change(world, scope, params.id, body)),
    }),
  });
}

function reading(world: DomainWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/domains',
      tag: 'domains',
      grant: 'domains:read',
      summary: 'List sending domains, shared ones included',
      query: pageQuery({}),
      replies: { 200: pageReply(DomainReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const limit = query.limit ?? 50;
        const domains = await list(world, scope, { after: query.cursor ?? '0', limit });
        const next = nextCursor(domains, limit);
        return { status: 200, body: { items: domains.map((each) => domainJson(world, each)), next } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/domains/:id',
      tag: 'domains',
      grant: 'domains:read',
      summary: 'Read one sending domain with its records and proofs',
      params: IdParams,
      replies: { 200: DomainReply },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: domainJson(world, await get(world, scope, params.id)),
      }),
    }),
  ];
}
