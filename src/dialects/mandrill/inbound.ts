/**
 * Inbound domains, routes and mail that is handed in (contract, 4.15), of the account itself or of a subaccount's key.
 * `mx_target` and `auth_key` are ours: the host that the MX has to name, and what signs (told once, as it is made).
 */
import { isRefusal } from '../../features/refusals/index.ts';
import { parseDomainName } from '../../mail/address.ts';
import { readMail } from '../../mail/mime/index.ts';
import { orNull, pages } from './caller.ts';
import type { MandrillCall, MandrillCaller } from './caller.ts';
import { neededText, text, texts } from './fields.ts';
import type { Body } from './fields.ts';
import { timeText } from './times.ts';
import { invalid, unknown } from './words.ts';

type NativeDomain = {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly record: { readonly value: string };
  readonly createdAt: string;
};
type NativeRoute = {
  readonly id: string;
  readonly domain: string;
  readonly format: string;
  readonly pattern: string;
  readonly url: string;
};

/** The largest mail, escaped as JSON. */
const rawMax = 36 * 1024 * 1024;
const domain = 'in.kite.test';
const url = 'https://hooks.example.com/inbound';

export const inboundCalls: readonly MandrillCall[] = [
  { call: 'inbound/domains', example: {}, run: listDomains },
  { call: 'inbound/add-domain', example: { domain }, run: addDomain },
  { call: 'inbound/check-domain', example: { domain }, run: checkDomain },
  { call: 'inbound/delete-domain', example: { domain }, run: deleteDomain },
  { call: 'inbound/routes', example: { domain }, run: listRoutes },
  { call: 'inbound/add-route', example: { domain, pattern: 'help-*', url }, run: addRoute },
  { call: 'inbound/update-route', example: { id: '7', pattern: 'help', url }, run: updateRoute },
  { call: 'inbound/delete-route', example: { id: '7' }, run: deleteRoute },
  {
    call: 'inbound/send-raw',
    example: {
      raw_message: 'From: a@b.test\nSubject: hello\n\nhello\n',
      to: [`help@${domain}`],
      mail_from: 'a@b.test',
      helo: 'mx.b.test',
      client_address: '192.0.2.7',
    },
    bodyLimitBytes: rawMax + 65_536,
    run: sendRaw,
  },
];

const printDomain = ({ name, createdAt, state, record }: NativeDomain): Body => ({
  domain: name,
  created_at: timeText(createdAt),
  valid_mx: state === 'proven',
  mx_target: record.value,
});

const printRoute = ({ id, pattern, url: target }: NativeRoute): Body => ({ id, pattern, url: target });

function domainsOf({ world, own }: MandrillCaller): Promise<readonly NativeDomain[]> {
  return pages<NativeDomain>(world, own, 'GET /inbound-domains', {});
}

async function domainOf(caller: MandrillCaller, body: Body): Promise<NativeDomain> {
  const name = neededText(body, 'domain', 253).toLowerCase();
  const found = (await domainsOf(caller)).find((each) => each.name === name);
  if (found === undefined) throw unknown.inboundDomain(name);
  return found;
}

async function listDomains(caller: MandrillCaller): Promise<unknown> {
  return (await domainsOf(caller)).map(printDomain);
}

/** One that is there already is told as it is. */
async function addDomain(caller: MandrillCaller, body: Body): Promise<unknown> {
  const name = parseDomainName(neededText(body, 'domain', 253));
  if (name === null) throw invalid({ domain: 'Please enter a valid domain name' });
  const { world, own } = caller;
  try {
    return printDomain(
      await world.native.call<NativeDomain>(own, 'POST /inbound-domains', { body: { name } }),
    );
  } catch (error) {
    if (isRefusal(error) && error.code === 'conflict.exists')
      return printDomain(await domainOf(caller, { domain: name }));
    throw error;
  }
}

async function checkDomain(caller: MandrillCaller, body: Body): Promise<unknown> {
  const { id } = await domainOf(caller, body);
  const { world, own } = caller;
  return printDomain(
    await world.native.call<NativeDomain>(own, 'POST /inbound-domains/:id/check', { params: { id } }),
  );
}

async function deleteDomain(caller: MandrillCaller, body: Body): Promise<unknown> {
  const found = await domainOf(caller, body);
  await caller.world.native.answer(caller.own, 'DELETE /inbound-domains/:id', { params: { id: found.id } });
  return printDomain(found);
}

async function listRoutes(caller: MandrillCaller, body: Body): Promise<unknown> {
  const { id } = await domainOf(caller, body);
  const query = { inboundDomainId: id };
  const found = await pages<NativeRoute>(caller.world, caller.own, 'GET /inbound-routes', query);
  return found.filter(({ format }) => format === 'mandrill').map(printRoute);
}

function urlIn(given: string): string {
  if (!/^https?:\/\/\S+$/i.test(given)) throw invalid({ url: 'That is not a valid URL' });
  return given;
}

async function addRoute(caller: MandrillCaller, body: Body): Promise<unknown> {
  const pattern = neededText(body, 'pattern', 64);
  const target = urlIn(neededText(body, 'url', 2000));
  const { id: inboundDomainId } = await domainOf(caller, body);
  const wish = { inboundDomainId, pattern, url: target, format: 'mandrill' };
  const made = await caller.world.native.call<NativeRoute & { secret: string }>(
    caller.own,
    'POST /inbound-routes',
    { body: wish },
  );
  return { ...printRoute(made), auth_key: made.secret };
}

async function routeOf({ world, own }: MandrillCaller, body: Body): Promise<NativeRoute> {
  const id = neededText(body, 'id', 20);
  const found = /^\d{1,16}$/.test(id)
    ? await orNull(world.native.call<NativeRoute>(own, 'GET /inbound-routes/:id', { params: { id } }))
    : null;
  if (found === null || found.format !== 'mandrill') throw unknown.inboundRoute(id);
  return found;
}

async function updateRoute(caller: MandrillCaller, body: Body): Promise<unknown> {
  const pattern = text(body, 'pattern', 64) ?? '';
  const target = text(body, 'url', 2000) ?? '';
  const wish = {
    ...(pattern === '' ? {} : { pattern }),
    ...(target === '' ? {} : { url: urlIn(target) }),
  };
  const found = await routeOf(caller, body);
  if (Object.keys(wish).length === 0) return printRoute(found);
  return printRoute(
    await caller.world.native.call<NativeRoute>(caller.own, 'PATCH /inbound-routes/:id', {
      params: { id: found.id },
      body: wish,
    }),
  );
}

async function deleteRoute(caller: MandrillCaller, body: Body): Promise<unknown> {
  const found = await routeOf(caller, body);
  await caller.world.native.answer(caller.own, 'DELETE /inbound-routes/:id', { params: { id: found.id } });
  return printRoute(found);
}

/** Whom its own fields name, when the call names nobody. */
async function namedIn(raw: string): Promise<readonly string[]> {
  const read = await readMail(Buffer.from(raw)).catch(() => null);
  const named = [...(read?.to ?? []), ...(read?.cc ?? [])].map(({ email }) => email);
  if (named.length === 0) throw invalid({ to: 'Please enter an address: the message names none' });
  return named;
}

type Taken = { readonly recipient: string; readonly inboundRouteId: string };

async function sendRaw(caller: MandrillCaller, body: Body): Promise<unknown> {
  const raw = neededText(body, 'raw_message', rawMax);
  const given = texts(body, 'to') ?? [];
  const to = given.length === 0 ? await namedIn(raw) : given;
  const [mailFrom, helo, remoteAddress] = [
    text(body, 'mail_from', 320),
    text(body, 'helo', 255),
    text(body, 'client_address', 45),
  ];
  const { world, own } = caller;
  const { items } = await world.native.call<{ items: readonly Taken[] }>(own, 'POST /inbound-mails', {
    body: {
      raw,
      to,
      ...(mailFrom === null ? {} : { mailFrom }),
      ...(helo === null ? {} : { helo }),
      ...(remoteAddress === null ? {} : { remoteAddress }),
    },
  });
  const told = await Promise.all(
    items.map(async ({ recipient, inboundRouteId: id }) => {
      const route = await orNull(
        world.native.call<NativeRoute>(own, 'GET /inbound-routes/:id', { params: { id } }),
      );
      // Mail goes where it would by SMTP; of routes of other formats nothing is told, here as in their list.
      return route?.format === 'mandrill'
        ? [{ email: recipient, pattern: route.pattern, url: route.url }]
        : [];
    }),
  );
  return told.flat();
}
