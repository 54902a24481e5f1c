import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { startWorld } from '../../world.ts';
import { ground, owner, Window } from '../ground.ts';

/** A proxy that takes `/mail` away before it hands a request on; everything else is not ours. */
async function prefixProxy(portOf: () => number): Promise<Server> {
  const server = createServer((asked, answer) => {
    const url = asked.url ?? '';
    if (!url.startsWith('/mail/')) return answer.writeHead(418).end();
    const { method, headers } = asked;
    const on = request(
      { host: '127.0.0.1', port: portOf(), method, headers, path: url.slice('/mail'.length) },
      (from) => {
        answer.writeHead(from.statusCode ?? 502, from.headers);
        from.pipe(answer);
      },
    );
    on.on('error', () => answer.destroy());
    return asked.pipe(on);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

test('behind a path prefix the console logs in, reads, changes and moves, and never leaves the prefix', async () => {
  let port = 0;
  const proxy = await prefixProxy(() => port);
  const outside = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  try {
    await using world = await startWorld({
      LETTERSHOP_ADMIN_PASSWORD: owner.password,
      LETTERSHOP_PUBLIC_URL: `${outside}/mail`,
    });
    port = world.program.doors.httpPort;
    const context = await (await ground()).newContext({});
    await using window = await Window.on(context, outside);
    const strayed: string[] = [];
    window.page.on('request', (asked) => {
      const { pathname } = new URL(asked.url());
      if (!pathname.startsWith('/mail/')) strayed.push(pathname);
    });
    const { page } = window;
    await window.go('/mail/subaccounts');
    await page.getByLabel('Address').fill(owner.email);
    await page.getByLabel('Password').fill(owner.password);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByRole('link', { name: /First account/ }).click();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    await page.getByRole('link', { name: 'Messages' }).click();
    await page.getByText('No mail yet').waitFor();
    assert.match(page.url(), /\/mail\/messages/);
    await window.check();
    assert.deepEqual(strayed, []);
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
});
