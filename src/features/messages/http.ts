import { Type } from 'typebox';
import { defineRoute, fields, Instant, line, record, text, word, idPattern } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { languages } from '../../mail/template/index.ts';
import { rawRoute } from './http-raw.ts';
import { submissionRoutes } from './http-submissions.ts';
import { AcceptedReply, BounceDomain, CallFields, Metadata } from './json.ts';
import { cancel } from './cancel.ts';
import { IdParams, messageFields, messageJson, MessageReply, readingRoutes } from './http-reading.ts';
import { send, sendBatch } from './operations.ts';
import type { MessageWorld } from './operations.ts';
import { postpone } from './postpone.ts';

const Email = line(320, { description: 'local@domain' });
const MailboxSchema = fields({ email: Email, name: Type.Optional(line(256)) });
const Tag = word(128);
/** Bodies are bounded by the message's size; this keeps the schema closed. */
const bodyCharsMax = 157_286_400;

const Attachment = fields({
  filename: word(255),
  content: text(bodyCharsMax * 2, { description: 'base64' }),
  contentType: Type.Optional(word(255, { pattern: '^[\\w.+-]+/[\\w.+-]+$' })),
  contentId: Type.Optional(word(128, { pattern: '^[^<>\\s]+$', description: 'cid: of an inline image' })),
});

const MessageRequest = fields({
  from: Type.Optional(MailboxSchema),
  to: Type.Optional(
    Type.Array(MailboxSchema, { maxItems: 1000, description: 'one copy each, all shown in To' }),
  ),
  cc: Type.Optional(Type.Array(MailboxSchema, { maxItems: 1000 })),
  bcc: Type.Optional(Type.Array(MailboxSchema, { maxItems: 1000 })),
  recipients: Type.Optional(
    Type.Array(
      fields({
        to: MailboxSchema,
        data: Type.Optional(
          record(Type.Unknown(), {
            nameLengthMax: 128,
            entriesMax: 1000,
            description: 'for the template language of subject, text, html and amp',
          }),
        ),
        metadata: Type.Optional(Metadata),
        tags: Type.Optional(
          Type.Array(Tag, { maxItems: 10, description: 'besides those of the whole call' }),
        ),
        shown: Type.Optional(
          Type.Array(MailboxSchema, {
            maxItems: 100,
            description: 'in its To field instead of the recipient',
          }),
        ),
        bounceDomain: Type.Optional(BounceDomain),
      }),
      { maxItems: 10_000, description: 'separate mails, each showing only its own recipient' },
    ),
  ),
  shownCc: Type.Optional(
    Type.Array(MailboxSchema, { maxItems: 100, description: 'in the Cc field of separate mails' }),
  ),
  list: Type.Optional(
    fields(
      { id: Type.Optional(word(19, { pattern: idPattern })), slug: Type.Optional(word(100)) },
      { description: 'by id or slug, instead of recipients: those who are in the list now' },
    ),
  ),
  replyTo: Type.Optional(Type.Array(MailboxSchema, { maxItems: 10 })),
  subject: Type.Optional(line(998)),
  template: Type.Optional(
    fields(
      {
        id: Type.Optional(word(19, { pattern: idPattern })),
        slug: Type.Optional(word(100)),
        version: Type.Optional(
          Type.Union([Type.Integer({ minimum: 1, maximum: 999_999_999 }), Type.Enum(['published', 'draft'])]),
        ),
        resolve: Type.Optional(
          Type.Enum(['accept', 'departure'], {
            description:
              'when its version is chosen; departure: of scheduled separate mails when their time has come, which fail when there is none',
          }),
        ),
        filled: Type.Optional(
          Type.Boolean({
            description:
              'the call says the subject, text, html and amp itself, which it made from the template: mail is counted and told under it',
          }),
        ),
      },
      {
        description:
          'by id or slug, instead of subject, text, html, amp and language; what is published of it',
      },
    ),
  ),
  inlineCss: Type.Optional(
    Type.Boolean({ description: 'styles of the html go into the elements that they are about' }),
  ),
  autoText: Type.Optional(
    Type.Boolean({ description: 'a text part is made of the html when there is none' }),
  ),
  autoHtml: Type.Optional(
    Type.Boolean({ description: 'html is made of the text when there is none: paragraphs and links' }),
  ),
  linkParameters: Type.Optional(
    fields(
      {
        hosts: Type.Array(word(253), { minItems: 1, maxItems: 100 }),
        parameters: record(text(500), { nameLengthMax: 100, entriesMax: 20 }),
      },
      {
        description:
          'for links to these hosts, unless they have them; a link that is a variable stays as it is',
      },
    ),
  ),
  hideContent: Type.Optional(
    Type.Boolean({ description: 'what it says is shown to nobody but its recipients' }),
  ),
  text: Type.Optional(text(bodyCharsMax)),
  html: Type.Optional(text(bodyCharsMax)),
  amp: Type.Optional(
    text(bodyCharsMax, {
      description: 'AMP for Email (text/x-amp-html), with text or html beside it; leaves as it is written',
    }),
  ),
  language: Type.Optional(
    Type.Enum(languages, { description: 'of subject, text, html and amp; liquid when there is data' }),
  ),
  fieldsInLanguage: Type.Optional(
    Type.Boolean({
      description:
        'from, replyTo and values of headers are in the language, too; an address of from must be proven for each recipient',
    }),
  ),
  data: Type.Optional(
    record(Type.Unknown(), {
      nameLengthMax: 128,
      entriesMax: 1000,
      description: "for all recipients; a recipient's own goes before it",
    }),
  ),
  onFault: Type.Optional(
    Type.Enum(['refuse', 'fail'], {
      description:
        'of a source that is not valid in its language: refuse the call, or fail each of its recipients',
    }),
  ),
  renderAt: Type.Optional(
    Type.Enum(['accept', 'departure'], {
      description:
        'when a copy that cannot be rendered fails, which only it does; when all fail at accept, the call is refused',
    }),
  ),
  headers: Type.Optional(record(line(4096), { nameLengthMax: 76, entriesMax: 100 })),
  attachments: Type.Optional(Type.Array(Attachment, { maxItems: 100 })),
  tags: Type.Optional(Type.Array(Tag, { maxItems: 10 })),
  metadata: Type.Optional(Metadata),
  sendAt: Type.Optional(Instant),
  ...CallFields,
});

const example = {
  from: { email: 'hello@lettershop.test', name: 'Lettershop' },
  to: [{ email: 'you@inbox.test' }],
  subject: 'First letter',
  text: 'It works.',
};

export function messageRoutes(world: MessageWorld): readonly Route[] {
  const sending = [...sendingRoutes(world), rawRoute(world), ...waitingRoutes(world)];
  return [...sending, ...readingRoutes(world), ...submissionRoutes(world)];
}

function sendingRoutes(world: MessageWorld): readonly Route[] {
  const bodyLimitBytes = Math.ceil(world.messageBytesMax * 1.4) + 1_048_576;
  return [
    defineRoute({
      method: 'POST',
      path: '/messages',
      tag: 'messages',
      grant: 'messages:send',
      summary: 'Send one mail to one or many recipients',
      body: MessageRequest,
      bodyLimitBytes,
      replies: { 202: AcceptedReply },
      example: { body: example },
      run: async ({ scope, body, request }) => ({
        status: 202,
        body: await send(world, scope, body, request.idempotencyKey, request.door),
      }),
    }),
    defineRoute({
      method: 'POST',
      path: '/messages/batch',
      tag: 'messages',
      grant: 'messages:send',
      summary: 'Send up to 500 different mails in one call; each has an outcome of its own',
      body: fields({ messages: Type.Array(MessageRequest, { minItems: 1, maxItems: 500 }) }),
      bodyLimitBytes,
      replies: {
        202: fields({
          results: Type.Array(
            Type.Union([
              fields({ accepted: AcceptedReply }),
              fields({
                refused: fields({
                  code: Type.String(),
                  detail: Type.String(),
                  errors: Type.Array(
                    fields({ field: Type.String(), rule: Type.String(), message: Type.String() }),
                  ),
                }),
              }),
            ]),
          ),
        }),
      },
      example: { body: { messages: [example, { ...example, subject: 'Second letter' }] } },
      run: async ({ scope, body, request }) => ({
        status: 202,
        body: { results: await sendBatch(world, scope, body.messages, request.idempotencyKey) },
      }),
    }),
  ];
}

function waitingRoutes(world: MessageWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/messages/:id/cancel',
      tag: 'messages',
      grant: 'messages:send',
      summary: 'Cancel a message that waits (scheduled, held or between attempts)',
      params: IdParams,
      replies: { 200: MessageReply },
      example: { params: { id: '3765478512744464391' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: messageJson(await cancel(world, scope, params.id)),
      }),
    }),
    defineRoute({
      method: 'POST',
      path: '/messages/:id/reschedule',
      tag: 'messages',
      grant: 'messages:send',
      summary: 'Give a scheduled message another time; one that is past sends it now',
      params: IdParams,
      body: fields({ sendAt: Instant }),
      replies: { 200: fields({ ...messageFields, sendAt: Type.String() }) },
      example: { params: { id: '3765478512744464391' }, body: { sendAt: '2026-12-01T09:00:00Z' } },
      run: async ({ scope, params, body }) => {
        const { message, sendAt } = await postpone(world, scope, params.id, body.sendAt);
        return { status: 200, body: { ...messageJson(message), sendAt: sendAt.toISOString() } };
      },
    }),
  ];
}
