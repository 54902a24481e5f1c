import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { idKinds, idRangeFor, idTime, makeIdPrinter, makeIdSource, parseId } from './ids.ts';
import type { Id, IdForm } from './ids.ts';

const start = Date.UTC(2026, 10, 24);

function clockAt(ms: number) {
  const state = { ms };
  return { now: () => state.ms, monotonicMs: () => state.ms, state };
}

const parts = (id: Id) => {
  const bits = BigInt(id);
  return { ms: Number(bits >> 21n), node: Number((bits >> 12n) & 511n), counter: Number(bits & 4095n) };
};

const anyId = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map((bits) => bits.toString());
const wideForms: IdForm[] = ['hex20', 'hex24', 'hex32', 'uuid'];
const printer = makeIdPrinter(Buffer.alloc(32, 7));

test('an id holds 42 bits of milliseconds, 9 of node, 12 of counter', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 42 - 1 }), fc.nat(511), (ms, node) => {
      const ids = makeIdSource({ clock: clockAt(ms), node, lastIssuedMs: 0 });
      assert.deepEqual(parts(ids.next()), { ms, node, counter: 0 });
      const second = ids.next();
      assert.deepEqual(parts(second), { ms, node, counter: 1 });
      assert.equal(idTime(second), ms);
    }),
  );
});

test('ids rise whatever the clock does', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5000, max: 5000 }), { maxLength: 40 }), (steps) => {
      const clock = clockAt(start);
      const ids = makeIdSource({ clock, node: 3, lastIssuedMs: 0 });
      let last = BigInt(ids.next());
      for (const step of steps) {
        clock.state.ms += step;
        const next = BigInt(ids.next());
        assert.ok(next > last);
        last = next;
      }
    }),
  );
});

test('a millisecond with used up counters borrows from the next, and the clock catches up', () => {
  const clock = clockAt(start);
  const ids = makeIdSource({ clock, node: 1, lastIssuedMs: 0 });
  for (let i = 0; i < 4096; i += 1) assert.equal(idTime(ids.next()), start);
  assert.deepEqual(parts(ids.next()), { ms: start + 1, node: 1, counter: 0 });
  clock.state.ms += 1;
  assert.deepEqual(parts(ids.next()), { ms: start + 1, node: 1, counter: 1 });
  clock.state.ms += 1;
  assert.deepEqual(parts(ids.next()), { ms: start + 2, node: 1, counter: 0 });
});

test('more than a second is never borrowed, however far the clock goes back', () => {
  const clock = clockAt(start);
  const ids = makeIdSource({ clock, node: 1, lastIssuedMs: start + 999 });
  clock.state.ms -= 3_600_000;
  for (let i = 0; i < 4096; i += 1) assert.equal(idTime(ids.next()), start + 1000);
  assert.throws(() => ids.next(), /faster than the clock/);
  clock.state.ms = start + 1;
  assert.equal(idTime(ids.next()), start + 1001);
});

test('nothing is made at or before the newest id of an earlier life', () => {
  const ids = makeIdSource({ clock: clockAt(start), node: 1, lastIssuedMs: start });
  assert.equal(idTime(ids.next()), start + 1);
});

test('two nodes never make the same id', () => {
  const made = [0, 1, 511].flatMap((node) => {
    const ids = makeIdSource({ clock: clockAt(start), node, lastIssuedMs: 0 });
    return Array.from({ length: 5000 }, () => ids.next());
  });
  assert.equal(new Set(made).size, made.length);
  assert.throws(() => makeIdSource({ clock: clockAt(start), node: 512, lastIssuedMs: 0 }), /9 bits/);
});

test('the range of a span of time holds exactly the ids made in it', () => {
  const { from, to } = idRangeFor(start, start + 1000);
  assert.equal(BigInt(from), BigInt(start) << 21n);
  assert.equal(BigInt(to), BigInt(start + 1000) << 21n);
  const late = makeIdSource({ clock: clockAt(start + 999), node: 511, lastIssuedMs: 0 });
  for (let i = 0; i < 4096; i += 1) assert.ok(BigInt(late.next()) < BigInt(to));
  assert.ok(BigInt(late.next()) >= BigInt(to));
});

test('time is read exactly from every id', () => {
  fc.assert(
    fc.property(anyId, (id) => assert.equal(idTime(id), Number(BigInt(id) >> 21n))),
    { numRuns: 1000 },
  );
});

test('every id comes back from each form, and each form has its look', () => {
  const looks: Record<string, RegExp> = {
    decimal: /^[1-9]\d*$/,
    hex20: /^[0-9a-f]{20}$/,
    hex24: /^[0-9a-f]{24}$/,
    hex32: /^[0-9a-f]{32}$/,
    uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  };
  fc.assert(
    fc.property(anyId, fc.constantFrom(...idKinds), (id, kind) => {
      for (const form of ['decimal', ...wideForms] as const) {
        const text = printer.printId(id, kind, form);
        assert.match(text, looks[form] ?? /never/);
        assert.equal(printer.readId(text, kind, form), id);
      }
      assert.equal(printer.readId(printer.printId(id, kind, 'uuid').toUpperCase(), kind, 'uuid'), id);
    }),
  );
});

test('what was printed for one kind never opens another', () => {
  fc.assert(
    fc.property(anyId, fc.constantFrom(...idKinds), fc.constantFrom(...idKinds), (id, kind, other) => {
      fc.pre(kind !== other);
      for (const form of wideForms) {
        assert.equal(printer.readId(printer.printId(id, kind, form), other, form), null);
      }
    }),
    { numRuns: 500 },
  );
});

test('a changed digit, another installation and a random string are not ids', () => {
  const other = makeIdPrinter(Buffer.alloc(32, 8));
  fc.assert(
    fc.property(anyId, fc.nat(15), (id, at) => {
      for (const form of ['hex24', 'hex32', 'uuid'] as const) {
        const text = printer.printId(id, 'message', form);
        const changed = `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`;
        assert.equal(printer.readId(changed, 'message', form), null);
        assert.equal(other.readId(text, 'message', form), null);
      }
    }),
  );
  for (const junk of [
    '',
    '0',
    'x'.repeat(20),
    `-${'1'.repeat(19)}`,
    '0'.repeat(20),
    'f'.repeat(32),
    '１'.repeat(20),
  ]) {
    for (const form of wideForms) assert.equal(printer.readId(junk, 'message', form), null);
  }
});

test('a decimal id is a positive integer below 2^63 without frills', () => {
  for (const good of ['1', '42', '9223372036854775807']) assert.equal(parseId(good), good);
  for (const bad of [
    '',
    '0',
    '01',
    '-1',
    '+1',
    ' 1',
    '1 ',
    '1.0',
    '1e3',
    '9223372036854775808',
    '1'.repeat(20),
    '0x1',
  ]) {
    assert.equal(parseId(bad), null, bad);
  }
});
