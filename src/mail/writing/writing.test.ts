import assert from 'node:assert/strict';
import { test } from 'node:test';
import { autoHtml, withParametersInHtml, withParametersInText } from './index.ts';

const body = (html: string): string => html.replace(/^<html><body>\n/, '').replace(/\n<\/body><\/html>$/, '');

test('a text becomes paragraphs, lines and links, and nothing of it is taken for HTML', () => {
  assert.equal(
    body(autoHtml('Hi <b>you</b> & all,\r\nsee https://shop.test/a?b=1&c="2".\r\n\r\nBye', false)),
    '<p>Hi &lt;b&gt;you&lt;/b&gt; &amp; all,<br>\n' +
      'see <a href="https://shop.test/a?b=1&amp;c=">https://shop.test/a?b=1&amp;c=</a>&quot;2&quot;.</p>\n<p>Bye</p>',
  );
  assert.equal(body(autoHtml('*|NAME|* {{x}}', false)), '<p>*|NAME|* {{x}}</p>');
});

test('the tags of a template are left to it, also within a link', () => {
  assert.equal(
    body(autoHtml('Hi *|NAME|*, {{#if `a > 1`}}x{{/if}} https://shop.test/?id=*|ID|*&n=1!', true)),
    '<p>Hi *|NAME|*, {{#if `a > 1`}}x{{/if}} ' +
      '<a href="https://shop.test/?id=*|ID|*&amp;n=1">https://shop.test/?id=*|ID|*&amp;n=1</a>!</p>',
  );
});

const wish = { hosts: ['shop.test'], parameters: { utm_source: 'a b', utm_medium: 'email' } };

test('links to the named hosts get parameters, before their fragment, and keep those they have', () => {
  const html = (url: string): string =>
    withParametersInHtml(`<p><A class="x" HREF="${url}">go</A></p>`, wish);
  const expected = (url: string): string => `<p><A class="x" HREF="${url}">go</A></p>`;
  assert.equal(
    html('https://Shop.test/a#top'),
    expected('https://Shop.test/a?utm_source=a%20b&amp;utm_medium=email#top'),
  );
  assert.equal(
    html('http://shop.test:8080/?utm_source=own&amp;x=*|X|*'),
    expected('http://shop.test:8080/?utm_source=own&amp;x=*|X|*&amp;utm_medium=email'),
  );
  for (const url of [
    'https://shop.test.evil.test/',
    'https://else.test/?u=https://shop.test/',
    'mailto:a@shop.test',
  ])
    assert.equal(html(url), expected(url));
  assert.equal(
    withParametersInHtml(`<a href='https://shop.test'>x</a>`, wish),
    `<a href='https://shop.test?utm_source=a%20b&amp;utm_medium=email'>x</a>`,
  );
  assert.equal(
    withParametersInText('See https://shop.test/b, or https://else.test.', wish),
    'See https://shop.test/b?utm_source=a%20b&utm_medium=email, or https://else.test.',
  );
});

test('a source that only begins things costs no more than its length', () => {
  const begun = ['<a ', '<a href="', '{{', '*|', 'https://x*|', "<a href='"].map((each) =>
    each.repeat(60_000),
  );
  const startsAt = performance.now();
  for (const text of begun) {
    withParametersInHtml(text, wish);
    withParametersInText(text, wish);
    autoHtml(text, true);
  }
  // Squares of these lengths would take hours.
  assert.ok(performance.now() - startsAt < 120_000);
});
