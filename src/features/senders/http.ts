import { Type } from 'typebox';
import type { Static } from 'typebox';
import { defineRoute, fields, line, nextCursor, pageQuery, pageReply, text, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { parseAddress } from '../../mail/address.ts';
import { invalidField } from '../refusals/index.ts';
import type { Sender } from './model.ts';
import { change, create, get, letter, list, remove, resend, resetLetter, setLetter } from './operations.ts';
import type { SenderWorld } from './operations.ts';
import { policyWarning } from './rules.ts';

const idWord = word(16, { pattern: '^\\d{1,16}$' });
const IdParams = fields({ id: idWord });
const Email = word(320, { description: 'an e-mail address' });
const ReplyTo = fields({ email: Email, name: Type.Optional(line(191)) });
const Note = text(1000, { description: 'plain text for the confirmation mail' });
const nullableText = Type.Union([Type.String(), Type.Null()]);

const SenderReply = fields({
  id: Type.String(),
  subaccountId: Type.Integer(),
  email: Type.String(),
  name: Type.String(),
  replyTo: Type.Union([fields({ email: Type.String(), name: nullableText }), Type.Null()]),
  note: Type.String(),
  domainId: Type.Union([Type.String(), Type.Null()], {
    description: "the sending domain that signs its mail; null: the installation's",
  }),
  domain: Type.String({ description: 'its name' }),
  state: Type.Enum(['unproven', 'proven']),
  resends: Type.Integer(),
  sentAt: Type.String(),
  expiresAt: Type.String({ description: 'of the link in the newest confirmation mail' }),
  provenAt: nullableText,
  dmarc: fields(
    {
      policy: Type.Enum(['unknown', 'missing', 'none', 'quarantine', 'reject']),
      checkedAt: nullableText,
      warning: nullableText,
    },
    { description: "what the address's own domain tells receivers" },
  ),
  createdAt: Type.String(),
});

function senderJson({ mailDomain }: SenderWorld, sender: Sender): Static<typeof SenderReply> {
  const fromDomain = sender.email.slice(sender.email.lastIndexOf('@') + 1);
  const domain = sender.domainName ?? mailDomain;
  return {
    id: sender.id,
    subaccountId: sender.subaccountId,
    email: sender.email,
    name: sender.name,
    replyTo: sender.replyTo === null ? null : { ...sender.replyTo },
    note: sender.note,
    domainId: sender.domainId,
    domain,
    state: sender.state,
    resends: sender.resends,
    sentAt: sender.sentAt.toISOString(),
    expiresAt: sender.expiresAt.toISOString(),
    provenAt: sender.provenAt?.toISOString() ?? null,
    dmarc: {
      policy: sender.policy,
      checkedAt: sender.policyCheckedAt?.toISOString() ?? null,
      warning: policyWarning(sender.policy, fromDomain, domain)?.message ?? null,
    },
    createdAt: sender.createdAt.toISOString(),
  };
}

function replyToOf(given: Static<typeof ReplyTo> | null | undefined): Sender['replyTo'] {
  if (given === null || given === undefined) return null;
  const address = parseAddress(given.email);
  if (address === null) throw invalidField('replyTo.email', 'format', 'is not a valid e-mail address');
  return { email: address.text, name: given.name ?? null };
}

export function senderRoutes(world: SenderWorld): readonly Route[] {
  return [createRoute(world), ...reading(world), ...changing(world), ...letters(world)];
}

function createRoute(world: SenderWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/senders',
    tag: 'senders',
    grant: 'senders:write',
    summary: 'Add a sender identity; its address is asked by mail',
    description:
      'Once somebody there agrees, this subaccount may send From exactly this address. The mail is signed by the sending ' +
      "domain that the sender hangs on, or by the installation's. Not for addresses whose domain is proven here: that " +
      "domain's proof counts. At most 5 confirmation mails a day to one address.",
    body: fields({
      email: Email,
      name: Type.Optional(line(191, { description: 'shown as sender when a mail names none' })),
      replyTo: Type.Optional(Type.Union([ReplyTo, Type.Null()])),
      note: Type.Optional(Note),
      domainId: Type.Optional(Type.Union([idWord, Type.Null()])),
    }),
    replies: { 201: SenderReply },
    example: { body: { email: 'ada@client.example', name: 'Ada', note: 'As agreed by phone.' } },
    run: async ({ scope, body }) => {
      const email = parseAddress(body.email);
      if (email === null) throw invalidField('email', 'format', 'is not a valid e-mail address');
      const made = await create(world, scope, {
        email,
        name: body.name ?? '',
        replyTo: replyToOf(body.replyTo),
        note: body.note ?? '',
        domainId: body.domainId ?? null,
      });
      return { status: 201, body: senderJson(world, made) };
    },
  });
}

function reading(world: SenderWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/senders',
      tag: 'senders',
      grant: 'senders:read',
      summary: 'List sender identities',
      query: pageQuery({
        state: Type.Optional(Type.Enum(['unproven', 'proven'])),
        domainId: Type.Optional(idWord),
        email: Type.Optional(Email),
      }),
      replies: { 200: pageReply(SenderReply) },
      example: { query: { state: 'proven' } },
      run: async ({ scope, query }) => {
        const limit = query.limit ?? 50;
        const found = await list(world, scope, {
          after: query.cursor ?? '0',
          limit,
          state: query.state ?? null,
          domainId: query.domainId ?? null,
          address: query.email?.toLowerCase() ?? null,
        });
        const items = found.map((each) => senderJson(world, each));
        return { status: 200, body: { items, next: nextCursor(found, limit) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/senders/:id',
      tag: 'senders',
      grant: 'senders:read',
      summary: 'Read one sender identity',
      params: IdParams,
      replies: { 200: SenderReply },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: senderJson(world, await get(world, scope, params.id)),
      }),
    }),
  ];
}

function changing(world: SenderWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'PATCH',
      path: '/senders/:id',
      tag: 'senders',
      grant: 'senders:write',
      summary: 'Change name, reply-to or note of a sender identity',
      params: IdParams,
      body: fields({
        name: Type.Optional(line(191)),
        replyTo: Type.Optional(Type.Union([ReplyTo, Type.Null()])),
        note: Type.Optional(Note),
      }),
      replies: { 200: SenderReply },
      example: { params: { id: '100123' }, body: { name: 'Ada of Client' } },
      run: async ({ scope, params, body }) => {
        const changed = await change(world, scope, params.id, {
          ...(body.name === undefined ? {} : { name: body.name }),
          ...(body.replyTo === undefined ? {} : { replyTo: replyToOf(body.replyTo) }),
          ...(body.note === undefined ? {} : { note: body.note }),
        });
        return { status: 200, body: senderJson(world, changed) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/senders/:id/resend',
      tag: 'senders',
      grant: 'senders:write',
      summary: 'Mail a new confirmation link; the one before is good no longer',
      params: IdParams,
      replies: { 202: SenderReply },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => ({
        status: 202,
        body: senderJson(world, await resend(world, scope, params.id)),
      }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/senders/:id',
      tag: 'senders',
      grant: 'senders:write',
      summary: 'Remove a sender identity',
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

function letters(world: SenderWorld): readonly Route[] {
  const LetterReply = fields({
    subject: Type.String(),
    body: Type.String(),
    isOwn: Type.Boolean({ description: 'false: the text that comes with the program' }),
  });
  return [
    defineRoute({
      method: 'GET',
      path: '/sender-letter',
      tag: 'senders',
      grant: 'senders:read',
      summary: 'Read the text of confirmation mails',
      replies: { 200: LetterReply },
      example: {},
      run: async ({ scope }) => ({ status: 200, body: await letter(world, scope) }),
    }),
    defineRoute({
      method: 'PUT',
      path: '/sender-letter',
      tag: 'senders',
      grant: 'senders:write',
      summary: 'Write the text of confirmation mails in your own words',
      description:
        'Plain text; paragraphs are parted by empty lines. {{account}}, {{email}}, {{name}}, {{domain}}, {{note}} and {{days}} ' +
        "are filled in. The button with the link is always added. The account's text counts for subaccounts without their own.",
      body: fields({
        subject: line(200),
        body: word(5000),
      }),
      replies: { 200: LetterReply },
      example: { body: { subject: 'May we write as {{email}}?', body: 'Dear {{name}},\n\n{{note}}' } },
      run: async ({ scope, body }) => {
        if (body.subject === '') throw invalidField('subject', 'minLength', 'must not be empty');
        return { status: 200, body: await setLetter(world, scope, body) };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/sender-letter',
      tag: 'senders',
      grant: 'senders:write',
      summary: 'Go back to the text before your own',
      replies: { 204: null },
      example: {},
      run: async ({ scope }) => {
        await resetLetter(world, scope);
        return { status: 204 };
      },
    }),
  ];
}
