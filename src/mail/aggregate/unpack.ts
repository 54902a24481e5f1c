/** The one file of a gzip or zip archive, in bounded memory: whatever it says of its size, no more than that is unpacked. */
import { promisify } from 'node:util';
import { gunzip, inflateRaw } from 'node:zlib';

const gunzipped = promisify(gunzip);
const inflated = promisify(inflateRaw);

/** By what the bytes are, as senders name their types freely; null when it is broken, locked or grows beyond `sizeMax`. */
export async function unpack(bytes: Buffer, sizeMax: number): Promise<Buffer | null> {
  try {
    if (bytes.readUInt16BE(0) === 0x1f8b) return await gunzipped(bytes, { maxOutputLength: sizeMax });
    if (bytes.readUInt32LE(0) === headSignature) return await unzip(bytes, sizeMax);
  } catch {
    return null;
  }
  return bytes.length <= sizeMax ? bytes : null;
}

/** APPNOTE.TXT of PKWARE, 4.3: signatures of a file's head, of an entry of the directory, and of the directory's end. */
const headSignature = 0x04034b50;
const entrySignature = 0x02014b50;
const endSignature = 0x06054b50;
const endLength = 22;
const commentLengthMax = 65_535;
/** RFC 9990: one file; other archivers add what they like. */
const entriesMax = 16;

type Entry = { readonly method: number; readonly size: number; readonly headAt: number };

async function unzip(bytes: Buffer, sizeMax: number): Promise<Buffer | null> {
  const entry = findEntry(bytes);
  if (entry === null) return null;
  const { method, size, headAt } = entry;
  if (bytes.readUInt32LE(headAt) !== headSignature) return null;
  const begin = headAt + 30 + bytes.readUInt16LE(headAt + 26) + bytes.readUInt16LE(headAt + 28);
  const packed = bytes.subarray(begin, begin + size);
  if (method === 8) return inflated(packed, { maxOutputLength: sizeMax });
  return method === 0 && packed.length <= sizeMax ? packed : null;
}

/** The first file that is called XML; null when there is none that can be read. */
function findEntry(bytes: Buffer): Entry | null {
  const endAt = findEnd(bytes);
  if (endAt === null) return null;
  let at = bytes.readUInt32LE(endAt + 16);
  for (let n = 0; n < Math.min(bytes.readUInt16LE(endAt + 10), entriesMax); n++) {
    if (bytes.readUInt32LE(at) !== entrySignature) return null;
    const nameLength = bytes.readUInt16LE(at + 28);
    const name = bytes.toString('latin1', at + 46, at + 46 + nameLength);
    const isLocked = (bytes.readUInt16LE(at + 8) & 1) === 1;
    if (/\.xml$/i.test(name) && !isLocked)
      return {
        method: bytes.readUInt16LE(at + 10),
        size: bytes.readUInt32LE(at + 20),
        headAt: bytes.readUInt32LE(at + 42),
      };
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return null;
}

function findEnd(bytes: Buffer): number | null {
  const first = Math.max(0, bytes.length - endLength - commentLengthMax);
  for (let at = bytes.length - endLength; at >= first; at--)
    if (bytes.readUInt32LE(at) === endSignature) return at;
  return null;
}
