import type { MailParts } from './mail-view.tsx';

const shownMax = 2_000_000;

/** Takes a mail apart. The reader of MIME is loaded only when there is a mail to be read. */
export async function readMail(blob: Blob): Promise<MailParts & { readonly subject: string }> {
  const { default: PostalMime } = await import('postal-mime');
  const mail = await PostalMime.parse(await blob.slice(0, 30_000_000).arrayBuffer());
  return {
    subject: mail.subject ?? '',
    html: mail.html ?? null,
    text: mail.text ?? null,
    source: await blob.slice(0, shownMax).text(),
  };
}
