/**
 * Ids of 63 bits, made without the database: 42 bits of milliseconds since 1970, 9 of node, 12 of counter (design,
 * section 1). Printed in decimal; dialects print the same id in their own form. HOT PATH: about 0.2 us each.
 */
import { assert } from './assert.ts';
import type { Clock } from './clock.ts';

const counterBits = 12;
const nodeBits = 9;
const timeShift = BigInt(counterBits + nodeBits);
const countersPerMs = 2 ** counterBits;
/** How far ids may run ahead of the clock when more than 4096 a millisecond are made. */
const aheadMsMax = 1000;

export type IdSource = { readonly next: () => string; readonly newestMs: () => number };

/**
 * Ids of one node, strictly rising. `lastIssuedMs` is the newest millisecond that this node number has used before: a
 * clock behind it would make an id twice.
 */
export function makeIdSource(options: { clock: Clock; node: number; lastIssuedMs: number }): IdSource {
  const { clock, node } = options;
  assert(node >= 0 && node < 2 ** nodeBits, `node ${node} is out of range`);
  let ms = options.lastIssuedMs;
  let base = 0n;
  let counter = countersPerMs;
  const advance = (): void => {
    const now = clock.now();
    if (now > ms) ms = now;
    else ms += 1;
    assert(
      ms - now <= aheadMsMax || now < options.lastIssuedMs,
      'ids ran more than a second ahead of the clock',
    );
    base = (BigInt(ms) << timeShift) | (BigInt(node) << BigInt(counterBits));
    counter = 0;
  };
  return {
    next: () => {
      if (counter >= countersPerMs || (counter > 0 && clock.now() > ms)) advance();
      counter += 1;
      return (base | BigInt(counter - 1)).toString();
    },
    newestMs: () => ms,
  };
}

/** When an id was made, in milliseconds. */
export function idTimeMs(id: string): number {
  return Number(BigInt(id) >> timeShift);
}
