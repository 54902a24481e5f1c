/** What makes something new, by the keyboard alone, on a phone and a wide screen; and for whom it stays shut. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ground } from '../ground.ts';

const dialogues = [
  { path: '/domains', button: 'New domain' },
  { path: '/tracking-domains', button: 'New tracking domain' },
  { path: '/senders', button: 'New sender' },
  { path: '/keys', button: 'New key' },
  { path: '/keys?kind=smtp', button: 'New SMTP user' },
  { path: '/webhooks', button: 'New webhook' },
  { path: '/suppressions', button: 'Add addresses' },
  { path: '/suppressions', button: 'Import' },
] as const;

const inDialogue = 'document.activeElement?.closest("[role=dialog]") !== null';

for (const { path, button } of dialogues) {
  const name = button.toLowerCase().replaceAll(' ', '-');
  test(`"${button}" opens by the keyboard, holds the focus, is whole at any width and closes by Escape`, async () => {
    const it = await ground();
    for (const [form, colorScheme, width] of [
      ['wide', 'light', 1280],
      ['narrow', 'dark', 390],
    ] as const) {
      await using window = await it.open('owner', { colorScheme, viewport: { width, height: 860 } });
      const { page } = window;
      await window.go(path);
      const opener = page.getByRole('button', { name: button, exact: true });
      await opener.focus();
      await page.keyboard.press('Enter');
      const dialogue = page.getByRole('dialog');
      await dialogue.waitFor();
      await page.waitForFunction(inDialogue);
      // Once around: the focus goes through the dialogue and not behind it.
      for (let at = 0; at < 12; at++) {
        await page.keyboard.press('Tab');
        assert.equal(await page.evaluate(inDialogue), true, `${button} loses the focus`);
      }
      await window.check();
      await window.picture(`dialogue-${name}-${form}-${colorScheme}`);
      await page.keyboard.press('Escape');
      await dialogue.waitFor({ state: 'detached' });
      await page.waitForFunction('document.activeElement?.tagName === "BUTTON"');
      assert.equal(await page.evaluate('document.activeElement.textContent'), await opener.textContent());
    }
  });

  test(`"${button}" stays shut for somebody who only reads, and says why`, async () => {
    const it = await ground();
    await using window = await it.open('reader');
    const { page } = window;
    await window.go(path);
    const opener = page.getByRole('button', { name: button, exact: true });
    await opener.focus();
    await page
      .getByText(/You lack the grant \w+:write/)
      .first()
      .waitFor();
    await page.keyboard.press('Enter');
    await window.check();
    assert.equal(await page.getByRole('dialog').count(), 0);
  });
}
