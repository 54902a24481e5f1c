/** Tracking domains (contract, 4.11): the account's, for all its subaccounts. */
import { parseDomainName } from '../../mail/address.ts';
import { pages } from './caller.ts';
import type { MandrillCall, MandrillCaller } from './caller.ts';
import { neededText } from './fields.ts';
import type { Body } from './fields.ts';
import { timeOrNull, timeText } from './times.ts';
import { tell, unknown } from './words.ts';

const domain = 'click.news.example.com';

export const urlCalls: readonly MandrillCall[] = [
  { call: 'urls/tracking-domains', example: {}, run: list },
  { call: 'urls/add-tracking-domain', example: { domain }, run: add },
  { call: 'urls/check-tracking-domain', example: { domain }, run: check },
  { call: 'urls/delete-tracking-domain', example: { domain }, run: remove },
];

type TrackingDomain = {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly record: { readonly type: string; readonly name: string; readonly value: string };
  readonly explain: string;
  readonly checkedAt: string | null;
  readonly createdAt: string;
};

function print({ name, state, record, explain, checkedAt, createdAt }: TrackingDomain): unknown {
  const valid = state === 'proven';
  const wanted = `Publish ${record.type} ${record.name} with the value ${record.value}.`;
  return {
    domain: name,
    created_at: timeText(createdAt),
    last_tested_at: timeOrNull(checkedAt),
    cname: {
      valid,
      valid_after: valid ? timeOrNull(checkedAt) : null,
      error: valid ? null : `${explain} ${wanted}`.trim(),
    },
    valid_tracking: valid,
  };
}

function nameIn(body: Body): string {
  const name = parseDomainName(neededText(body, 'domain', 253).trim());
  if (name === null)
    throw tell(400, 400, 'MC_Exception_InvalidTrackingDomain', 'That is not a valid tracking domain');
  return name;
}

async function find({ world, own }: MandrillCaller, name: string): Promise<TrackingDomain | null> {
  const all = await pages<TrackingDomain>(world, own, 'GET /tracking-domains', {}, 5000);
  return all.find((each) => each.name === name) ?? null;
}

async function needed(caller: MandrillCaller, name: string): Promise<TrackingDomain> {
  const found = await find(caller, name);
  if (found === null) throw unknown.trackingDomain(name);
  return found;
}

async function list({ world, own }: MandrillCaller): Promise<unknown> {
  return (await pages<TrackingDomain>(world, own, 'GET /tracking-domains', {})).map(print);
}

async function add(caller: MandrillCaller, body: Body): Promise<unknown> {
  const { world, all, isPrimary } = caller;
  const name = nameIn(body);
  const known = await find(caller, name);
  if (known !== null) return print(known);
  const share = isPrimary ? { share: 'use' } : {};
  return print(
    await world.native.call<TrackingDomain>(all, 'POST /tracking-domains', { body: { name, ...share } }),
  );
}

async function check(caller: MandrillCaller, body: Body): Promise<unknown> {
  const { id } = await needed(caller, nameIn(body));
  const { native } = caller.world;
  const params = { id };
  return print(await native.call<TrackingDomain>(caller.own, 'POST /tracking-domains/:id/check', { params }));
}

async function remove(caller: MandrillCaller, body: Body): Promise<unknown> {
  const name = nameIn(body);
  const found = await needed(caller, name);
  if (found.state === 'proven')
    throw tell(
      403,
      29,
      'Invalid_Verified_TrackingDomain',
      `The domain "${name}" is verified and cannot be deleted`,
    );
  await caller.world.native.answer(caller.own, 'DELETE /tracking-domains/:id', { params: { id: found.id } });
  return print(found);
}
