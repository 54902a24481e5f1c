import { Type } from 'typebox';
import type { Static } from 'typebox';
import { defineRoute, fields, nextCursor, pageQuery, pageReply, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { get, handIn, list, read, remove, replay } from './mails.ts';
import { mailStates } from './model.ts';
import type { IncomingMail, RouteWorld } from './model.ts';
import { parsed, parsedJson } from './payload.ts';

const idWord = word(16, { pattern: '^\\d{1,16}$' });
const IdParams = fields({ id: idWord });
const example = { params: { id: '100123' } };
const tag = 'inbound mails';
/** Base64 of the largest mail, and the fields around it. */
const bodyLimitBytes = 36 * 1024 * 1024;

const Instant = Type.Union([Type.String(), Type.Null()]);
const Result = { result: Type.String({ description: 'a word of RFC 8601' }), domain: Type.String() };
const mailFields = {
  id: Type.String(),
  subaccountId: Type.Integer(),
  inboundDomainId: Type.String(),
  inboundRouteId: Type.String(),
  recipient: Type.String(),
  mailFrom: Type.String({ description: 'the envelope sender; empty of bounces' }),
  from: Type.String({ description: 'the From field, as text' }),
  subject: Type.String(),
  remoteAddress: Type.String(),
  helo: Type.String(),
  sizeBytes: Type.Integer(),
  isAutomatic: Type.Boolean({ description: 'a machine or a list wrote it: an answer may go on for ever' }),
  receivedAt: Type.String(),
  authentication: Type.Union(
    [
      fields({
        spf: fields({ ...Result, detail: Type.String() }),
        dkim: Type.Array(fields({ ...Result, selector: Type.String() })),
        dmarc: fields({ ...Result, policy: Type.String() }),
      }),
      Type.Null(),
    ],
    { description: 'null until it was looked at, which is before the mail is handed over' },
  ),
  state: Type.Enum(mailStates),
  isReplay: Type.Boolean(),
  attempts: Type.Integer(),
  lastTriedAt: Instant,
  lastStatus: Type.Union([Type.Integer(), Type.Null()]),
  lastError: Type.String(),
  finishedAt: Instant,
};
const MailReply = fields(mailFields);

const Mailbox = fields({ email: Type.String(), name: Type.String() });
const ParsedReply = fields({
  mail: Type.Union(
    [
      fields({
        subject: Type.String(),
        from: Type.Union([Mailbox, Type.Null()]),
        to: Type.Array(Mailbox),
        cc: Type.Array(Mailbox),
        replyTo: Type.Array(Mailbox),
        headers: Type.Array(Type.Array(Type.String()), { description: 'name and value, in order' }),
        text: Type.Union([Type.String(), Type.Null()]),
        html: Type.Union([Type.String(), Type.Null()]),
        attachments: Type.Array(
          fields({
            name: Type.String(),
            type: Type.String(),
            contentId: Type.Union([Type.String(), Type.Null()]),
            sizeBytes: Type.Integer(),
            content: Type.String({ description: 'in base64' }),
          }),
        ),
      }),
      Type.Null(),
    ],
    { description: 'null when nothing of it can be read: its bytes are there' },
  ),
});

function mailJson(mail: IncomingMail): Static<typeof MailReply> {
  const { authentication } = mail;
  return {
    id: mail.id,
    subaccountId: mail.subaccountId,
    inboundDomainId: mail.domainId,
    inboundRouteId: mail.routeId,
    recipient: mail.recipient,
    mailFrom: mail.mailFrom,
    from: mail.from,
    subject: mail.subject,
    remoteAddress: mail.remoteAddress,
    helo: mail.helo,
    sizeBytes: mail.sizeBytes,
    isAutomatic: mail.isAutomatic,
    receivedAt: mail.receivedAt.toISOString(),
    authentication:
      authentication === null
        ? null
        : { spf: authentication.spf, dkim: [...authentication.dkim], dmarc: authentication.dmarc },
    state: mail.state,
    isReplay: mail.isReplay,
    attempts: mail.attempts,
    lastTriedAt: mail.lastTriedAt?.toISOString() ?? null,
    lastStatus: mail.lastStatus,
    lastError: mail.lastError,
    finishedAt: mail.finishedAt?.toISOString() ?? null,
  };
}

export function mailRoutes(world: RouteWorld): readonly Route[] {
  return [...reading(world), ...contentRoutes(world), handInRoute(world), ...changing(world)];
}

function reading(world: RouteWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/inbound-mails',
      tag,
      grant: 'inbound:read',
      summary: 'List received mail, newest first',
      query: pageQuery({
        inboundDomainId: Type.Optional(idWord),
        inboundRouteId: Type.Optional(idWord),
        state: Type.Optional(Type.Enum(mailStates)),
        recipient: Type.Optional(word(320)),
      }),
      replies: { 200: pageReply(MailReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const limit = query.limit ?? 50;
        const found = await list(world, scope, {
          domainId: query.inboundDomainId ?? null,
          routeId: query.inboundRouteId ?? null,
          state: query.state ?? null,
          recipient: query.recipient?.toLowerCase() ?? null,
          before: query.cursor ?? null,
          limit,
        });
        return { status: 200, body: { items: found.map(mailJson), next: nextCursor(found, limit) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/inbound-mails/:id',
      tag,
      grant: 'inbound:read',
      summary: 'Read one received mail, without what it says',
      params: IdParams,
      replies: { 200: MailReply },
      example,
      run: async ({ scope, params }) => ({
        status: 200,
        body: mailJson(await get(world, scope, params.id)),
      }),
    }),
  ];
}

/** What a mail says takes the same grant, whichever way it went. */
function contentRoutes(world: RouteWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/inbound-mails/:id/parsed',
      tag,
      grant: 'messages:content',
      summary: 'Read what one received mail says, taken apart',
      params: IdParams,
      replies: { 200: ParsedReply },
      example,
      run: async ({ scope, params }) => {
        const { bytes } = await read(world, scope, params.id);
        return { status: 200, body: { mail: parsedJson(await parsed(bytes)) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/inbound-mails/:id/content',
      tag,
      grant: 'messages:content',
      summary: 'Read one received mail as it came, under our trace and results',
      params: IdParams,
      replies: { 200: { raw: 'message/rfc822' } },
      example,
      run: async ({ scope, params }) => ({
        status: 200,
        body: (await read(world, scope, params.id)).bytes,
      }),
    }),
  ];
}

function handInRoute(world: RouteWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/inbound-mails',
    tag,
    grant: 'inbound:write',
    summary: 'Hand in a mail for own inbound domains, as if it had come by SMTP',
    description:
      'To try a route before its MX is there, or to bring in mail from elsewhere. Recipients without a route are left out of the answer.',
    bodyLimitBytes,
    body: fields({
      raw: Type.String({
        minLength: 1,
        maxLength: bodyLimitBytes,
        description: 'the mail, in base64 if isBase64',
      }),
      isBase64: Type.Optional(Type.Boolean()),
      to: Type.Array(word(320), { minItems: 1, maxItems: 100 }),
      mailFrom: Type.Optional(Type.String({ maxLength: 320, pattern: '^[!-~]*$' })),
      helo: Type.Optional(Type.String({ maxLength: 255, pattern: '^[!-~]*$' })),
      remoteAddress: Type.Optional(
        Type.Union([
          Type.String({ format: 'ipv4', maxLength: 15 }),
          Type.String({ format: 'ipv6', maxLength: 45 }),
        ]),
      ),
    }),
    replies: { 201: fields({ items: Type.Array(MailReply) }) },
    example: {
      body: {
        raw: 'Subject: hello\r\n\r\nhello\r\n',
        to: ['help@in.client.example'],
        mailFrom: 'a@b.example',
      },
    },
    run: async ({ scope, body, request }) => {
      const mails = await handIn(world, scope, {
        raw: Buffer.from(body.raw, body.isBase64 === true ? 'base64' : 'utf8'),
        recipients: body.to,
        mailFrom: body.mailFrom ?? '',
        helo: body.helo ?? '',
        remoteAddress: body.remoteAddress ?? request.remoteAddress,
      });
      return { status: 201, body: { items: mails.map(mailJson) } };
    },
  });
}

function changing(world: RouteWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/inbound-mails/:id/replay',
      tag,
      grant: 'inbound:write',
      summary: 'Hand a received mail over once more',
      params: IdParams,
      replies: { 200: MailReply },
      example,
      run: async ({ scope, params }) => ({
        status: 200,
        body: mailJson(await replay(world, scope, params.id)),
      }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/inbound-mails/:id',
      tag,
      grant: 'inbound:write',
      summary: 'Delete a received mail, handed over or not',
      params: IdParams,
      replies: { 204: null },
      example,
      run: async ({ scope, params }) => {
        await remove(world, scope, params.id);
        return { status: 204 };
      },
    }),
  ];
}
