import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atHost } from './link-host.ts';

test('a link at a brand’s host keeps the scheme, port and path that lead to the installation', () => {
  const rows = [
    ['https://console.installation.example', 'https://console.agency.example'],
    ['http://localhost:8080', 'http://console.agency.example:8080'],
    ['https://installation.example:8443/mail/', 'https://console.agency.example:8443/mail'],
  ] as const;
  for (const [publicUrl, wanted] of rows)
    assert.equal(atHost(publicUrl, 'console.agency.example'), wanted, publicUrl);
});
