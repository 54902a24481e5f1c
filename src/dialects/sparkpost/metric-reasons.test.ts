import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tables } from './metric-reasons.ts';
import type { Row } from './metric-reasons.ts';

const none = {
  accepted: 0,
  delivered: 0,
  deliveredFirst: 0,
  bounced: {},
  bouncedLater: 0,
  bouncedLaterBy: {},
  deferred: {},
  delayed: 0,
  rejected: {},
  complained: 0,
  unsubscribed: 0,
  opened: 0,
  openers: 0,
  clicked: 0,
  initiallyOpened: 0,
  initialOpeners: 0,
  clickers: 0,
  clickedByMachines: 0,
  engaged: 0,
  deliveredBytes: 0,
  deliveryTotalMs: { first: 0, later: 0 },
};

function printed(path: string, value: string | null, figures: Partial<Row['figures']>): unknown {
  const table = tables.find((each) => each.path === path);
  return table?.print({ value, isOther: false, and: null, figures: { ...none, ...figures } });
}

test('clicks of machines are raw ones, and a link without a name is a raw URL', () => {
  assert.deepEqual(printed('link-name', 'hero', { clicked: 2, clickedByMachines: 3 }), [
    { link_name: 'hero', count_clicked: 2, count_raw_clicked: 5 },
  ]);
  assert.deepEqual(printed('link-name', null, { clickedByMachines: 1 }), [
    { link_name: 'Raw URL', count_clicked: 0, count_raw_clicked: 1 },
  ]);
  assert.deepEqual(printed('link-name', null, { delivered: 9 }), []);
});

test('bounces of one reason have a row for each class, in band and out of band apart', () => {
  const rows = printed('bounce-reason', '550 no', {
    bounced: { hard: 2, total: 2 },
    bouncedLaterBy: { hard: 1, soft: 4 },
    rejected: { expired: 1 },
  }) as readonly Readonly<Record<string, unknown>>[];
  assert.deepEqual(
    rows.map((row) => [row['classification_id'], row['count_inband_bounce'], row['count_outofband_bounce']]),
    [
      ['10', 2, 1],
      ['20', 0, 4],
      ['24', 1, 0],
    ],
  );
});

test('mail that was taken to be rejected is a rejection by policy', () => {
  assert.deepEqual(printed('rejection-reason', null, { rejected: { refused: 2 } }), [
    {
      reason: '554 5.7.1 [internal] Message rejected by policy',
      count_rejected: 2,
      rejection_category_id: 1,
      rejection_type: 'Policy Rejection',
    },
  ]);
});
