import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DnsServerDouble } from '../../../test/doubles/dns-server.ts';
import { MovableClock } from '../../../test/world.ts';
import { DnsClient, parseServers, withDeadline } from './index.ts';
import type { DnsOutcome } from './index.ts';

test('found, no data, no such name, failure and time-out are told apart, and aliases followed', async () => {
  await using server = await DnsServerDouble.start({
    'a.test': { A: ['192.0.2.1'], TXT: [`x${'y'.repeat(600)}`] },
    'alias.test': { CNAME: 'a.test' },
    'loop.test': { CNAME: 'loop.test' },
    'broken.test': 'servfail',
    'mute.test': 'silent',
  });
  const [{ host, port }] = parseServers(server.address) as [{ host: string; port: number }];
  const clock = new MovableClock();
  await using dns = new DnsClient({
    servers: [{ host, port }],
    clock,
    random: Math.random,
    timeoutMs: 100,
    triesPerServer: 1,
  });
  const kinds = await Promise.all(
    (
      [
        ['a.test', 'A'],
        ['a.test', 'MX'],
        ['alias.test', 'A'],
        ['nobody.test', 'A'],
        ['broken.test', 'A'],
        ['mute.test', 'A'],
        ['loop.test', 'A'],
      ] as const
    ).map(async ([name, type]) => {
      const outcome = await dns.resolve(name, type);
      return outcome.kind === 'failed' ? outcome.reason : outcome.kind;
    }),
  );
  assert.deepEqual(kinds, ['found', 'nodata', 'found', 'nxdomain', 'servfail', 'timeout', 'malformed']);
  const txt = await dns.resolve('a.test', 'TXT');
  assert.ok(txt.kind === 'found' && txt.records[0]?.type === 'TXT');
});

test('a "no" is kept, but not for who asks anew; a record that is there is', async () => {
  await using server = await DnsServerDouble.start({}, 30);
  const [target] = parseServers(server.address);
  assert.ok(target !== undefined);
  const clock = { now: () => 0, monotonicMs: () => 0 };
  await using dns = new DnsClient({ servers: [target], clock, random: Math.random });
  assert.equal((await dns.resolve('new.test', 'A')).kind, 'nxdomain');
  server.zone['new.test'] = { A: ['192.0.2.1'] };
  assert.equal((await dns.resolve('new.test', 'A')).kind, 'nxdomain');
  assert.equal((await dns.resolveAnew('new.test', 'A')).kind, 'found');
  assert.equal((await dns.resolve('new.test', 'A')).kind, 'found');
  assert.equal((await dns.resolveAnew('new.test', 'A')).kind, 'found');
  assert.equal(server.asked.length, 2);
});

test('identical questions are asked once, and again when the answer is too old', async () => {
  await using server = await DnsServerDouble.start({ 'a.test': { A: ['192.0.2.1'] } }, 30);
  const [target] = parseServers(server.address);
  assert.ok(target !== undefined);
  let now = 0;
  await using dns = new DnsClient({
    servers: [target],
    clock: { now: () => now, monotonicMs: () => now },
    random: Math.random,
  });
  await Promise.all([1, 2, 3].map(() => dns.resolve('a.test', 'A')));
  now = 29_000;
  await dns.resolve('A.TEST', 'A');
  assert.equal(server.asked.length, 1);
  now = 31_000;
  await dns.resolve('a.test', 'A');
  assert.equal(server.asked.length, 2);
});

test('a piece of work waits for its answers no longer than its deadline, and keeps those that came', async () => {
  const asked: string[] = [];
  const resolve = withDeadline((name): Promise<DnsOutcome> => {
    asked.push(name);
    return name === 'mute.test' ? new Promise(() => undefined) : Promise.resolve({ kind: 'nxdomain' });
  }, 1500);
  assert.deepEqual(await resolve('quick.test', 'A'), { kind: 'nxdomain' });
  const late = { kind: 'failed', reason: 'timeout' };
  assert.deepEqual(await resolve('mute.test', 'A'), late);
  assert.deepEqual(await resolve('quick.test', 'A'), late);
  assert.deepEqual(asked, ['quick.test', 'mute.test'], 'nothing is asked when the time is over');
});
