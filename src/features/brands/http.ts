import { Type } from 'typebox';
import type { Static } from 'typebox';
import { defineRoute, fields, line, nextCursor, pageQuery, pageReply, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { parseAddress, parseDomainName } from '../../mail/address.ts';
import { claimJson, claimReply } from '../claims/index.ts';
import type { Claim } from '../claims/index.ts';
import { invalidField } from '../refusals/index.ts';
import { check, create, list, remove as removeHost } from './hosts.ts';
import type { Brand, BrandWorld } from './model.ts';
import { put, read, remove, removeLogo, setLogo, shown } from './operations.ts';
import type { BrandState } from './operations.ts';
import { brandLimits, hostTarget, logoPath } from './rules.ts';

const tag = 'brands';
const nullable = Type.Union([Type.String(), Type.Null()]);
const brandFields = {
  name: Type.String(),
  color: Type.Union([Type.String(), Type.Null()], { description: "null: the installation's" }),
  supportAddress: nullable,
  logo: Type.Union([Type.String(), Type.Null()], {
    description: 'path of the picture on any host of the console; it may be kept for ever',
  }),
};
const ShownReply = fields({
  ...brandFields,
  source: Type.Enum(['own', 'account', 'installation'], { description: 'whose brand it is' }),
});
const StateReply = fields({ own: Type.Union([fields(brandFields), Type.Null()]), shown: ShownReply });

const HostReply = claimReply({
  record: fields({
    type: Type.String(),
    name: Type.String(),
    value: Type.String({ description: 'different for each owner' }),
  }),
});
const IdParams = fields({ id: word(16, { pattern: '^\\d{1,16}$' }) });
const exampleId = { params: { id: '100123' } };

function brandJson({ logoHash, ...brand }: Brand) {
  const { name, color, supportAddress } = brand;
  return { name, color, supportAddress, logo: logoPath(logoHash) };
}

function stateJson(state: BrandState): Static<typeof StateReply> {
  return {
    own: state.own === null ? null : brandJson(state.own),
    shown: { ...brandJson(state.shown), source: state.shown.source },
  };
}

function hostJson({ mailDomain }: BrandWorld, host: Claim): Static<typeof HostReply> {
  const { name, ownerToken } = host;
  return {
    ...claimJson(host),
    record: { type: 'CNAME', name, value: hostTarget(ownerToken, mailDomain) },
  };
}

/** The brand of the account, or of the subaccount that the call acts for, and its hosts. */
export function brandRoutes(world: BrandWorld): readonly Route[] {
  return [
    ...reading(world),
    ...logoRoutes(world),
    ...changing(world),
    ...hostRoutes(world),
    ...looking(world),
  ];
}

function reading(world: BrandWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/brand',
      tag,
      grant: 'brands:read',
      summary: 'Read the brand, and what is shown of it',
      description:
        "A subaccount without a brand shows its account's, an account without one the installation's. An account's own brand is that of the call without a subaccount.",
      replies: { 200: StateReply },
      example: {},
      run: async ({ scope }) => ({ status: 200, body: stateJson(await read(world, scope)) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/brand/shown',
      tag,
      grant: null,
      summary: 'Read which brand the console shows to you',
      replies: { 200: ShownReply },
      example: {},
      run: async ({ scope }) => {
        const found = await shown(world, scope);
        return { status: 200, body: { ...brandJson(found), source: found.source } };
      },
    }),
  ];
}

function changing(world: BrandWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'PUT',
      path: '/brand',
      tag,
      grant: 'brands:write',
      summary: 'Say the name, colour and support address of the brand',
      description: 'What is left out becomes null. The logo stays: it has a call of its own.',
      body: fields({
        name: line(brandLimits.nameLengthMax),
        color: Type.Optional(
          Type.Union([word(7, { pattern: '^#[0-9A-Fa-f]{6}$' }), Type.Null()], {
            description:
              'of buttons and links, as #rrggbb; white text on it must have a contrast of 4.5 to 1',
          }),
        ),
        supportAddress: Type.Optional(Type.Union([word(320), Type.Null()])),
      }),
      replies: { 200: StateReply },
      example: {
        body: { name: 'Harbour Mail', color: '#1d4ed8', supportAddress: 'help@agency.example' },
      },
      run: async ({ scope, body }) => {
        const name = body.name.trim();
        if (name === '') throw invalidField('name', 'minLength', 'must not be empty');
        const { color = null, supportAddress: asked = null } = body;
        const address = asked === null ? null : parseAddress(asked);
        if (asked !== null && address === null)
          throw invalidField('supportAddress', 'format', 'must be an e-mail address');
        const supportAddress = address?.text ?? null;
        const state = await put(world, scope, { name, color, supportAddress });
        return { status: 200, body: stateJson(state) };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/brand',
      tag,
      grant: 'brands:write',
      summary: 'Take the brand away with its logo; its hosts stay',
      replies: { 204: null },
      example: {},
      run: async ({ scope }) => {
        await remove(world, scope);
        return { status: 204 };
      },
    }),
  ];
}

/** A PNG of one pixel. */
const onePixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

function logoRoutes(world: BrandWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'PUT',
      path: '/brand/logo',
      tag,
      grant: 'brands:write',
      summary: 'Set the logo of the brand',
      description:
        'PNG, JPEG or WebP by its own bytes, of at most 64 KiB and 2000 pixels wide and high. SVG is refused: it can hold scripts.',
      body: fields({
        image: word(90_000, { pattern: '^[A-Za-z0-9+/]+={0,2}$', description: 'the picture in Base64' }),
      }),
      replies: { 200: StateReply },
      example: { body: { image: onePixel } },
      run: async ({ scope, body }) => {
        const state = await setLogo(world, scope, Buffer.from(body.image, 'base64'));
        return { status: 200, body: stateJson(state) };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/brand/logo',
      tag,
      grant: 'brands:write',
      summary: 'Take the logo away',
      replies: { 204: null },
      example: {},
      run: async ({ scope }) => {
        await removeLogo(world, scope);
        return { status: 204 };
      },
    }),
  ];
}

function hostRoutes(world: BrandWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/brand/hosts',
      tag,
      grant: 'brands:read',
      summary: 'List the hosts of the brand with the records that prove them',
      query: pageQuery({}),
      replies: { 200: pageReply(HostReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const limit = query.limit ?? 50;
        const found = await list(world, scope, { after: query.cursor ?? '0', limit });
        const items = found.map((each) => hostJson(world, each));
        return { status: 200, body: { items, next: nextCursor(found, limit) } };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/brand/hosts',
      tag,
      grant: 'brands:write',
      summary: 'Add a host of the console; the answer names the CNAME record that proves it',
      description:
        'It shows the brand while DNS shows the record. Several may claim a name: whom DNS shows has it. A certificate for it is up to whatever stands in front of the program.',
      body: fields({
        name: word(253, { minLength: 3, description: 'below a domain: console.agency.example' }),
      }),
      replies: { 201: HostReply },
      example: { body: { name: 'console.agency.example' } },
      run: async ({ scope, body }) => {
        const name = parseDomainName(body.name);
        if (name === null) throw invalidField('name', 'format', 'must be a domain name');
        return { status: 201, body: hostJson(world, await create(world, scope, name)) };
      },
    }),
  ];
}

function looking(world: BrandWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/brand/hosts/:id/check',
      tag,
      grant: 'brands:write',
      summary: 'Look at the DNS of a host now',
      params: IdParams,
      replies: { 200: HostReply },
      example: exampleId,
      run: async ({ scope, params }) => ({
        status: 200,
        body: hostJson(world, await check(world, scope, params.id)),
      }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/brand/hosts/:id',
      tag,
      grant: 'brands:write',
      summary: 'Remove a host; it shows nothing of the brand any more',
      params: IdParams,
      replies: { 204: null },
      example: exampleId,
      run: async ({ scope, params }) => {
        await removeHost(world, scope, params.id);
        return { status: 204 };
      },
    }),
  ];
}
