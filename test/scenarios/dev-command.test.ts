/** `npm run dev`: the program and, before it, the console as its sources stand. `test/browser/pages/dev.ts` looks at it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { devOwner, DevProgram, limitMs } from '../doubles/dev-program.ts';

test('npm run dev serves the console from its sources, hands the API on to the program, and ends both', async () => {
  await using dev = await DevProgram.start();
  const { httpPort, pagesPort, pages } = dev;
  const signal = AbortSignal.timeout(2 * limitMs);
  const page = await dev.answer(() => fetch(`${pages}/`, { signal }));
  assert.match(await page.text(), /<div id="root"><\/div>[^]*src="\.?\/main\.ts"/);
  // The console's own policy, so that what it refuses is seen while one writes it.
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /^default-src 'none'; script-src 'self' 'nonce-[\w-]{22}'; style-src 'self' 'nonce-/);
  assert.doesNotMatch(policy, /unsafe/);
  // Any path of a page is the same document, and its code comes as it stands in the sources.
  const deep = await fetch(`${pages}/messages`, { headers: { accept: 'text/html' }, signal });
  assert.match(await deep.text(), /<div id="root">/);
  const code = await fetch(`${pages}/main.ts`, { signal });
  assert.match(code.headers.get('content-type') ?? '', /javascript/);
  assert.match(await code.text(), /app\.tsx/);
  // Its sources below /api are not taken for calls.
  const client = await fetch(`${pages}/api/client.ts`, { signal });
  assert.match(client.headers.get('content-type') ?? '', /javascript/);

  const logIn = (): Promise<Response> =>
    fetch(`${pages}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: pages },
      body: JSON.stringify(devOwner),
      signal,
    });
  await dev.ready(signal);
  const loggedIn = await logIn();
  assert.equal(loggedIn.status, 200, await loggedIn.text());
  assert.ok(dev.said.includes(`Console with hot reload: ${pages}/`), dev.said);
  const cookie = loggedIn.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  const me = await fetch(`${pages}/api/v1/me`, { headers: { cookie }, signal });
  assert.match(await me.text(), /owner@lettershop\.test/);
  const frame = await fetch(`${pages}/frame`, { signal });
  assert.match(frame.headers.get('content-security-policy') ?? '', /sandbox/);
  const canvas = await fetch(`${pages}/canvas`, { signal });
  assert.match(
    canvas.headers.get('content-security-policy') ?? '',
    /default-src 'none'.*sandbox allow-same-origin/,
  );

  await dev.stop();
  for (const port of [httpPort, pagesPort])
    await assert.rejects(fetch(`http://localhost:${port}/`, { signal }), TypeError, `${port} is still open`);
});
