import { Type } from 'typebox';
import type { Static } from 'typebox';
import {
  defineRoute,
  fields,
  idPattern,
  line,
  pageQuery,
  pageReply,
  record,
  word,
} from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { messageStates } from './model.ts';
import type { MessageState } from './model.ts';
import type { MessageWorld } from './operations.ts';
import type { SubmissionRow } from './sql-submissions.ts';
import { cancelCampaign, cancelSubmission, getSubmission, submissions } from './submissions.ts';

const IdParams = fields({ id: word(19, { pattern: idPattern }) });
const NullableText = Type.Union([Type.String(), Type.Null()]);

const submissionFields = {
  id: Type.String(),
  subaccountId: Type.Integer(),
  from: Type.String(),
  subject: Type.String(),
  door: Type.String(),
  sizeBytes: Type.Integer(),
  tags: Type.Array(Type.String()),
  metadata: record(Type.Unknown(), { nameLengthMax: 128, entriesMax: 1000 }),
  campaign: NullableText,
  templateId: NullableText,
  sendAt: NullableText,
};
const SubmissionReply = fields(submissionFields);
const States = record(Type.Integer(), { nameLengthMax: 20, entriesMax: messageStates.length });
const wholeFields = { ...submissionFields, copies: Type.Integer(), states: States };

function submissionJson({ options, ...row }: SubmissionRow): Static<typeof SubmissionReply> {
  return {
    id: row.id,
    subaccountId: Number(row.subaccountId),
    from: row.from,
    subject: row.subject,
    door: row.door,
    sizeBytes: row.sizeBytes,
    tags: [...options.tags],
    metadata: { ...options.metadata },
    campaign: options.campaign ?? null,
    templateId: options.templateId ?? null,
    sendAt: options.sendAt ?? null,
  };
}

function statesJson(states: ReadonlyMap<MessageState, number>): {
  copies: number;
  states: Record<string, number>;
} {
  const copies = [...states.values()].reduce((sum, n) => sum + n, 0);
  return { copies, states: Object.fromEntries(states) };
}

const Campaign = line(100);
const id = '3765478512744464390';

export function submissionRoutes(world: MessageWorld): readonly Route[] {
  return [...reading(world), ...cancelling(world)];
}

function reading(world: MessageWorld): readonly Route[] {
  const base = { tag: 'submissions', grant: 'messages:read', method: 'GET' } as const;
  return [
    defineRoute({
      ...base,
      path: '/submissions',
      summary:
        'List calls that were accepted, newest first: of the subaccount acted for, or the account’s own',
      query: pageQuery({
        campaign: Type.Optional(Campaign),
        template: Type.Optional(word(19, { pattern: idPattern, description: 'its id' })),
      }),
      replies: { 200: pageReply(SubmissionReply) },
      example: { query: { limit: 20 } },
      run: async ({ scope, query: { limit = 50, cursor = null, campaign = null, template = null } }) => {
        const page = { before: cursor, limit, campaign, templateId: template };
        const { items, next } = await submissions(world, scope, page);
        return { status: 200, body: { items: items.map(submissionJson), next } };
      },
    }),
    defineRoute({
      ...base,
      path: '/submissions/:id',
      summary: 'Read one accepted call with how many of its copies are in which state',
      params: IdParams,
      replies: { 200: fields(wholeFields) },
      example: { params: { id } },
      run: async ({ scope, params }) => {
        const { submission, states } = await getSubmission(world, scope, params.id);
        return { status: 200, body: { ...submissionJson(submission), ...statesJson(states) } };
      },
    }),
  ];
}

function cancelling(world: MessageWorld): readonly Route[] {
  const base = { tag: 'submissions', grant: 'messages:send', method: 'POST' } as const;
  return [
    defineRoute({
      ...base,
      path: '/submissions/:id/cancel',
      summary: 'Cancel every copy of a call that waits, together',
      params: IdParams,
      replies: { 200: fields({ ...wholeFields, cancelled: Type.Integer() }) },
      example: { params: { id } },
      run: async ({ scope, params }) => {
        const { submission, states, cancelled } = await cancelSubmission(world, scope, params.id);
        return { status: 200, body: { ...submissionJson(submission), ...statesJson(states), cancelled } };
      },
    }),
    defineRoute({
      ...base,
      path: '/submissions/cancel',
      summary: 'Cancel what waits of a campaign: of the subaccount acted for, or the account’s own',
      body: fields({ campaign: line(100) }),
      replies: { 200: fields({ submissions: Type.Integer(), cancelled: Type.Integer() }) },
      example: { body: { campaign: 'spring' } },
      run: async ({ scope, body }) => ({
        status: 200,
        body: await cancelCampaign(world, scope, body.campaign),
      }),
    }),
  ];
}
