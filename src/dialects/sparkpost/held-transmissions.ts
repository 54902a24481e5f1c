/** Transmissions that were accepted: reading them, and taking back what still waits (contract, section 5). */
import type { Answer } from '../../base/route.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { classic, everything } from './fields.ts';
import { isTemplateId, slugOf } from './templates.ts';

type Submission = {
  readonly id: string;
  readonly campaign: string | null;
  readonly templateId: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly sendAt: string | null;
};
type Whole = Submission & { readonly copies: number; readonly states: Readonly<Record<string, number>> };

const path = '/api/v1/transmissions';
const params = { id: '3765478512744464390' };
const tenMinutesMs = 600_000;

export function heldRoutes(): readonly SparkpostRoute[] {
  const view = { method: 'GET', grant: 'messages:read' } as const;
  const modify = { method: 'DELETE', grant: 'messages:send' } as const;
  return [
    { ...view, path, example: {}, run: list },
    { ...view, path: `${path}/:id`, example: { params }, run: get },
    { ...modify, path, example: { query: { campaign_id: 'spring' } }, run: cancelCampaign },
    { ...modify, path: `${path}/:id`, example: { params }, run: cancel },
  ];
}

async function find({ world, one }: SparkpostCaller, id: string): Promise<Whole> {
  const unknown = classic(404, '1600', 'resource not found', `Resource not found:transmission id ${id}`);
  if (!/^\d+$/.test(id)) throw classic(400, '2001', 'Invalid transmission id');
  if (!/^(?:\d{1,18}|[1-8]\d{18})$/.test(id)) throw unknown;
  try {
    return await world.native.call<Whole>(one, 'GET /submissions/:id', { params: { id } });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'not_found') throw unknown;
    throw error;
  }
}

type State = 'submitted' | 'Generating' | 'Success' | 'Canceled';

function stateOf({ states, copies, sendAt }: Whole, now: number): State {
  if ((states['cancelled'] ?? 0) === copies && copies > 0) return 'Canceled';
  if (sendAt !== null && Date.parse(sendAt) > now) return 'submitted';
  return (states['queued'] ?? 0) + (states['held'] ?? 0) > 0 ? 'Generating' : 'Success';
}

/** As its caller named it; what is written without one is `inline`. */
async function templateOf(caller: SparkpostCaller, id: string | null): Promise<string> {
  return id === null ? 'inline' : ((await slugOf(caller, id)) ?? id);
}

async function get(caller: SparkpostCaller, { params: { id = '' } }: Call): Promise<Answer> {
  const found = await find(caller, id);
  const { states, copies, sendAt } = found;
  const waiting = (states['queued'] ?? 0) + (states['held'] ?? 0);
  const transmission = {
    id,
    state: stateOf(found, caller.world.now()),
    campaign_id: found.campaign ?? '',
    description: '',
    content: { template_id: await templateOf(caller, found.templateId), use_draft_template: false },
    options: sendAt === null ? {} : { start_time: sendAt },
    metadata: found.metadata,
    substitution_data: {},
    num_rcpts: copies,
    num_generated: copies - waiting - (states['failed'] ?? 0),
    num_failed_gen: states['failed'] ?? 0,
  };
  return { status: 200, body: { results: { transmission } } };
}

const listedMax = 1000;

/** Of the caller's own, the newest thousand. */
async function list(caller: SparkpostCaller, { query }: Call): Promise<Answer> {
  const { native } = caller.world;
  const { campaign_id: campaign, template_id: template } = query;
  const narrowed = {
    ...(campaign === undefined ? {} : { campaign }),
    ...(template === undefined ? {} : { template: await templateId(caller, template) }),
  };
  const found =
    narrowed.template === null
      ? []
      : await everything<Submission>(native, caller.one, 'GET /submissions', narrowed, listedMax);
  const results = [];
  for (const { id, campaign: of, templateId: from, sendAt } of found) {
    const isAhead = sendAt !== null && Date.parse(sendAt) > caller.world.now();
    results.push({
      id,
      campaign_id: of ?? '',
      description: '',
      state: isAhead ? 'submitted' : 'Success',
      content: { template_id: await templateOf(caller, from) },
    });
  }
  return { status: 200, body: { results } };
}

/** Null when there is none of that name. */
async function templateId({ world, one }: SparkpostCaller, slug: string): Promise<string | null> {
  if (!isTemplateId(slug) || !one.scope.grants.has('templates:read')) return null;
  const [found] = await everything<{ readonly id: string }>(world.native, one, 'GET /templates', { slug });
  return found?.id ?? null;
}

/** Only within the caller's own scope: the primary account's call does not touch a subaccount's mail. */
async function cancelCampaign({ world, one }: SparkpostCaller, { query }: Call): Promise<Answer> {
  const { campaign_id: campaign } = query;
  if (campaign === undefined || campaign === '')
    throw classic(400, '1401', 'required query parameter is missing', 'campaign_id is required');
  // What is longer than a campaign may be is nobody's.
  if (Buffer.byteLength(campaign) <= 64)
    await world.native.call(one, 'POST /submissions/cancel', { body: { campaign } });
  return { status: 204 };
}

async function cancel(caller: SparkpostCaller, { params: { id = '' } }: Call): Promise<Answer> {
  const found = await find(caller, id);
  const now = caller.world.now();
  if (stateOf(found, now) !== 'submitted')
    throw classic(
      409,
      '2006',
      'transmission database record is in an invalid state for deletion',
      `transmission ${id} is not scheduled`,
    );
  if (Date.parse(found.sendAt ?? '') - now <= tenMinutesMs)
    throw classic(
      409,
      '2003',
      'too close to generation time to delete transmission',
      'transmissions can be deleted until ten minutes before they start',
    );
  await caller.world.native.call(caller.one, 'POST /submissions/:id/cancel', { params: { id } });
  return { status: 204 };
}
