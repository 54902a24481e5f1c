import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, corpus } from '../../../test/doubles/bounces.ts';
import { classify } from '../bounce/classify.ts';
import { readReport } from './index.ts';

async function told(bytes: Buffer): Promise<string[] | string> {
  const found = await readReport(bytes);
  if (found.kind !== 'delivery') return found.kind;
  return found.entries.map(({ recipient, action, reply }) => {
    const judged = reply.code >= 400 ? ` ${classify(reply, 'report').class}` : '';
    return `${recipient ?? '?'} ${action}${judged}`;
  });
}

for (const each of corpus) {
  test(`bounce: ${each[0]}`, async () => {
    assert.deepEqual(await told(bytesOf(each)), each[3]);
    assert.deepEqual(await told(bytesOf(each, '\n')), each[3], 'with bare line ends');
  });
}

test('automatic answers in many languages are told from bounces and from people', async () => {
  const subjects = [
    'Automatische Antwort: Hallo',
    'Réponse automatique : Bonjour',
    'Respuesta automática: Hola',
    'Risposta automatica: Ciao',
    'Automatisch antwoord: Hallo',
    'Resposta automática: Olá',
    'Autosvar: Hej',
    'Автоответ: Привет',
    '自動応答: こんにちは',
    '自动回复: 你好',
  ];
  for (const subject of subjects) {
    const encoded = `=?utf-8?B?${Buffer.from(subject).toString('base64')}?=`;
    const bytes = Buffer.from(`From: ada@recv.test\r\nSubject: ${encoded}\r\n\r\n550 things to do.\r\n`);
    assert.deepEqual(await readReport(bytes), { kind: 'auto_reply' }, subject);
  }
  const marked = 'From: ada@recv.test\r\nSubject: Thanks\r\nX-Autorespond: yes\r\n\r\nAway.\r\n';
  assert.deepEqual(await readReport(Buffer.from(marked)), { kind: 'auto_reply' });
});

test('filters that want a confirmation are neither', async () => {
  for (const subject of ['Please confirm your message', 'Sender verification needed', 'Are you human?']) {
    const bytes = Buffer.from(`From: filter@recv.test\r\nSubject: ${subject}\r\n\r\nClick here.\r\n`);
    assert.deepEqual(await readReport(bytes), { kind: 'challenge' }, subject);
  }
});

test('a bounce that brings back 20 MB is read from its beginning', async () => {
  const [, header, body] = corpus.find(([name]) => name.startsWith('postfix')) ?? assert.fail('no such case');
  const returned = [
    '--edge',
    'Content-Type: message/rfc822',
    '',
    'Subject: ours',
    '',
    'x'.repeat(20_000_000),
  ];
  const bytes = Buffer.from([...header, '', ...body.slice(0, -1), ...returned, '--edge--', ''].join('\r\n'));
  assert.equal((await told(bytes)).length, 3);
});
