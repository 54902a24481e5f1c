/** Exports (contract, 4.13): lists and activity as files that are made in the background. */
import { isRefusal } from '../../features/refusals/index.ts';
import { orNull, pages } from './caller.ts';
import type { MandrillCall, MandrillCaller } from './caller.ts';
import { addressFault, flat, neededText, text, texts } from './fields.ts';
import type { Body } from './fields.ts';
import { exportStates } from './export-form.ts';
import { readTime, timeOrNull, timeText } from './times.ts';
import { invalid, tell, unknown } from './words.ts';

const exampleId = '2025-08-29 18:48:05.63771';
const notify = { notify_email: 'ops@inbox.test' };

export const exportCalls: readonly MandrillCall[] = [
  { call: 'exports/rejects', example: notify, run: (caller, body) => askList(caller, body, stopping) },
  // Older programs call it a whitelist.
  ...['exports/allowlist', 'exports/whitelist'].map((call): MandrillCall => ({
    call,
    example: notify,
    run: (caller, body) => askList(caller, body, ['allow']),
  })),
  {
    call: 'exports/activity',
    example: { ...notify, date_from: '2025-08-01', date_to: '2025-08-29', tags: ['t1'], states: ['bounced'] },
    run: askActivity,
  },
  { call: 'exports/info', example: { id: exampleId }, run: info },
  { call: 'exports/list', example: {}, run: list },
];

const stopping = ['complaint', 'unsubscribe', 'hard_bounce', 'manual', 'on_hold'];

type NativeExport = {
  readonly id: string;
  readonly kind: string;
  readonly form: string;
  readonly query: { readonly kinds?: readonly string[] };
  readonly state: string;
  readonly url: string | null;
  readonly createdAt: string;
  readonly finishedAt: string | null;
};

/** Its time, and our number for what a second is split into: the one as they are written, the other as it is found. */
function printId({ id, createdAt }: Pick<NativeExport, 'id' | 'createdAt'>): string {
  return `${timeText(createdAt)}.${id}`;
}

function typeOf({ kind, query }: NativeExport): string {
  if (kind === 'messages') return 'activity';
  return query.kinds?.includes('allow') === true ? 'whitelist' : 'reject';
}

function print(found: NativeExport): unknown {
  return {
    id: printId(found),
    created_at: timeText(found.createdAt),
    type: typeOf(found),
    finished_at: timeOrNull(found.finishedAt),
    state: found.state === 'failed' ? 'error' : found.state,
    result_url: found.url,
  };
}

function notifyOf(body: Body): { readonly notify?: string } {
  const email = text(body, 'notify_email', 320);
  if (email === null || email === '') return {};
  const fault = addressFault(email);
  if (fault !== null) throw flat('notify_email', fault);
  return { notify: email };
}

async function ask({ world, all }: MandrillCaller, name: string, body: Body): Promise<unknown> {
  try {
    return print(await world.native.call<NativeExport>(all, name, { body: { form: 'mandrill', ...body } }));
  } catch (error) {
    if (isRefusal(error) && error.code === 'limit.reached') throw tell(500, -99, 'UserError', error.message);
    throw error;
  }
}

async function askList(caller: MandrillCaller, body: Body, kinds: readonly string[]): Promise<unknown> {
  return ask(caller, 'POST /exports/suppressions', { ...notifyOf(body), kinds });
}

const dayMs = 86_400_000;

function timeIn(body: Body, field: string): string | null {
  const given = text(body, field, 40);
  if (given === null || given === '') return null;
  const at = readTime(given);
  if (at === null) throw invalid({ [field]: 'Please enter a valid date/time' });
  // A day is meant with all of its hours.
  const isWholeDay = field === 'date_to' && /^\d{4}-\d{2}-\d{2}$/.test(given.trim());
  return isWholeDay ? new Date(Date.parse(at) + dayMs).toISOString() : at;
}

function named(body: Body, field: string, to: string): Readonly<Record<string, readonly string[]>> {
  const given = texts(body, field) ?? [];
  return given.length === 0 ? {} : { [to]: given };
}

async function askActivity(caller: MandrillCaller, body: Body): Promise<unknown> {
  const [from, until] = [timeIn(body, 'date_from'), timeIn(body, 'date_to')];
  const states = texts(body, 'states') ?? [];
  const strange = states.find((state) => !exportStates.some((known) => known === state));
  if (strange !== undefined) throw flat('states', `Please enter any of ${exportStates.join(', ')}`);
  // Keys are known here by their hashes only.
  if ((texts(body, 'api_keys') ?? []).length > 0)
    throw flat('api_keys', 'Activity cannot be narrowed to keys here');
  return ask(caller, 'POST /exports/messages', {
    ...notifyOf(body),
    ...(from === null ? {} : { from }),
    ...(until === null ? {} : { until }),
    ...named(body, 'tags', 'tags'),
    ...named(body, 'senders', 'senders'),
    ...named(body, 'states', 'states'),
  });
}

async function info({ world, all }: MandrillCaller, body: Body): Promise<unknown> {
  const id = neededText(body, 'id', 100);
  const number = /\.([1-9]\d{0,17})$/.exec(id)?.[1];
  const found =
    number === undefined
      ? null
      : await orNull(world.native.call<NativeExport>(all, 'GET /exports/:id', { params: { id: number } }));
  if (found === null || printId(found) !== id) throw unknown.export(id);
  return print(found);
}

async function list({ world, all }: MandrillCaller): Promise<unknown> {
  const found = await pages<NativeExport>(world, all, 'GET /exports', {});
  return found.filter(({ form }) => form === 'mandrill').map(print);
}
