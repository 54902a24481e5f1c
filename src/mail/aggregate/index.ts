/**
 * DMARC aggregate reports as they come by mail: one archive or XML file in it, read in bounded memory and never trusted. What
 * it says of whom is for others to believe: it names a domain, and proves nothing of it.
 */
import PostalMime from 'postal-mime';
import type { Attachment } from 'postal-mime';
import type { AggregateRead } from './model.ts';
import { unpack } from './unpack.ts';
import { readXml } from './xml.ts';

export type { AggregateRead, AggregateReport, AggregateRow, Alignment, Disposition } from './model.ts';

/** Packed to a tenth, a report of this size has some ten thousand rows. */
const mailBytesMax = 2_097_152;
const xmlBytesMax = 8_388_608;

const types = /^(?:application\/(?:x-)?(?:zip|zip-compressed|gzip|xml)|text\/xml)$/i;
const names = /\.(?:zip|gz|xml)$/i;

export async function readAggregate(mail: Buffer): Promise<AggregateRead> {
  if (mail.length > mailBytesMax) return { ok: false, why: 'the report is too large' };
  const packed = await fileOf(mail);
  if (packed === null) return { ok: false, why: 'no report is in it' };
  const xml = await unpack(packed, xmlBytesMax);
  if (xml === null) return { ok: false, why: 'its archive is broken or grows too large' };
  return readXml(xml.toString('utf8').replace(/^\uFEFF/, ''));
}

/** By type; a file of no type (`application/octet-stream`) by its name. */
async function fileOf(mail: Buffer): Promise<Buffer | null> {
  try {
    const { attachments } = await PostalMime.parse(mail, { maxNestingDepth: 20 });
    const file = attachments.find(isReport);
    return file === undefined ? null : bytesOf(file.content);
  } catch {
    return null;
  }
}

function isReport({ mimeType, filename }: Attachment): boolean {
  return types.test(mimeType) || (mimeType === 'application/octet-stream' && names.test(filename ?? ''));
}

function bytesOf(content: Attachment['content']): Buffer {
  if (typeof content === 'string') return Buffer.from(content, 'utf8');
  return content instanceof Uint8Array ? Buffer.from(content) : Buffer.from(new Uint8Array(content));
}
