import { Type } from 'typebox';
import { defineRoute, fields, text, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import type { Address } from '../../mail/address.ts';
import { parseAddress } from '../../mail/address.ts';
import { invalidField } from '../refusals/index.ts';
import type { ConnectWorld } from './connect.ts';
import { instructionParagraphs } from './instructions.ts';
import type { Instructions } from './instructions.ts';
import { DomainReply, domainJson } from './http.ts';
import { enterProofCode, mailProof } from './mail-proof.ts';
import { proofMailboxes } from './model.ts';
import { connect, forward, instructions } from './operations-clients.ts';
import { dnsProviders } from './providers.ts';

const IdParams = fields({ id: word(16, { pattern: '^\\d{1,16}$' }) });
const Provider = Type.Optional(
  Type.Enum(
    dnsProviders.map(({ id }) => id),
    { description: 'the DNS provider, guessed from the name servers when left out' },
  ),
);
const nullable = <T extends ReturnType<typeof Type.String>>(of: T) => Type.Union([of, Type.Null()]);

const InstructionsReply = fields({
  domain: Type.String(),
  zone: nullable(Type.String({ description: 'the DNS zone that the records belong to' })),
  nameServers: Type.Array(Type.String()),
  provider: Type.Union([
    fields({
      id: Type.String(),
      name: Type.String(),
      panel: Type.String({ description: 'where the records are kept there' }),
      hint: nullable(Type.String()),
    }),
    Type.Null(),
  ]),
  records: Type.Array(
    fields({
      purpose: Type.String(),
      type: Type.String(),
      required: Type.Boolean(),
      name: Type.String(),
      value: Type.String(),
      enterName: Type.String({ description: 'what the form of the provider wants as name' }),
      enterValue: Type.String({ description: 'and as value' }),
    }),
  ),
  spf: fields({
    seen: Type.Union([Type.Array(Type.String()), Type.Null()]),
    merged: Type.String({ description: 'the one record to have: what was there, with our include' }),
    lookups: fields({ before: Type.Integer(), after: Type.Integer(), max: Type.Integer() }),
    terms: Type.Array(
      fields({ term: Type.String(), lookups: Type.Integer(), problem: nullable(Type.String()) }),
    ),
    advice: Type.Array(Type.String()),
  }),
  text: Type.String({ description: 'all of it as plain text' }),
});

function instructionsJson(told: Instructions) {
  const { domain, zone, provider, records, spf } = told;
  return {
    domain,
    zone: zone?.name ?? null,
    nameServers: [...(zone?.nameServers ?? [])],
    provider:
      provider === null
        ? null
        : { id: provider.id, name: provider.name, panel: provider.panel, hint: provider.hint ?? null },
    records: records.map((record) => ({ ...record })),
    spf: {
      seen: spf.seen === null ? null : [...spf.seen],
      merged: spf.merged,
      lookups: spf.lookups,
      terms: spf.terms.map((term) => ({ ...term })),
      advice: [...spf.advice],
    },
    text: instructionParagraphs(told).join('\n\n'),
  };
}

const Email = word(320, { description: 'an e-mail address' });

function addressIn(field: string, given: string): Address {
  const address = parseAddress(given);
  if (address === null) throw invalidField(field, 'format', 'is not a valid e-mail address');
  return address;
}

export function domainClientRoutes(world: ConnectWorld): readonly Route[] {
  return [
    instructionsRoute(world),
    forwardRoute(world),
    mailProofRoute(world),
    proofCodeRoute(world),
    connectRoute(world),
  ];
}

function instructionsRoute(world: ConnectWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/domains/:id/instructions',
    tag: 'domains',
    grant: 'domains:read',
    summary: 'Read what to enter at the DNS provider of a domain',
    description:
      'The provider is guessed from the name servers. For a domain that has an SPF record the answer says how to merge it.',
    params: IdParams,
    query: fields({ provider: Provider }),
    replies: { 200: InstructionsReply },
    example: { params: { id: '100123' }, query: {} },
    run: async ({ scope, params, query }) => ({
      status: 200,
      body: instructionsJson(await instructions(world, scope, params.id, query.provider ?? null)),
    }),
  });
}

function mailProofRoute(world: ConnectWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/domains/:id/mail-proof',
    tag: 'domains',
    grant: 'domains:write',
    summary: 'Ask whoever administers a domain by mail, instead of by its owner record',
    description:
      'Once they agree, the owner record is not looked for; the DKIM record still is. Within the bounds of mail to strangers: at most 5 a day to one address.',
    params: IdParams,
    body: fields({ mailbox: Type.Enum(proofMailboxes, { description: 'before the @ of the domain' }) }),
    replies: {
      202: fields({
        state: Type.Enum(['sent', 'proven'], { description: 'proven: nobody had to be asked' }),
        email: Type.String(),
      }),
    },
    example: { params: { id: '100123' }, body: { mailbox: 'postmaster' } },
    run: async ({ scope, params, body }) => ({
      status: 202,
      body: await mailProof(world, scope, params.id, body.mailbox),
    }),
  });
}

function proofCodeRoute(world: ConnectWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/domains/:id/mail-proof/code',
    tag: 'domains',
    grant: 'domains:write',
    summary: 'Enter the code that a mailbox of a domain was sent, which says the same as the link beside it',
    description: 'The code of the newest mail to that mailbox, for three days.',
    params: IdParams,
    body: fields({ mailbox: Type.Enum(proofMailboxes), code: word(100) }),
    replies: { 200: DomainReply },
    example: { params: { id: '100123' }, body: { mailbox: 'postmaster', code: 'vSjrXl0nPq' } },
    run: async ({ scope, params, body }) => ({
      status: 200,
      body: domainJson(world, await enterProofCode(world, scope, params.id, body)),
    }),
  });
}

function forwardRoute(world: ConnectWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/domains/:id/forward',
    tag: 'domains',
    grant: 'domains:write',
    summary: 'Mail the instructions to whoever keeps the DNS of a domain',
    description: 'At most 5 such mails a day to one address, and 50 of a subaccount.',
    params: IdParams,
    body: fields({
      to: Email,
      note: Type.Optional(text(1000, { description: 'plain text that stands before the instructions' })),
      replyTo: Type.Optional(Email),
      provider: Provider,
    }),
    replies: { 202: fields({ to: Type.String() }) },
    example: {
      params: { id: '100123' },
      body: { to: 'hostmaster@client.example', note: 'Please add these for our newsletter.' },
    },
    run: async ({ scope, params, body }) => {
      const to = addressIn('to', body.to);
      await forward(world, scope, params.id, {
        to,
        note: body.note ?? null,
        replyTo: body.replyTo === undefined ? null : addressIn('replyTo', body.replyTo),
        providerId: body.provider ?? null,
      });
      return { status: 202, body: { to: to.text } };
    },
  });
}

export const ConnectReply = fields({
  isAvailable: Type.Boolean(),
  provider: nullable(Type.String()),
  zone: nullable(Type.String()),
  url: nullable(
    Type.String({ description: 'where the browser of the DNS account owner goes; signed by us' }),
  ),
  explain: Type.String(),
});

export function connectJson(offer: Awaited<ReturnType<typeof connect>>) {
  if (offer.kind === 'unavailable')
    return { isAvailable: false, provider: null, zone: null, url: null, explain: offer.explain };
  return {
    isAvailable: true,
    provider: offer.providerName,
    zone: offer.zone,
    url: offer.url,
    explain: `Log in at ${offer.providerName} and agree; the records are then looked for.`,
  };
}

function connectRoute(world: ConnectWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/domains/:id/connect',
    tag: 'domains',
    grant: 'domains:write',
    summary: 'Ask whether the DNS provider sets a domain up by itself (Domain Connect)',
    description: 'Changes nothing. What the provider says afterwards is not believed: DNS is looked at.',
    params: IdParams,
    replies: { 200: ConnectReply },
    example: { params: { id: '100123' } },
    run: async ({ scope, params }) => ({
      status: 200,
      body: connectJson(await connect(world, scope, params.id)),
    }),
  });
}
