/** A whole message taken apart, for those who want to look at it. Broken MIME gives what can be read of it. */
import PostalMime from 'postal-mime';
import type { Address as ParsedAddress } from 'postal-mime';

export type ReadMailbox = { readonly email: string; readonly name: string };

export type ReadPart = {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
  /** Without its angle brackets. */
  readonly contentId: string | null;
};

export type ReadMail = {
  readonly subject: string;
  readonly from: ReadMailbox | null;
  readonly to: readonly ReadMailbox[];
  readonly cc: readonly ReadMailbox[];
  readonly bcc: readonly ReadMailbox[];
  readonly replyTo: readonly ReadMailbox[];
  /** As written, unfolded, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly text: string | null;
  readonly html: string | null;
  readonly parts: readonly ReadPart[];
};

const depthMax = 20;

/** Its parts lie in each other deeper than anybody writes mail: more than 20 levels. */
export class MimeTooDeep extends Error {}

/** Throws MimeTooDeep, and nothing else for whatever the bytes are. */
export async function readMail(bytes: Buffer): Promise<ReadMail> {
  const email = await PostalMime.parse(bytes, {
    attachmentEncoding: 'arraybuffer',
    maxNestingDepth: depthMax,
  }).catch((error: unknown) => {
    if (error instanceof Error && error.message.startsWith('Maximum MIME nesting depth'))
      throw new MimeTooDeep(`MIME parts lie in each other deeper than ${depthMax} levels`);
    throw error;
  });
  return {
    subject: email.subject ?? '',
    from: mailboxes(email.from === undefined ? [] : [email.from])[0] ?? null,
    to: mailboxes(email.to),
    cc: mailboxes(email.cc),
    bcc: mailboxes(email.bcc),
    replyTo: mailboxes(email.replyTo),
    headers: email.headerLines.map(({ line }) => {
      const unfolded = line.replaceAll(/\r?\n(?=[ \t])/g, '');
      const colon = unfolded.indexOf(':');
      return [unfolded.slice(0, colon).trim(), unfolded.slice(colon + 1).trim()] as const;
    }),
    text: email.text ?? null,
    html: email.html ?? null,
    parts: email.attachments.map(({ filename, mimeType, content, contentId }) => ({
      name: filename ?? '',
      type: mimeType,
      bytes: typeof content === 'string' ? Buffer.from(content) : Buffer.from(new Uint8Array(content)),
      contentId: contentId?.replaceAll(/^<|>$/g, '') ?? null,
    })),
  };
}

function mailboxes(list: readonly ParsedAddress[] = []): readonly ReadMailbox[] {
  return list.flatMap((each) =>
    each.group === undefined
      ? [{ email: each.address ?? '', name: each.name }]
      : each.group.map(({ address, name }) => ({ email: address, name })),
  );
}
