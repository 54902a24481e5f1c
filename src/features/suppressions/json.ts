/** Shapes of the routes, and what they show of entries and imports. */
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { fields, Instant, line, word } from '../../base/route.ts';
import { kinds, layers } from './model.ts';
import type { ImportReport, Suppression } from './model.ts';

export const KindField = Type.Enum(kinds, {
  description: 'pattern: a glob such as *@example.com; allow: bounces do not stop it',
});
/** Layers that keys write; the installation's is its operator's. */
export const LayerField = Type.Enum(['subaccount', 'account'], {
  description: "whose list; the account's covers all its subaccounts",
});
const AnyLayer = Type.Enum(layers);

export const changeFields = {
  stopsTransactional: Type.Optional(Type.Boolean()),
  stopsBulk: Type.Optional(Type.Boolean()),
  expiresAt: Type.Optional(Type.Union([Instant, Type.Null()])),
  reason: Type.Optional(line(1000)),
  sender: Type.Optional(line(320, { description: 'who sent when it came to be; for information' })),
  list: Type.Optional(line(200, { description: 'which list it was for; for information' })),
};

export const EntryFields = fields({
  address: word(320),
  kind: Type.Optional(KindField),
  onlyList: Type.Optional(
    line(200, {
      description:
        'only mail whose List-Id names this list is stopped; an address may stand on a list once for each, and once for all',
    }),
  ),
  onlySender: Type.Optional(
    line(320, {
      description:
        'only mail whose From address is this one is stopped; an address may stand on a list once for each, and once for all',
    }),
  ),
  ...changeFields,
});

const NullableText = Type.Union([Type.String(), Type.Null()]);

export const SuppressionReply = fields({
  id: Type.String(),
  subaccountId: Type.Integer(),
  layer: AnyLayer,
  address: Type.Union([Type.String(), Type.Null()], {
    description: 'null: the person was erased and stays suppressed',
  }),
  kind: Type.Enum(kinds),
  source: Type.String(),
  stopsTransactional: Type.Boolean(),
  stopsBulk: Type.Boolean(),
  expiresAt: NullableText,
  isExpired: Type.Boolean({ description: 'it stops nothing any more' }),
  reason: Type.String(),
  sender: Type.String(),
  list: Type.String(),
  onlyList: Type.String({ description: 'the list whose mail alone is stopped; empty: all mail' }),
  onlySender: Type.String({ description: 'the From address whose mail alone is stopped; empty: all mail' }),
  messageId: NullableText,
  lastEventAt: Type.String({ description: 'what put it there, or renewed it' }),
  renewals: Type.Integer({ description: 'how often it was renewed after its end' }),
  createdAt: Type.String(),
  updatedAt: Type.String(),
});

/** `now`: milliseconds. */
export function suppressionJson(entry: Suppression, now: number): Static<typeof SuppressionReply> {
  return {
    id: entry.id,
    subaccountId: Number(entry.subaccountId),
    layer: entry.layer,
    address: entry.address,
    kind: entry.kind,
    source: entry.source,
    stopsTransactional: entry.stopsTransactional,
    stopsBulk: entry.stopsBulk,
    expiresAt: entry.expiresAt?.toISOString() ?? null,
    isExpired: entry.expiresAt !== null && entry.expiresAt.getTime() <= now,
    reason: entry.reason,
    sender: entry.sender,
    list: entry.list,
    onlyList: entry.onlyList,
    onlySender: entry.onlySender,
    messageId: entry.messageId,
    lastEventAt: entry.lastEventAt.toISOString(),
    renewals: entry.renewals,
    createdAt: entry.createdAt.toISOString(),
    updatedAt: entry.updatedAt.toISOString(),
  };
}

const LaneAnswer = fields({
  allowed: Type.Boolean(),
  layer: Type.Optional(AnyLayer),
  kind: Type.Optional(Type.String({ description: "told only of the caller's own lists" })),
});

export const AnswerReply = fields({
  address: Type.String(),
  transactional: LaneAnswer,
  bulk: LaneAnswer,
});

const reportFields = {
  id: Type.String(),
  subaccountId: Type.Integer(),
  layer: AnyLayer,
  format: Type.Enum(['csv', 'ndjson']),
  state: Type.Enum(['running', 'finished', 'cut'], {
    description: 'cut: the body or the program ended early; what was read until then is stored',
  }),
  read: Type.Integer({ description: 'lines with an entry, good or bad' }),
  added: Type.Integer(),
  changed: Type.Integer(),
  unchanged: Type.Integer({ description: 'stood there already, or came again later in the file' }),
  bad: Type.Integer(),
  createdAt: Type.String(),
  finishedAt: NullableText,
};
export const ReportReply = fields(reportFields);
export const FullReportReply = fields({
  ...reportFields,
  badLines: Type.Array(
    fields({
      line: Type.Integer(),
      field: Type.String(),
      rule: Type.String(),
      message: Type.String(),
    }),
    { description: 'the first thousand' },
  ),
});

export function reportJson(report: ImportReport): Static<typeof ReportReply> {
  const { read, added, changed, bad } = report;
  return {
    id: report.id,
    subaccountId: Number(report.subaccountId),
    layer: report.layer,
    format: report.format,
    state: report.state,
    read,
    added,
    changed,
    unchanged: read - added - changed - bad,
    bad,
    createdAt: report.createdAt.toISOString(),
    finishedAt: report.finishedAt?.toISOString() ?? null,
  };
}

export function fullReportJson(report: ImportReport): Static<typeof FullReportReply> {
  return { ...reportJson(report), badLines: report.badLines.map((each) => ({ ...each })) };
}
