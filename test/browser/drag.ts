/** Parts of a mail dragged by hand, in the page and in the frame of the design, in which no script runs. */
import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';

type Point = { readonly x: number; readonly y: number };

type Mouse = {
  readonly to: (x: number, y: number) => Promise<unknown>;
  readonly press: () => Promise<unknown>;
  readonly release: () => Promise<unknown>;
};

/**
 * Inside the design the browser is given its mouse directly: Playwright, which wants to hold what is dragged, waits for
 * an answer of the page's script there, and no script runs in it.
 */
export async function directMouse(page: Page): Promise<Mouse> {
  const session = await page.context().newCDPSession(page);
  const at = { x: 0, y: 0 };
  let buttons = 0;
  const tell = (type: 'mouseMoved' | 'mousePressed' | 'mouseReleased'): Promise<unknown> =>
    session.send('Input.dispatchMouseEvent', { type, ...at, button: 'left', buttons, clickCount: 1 });
  return {
    to(x, y) {
      Object.assign(at, { x, y });
      return tell('mouseMoved');
    },
    press() {
      buttons = 1;
      return tell('mousePressed');
    },
    release() {
      buttons = 0;
      return tell('mouseReleased');
    },
  };
}

export function handOf({ mouse }: Page): Mouse {
  return {
    to: (x, y) => mouse.move(x, y, { steps: 4 }),
    press: () => mouse.down(),
    release: () => mouse.up(),
  };
}

/** Down, some way, there. Whether the place where it will fall shows, which it does a moment after the pointer is there. */
async function carry(page: Page, mouse: Mouse, from: Point, to: Point): Promise<boolean> {
  await mouse.to(from.x, from.y);
  await mouse.press();
  for (const share of [0.1, 0.3, 0.6, 1])
    await mouse.to(from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share + 2);
  for (let tries = 0; tries < 20; tries++) {
    await mouse.to(to.x + (tries % 2), to.y);
    if ((await page.locator('.gjs-placeholder:visible').count()) > 0) return true;
    await page.waitForTimeout(200);
  }
  return false;
}

/** As a hand does, which lets go and takes hold anew of what did not come along: a busy machine misses where it was pressed. */
export async function drag(mouse: Mouse, from: Locator, to: Locator, part: number): Promise<void> {
  const page = from.page();
  const start = await from.boundingBox();
  const end = await to.boundingBox();
  assert.ok(start !== null && end !== null);
  const first = { x: start.x + start.width / 2, y: start.y + start.height / 2 };
  const at = { x: end.x + end.width / 2, y: end.y + end.height * part };
  let hasCome = false;
  for (let tries = 0; tries < 5 && !hasCome; tries++) {
    hasCome = await carry(page, mouse, first, at);
    if (!hasCome) await mouse.to(first.x, first.y);
    await mouse.release();
  }
  assert.ok(hasCome, 'it did not come along');
}
