import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, array, asyncProperty, constantFrom, integer, string, uint8Array } from 'fast-check';
import { bytesOf, corpus, daemon, reportType } from '../../../test/doubles/bounces.ts';
import { readReport } from './index.ts';

test('parts of reports in any order and number: never an error, and every text can be stored', async () => {
  const pieces = corpus.flatMap(([, header, body]) => [...header, ...body]);
  const piece = constantFrom(
    ...pieces,
    '',
    '--edge',
    '--edge--',
    'Content-Type: message/rfc822',
    '\0',
    '\ud800',
  );
  await check(
    asyncProperty(
      array(piece, { maxLength: 60 }),
      string({ unit: 'binary', maxLength: 20 }),
      async (some, odd) => {
        const text = [daemon, reportType(), '', ...some, odd, ...some.toReversed()].join('\r\n');
        const json = JSON.stringify(await readReport(Buffer.from(text)));
        return !json.includes('\\u0000') && !/\\ud[89a-f]/.test(json);
      },
    ),
    { numRuns: 400 },
  );
});

test('bytes changed and cut anywhere in real reports: never an error', async () => {
  const whole = corpus.map((each) => bytesOf(each));
  await check(
    asyncProperty(
      constantFrom(...whole),
      uint8Array({ minLength: 1, maxLength: 12 }),
      integer({ min: 0, max: 5000 }),
      async (bytes, noise, at) => {
        const changed = Buffer.from(bytes);
        Buffer.from(noise).copy(changed, at % changed.length);
        await readReport(changed);
        await readReport(changed.subarray(0, at % changed.length));
      },
    ),
    { numRuns: 400 },
  );
});

test('what is made to be slow is read in bounded time', async () => {
  const hostile: Record<string, string> = {
    dashes: `${daemon}\r\n\r\n${'-'.repeat(1_000_000)}`,
    'lines of dashes': `${daemon}\r\n\r\n${'---\r\n'.repeat(200_000)}`,
    angles: `${daemon}\r\nContent-Type: text/html\r\n\r\n${'<'.repeat(1_000_000)}`,
    'styles in html': `${daemon}\r\nContent-Type: text/html\r\n\r\n${'<style>550'.repeat(100_000)}`,
    'styles without an end': `${daemon}\r\nContent-Type: text/html\r\n\r\n${'<style '.repeat(140_000)}`,
    addresses: `${daemon}\r\n\r\n${Array.from({ length: 50_000 }, (_, n) => `<a${n}@b.test>:\r\n`).join('')}`,
    promises: `${daemon}\r\n\r\n${'will keep '.repeat(100_000)}`,
    quotes: `${daemon}\r\n\r\n${'> > > '.repeat(160_000)}`,
    ats: `${daemon}\r\n\r\n${'a@'.repeat(500_000)}`,
    codes: `${daemon}\r\n\r\n${'550 '.repeat(250_000)}`,
    subject: `From: x@y.test\r\nSubject: ${'out of '.repeat(140_000)}\r\n\r\nx`,
    fields: `${daemon}\r\n${'X: y\r\n'.repeat(150_000)}\r\nx`,
    parts: `${daemon}\r\n${reportType()}\r\n\r\n${'--edge\r\n\r\nx\r\n'.repeat(70_000)}`,
    groups: `${daemon}\r\n${reportType()}\r\n\r\n--edge\r\nContent-Type: message/delivery-status\r\n\r\n${'Final-Recipient: rfc822;a@b.test\r\n\r\n'.repeat(27_000)}`,
    folded: `${daemon}\r\n${reportType()}\r\n\r\n--edge\r\nContent-Type: message/delivery-status\r\n\r\nStatus: 5${'\r\n '.repeat(300_000)}`,
  };
  for (const [name, text] of Object.entries(hostile)) {
    // CPU time of this process: a busy machine does not make it longer.
    const before = process.cpuUsage();
    await readReport(Buffer.from(text));
    const { user: userUs, system } = process.cpuUsage(before);
    assert.ok(userUs + system < 4_000_000, `${name} took ${(userUs + system) / 1e6} s`);
  }
});
