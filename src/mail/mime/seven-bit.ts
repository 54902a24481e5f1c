/**
 * Re-encoding an 8-bit message for a hop without 8BITMIME (RFC 6152 3): leaf parts with 8-bit content become
 * quoted-printable or base64, through all multiparts; headers stay but for what names the encoding.
 */
import { isAscii } from 'node:buffer';
import { chooseEncoding, encodeWith } from './encode.ts';

const depthMax = 20;

export function isSevenBit(bytes: Buffer): boolean {
  return isAscii(bytes);
}

/** The message with 7-bit bodies, or null when a header is 8-bit (that needs SMTPUTF8) or it cannot be taken apart. */
export function toSevenBit(message: Buffer): Buffer | null {
  return isAscii(message) ? message : convert(message, 0);
}

function convert(entity: Buffer, depth: number): Buffer | null {
  const blank = entity.indexOf('\r\n\r\n');
  if (blank < 0 || depth > depthMax) return null;
  const header = entity.subarray(0, blank + 2);
  const body = entity.subarray(blank + 4);
  if (!isAscii(header)) return null;
  if (isAscii(body)) return entity;
  const fields = header.toString('latin1');
  const type = /^content-type:([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)/im.exec(fields)?.[1] ?? ' text/plain';
  const boundary = /^\s*multipart\//i.test(type) ? /boundary="?([^";\r\n]+)"?/i.exec(type)?.[1] : undefined;
  if (boundary !== undefined) return convertParts(header, body, boundary, depth);
  const known = /^content-transfer-encoding:[ \t]*([\w-]+)/im.exec(fields)?.[1]?.toLowerCase() ?? '7bit';
  if (known !== '8bit' && known !== '7bit' && known !== 'binary') return null;
  if (/^\s*message\//i.test(type)) return null;
  const isText = /^\s*text\//i.test(type);
  const encoding = isText && chooseEncoding(body) !== 'base64' ? 'quoted-printable' : 'base64';
  const rest = fields.replace(/^content-transfer-encoding:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*\r\n/im, '');
  const mime = /^mime-version:/im.test(fields) || depth > 0 ? '' : 'MIME-Version: 1.0\r\n';
  const typed = /^content-type:/im.test(fields) ? '' : 'Content-Type: text/plain; charset=utf-8\r\n';
  return Buffer.concat([
    Buffer.from(`${rest}${mime}${typed}Content-Transfer-Encoding: ${encoding}\r\n\r\n`, 'latin1'),
    encodeWith(encoding, body),
  ]);
}

/** Preamble and epilogue are dropped when they are 8-bit: nobody is shown them. */
function convertParts(header: Buffer, body: Buffer, boundary: string, depth: number): Buffer | null {
  const mark = Buffer.from(`--${boundary}`, 'latin1');
  const out: Buffer[] = [header, Buffer.from('\r\n')];
  let at = body.indexOf(mark);
  if (at < 0) return null;
  while (at >= 0) {
    const lineEnd = body.indexOf('\r\n', at + mark.length);
    const isLast = body.toString('latin1', at + mark.length, at + mark.length + 2) === '--';
    if (isLast || lineEnd < 0) {
      out.push(Buffer.from(`--${boundary}--\r\n`, 'latin1'));
      break;
    }
    const next = body.indexOf(Buffer.concat([Buffer.from('\r\n'), mark]), lineEnd);
    const part = body.subarray(lineEnd + 2, next < 0 ? body.length : next);
    const hasHeader = !part.subarray(0, 2).equals(Buffer.from('\r\n'));
    const converted = convert(
      hasHeader ? part : Buffer.concat([Buffer.from('Content-Type: text/plain; charset=utf-8\r\n'), part]),
      depth + 1,
    );
    if (converted === null) return null;
    out.push(Buffer.from(`--${boundary}\r\n`, 'latin1'), converted, Buffer.from('\r\n'));
    at = next < 0 ? -1 : next + 2;
  }
  // The declared encoding of the multipart itself must not say 8bit any more.
  const fields = header
    .toString('latin1')
    .replace(/^(content-transfer-encoding:)[ \t]*(?:8bit|binary)/im, '$1 7bit');
  out[0] = Buffer.from(fields, 'latin1');
  const whole = Buffer.concat(out);
  return isAscii(whole) ? whole : null;
}
