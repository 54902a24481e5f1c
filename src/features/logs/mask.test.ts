import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { maskedJson, maskedReply } from './mask.ts';

test('private keys are masked by the names that calls give them, and as PEM wherever they stand', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = String(privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const bare = privateKey.export({ format: 'der', type: 'pkcs1' }).toString('base64');
  const body = {
    domain: 'news.kite.test',
    dkim: { selector: 's', private: bare, privateKey: bare },
    note: `mine: ${pem} and more`,
  };
  for (const text of [maskedJson(body), maskedReply(JSON.stringify(body))]) {
    assert.ok(!text.includes(bare.slice(100, 140)), text);
    assert.ok(!text.includes(pem.split('\n')[5] ?? 'x'), text);
    assert.match(text, /news\.kite\.test.*"selector":"s".*and more/);
  }
});
