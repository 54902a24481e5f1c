import { invalidField, refuse } from '../refusals/index.ts';
import type { PartsAttachment } from './parts.ts';

export type AttachmentInput = {
  readonly filename: string;
  /** Base64 (RFC 4648 4), line ends allowed. */
  readonly content: string;
  readonly contentType?: string;
  readonly contentId?: string;
};

/** Decodes attachments once; a contentId makes one an inline image. Sizes are checked before and after decoding. */
export function decodeAttachments(
  inputs: readonly AttachmentInput[],
  totalBytesMax: number,
): readonly PartsAttachment[] {
  let total = 0;
  return inputs.map((input, index) => {
    const field = `attachments[${index}].content`;
    const bytes = decodeBase64(field, input.content);
    total += bytes.length;
    if (total > totalBytesMax) {
      throw refuse('request.too_large', {
        message: `The attachments exceed ${totalBytesMax} bytes`,
        errors: [
          {
            field,
            rule: 'maxBytes',
            message: `all attachments together must not exceed ${totalBytesMax} bytes`,
          },
        ],
      });
    }
    return {
      filename: input.filename,
      contentType: input.contentType ?? 'application/octet-stream',
      ...(input.contentId === undefined ? {} : { contentId: input.contentId }),
      disposition: input.contentId === undefined ? ('attachment' as const) : ('inline' as const),
      bytes,
    };
  });
}

/** Refuses what is no base64. */
export function decodeBase64(field: string, text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (!isBase64(text, bytes.length)) throw invalidField(field, 'base64', 'must be base64');
  return bytes;
}

/** Buffer.from ignores what is no base64; the decoded length tells whether something was ignored. */
function isBase64(text: string, decodedLength: number): boolean {
  if (!/^[A-Za-z0-9+/\r\n]*={0,2}[\r\n]*$/.test(text)) return false;
  let digits = text.length;
  for (
    let at = text.length - 1;
    at >= 0 && (text[at] === '=' || text[at] === '\n' || text[at] === '\r');
    at--
  )
    digits -= 1;
  if (text.includes('\n')) digits = text.replaceAll(/[=\r\n]/g, '').length;
  return decodedLength === Math.floor((digits * 3) / 4) && digits % 4 !== 1;
}
