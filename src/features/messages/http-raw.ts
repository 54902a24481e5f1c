import { Type } from 'typebox';
import { defineRoute, fields, Instant, line, record, text, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { mailbox } from './prepare.ts';
import { sendRaw } from './operations.ts';
import type { MessageWorld } from './operations.ts';
import { decodeBase64 } from './attachments.ts';
import { AcceptedReply, CallFields } from './json.ts';
import { withOptions } from './raw-options.ts';
import { refuse } from '../refusals/index.ts';

const addresses = (description: string) => Type.Array(line(640), { maxItems: 1000, description });

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
      encoding: Type.Optional(
        Type.Enum(['utf8', 'base64'], {
          description: 'of raw; base64 for what is no UTF-8',
        }),
      ),
      to: Type.Array(line(320), { minItems: 1, maxItems: 1000, description: 'addresses, one copy each' }),
      cc: Type.Optional(
        addresses(
          'copies for others, by address or `Name <address>`; all copies show them in their Cc field',
        ),
      ),
      bcc: Type.Optional(addresses('copies that show in a Bcc field whom they are for')),
      archive: Type.Optional(addresses('exact copies of that of the first recipient, its links included')),
      tags: Type.Optional(Type.Array(word(128), { maxItems: 10 })),
      metadata: Type.Optional(
        record(Type.Unknown(), { nameLengthMax: 128, entriesMax: 1000, description: 'up to 16 KiB as JSON' }),
      ),
      sendAt: Type.Optional(Instant),
      inlineCss: Type.Optional(
        Type.Boolean({
          description: 'styles of HTML that is shown go into the elements that they are about',
        }),
      ),
      ...CallFields,
    }),
    bodyLimitBytes: Math.ceil(world.messageBytesMax * 1.4) + 1_048_576,
    replies: { 202: AcceptedReply },
    example: {
      body: { raw: 'From: hello@lettershop.test\r\nSubject: Hi\r\n\r\nIt works.', to: ['you@inbox.test'] },
    },
    run: async ({ scope, body, request: { door = 'http' as const } }) => {
      const { raw, encoding = 'utf8', to, ...options } = body;
      const [source, charset] =
        encoding === 'utf8'
          ? ([raw, 'utf8'] as const)
          : ([decodeBase64('raw', raw).toString('latin1'), 'latin1'] as const);
      const bytes = Buffer.from(source.replaceAll(/\r?\n/g, '\r\n'), charset);
      if (bytes.length > world.messageBytesMax) throw refuse('request.too_large');
      const request = {
        bytes,
        mailFrom: '',
        recipients: to.map((each, index) => {
          const { address } = mailbox(`to[${index}]`, each, undefined);
          return { address };
        }),
        smtputf8: false,
        requireTls: false,
        trace: { helo: 'api', protocol: 'HTTP', hostname: world.hostname },
      };
      const asked = await withOptions(world, scope, request, options);
      return { status: 202, body: await sendRaw(world, scope, asked, { door }) };
    },
  });
}
