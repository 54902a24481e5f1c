import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isAlive } from '../process-table.ts';
import { collectLog, query, scratch } from '../../../test/postgres-ground.ts';
import { type PostgresNews, keepPostgres, restartDelayMs } from './keep.ts';

const settings = { fsync: false, sharedBuffersMb: 16 } as const;

function deaths(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

test('pauses before a restart grow, end at five seconds, and too many deaths in a minute end the attempts', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6].map((count) => restartDelayMs(deaths(count), 10, 5)),
    [100, 200, 400, 800, 1_600, null],
  );
  assert.equal(restartDelayMs(deaths(20), 10, 100), 5_000);
  assert.equal(restartDelayMs([0, 1, 2, 3, 4, 70_000], 70_001, 5), 100);
});

test('a database that dies is brought back under the same connection, and its listener hears of it', async () => {
  await using place = await scratch();
  const news = new EventEmitter<{ news: [PostgresNews] }>();
  const kept = await keepPostgres({
    folder: place.path,
    log: collectLog(),
    settings,
    tell: (item) => news.emit('news', item),
  });
  const { connection } = kept;
  await query(connection, 'create table kept as select 1 as a');
  for (let round = 0; round < 2; round += 1) {
    const before = kept.pid;
    const died = once(news, 'news') as Promise<[PostgresNews]>;
    process.kill(before, 'SIGKILL');
    const [death] = await died;
    assert.ok(death.kind === 'died' && death.exit.reason === 'it was ended by SIGKILL');
    const [restart] = (await once(news, 'news')) as [PostgresNews];
    assert.deepEqual(restart, { kind: 'restarted', pid: kept.pid });
    assert.notEqual(kept.pid, before);
    assert.deepEqual(await query(connection, 'select a from kept'), [[1]]);
  }
  const last = kept.pid;
  await kept.stop();
  await kept.stop();
  assert.equal(isAlive(last), false);
});

test('a database that cannot come back is given up with the reason', async () => {
  await using place = await scratch();
  const { promise, resolve } = Promise.withResolvers<PostgresNews>();
  await using kept = await keepPostgres({
    folder: place.path,
    log: collectLog(),
    settings,
    restartsPerMinuteMax: 2,
    tell: (item) => {
      if (item.kind === 'gave up') resolve(item);
    },
  });
  await rm(join(place.path, 'postgres', 'global', 'pg_control'));
  process.kill(kept.pid, 'SIGKILL');
  const last = await promise;
  assert.ok(last.kind === 'gave up');
  assert.match(last.reason, /^PostgreSQL did not start .*pg_control|could not find the database system/);
});

test('a stop during the pause before a restart starts nothing any more', async () => {
  await using place = await scratch();
  const { promise, resolve } = Promise.withResolvers<PostgresNews>();
  const told: string[] = [];
  const kept = await keepPostgres({
    folder: place.path,
    log: collectLog(),
    settings,
    tell: (item) => {
      told.push(item.kind);
      resolve(item);
    },
  });
  process.kill(kept.pid, 'SIGKILL');
  await promise;
  await kept.stop();
  assert.deepEqual(told, ['died']);
  assert.equal(isAlive(kept.pid), false);
});
