import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { unzip } from '../../test/doubles/unzip.ts';
import { zipFile } from './zip.ts';

const at = new Date('2026-11-26T03:04:06Z');
const zipped = (name: string, chunks: readonly (string | Buffer)[]): Promise<Buffer> =>
  buffer(Readable.from(zipFile(name, at, Readable.from(chunks))));

test('a file of any chunks comes out of its archive as it went in', async () => {
  const line = 'adá@inbox.test,hard-bounce,550 5.1.1\r\n';
  const cases: readonly (readonly string[])[] = [
    [],
    [''],
    [line],
    Array.from({ length: 20_000 }, () => line),
  ];
  for (const chunks of cases) {
    const bytes = await zipped('Rejects ä.csv', chunks);
    assert.deepEqual([...unzip(bytes)], [['Rejects ä.csv', chunks.join('')]]);
  }
});

test('an archive is dated in UTC and made while it is read', async () => {
  const bytes = await zipped('a.csv', ['x']);
  assert.equal(bytes.readUInt16LE(10), (3 << 11) | (4 << 5) | 3);
  assert.equal(bytes.readUInt16LE(12), ((2026 - 1980) << 9) | (11 << 5) | 26);
  let taken = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) {
      taken += 1;
      yield Buffer.alloc(65_536, taken % 251);
      await Promise.resolve();
    }
  }
  const pieces = zipFile('a.csv', at, endless());
  for (let n = 0; n < 3; n++) await pieces.next();
  await pieces.return(undefined);
  assert.ok(taken < 5000, `${taken} chunks for three pieces`);
});

test('a source that breaks breaks the archive', async () => {
  async function* broken(): AsyncGenerator<string> {
    yield 'one line\r\n';
    await Promise.resolve();
    throw new Error('the store is away');
  }
  await assert.rejects(buffer(Readable.from(zipFile('a.csv', at, broken()))), /the store is away/);
});
