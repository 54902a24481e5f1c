/** Files of a ZIP archive as its directory at the end says (APPNOTE 4.3.12), each held against its checksum. */
import assert from 'node:assert/strict';
import { crc32, inflateRawSync } from 'node:zlib';

export function unzip(bytes: Buffer): ReadonlyMap<string, string> {
  const end = bytes.lastIndexOf(Buffer.from('504b0506', 'hex'));
  assert.ok(end > 0, 'no archive');
  assert.equal(end + 22, bytes.length, 'something behind its end');
  const files = new Map<string, string>();
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    assert.equal(bytes.readUInt32LE(at), 0x02014b50);
    const [crc, packed, size] = [at + 16, at + 20, at + 24].map((place) => bytes.readUInt32LE(place));
    const [nameLength = 0, extra = 0, comment = 0] = [28, 30, 32].map((place) =>
      bytes.readUInt16LE(at + place),
    );
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const local = bytes.readUInt32LE(at + 42);
    assert.equal(bytes.readUInt32LE(local), 0x04034b50);
    const begin = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = inflateRawSync(bytes.subarray(begin, begin + (packed ?? 0)));
    assert.deepEqual([content.length, crc32(content)], [size, crc]);
    // What follows the data says the same as the directory.
    const facts = [4, 8, 12].map((place) => bytes.readUInt32LE(begin + (packed ?? 0) + place));
    assert.deepEqual(facts, [crc, packed, size]);
    files.set(name, content.toString('utf8'));
    at += 46 + nameLength + extra + comment;
  }
  assert.equal(at, end, 'the directory ends where the end begins');
  return files;
}
