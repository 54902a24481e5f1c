/**
 * One file as a ZIP archive (APPNOTE 4.3), made as it is read: sizes and checksum follow the data (4.3.9), so nothing is
 * collected. Up to 4 GiB, unpacked and packed: beyond it breaks with an error.
 */
import { pipeline, Readable } from 'node:stream';
import { crc32, createDeflateRaw } from 'node:zlib';

export const zipBytesMax = 0xff_ff_ff_ff;

const version = 20;
/** Sizes follow the data; the name is UTF-8. */
const flags = 0b1000_0000_1000;
const deflated = 8;

type Sums = { crc: number; size: number; packed: number };

export async function* zipFile(
  name: string,
  modifiedAt: Date,
  chunks: AsyncIterable<string | Buffer>,
): AsyncGenerator<Buffer> {
  const title = Buffer.from(name, 'utf8');
  const sums: Sums = { crc: 0, size: 0, packed: 0 };
  const head = Buffer.concat([
    record(0x04_03_4b_50, [version, flags, deflated, ...dosTime(modifiedAt)]),
    numbers(0, 0, 0),
    halves(title.length, 0),
    title,
  ]);
  yield head;
  // Its end is seen below: what breaks the source breaks the iteration.
  const packing = pipeline(Readable.from(measured(chunks, sums)), createDeflateRaw(), () => undefined);
  for await (const piece of packing as AsyncIterable<Buffer>) {
    sums.packed = within(sums.packed + piece.length);
    yield piece;
  }
  const facts = numbers(sums.crc, sums.packed, sums.size);
  yield Buffer.concat([numbers(0x08_07_4b_50), facts]);
  const at = within(head.length + sums.packed + 16);
  const entry = Buffer.concat([
    record(0x02_01_4b_50, [version, version, flags, deflated, ...dosTime(modifiedAt)]),
    facts,
    halves(title.length, 0, 0, 0, 0),
    numbers(0, 0),
    title,
  ]);
  yield Buffer.concat([entry, record(0x06_05_4b_50, [0, 0, 1, 1]), numbers(entry.length, at), halves(0)]);
}

async function* measured(chunks: AsyncIterable<string | Buffer>, sums: Sums): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk);
    sums.crc = crc32(bytes, sums.crc);
    sums.size = within(sums.size + bytes.length);
    yield bytes;
  }
}

function within(size: number): number {
  if (size > zipBytesMax) throw new Error('an archive holds at most 4 GiB');
  return size;
}

function record(signature: number, values: readonly number[]): Buffer {
  return Buffer.concat([numbers(signature), halves(...values)]);
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4);
  return bytes;
}

function halves(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16LE(value, index * 2);
  return bytes;
}

/** Time and day in the form of MS-DOS, in UTC, in steps of two seconds. */
function dosTime(at: Date): readonly [number, number] {
  const clock = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  const day =
    (Math.max(at.getUTCFullYear() - 1980, 0) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  return [clock, day];
}
