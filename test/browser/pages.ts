import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
let browser: Browser;
const shots = process.env['SCREENSHOTS'] ?? join(tmpdir(), 'lettershop-screenshots');

before(async () => {
  mkdirSync(shots, { recursive: true });
  world = await startWorld();
  const [id = ''] = await world.send('you@inbox.test', {
    subject: '<script>alert(1)</script> Grüße',
    html: '<script>alert(1)</script>',
  });
  await world.settled(id, ['delivered']);
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
});
after(async () => {
  await browser.close();
  await world[Symbol.asyncDispose]();
});

test('the printed link logs in once, the page shows messages and captured mail as text, and logs out', async () => {
  const token = world.program.firstLogin?.loginToken ?? '';
  for (const [name, colorScheme, width] of [
    ['wide-light', 'light', 1280],
    ['narrow-dark', 'dark', 390],
  ] as const) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('dialog', (dialog) => problems.push(dialog.message()));
    page.on('console', (line) => line.type() === 'error' && problems.push(line.text()));
    if (name === 'wide-light') {
      await page.goto(`${world.url}/login/${token}`);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('heading', { name: 'Captured mail' }).waitFor();
      await page.screenshot({ path: join(shots, `overview-${name}.png`), fullPage: true });
      await page.getByRole('link', { name: /Grüße/ }).first().click();
      await page.getByText('DKIM-Signature').first().waitFor();
      await page.screenshot({ path: join(shots, `capture-${name}.png`) });
      await page.getByRole('link', { name: 'Back' }).click();
      await page.getByRole('button', { name: 'Log out' }).click();
      await page.getByText('For the first login there is a link').waitFor();
    } else {
      const used = await page.goto(`${world.url}/login/${token}`);
      assert.equal(used?.status(), 200);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByText('was used or is too old').waitFor();
      await page.goto(world.url);
      await page.getByLabel('Address').fill('owner@lettershop.test');
      await page.getByLabel('Password').fill('not the password at all');
      await page.screenshot({ path: join(shots, `login-${name}.png`) });
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('alert').waitFor();
      await page.goto(`${world.url}/api/v1/reference`);
      await page.getByText('/messages').first().waitFor();
      problems.length = 0;
    }
    const overflow = await page.evaluate('document.documentElement.scrollWidth > window.innerWidth');
    assert.equal(overflow, false, `${name} scrolls sideways`);
    await page.screenshot({ path: join(shots, `last-${name}.png`) });
    assert.deepEqual(problems, []);
    await context.close();
  }
});
