/** Mail for later (contract, 4.5): list, cancel, reschedule. */
import { idTime } from '../../base/ids.ts';
import { isRefusal } from '../../features/refusals/index.ts';
import { orNull, pages } from './caller.ts';
import type { MandrillCall, MandrillCaller } from './caller.ts';
import { flat, neededText, text } from './fields.ts';
import type { Body } from './fields.ts';
import { messageId } from './messages.ts';
import type { NativeMessage } from './states.ts';
import { readTime, timeText } from './times.ts';
import { unknown } from './words.ts';

const id = '0c5d1f0a9b3e4c7d8e6f7a8b9c0d1e2f';

export const scheduledCalls: readonly MandrillCall[] = [
  { call: 'messages/list-scheduled', example: { to: 'ann@ok.test' }, run: list },
  { call: 'messages/cancel-scheduled', example: { id }, run: cancel },
  { call: 'messages/reschedule', example: { id, send_at: '2030-01-01 09:00:00' }, run: reschedule },
];

type Waiting = { readonly messageId: string; readonly holdUntil: string | null };

/** When each scheduled message leaves. */
async function schedule(caller: MandrillCaller): Promise<ReadonlyMap<string, string>> {
  const rows = await pages<Waiting>(caller.world, caller.all, 'GET /queue', { hold: 'scheduled' });
  return new Map(rows.map(({ messageId: each, holdUntil }) => [each, holdUntil ?? '']));
}

function print({ world }: MandrillCaller, message: NativeMessage, sendAt: string): unknown {
  return {
    _id: world.ids.printId(message.id, 'message', 'hex32'),
    created_at: timeText(new Date(idTime(message.id)).toISOString()),
    send_at: timeText(sendAt),
    from_email: message.from,
    to: message.to,
    subject: message.subject,
  };
}

async function list(caller: MandrillCaller, body: Body): Promise<unknown> {
  const to = text(body, 'to', 320);
  const until = await schedule(caller);
  if (until.size === 0) return [];
  const query = { state: 'held', ...(to === null || to === '' ? {} : { to }) };
  const held = await pages<NativeMessage>(caller.world, caller.all, 'GET /messages', query, 5000);
  return held.flatMap((message) => {
    const at = until.get(message.id);
    return at === undefined ? [] : [print(caller, message, at)];
  });
}

/** The message while it waits for its time. */
async function waiting(caller: MandrillCaller, body: Body, found: string): Promise<[NativeMessage, string]> {
  const { native } = caller.world;
  const params = { id: found };
  const message = await orNull(native.call<NativeMessage>(caller.all, 'GET /messages/:id', { params }));
  const why = await orNull(native.call<Why>(caller.all, 'GET /messages/:id/why', { params }));
  const reason = why?.reasons.find(({ code }) => code === 'scheduled');
  if (message === null || reason === undefined) throw unknown.message(String(body['id']));
  return [message, reason.movesAt ?? message.stateAt];
}

type Why = { readonly reasons: readonly { readonly code: string; readonly movesAt: string | null }[] };

async function cancel(caller: MandrillCaller, body: Body): Promise<unknown> {
  const found = messageId(caller, body);
  const [message, sendAt] = await waiting(caller, body, found);
  try {
    await caller.world.native.call(caller.all, 'POST /messages/:id/cancel', { params: { id: found } });
  } catch (error) {
    if (isRefusal(error) && error.code === 'conflict.state') throw unknown.message(String(body['id']));
    throw error;
  }
  return print(caller, message, sendAt);
}

async function reschedule(caller: MandrillCaller, body: Body): Promise<unknown> {
  const given = neededText(body, 'send_at', 40);
  const at = readTime(given);
  if (at === null) throw flat('send_at', 'Please enter a valid date/time');
  const found = messageId(caller, body);
  const [message] = await waiting(caller, body, found);
  const changed = await orNull(
    caller.world.native.call<{ sendAt: string }>(caller.all, 'POST /messages/:id/reschedule', {
      params: { id: found },
      body: { sendAt: at },
    }),
  );
  if (changed === null) throw unknown.message(String(body['id']));
  return print(caller, message, changed.sendAt);
}
