import { Type } from 'typebox';
import { defineRoute, fields, Instant, line, record, text, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { needsSmtputf8 } from '../../mail/address.ts';
import { mailbox } from './prepare.ts';
import { sendRaw } from './operations.ts';
import { checkMetadata, sendAt } from './request.ts';
import type { MessageWorld } from './operations.ts';
import { AcceptedReply } from './json.ts';
import { refuse } from '../refusals/index.ts';

/** A whole message of the caller's; what SMTP takes, with the options of a call. */
export function rawRoute(world: MessageWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/messages/raw',
    tag: 'messages',
    grant: 'messages:send',
    summary: 'Send a whole message as it stands to the recipients that the call names',
    description:
      'As over SMTP: what stands in its header names nobody, Bcc and control headers are taken out, Date and Message-ID are ' +
      'added when missing.',
    body: fields({
      raw: text(157_286_400, { description: 'RFC 5322, lines end with CRLF or LF' }),
      to: Type.Array(line(320), { minItems: 1, maxItems: 1000, description: 'addresses, one copy each' }),
      tags: Type.Optional(Type.Array(word(128), { maxItems: 10 })),
      metadata: Type.Optional(
        record(Type.Unknown(), { nameLengthMax: 128, entriesMax: 1000, description: 'up to 16 KiB as JSON' }),
      ),
      sendAt: Type.Optional(Instant),
      pool: Type.Optional(word(64)),
    }),
    bodyLimitBytes: Math.ceil(world.messageBytesMax * 1.4) + 1_048_576,
    replies: { 202: AcceptedReply },
    example: {
      body: { raw: 'From: hello@lettershop.test\r\nSubject: Hi\r\n\r\nIt works.', to: ['you@inbox.test'] },
    },
    run: async ({ scope, body }) => {
      checkMetadata('metadata', body.metadata);
      const bytes = Buffer.from(body.raw.replaceAll(/\r?\n/g, '\r\n'), 'utf8');
      if (bytes.length > world.messageBytesMax) throw refuse('request.too_large');
      const recipients = body.to.map((each, index) => mailbox(`to[${index}]`, each, undefined));
      const accepted = await sendRaw(
        world,
        scope,
        {
          bytes,
          mailFrom: '',
          recipients,
          smtputf8: recipients.some(({ address }) => needsSmtputf8(address)),
          requireTls: false,
          given: {
            tags: body.tags ?? [],
            metadata: body.metadata ?? {},
            sendAt: body.sendAt === undefined ? null : sendAt(body.sendAt, world.clock.now()),
            poolId: await world.choosePool(scope, body.pool ?? null),
          },
          trace: { helo: 'api', protocol: 'HTTP', hostname: world.hostname },
        },
        { door: 'http' },
      );
      return { status: 202, body: accepted };
    },
  });
}
