import assert from 'node:assert/strict';
import { test } from 'node:test';
import { machineOf } from './machines.ts';

test('relays, proxies, scanners, previews and programs are machines, browsers and mail clients are none', () => {
  const table: readonly (readonly [string, string | null])[] = [
    ['Mozilla/5.0', 'apple_mail_privacy'],
    [
      'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
      'gmail_image_proxy',
    ],
    ['YahooMailProxy; https://help.yahoo.com/', 'yahoo_image_proxy'],
    ['Barracuda Sentinel (EE)', 'link_scanner'],
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'robot'],
    ['Slackbot-LinkExpanding 1.0', 'link_preview'],
    ['Mozilla/5.0 (X11) HeadlessChrome/140.0', 'robot'],
    ['curl/8.5.0', 'program'],
    ['python-requests/2.32', 'program'],
    ['', 'nameless'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', null],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148',
      null,
    ],
    ['Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0)', null],
    ['Thunderbird/140.0', null],
  ];
  for (const [userAgent, machine] of table)
    assert.equal(machineOf({ userAgent, header: () => undefined }), machine, userAgent);
});

test('a browser that only looks ahead is told by its header', () => {
  const asking = (name: string, value: string): string | null =>
    machineOf({ userAgent: 'Mozilla/5.0 (X11)', header: (asked) => (asked === name ? value : undefined) });
  assert.deepEqual(
    [
      asking('sec-purpose', 'prefetch;prerender'),
      asking('purpose', 'preview'),
      asking('x-moz', 'prefetch'),
      asking('dnt', '1'),
    ],
    ['prefetch', 'prefetch', 'prefetch', null],
  );
});
