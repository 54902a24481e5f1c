import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Keyring } from '../../base/seal.ts';
import { clickLength, clickTail, hostOf, LinkWriter, readLink, unsubscribeTail } from './token.ts';

const ring = new Keyring([Buffer.alloc(32, 1)]);
const copy = { subaccountId: 4_000_000_001, messageId: '3765478512744464391', retentionDays: 30 };
const url = 'https://click.client.example';
const writer = new LinkWriter(copy, url, ring);
const pathOf = (link: string): string => link.slice(url.length);

test('a link carries its copy, its target and its name, whatever they are', () => {
  fc.assert(
    fc.property(
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.string({ unit: 'grapheme', maxLength: 10 }),
      fc.boolean(),
      (target, name, hidesQuery) => {
        const cut = Buffer.from(name).length <= 63 ? name : '';
        const tail = clickTail(target, cut, hidesQuery);
        const link = writer.link('click', tail);
        assert.equal(link.length, clickLength(url, tail));
        assert.deepEqual(readLink(pathOf(link), 'click.client.example', ring), {
          ...copy,
          kind: 'click',
          target,
          name: cut,
          hidesQuery,
        });
      },
    ),
  );
  assert.deepEqual(
    readLink(
      pathOf(writer.link('unsubscribe', unsubscribeTail('ä@b.example'))),
      'click.client.example',
      ring,
    ),
    {
      ...copy,
      kind: 'unsubscribe',
      recipient: 'ä@b.example',
    },
  );
});

test('a link is nothing once any octet of it is changed, cut or moved to another host, kind or key', () => {
  const path = pathOf(writer.link('click', clickTail('https://shop.example/a?b=c', 'hero')));
  const host = 'click.client.example';
  assert.notEqual(readLink(path, host, ring), null);
  for (let at = 0; at < path.length; at++) {
    const other = path[at] === 'A' ? 'B' : 'A';
    assert.equal(
      readLink(`${path.slice(0, at)}${other}${path.slice(at + 1)}`, host, ring),
      null,
      `changed at ${at}`,
    );
    assert.equal(readLink(path.slice(0, at), host, ring), null, `cut at ${at}`);
  }
  for (const wrong of [
    `${path}A`,
    `${path}/`,
    path.replace('/c/', '/u/'),
    path.replace('/c/', '/o/'),
    '/c/',
    '/c/AAAA',
  ])
    assert.equal(readLink(wrong, host, ring), null);
  assert.equal(readLink(path, 'click.other.example', ring), null);
  assert.equal(readLink(path, host, new Keyring([Buffer.alloc(32, 2)])), null);
  // An older key of the ring still counts.
  assert.notEqual(readLink(path, host, new Keyring([Buffer.alloc(32, 2), Buffer.alloc(32, 1)])), null);
});

test('the host of a link is told without scheme, port and case', () => {
  const table = [
    'https://Click.Client.example',
    'http://click.client.example:8080',
    'https://click.client.example/',
  ];
  assert.deepEqual(
    table.map(hostOf),
    table.map(() => 'click.client.example'),
  );
});
