import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLog } from '../../base/log.ts';
import { Journal } from './journal.ts';
import type { Intent } from './journal.ts';
import type { Completion } from './model.ts';

function intent(messageId: string, attempts = 0): Intent {
  return {
    accountId: 1,
    subaccountId: 2,
    messageId,
    submissionId: '9',
    retentionDays: 30,
    recipient: 'a@b.test',
    attempts,
    ratherNot: false,
  };
}

function completion(messageId: string, attempts = 0, text = 'ok'): Completion {
  const { ratherNot: _, ...message } = intent(messageId, attempts);
  return {
    ...message,
    at: 1000,
    verdict: { kind: 'delivered' },
    place: { site: 's', host: 'h', address: '127.0.0.1', tls: null },
    phase: null,
    reply: { code: 250, enhanced: '2.0.0', text },
    error: null,
    isPerhapsDelivered: false,
  };
}

function folder(t: { after: (run: () => void) => void }): string {
  const path = mkdtempSync(join(tmpdir(), 'journal-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('what was appended is there after the process is gone: outcomes, and dots without an answer', (t) => {
  const path = folder(t);
  const { journal } = Journal.open(path, silentLog);
  const first = journal.dot(intent('1'));
  journal.dot(intent('2'));
  journal.outcome(completion('1', 0, 'ümlaut ok'), first);
  journal.outcome(completion('3'), null);
  // No dispose: a killed process closes nothing.
  const { replay } = Journal.open(path, silentLog);
  assert.deepEqual(
    replay.outcomes.map(({ messageId, reply }) => [messageId, reply?.text]),
    [
      ['1', 'ümlaut ok'],
      ['3', 'ok'],
    ],
  );
  assert.deepEqual(replay.unanswered, [intent('2')]);
});

test('a second attempt of a message is another entry', (t) => {
  const path = folder(t);
  const { journal } = Journal.open(path, silentLog);
  journal.outcome(completion('1', 0), journal.dot(intent('1', 0)));
  journal.dot(intent('1', 1));
  const { replay } = Journal.open(path, silentLog);
  assert.deepEqual(
    [replay.outcomes.map(({ attempts }) => attempts), replay.unanswered.map(({ attempts }) => attempts)],
    [[0], [1]],
  );
});

test('a torn or broken line is set aside, its neighbours are replayed', (t) => {
  const path = folder(t);
  const { journal } = Journal.open(path, silentLog);
  journal.outcome(completion('1'), null);
  journal.outcome(completion('2'), null);
  const name = readdirSync(path)[0] ?? '';
  const text = readFileSync(join(path, name), 'utf8');
  writeFileSync(join(path, name), text.replace('"messageId":"1"', '"messageId":"7"'));
  appendFileSync(join(path, name), 'deadbeef {"outcome":{"mess');
  const { replay } = Journal.open(path, silentLog);
  assert.equal(replay.brokenLines, 2);
  assert.deepEqual(
    replay.outcomes.map(({ messageId }) => messageId),
    ['2'],
  );
});

test('segments go when all they hold is committed, and stay while one outcome is not', (t) => {
  const path = folder(t);
  const { journal } = Journal.open(path, silentLog);
  const text = 'x'.repeat(100_000);
  const stuck = journal.outcome(completion('0'), null);
  for (let at = 1; at < 400; at++) journal.committed(journal.outcome(completion(String(at), 0, text), null));
  const before = readdirSync(path).length;
  assert.equal(before, 2, `${before} segments`);
  journal.committed(stuck);
  assert.equal(readdirSync(path).length, 1);
  journal[Symbol.dispose]();
  assert.equal(readdirSync(path).length, 0);
});

test('forgetting removes only what was replayed', (t) => {
  const path = folder(t);
  Journal.open(path, silentLog).journal.outcome(completion('1'), null);
  const second = Journal.open(path, silentLog);
  second.journal.outcome(completion('2'), null);
  second.forget();
  const { replay } = Journal.open(path, silentLog);
  assert.deepEqual(
    replay.outcomes.map(({ messageId }) => messageId),
    ['2'],
  );
});
