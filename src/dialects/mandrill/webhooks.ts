/** Webhooks (contract, 4.9): the account's, for all its subaccounts; a subaccount's key has those of its own. */
import { orNull, pages } from './caller.ts';
import type { MandrillCall, MandrillCaller } from './caller.ts';
import { neededText, text, texts } from './fields.ts';
import type { Body } from './fields.ts';
import { eventNames, kindsOfEvent, messageEvents } from './events.ts';
import type { EventName } from './events.ts';
import { timeText } from './times.ts';
import { invalid, unknown } from './words.ts';

const url = 'https://hooks.example.com/mandrill';

export const webhookCalls: readonly MandrillCall[] = [
  { call: 'webhooks/list', example: {}, run: list },
  { call: 'webhooks/add', example: { url, description: 'Shop', events: ['send', 'hard_bounce'] }, run: add },
  { call: 'webhooks/info', example: { id: 1131 }, run: info },
  { call: 'webhooks/update', example: { id: 1131, url, events: ['send'] }, run: update },
  { call: 'webhooks/delete', example: { id: 1131 }, run: remove },
];

type Webhook = {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly format: string;
  readonly names: readonly string[] | null;
  readonly sentSequence: number;
  readonly failures: number;
  readonly createdAt: string;
};

type Delivery = {
  readonly at: string;
  readonly isTaken: boolean;
  readonly kind: string;
  readonly error: string | null;
};

async function print({ world, all }: MandrillCaller, webhook: Webhook): Promise<unknown> {
  const params = { id: webhook.id };
  const [made, { items }] = await Promise.all([
    world.native.call<{ secret: string }>(all, 'GET /webhooks/:id/secret', { params }),
    world.native.call<{ items: readonly Delivery[] }>(all, 'GET /webhooks/:id/deliveries', {
      params,
      query: { limit: 20 },
    }),
  ]);
  const sent = items.filter(({ kind }) => kind !== 'test');
  const last = sent[0];
  return {
    id: Number(webhook.id),
    url: webhook.url,
    description: webhook.name === noDescription ? '' : webhook.name,
    auth_key: made.secret,
    events: webhook.names ?? messageEvents,
    created_at: timeText(webhook.createdAt),
    last_sent_at: last === undefined ? null : timeText(last.at),
    batches_sent: sent.filter(({ isTaken }) => isTaken).length,
    events_sent: webhook.sentSequence,
    last_error: webhook.failures > 0 ? (last?.error ?? 'the endpoint did not take the last batch') : null,
  };
}

/** A native webhook has a name; one without a description is called so. */
const noDescription = 'webhook';

function wishOf(
  body: Body,
): { readonly names: readonly EventName[]; readonly kinds: readonly string[] } | null {
  const given = texts(body, 'events');
  if (given === null) return null;
  const names = given.map((name) => {
    const known = eventNames.find((each) => each === name);
    if (known === undefined) throw invalid({ events: `"${name}" is not an event` });
    return known;
  });
  const wanted = names.length === 0 ? messageEvents : [...new Set(names)];
  return { names: wanted, kinds: [...new Set(wanted.flatMap((name) => kindsOfEvent[name]))] };
}

function urlIn(body: Body): string {
  const given = neededText(body, 'url', 2000);
  if (!/^https?:\/\/\S+$/i.test(given)) throw badUrl();
  return given;
}

const badUrl = (): Error => invalid({ url: 'That is not a valid URL' });

function descriptionIn(body: Body): string | null {
  const given = text(body, 'description', 200);
  return given === '' ? noDescription : given;
}

async function add(caller: MandrillCaller, body: Body): Promise<unknown> {
  const { world, all } = caller;
  const given = urlIn(body);
  const description = descriptionIn(body);
  const wish = wishOf(body) ?? { names: messageEvents, kinds: kindsOfAll };
  const made = await nativeUrl(
    world.native.call<Webhook>(all, 'POST /webhooks', {
      body: {
        name: description ?? noDescription,
        url: given,
        ...wish,
        format: 'mandrill',
        batchMax: 1000,
        // Told of nothing until it has answered.
        status: 'paused',
      },
    }),
  );
  const params = { id: made.id };
  const probe = await world.native.call<{ isTaken: boolean }>(all, 'POST /webhooks/:id/test', { params });
  if (!probe.isTaken) {
    await world.native.answer(all, 'DELETE /webhooks/:id', { params });
    throw badUrl();
  }
  const active = await world.native.call<Webhook>(all, 'PATCH /webhooks/:id', {
    params,
    body: { status: 'active' },
  });
  return print(caller, active);
}

const kindsOfAll = [...new Set(messageEvents.flatMap((name) => kindsOfEvent[name]))];

/** What our own look at the URL refuses is told in the provider's text. */
async function nativeUrl<T>(asked: Promise<T>): Promise<T> {
  const made = await orNull(asked);
  if (made === null) throw badUrl();
  return made;
}

async function find({ world, all }: MandrillCaller, body: Body): Promise<Webhook> {
  const id = neededText(body, 'id', 20);
  const params = { id };
  const found = /^\d{1,16}$/.test(id)
    ? await orNull(world.native.call<Webhook>(all, 'GET /webhooks/:id', { params }))
    : null;
  if (found === null || found.format !== 'mandrill') throw unknown.webhook(id);
  return found;
}

async function list(caller: MandrillCaller): Promise<unknown> {
  const found = await pages<Webhook>(caller.world, caller.all, 'GET /webhooks', {});
  return Promise.all(found.filter(({ format }) => format === 'mandrill').map((each) => print(caller, each)));
}

async function info(caller: MandrillCaller, body: Body): Promise<unknown> {
  return print(caller, await find(caller, body));
}

async function update(caller: MandrillCaller, body: Body): Promise<unknown> {
  const given = urlIn(body);
  const description = descriptionIn(body);
  const wish = wishOf(body);
  const { id } = await find(caller, body);
  const changed = await nativeUrl(
    caller.world.native.call<Webhook>(caller.all, 'PATCH /webhooks/:id', {
      params: { id },
      body: { url: given, ...(description === null ? {} : { name: description }), ...wish },
    }),
  );
  return print(caller, changed);
}

async function remove(caller: MandrillCaller, body: Body): Promise<unknown> {
  const found = await find(caller, body);
  const printed = await print(caller, found);
  await caller.world.native.answer(caller.all, 'DELETE /webhooks/:id', { params: { id: found.id } });
  return printed;
}
