// The pure decisions of this folder: whose process, which user, which line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHolder } from './leftovers.ts';
import { lineSplitter, parseLine } from './log-lines.ts';
import { candidateOwners } from './runner.ts';

test('only a postgres of this very folder counts as its holder', () => {
  const cluster = '/data/postgres';
  const tag = 'lettershop-0123456789abcdef';
  const cases: readonly (readonly [string, string | null, boolean])[] = [
    [`/x/bin/postgres -D /data/postgres -c cluster_name=${tag}`, null, true],
    [`/with blank/postgres -D /data/postgres -c cluster_name=${tag}`, '/', true],
    [`postgres: ${tag}: checkpointer`, null, true],
    ['/usr/lib/postgresql/15/bin/postgres -D .', cluster, true],
    ['postgres: checkpointer', '/var/lib/postgresql/15/main', false],
    ['postgres: lettershop-ffffffffffffffff: checkpointer', '/other/postgres', false],
    ['sh', cluster, false],
    [`grep ${tag}`, '/', false],
    ['', cluster, false],
  ];
  for (const [command, workingFolder, isExpected] of cases) {
    assert.equal(isHolder({ pid: 9, command, workingFolder }, cluster, tag), isExpected, command);
  }
});

test('root hands the database to the best unprivileged user that the system knows', () => {
  const passwd = [
    'root:x:0:0::/root:/bin/sh',
    'nobody:x:65534:65534::/:/bin/false',
    'daemon:x:1:1::/:/bin/false',
    'postgres:x:26:26::/:/bin/false',
    'mail:x:8:0::/:/bin/false',
    'half:x',
    '',
  ].join('\n');
  assert.deepEqual(candidateOwners(passwd), [
    { uid: 26, gid: 26 },
    { uid: 65_534, gid: 65_534 },
    { uid: 1, gid: 1 },
  ]);
  assert.deepEqual(candidateOwners('root:x:0:0::/root:/bin/sh'), [{ uid: 65_534, gid: 65_534 }]);
});

test('a line of the server has its level, and what a statement says is never logged', () => {
  const levels = [
    'postmaster|00000|7|LOG:  database system is ready to accept connections',
    'checkpointer|53100|7|ERROR:  could not write file: No space left on device',
    'postmaster|XX000|7|PANIC:  gone',
    'postmaster|F0001|7|FATAL:  lock file exists',
    'client backend|53300|7|FATAL:  sorry, too many clients already',
    'client backend|22P02|7|ERROR:  invalid input syntax for type integer: "secret"',
    'client backend|00000|7|LOG:  secret',
    '\tcontinued secret',
    'postgres: could not access the server configuration file',
    '2026-01-01 00:00:00.000 UTC [7] FATAL:  data directory has invalid permissions',
  ].map((line) => {
    const parsed = parseLine(line);
    return parsed === null ? null : [parsed.level, parsed.by, parsed.message];
  });
  assert.deepEqual(levels, [
    ['info', 'postmaster', 'database system is ready to accept connections'],
    ['warn', 'checkpointer', 'could not write file: No space left on device'],
    ['error', 'postmaster', 'gone'],
    ['error', 'postmaster', 'lock file exists'],
    ['warn', 'client backend', 'sorry, too many clients already'],
    null,
    null,
    null,
    ['info', 'start', 'postgres: could not access the server configuration file'],
    ['error', 'start', 'data directory has invalid permissions'],
  ]);
});

test('lines come out whole however the text was cut', () => {
  for (const size of [1, 2, 5, 100]) {
    const lines: string[] = [];
    const split = lineSplitter((line) => lines.push(line));
    const text = 'one\n\ntwo\nthree';
    for (let at = 0; at < text.length; at += size) split(text.slice(at, at + size));
    assert.deepEqual(lines, ['one', '', 'two']);
  }
});
