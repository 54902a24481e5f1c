/** What another site's page, a planted cookie and a tenant's text try against somebody who is logged in. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { ground, owner } from '../ground.ts';

const hostile = `"><img src=x onerror="document.title='taken'"><svg onload="document.title='taken'">`;

test("another site can neither frame the console nor change anything with its visitor's session", async () => {
  const it = await ground();
  const { url } = it.world;
  const body = JSON.stringify({ name: 'Forged' });
  // `localhost` is another site than 127.0.0.1, whatever the port.
  const evil = createServer((_asked, answer) => {
    answer.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>evil</title>
      <iframe name="framed" src="${url}/subaccounts"></iframe><iframe name="target"></iframe>
      <form id="f" method="post" enctype="text/plain" target="target" action="${url}/api/v1/subaccounts"><input name='${body.slice(0, -1)},"x":"' value='"}'></form>
      <script>
        document.getElementById('f').submit();
        fetch('${url}/api/v1/subaccounts', { method: 'POST', credentials: 'include', mode: 'no-cors', body: '${body}' }).catch(() => 0).finally(() => { document.title = 'done'; });
      </script>`);
  });
  await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
  try {
    await using window = await it.open('owner');
    const { page } = window;
    await page.goto(`http://localhost:${(evil.address() as AddressInfo).port}/`);
    await page.waitForFunction("document.title === 'done'");
    await page.waitForLoadState('load');
    const framed = page.frame({ name: 'framed' });
    assert.equal(
      await framed
        ?.getByRole('navigation')
        .count()
        .catch(() => 0),
      0,
      'it was framed',
    );
    const found = await it.boss.ok<{ items: unknown[] }>('GET', '/subaccounts?search=Forged');
    assert.deepEqual(found.items, []);
  } finally {
    evil.closeAllConnections();
    evil.close();
  }
});

test('a session cookie that was planted before the login is not the one after it', async () => {
  const it = await ground();
  await using window = await it.openStranger();
  const { page } = window;
  const planted = 'plantedplantedplantedplantedplan.c2ln';
  await page.context().addCookies([{ name: 'lettershop_session', value: planted, url: it.world.url }]);
  await window.go('/');
  await page.getByLabel('Address').fill(owner.email);
  await page.getByLabel('Password').fill(owner.password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  const cookie = (await page.context().cookies()).find(({ name }) => name === 'lettershop_session');
  assert.ok(cookie !== undefined && cookie.value !== planted && cookie.httpOnly);
  assert.doesNotMatch(String(await page.evaluate('document.cookie')), /lettershop_session/);
});

test('what tenants write (names, notes, subjects, tags, metadata, HTML) is text wherever it stands', async () => {
  const it = await ground();
  const { id } = await it.boss.ok<{ id: number }>('POST', '/subaccounts', {
    body: { name: `Hostile ${hostile}`, externalId: hostile, notes: hostile },
  });
  await it.boss.ok('PATCH', `/subaccounts/${id}`, { body: { status: 'paused', reason: hostile } });
  const [message = ''] = await it.world.send('hostile@inbox.test', {
    subject: hostile,
    html: `${hostile}<script>top.document.title='taken'</script>`,
    tags: ['x'],
    metadata: { note: hostile },
  });
  await it.world.settled(message, ['delivered']);
  await it.boss.ok('PATCH', '/account', { body: { logRequests: true } });
  await it.world.api('GET', '/messages?limit=1', { headers: { 'user-agent': hostile } });
  await it.world.send('hostile@later.test', {
    subject: hostile,
    tags: [hostile],
    sendAt: new Date(Date.now() + 86_400_000).toISOString(),
  });
  const template = await it.boss.ok<{ id: string }>('POST', '/templates', {
    body: { name: hostile, slug: 'hostile', subject: hostile, html: hostile, labels: [hostile] },
  });
  await it.world.until(
    () => it.boss.ok<{ items: { userAgent: string }[] }>('GET', '/logs?method=GET'),
    ({ items }) => items.some(({ userAgent }) => userAgent.includes('<img')),
  );
  await using window = await it.open('owner');
  for (const path of [
    '/',
    '/subaccounts',
    `/subaccounts/${id}`,
    `/?subaccount=${id}`,
    '/messages',
    `/messages/${message}`,
    '/people',
    '/queue',
    '/logs?method=GET',
    '/audit',
    '/events',
    '/figures?by=tag',
    '/templates',
    `/templates/${template.id}`,
    '/captures',
  ]) {
    await window.go(path);
    await window.page.locator('main h1').waitFor();
    await window.page.locator('[aria-busy]').first().waitFor({ state: 'detached' });
    assert.match(await window.page.title(), /· Lettershop$/, path);
    assert.equal(await window.page.locator('main img, main svg[onload]').count(), 0, path);
  }
});

test('a link back after the login leads to no other site', async () => {
  const it = await ground();
  for (const next of [
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    'javascript:alert(1)',
  ]) {
    await using window = await it.openStranger();
    const { page } = window;
    await window.go(`/login?next=${encodeURIComponent(next)}`);
    await page.getByLabel('Address').fill(owner.email);
    await page.getByLabel('Password').fill(owner.password);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    assert.equal(new URL(page.url()).origin, it.world.url, next);
  }
});
