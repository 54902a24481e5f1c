/** A whole mail in place of its parts (`email_rfc822`, contract sections 5 and 6): taken apart into those parts. */
import { MimeTooDeep, readMail } from '../../mail/mime/index.ts';
import type { ReadPart } from '../../mail/mime/index.ts';
import { classic, invalidFormat } from './fields.ts';
import type { Fields } from './fields.ts';
import { inOneLine } from './recipients.ts';

type Box = { readonly email: string; readonly name: string };

/** Fields that each copy has of its own, or that say how the mail is put together. */
const passedOver =
  /^(?:from|to|cc|bcc|reply-to|subject|date|message-id|received|return-path|mime-version|content-.*|dkim-.*|arc-.*)$/i;

/**
 * The content that the mail is made of, in the words of inline content, and who its To field shows. Its To, Date and
 * Message-ID are made anew; how its parts were nested is not kept.
 */
export async function contentOfWhole(
  text: string,
): Promise<{ readonly content: Fields; readonly to: readonly Box[] }> {
  const bytes = Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'), 'utf8');
  const mail = await readMail(bytes).catch((error: unknown) => {
    if (error instanceof MimeTooDeep)
      throw classic(422, '3020', 'template mime parsing error', error.message);
    throw error;
  });
  if (mail.from === null || mail.from.email === '')
    throw invalidFormat('content.email_rfc822 must have a From field');
  const headers = mail.headers.filter(([name]) => name !== '' && !passedOver.test(name));
  const amp = mail.parts.find(isAmp);
  const files = mail.parts
    .filter((part) => !isAmp(part))
    .map(({ name, type, bytes, contentId }) => {
      const data = bytes.toString('base64');
      return {
        name: contentId ?? (name === '' ? 'attachment' : name),
        type,
        data,
        isInline: contentId !== null,
      };
    });
  const plain = ({ name, type, data }: (typeof files)[number]): Fields => ({ name, type, data });
  return {
    to: mail.to,
    content: {
      from:
        mail.from.name === '' ? mail.from.email : { email: mail.from.email, name: inOneLine(mail.from.name) },
      ...(mail.replyTo[0] === undefined ? {} : { reply_to: printed(mail.replyTo[0]) }),
      subject: mail.subject === '' ? ' ' : mail.subject,
      ...(mail.html === null ? {} : { html: mail.html }),
      ...(mail.text === null ? {} : { text: mail.text }),
      ...(amp === undefined ? {} : { amp_html: amp.bytes.toString('utf8') }),
      headers: {
        ...Object.fromEntries(headers),
        ...(mail.cc.length === 0 ? {} : { CC: mail.cc.map(printed).join(', ') }),
      },
      attachments: files.filter(({ isInline }) => !isInline).map(plain),
      inline_images: files.filter(({ isInline }) => isInline).map(plain),
    },
  };
}

/** AMP that is shown, not attached. */
function isAmp({ name, type }: ReadPart): boolean {
  return type === 'text/x-amp-html' && name === '';
}

function printed({ email, name }: Box): string {
  return name === '' ? email : `"${inOneLine(name).replaceAll(/["\\]/g, '')}" <${email}>`;
}
