import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { composeParts } from '../mime/index.ts';
import { fill, makePlan } from './plan.ts';
import type { Slot, TrackingWishes } from './model.ts';

const url = 'https://t.example';
const all: TrackingWishes = {
  opens: true,
  initialOpens: true,
  clicks: true,
  textClicks: true,
  unsubscribe: true,
};
const clicksOnly = { ...all, opens: false, initialOpens: false, textClicks: false };

/** A link as long as a real one that ends in what it stands for. */
function link(slot: Slot): string {
  const said = slot.kind === 'click' ? slot.tail : slot.kind;
  return `${url}/c/${'x'.repeat(36)}.${said}.`;
}

function targetOf(written: string): string {
  const tail = /^https:\/\/t\.example\/c\/x{36}\.([\w-]+)\.$/.exec(written)?.[1] ?? '';
  const bytes = Buffer.from(tail, 'base64url');
  return bytes.toString('utf8', 1 + (bytes[0] ?? 0));
}

type Tracked = { readonly header: string; readonly body: string };

function track(message: string, wishes: TrackingWishes = all): Tracked | null {
  const bytes = Buffer.from(message, 'latin1');
  const at = bytes.indexOf('\r\n\r\n');
  const plan = makePlan(bytes.subarray(0, at + 2), bytes.subarray(at + 4), wishes, url);
  if (plan === null) return null;
  return { header: plan.header.toString('latin1'), body: fill(plan.pieces, link).toString('latin1') };
}

function html(body: string, wishes: TrackingWishes = clicksOnly, fields = ''): string {
  return track(`Content-Type: text/html; charset=utf-8\r\n${fields}\r\n${body}`, wishes)?.body ?? body;
}

const pixel = (kind: string): string =>
  `<img src="${url}/c/${'x'.repeat(36)}.${kind}." width="1" height="1" alt="" style="display:block;border:0">`;

test('links in HTML lead over us, and nothing else of it changes', () => {
  const body =
    '<p class=x>a <A title=">" HREF = "https://shop.example/?a=1&amp;b=2" id=y>Shop</A> &amp; more</p>\r\n';
  const tracked = html(body);
  const written = /HREF = "([^"]*)"/.exec(tracked)?.[1] ?? '';
  assert.equal(targetOf(written), 'https://shop.example/?a=1&b=2');
  assert.equal(tracked.replace(written, 'https://shop.example/?a=1&amp;b=2'), body);
});

test('what is no link to the web, or only looks like one, is left alone', () => {
  const table = [
    '<a href="mailto:a@b.example">',
    '<a href="tel:+4312345">',
    '<a href="#top">',
    '<a href="/relative">',
    '<a href="javascript:alert(1)">',
    '<a href="java&#10;script:alert(1)">',
    '<a href="data:text/html,x">',
    '<a href="">',
    '<a href>',
    '<a href="https://">',
    '<a href="https://{{ host }}/">',
    '<a href="https://a.example/&copy;x">',
    '<a href="https://a.example" data-lettershop-track="no">',
    '<link href="https://a.example/style.css">',
    '<base href="https://a.example/">',
    '<abbr href="https://a.example/">',
    '<!-- <a href="https://a.example/"> -->',
    '<script>x = \'<a href="https://a.example/">\'</script>',
    '<style>/* <a href="https://a.example/"> */</style>',
    '<textarea><a href="https://a.example/"></textarea>',
    '<p title=\'<a href="https://a.example/">\'>',
    '<a href="#x" href="https://a.example/">',
    '<a href="https://a.example/',
    '<a href="https://a.example/" ',
    '<?php <a href="https://a.example/?"',
    '< a href="https://a.example/">',
    '</a href="https://a.example/">',
    '<script><!-- <script> </script> <a href="https://a.example/"></script>',
    'https://a.example/',
  ];
  for (const each of table) assert.equal(html(each), each);
});

test('links are found however HTML lets them be written', () => {
  const table: readonly (readonly [string, string])[] = [
    ["<a href='https://a.example/x'>", 'https://a.example/x'],
    ['<a href=https://a.example/x>', 'https://a.example/x'],
    ['<a/href=" https://a.example/x ">', 'https://a.example/x'],
    ['<a\r\n\thref\r\n=\r\n"HTTPS://A.example/x"/>', 'https://a.example/x'],
    ['<area shape=rect href="http://a.example">', 'http://a.example/'],
    ['<a data-x="a>b" href="https://a.example/?q=%22&copy=1&#38;b">', 'https://a.example/?q=%22&copy=1&b'],
    ['<a href="https://a.example/\xc3\xa4">', 'https://a.example/%C3%A4'],
    ['<!-->\r\n<a href="https://a.example/x">', 'https://a.example/x'],
    ['<!--[if mso]><v:roundrect href="https://a.example/x"><![endif]-->', 'https://a.example/x'],
    ['<!--[if !mso]><!--><a href="https://a.example/x"><!--<![endif]-->', 'https://a.example/x'],
    ['<title><a></title><a href="https://a.example/x">', 'https://a.example/x'],
    ['<!-- "> --><a href="https://a.example/x">', 'https://a.example/x'],
    ['a < b <a href="https://a.example/x">', 'https://a.example/x'],
  ];
  for (const [body, target] of table) {
    const written = /https:\/\/t\.example\/c\/[\w.-]+/.exec(html(body))?.[0] ?? '';
    assert.equal(targetOf(written), target, body);
  }
});

test('pixels stand right behind <body> and before </body>; without a body only at the end', () => {
  const opens = { ...clicksOnly, clicks: false, opens: true, initialOpens: true };
  assert.equal(
    html('<html><body bgcolor=">">Hi<!-- </body> --></body></html>', opens),
    `<html><body bgcolor=">">${pixel('initial_open')}Hi<!-- </body> -->${pixel('open')}</body></html>`,
  );
  assert.equal(html('<p>Hi</p>', opens), `<p>Hi</p>${pixel('open')}`);
  assert.equal(html('<p>Hi</p><!-- ', opens), '<p>Hi</p><!-- ');
});

/** Pieces of HTML with what a browser would make of them: a link to the web, or not. */
const piece = fc.oneof(
  fc.constantFrom(
    '<p>',
    '</p>',
    '<br/>',
    ' & ',
    '&amp;',
    '<!-- x -->',
    '<!doctype html>',
    '<',
    '> ',
    '"',
    "'",
    '=',
    '\r\n',
    '<body>',
    '</body>',
    '</',
    '<!',
    '<?',
    '<style>a{}</style>',
    '<script>if (a<b) {}</script>',
    '\xe4\xf6',
    '<![CDATA[x]]>',
    '<!--[if mso]>',
    '<![endif]-->',
    '-->',
    '<!--',
    '<title>',
    '</title>',
    '<svg>',
    '<a',
    ' href=',
    ' href="',
    '<a href=x>',
  ),
  fc.string({ maxLength: 12 }).filter((text) => !/[\r\n]/.test(text)),
  fc.webUrl().map((target) => `<a href="${target.replaceAll('"', '')}">`),
  fc.webUrl().map((target) => `<a class='a' href=${target.replaceAll(/[\s>"']/g, '')} >`),
);

test('whatever the HTML is: taking out what was put in gives the same bytes', () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 30 }),
      fc.constantFrom('7bit', '8bit', 'binary', 'none'),
      (pieces, encoding) => {
        const body = Buffer.from(pieces.join(''), 'utf8').toString('latin1');
        const fields = encoding === 'none' ? '' : `Content-Transfer-Encoding: ${encoding}\r\n`;
        const header = Buffer.from(`Content-Type: text/html\r\n${fields}`);
        const plan = makePlan(header, Buffer.from(body, 'latin1'), all, url);
        if (plan === null || !plan.header.equals(header)) return;
        const put: Slot[] = [];
        let at = 0;
        // Each fixed piece must stand in the source, in order, with nothing but values of href between them.
        for (const each of plan.pieces) {
          if (each.kind === 'slot') put.push(each.slot);
          if (each.kind !== 'fixed') continue;
          const text = each.bytes.toString('latin1');
          const found = body.indexOf(text, at);
          assert.ok(found >= at);
          const between = body.slice(at, found);
          assert.ok(between === '' || /^[\s]*https?:/i.test(between), between);
          at = found + text.length;
        }
        assert.ok(put.length > 0);
        assert.ok(at === body.length || /^[\s]*https?:/i.test(body.slice(at)));
      },
    ),
    { numRuns: 2000 },
  );
});

async function decoded(message: string): Promise<{ html: string; text: string }> {
  const mail = await PostalMime.parse(Buffer.from(message, 'latin1'));
  return { html: mail.html ?? '', text: mail.text ?? '' };
}

test('every transfer encoding is kept, with lines as long as they may be, and decodes to the tracked text', async () => {
  const long = `https://shop.example/${'path/'.repeat(30)}?q=1`;
  const shown = (more: string): string =>
    `<body><p>${more}</p> <a href="${long}">one</a> <a data-lettershop-name="zwei" href="${long}&amp;x=2">two</a></body>`;
  for (const more of ['plain', 'Grüße, mostly ASCII text here', '日本語'.repeat(60), 'x'.repeat(900)]) {
    const { head, body } = composeParts({
      html: shown(more),
      text: `See ${long}.`,
      attachments: [],
      boundarySeed: '1',
    });
    const message = `${head.toString('latin1')}\r\n${body.toString('latin1')}`;
    const tracked = track(message);
    assert.ok(tracked !== null);
    const whole = `${tracked.header}\r\n${tracked.body}`;
    for (const line of whole.split('\r\n')) assert.ok(line.length <= 998, `${line.length}`);
    const [before, after] = [await decoded(message), await decoded(whole)];
    const put = [...after.html.matchAll(/https:\/\/t\.example\/c\/[\w.-]+/g)].map(([each]) => each);
    assert.equal(put.length, 4);
    assert.deepEqual(put.slice(1, 3).map(targetOf), [long, `${long}&x=2`]);
    let restored = after.html.replace(pixel('initial_open'), '').replace(pixel('open'), '');
    restored = restored.replace(put[1] ?? '', long).replace(put[2] ?? '', `${long}&amp;x=2`);
    assert.equal(restored, before.html);
    const inText = /https:\/\/t\.example\/c\/[\w-]+\.[\w-]+\./.exec(after.text)?.[0] ?? '';
    assert.equal(after.text.replace(inText, long), before.text);
  }
});

test('a part keeps its own line ends and encoding: quoted-printable grows by whole lines only', () => {
  const body = 'a =C3=A4<a href=3D"https://shop.example/a=\r\nb?c=3D1">x</a> =\r\nend  =3D\r\n';
  const tracked = html(body, clicksOnly, 'Content-Transfer-Encoding: quoted-printable\r\n');
  const [, before, put = '', after] = /^([^]*href=3D"=\r\n)([^]*?)(=\r\n">x[^]*)$/.exec(tracked) ?? [];
  assert.deepEqual([before, after], ['a =C3=A4<a href=3D"=\r\n', '=\r\n">x</a> =\r\nend  =3D\r\n']);
  assert.equal(targetOf(put.replaceAll('=\r\n', '')), 'https://shop.example/ab?c=1');
});

test('what is signed, encrypted, attached, forwarded or in a strange charset stays as it is', () => {
  const link = '<a href="https://a.example/">x</a>';
  const part = (fields: string, body = link): string => `--b\r\n${fields}\r\n\r\n${body}\r\n`;
  const whole = (type: string, parts: string): string =>
    `Content-Type: ${type}; boundary="b"\r\n\r\n${parts}--b--\r\n`;
  const untouched = [
    whole('multipart/signed; protocol="application/pkcs7-signature"', part('Content-Type: text/html')),
    whole('multipart/signed; protocol="application/pgp-signature"', part('Content-Type: text/html')),
    whole('multipart/encrypted', part('Content-Type: text/html')),
    whole('multipart/mixed', part('Content-Type: message/rfc822', `Content-Type: text/html\r\n\r\n${link}`)),
    whole(
      'multipart/mixed',
      part('Content-Type: text/html\r\nContent-Disposition: attachment; filename=a.html'),
    ),
    whole('multipart/mixed', part('Content-Type: text/html; charset=utf-16')),
    whole('multipart/mixed', part('Content-Type: text/html; charset=iso-2022-jp')),
    whole('multipart/mixed', part('Content-Type: text/html\r\nContent-MD5: x')),
    whole('multipart/mixed', part('Content-Type: text/html\r\nContent-Transfer-Encoding: x-uuencode')),
    whole('multipart/mixed', part('Content-Type: text/html\r\nContent-Type: text/plain')),
    whole('multipart/mixed', part('Content-Type: application/xhtml+xml')),
    `Content-Type: application/pkcs7-mime\r\n\r\n${link}`,
    'Content-Type: text/plain\r\n\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nhttps://a.example/\r\n',
  ];
  for (const message of untouched) assert.equal(track(message), null, message);
  const mixed = whole(
    'multipart/mixed',
    part('Content-Type: text/html') +
      part('Content-Type: message/rfc822', `Subject: x\r\n\r\n${link}`) +
      part('', link),
  );
  const tracked = track(mixed, clicksOnly);
  assert.equal(
    tracked?.body.replace(/https:\/\/t\.example\/c\/[\w.-]+/, 'https://a.example/'),
    mixed.slice(mixed.indexOf('\r\n\r\n') + 4),
  );
});

test('links in text end where a reader would say; with the switch off there is nothing to do', () => {
  const text = 'See (https://a.example/x(y)), https://b.example/. And http://c.example/\xc3\xa4 too';
  const message = `Content-Type: text/plain; charset=utf-8\r\n\r\n${text}`;
  const tracked = track(message)?.body ?? '';
  const put = [...tracked.matchAll(/https:\/\/t\.example\/c\/x+\.[\w-]+\./g)].map(([each]) => each);
  assert.deepEqual(put.map(targetOf), ['https://a.example/x(y)', 'https://b.example/']);
  assert.equal(track(message, { ...all, textClicks: false }), null);
});

test('whatever is repeated in a message, it is read about once', () => {
  const html = '<a href="http://a/">';
  const cases: readonly (readonly [type: string, encoding: string, repeated: string, before?: string])[] = [
    ['text/plain', '7bit', ')', 'http://a/'],
    ['text/plain', '7bit', '.)]}', 'http://a/'],
    ['text/plain', '7bit', 'http://a/ '],
    ['text/html', '7bit', html],
    ['text/html', 'quoted-printable', `${html}=\r\n`],
    ['text/html', 'base64', '='],
    ['text/html', 'base64', '=\r\n'],
    ['multipart/mixed; boundary=x', '7bit', '--x\r\n'],
    ['multipart/mixed; boundary=x', '7bit', `--x\r\nContent-Type: text/html\r\n\r\n${html}\r\n`],
  ];
  for (const [type, encoding, repeated, before = ''] of cases) {
    const header = Buffer.from(`Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n`);
    const body = Buffer.from(before + repeated.repeat(Math.floor(300_000 / repeated.length)));
    const started = process.cpuUsage();
    makePlan(header, body, all, url);
    const { user, system } = process.cpuUsage(started);
    const spentMs = (user + system) / 1000;
    assert.ok(spentMs < 2000, `${type} ${encoding} ${JSON.stringify(repeated)} took ${spentMs} ms`);
  }
});
