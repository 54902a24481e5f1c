/** Sending domains (contract, 4.7): the account's, for all its subaccounts. */
import { parseDomainName } from '../../mail/address.ts';
import { isRefusal } from '../../features/refusals/index.ts';
import { pages } from './caller.ts';
import type { MandrillCall, MandrillCaller } from './caller.ts';
import { neededText } from './fields.ts';
import type { Body } from './fields.ts';
import { timeOrNull, timeText } from './times.ts';
import { invalid, tell, unknown } from './words.ts';

const domain = 'news.example.com';

export const senderCalls: readonly MandrillCall[] = [
  { call: 'senders/domains', example: {}, run: list },
  { call: 'senders/add-domain', example: { domain }, run: add },
  { call: 'senders/check-domain', example: { domain }, run: check },
  { call: 'senders/verify-domain', example: { domain, mailbox: 'postmaster' }, run: verify },
  { call: 'senders/delete-domain', example: { domain }, run: remove },
];

type Proof = { readonly purpose: string; readonly state: string; readonly explain: string };
type Domain = {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly checkedAt: string | null;
  readonly createdAt: string;
  readonly records: readonly {
    readonly purpose: string;
    readonly type: string;
    readonly name: string;
    readonly value: string;
  }[];
  readonly proofs: readonly Proof[];
};

function print(found: Domain): Readonly<Record<string, unknown>> {
  const isProven = found.state === 'proven';
  const isOwned =
    isProven || found.proofs.some(({ purpose, state }) => purpose === 'ownership' && state === 'proven');
  const token = found.records.find(({ purpose }) => purpose === 'ownership')?.value ?? found.id;
  return {
    domain: found.name,
    created_at: timeText(found.createdAt),
    last_tested_at: timeOrNull(found.checkedAt),
    spf: lookOf(found, 'spf'),
    dkim: lookOf(found, 'dkim'),
    dkim2: lookOf(found, 'dkim', 1),
    dmarc: lookOf(found, 'dmarc'),
    verified_at: isOwned ? timeText(found.checkedAt ?? found.createdAt) : null,
    valid_signing: isProven,
    verify_txt_key: token,
  };
}

/** How a record was seen at the last look; until it is right, what to publish. */
function lookOf(
  { proofs, records, checkedAt }: Domain,
  purpose: string,
  index = 0,
): Readonly<Record<string, unknown>> {
  const proof = proofs.filter((each) => each.purpose === purpose)[index];
  const record = records.filter((each) => each.purpose === purpose)[index];
  const valid = proof?.state === 'proven';
  const wanted =
    record === undefined ? '' : `Publish ${record.type} ${record.name} with the value ${record.value}.`;
  const error = [proof?.explain ?? '', wanted].filter((each) => each !== '').join(' ');
  return {
    valid,
    valid_after: valid ? timeOrNull(checkedAt) : null,
    error: valid || error === '' ? null : error,
  };
}

function nameIn(body: Body): string {
  const name = parseDomainName(neededText(body, 'domain', 253).trim());
  if (name === null) throw invalid({ domain: 'Please enter a valid domain name' });
  return name;
}

async function find({ world, own }: MandrillCaller, name: string): Promise<Domain | null> {
  const found = await pages<Domain>(world, own, 'GET /domains', {}, 5000);
  return found.find((each) => each.name === name) ?? null;
}

async function list({ world, own }: MandrillCaller): Promise<unknown> {
  return (await pages<Domain>(world, own, 'GET /domains', {})).map(print);
}

async function added(caller: MandrillCaller, name: string): Promise<Domain> {
  const { world, all, isPrimary } = caller;
  const known = await find(caller, name);
  if (known !== null) return known;
  return world.native.call<Domain>(all, 'POST /domains', {
    body: { name, ...(isPrimary ? { share: 'use' } : {}) },
  });
}

async function add(caller: MandrillCaller, body: Body): Promise<unknown> {
  return print(await added(caller, nameIn(body)));
}

async function check(caller: MandrillCaller, body: Body): Promise<unknown> {
  const { id } = await added(caller, nameIn(body));
  return print(
    await caller.world.native.call<Domain>(caller.own, 'POST /domains/:id/check', { params: { id } }),
  );
}

/** By a mail to whoever administers it: another mailbox of a domain may be anybody's. */
const mailboxes = ['admin', 'administrator', 'hostmaster', 'postmaster', 'webmaster'];

async function verify(caller: MandrillCaller, body: Body): Promise<unknown> {
  const name = nameIn(body);
  const mailbox = neededText(body, 'mailbox', 64).trim().toLowerCase();
  if (!mailboxes.includes(mailbox)) throw invalid({ mailbox: `Please enter one of ${mailboxes.join(', ')}` });
  const found = await find(caller, name);
  if (found === null) throw unknown.domain(name);
  try {
    const { state, email } = await caller.world.native.call<{ state: string; email: string }>(
      caller.all,
      'POST /domains/:id/mail-proof',
      { params: { id: found.id }, body: { mailbox } },
    );
    return { status: state === 'proven' ? 'already_verified' : 'sent', domain: name, email };
  } catch (error) {
    if (isRefusal(error) && error.code === 'not_found') throw unknown.domain(name);
    throw error;
  }
}

async function remove(caller: MandrillCaller, body: Body): Promise<unknown> {
  const name = nameIn(body);
  const found = await find(caller, name);
  if (found === null) throw unknown.domain(name);
  if (found.state === 'proven')
    throw tell(403, 28, 'Invalid_Verified_Domain', `The domain "${name}" is verified and cannot be deleted`);
  try {
    await caller.world.native.answer(caller.own, 'DELETE /domains/:id', { params: { id: found.id } });
  } catch (error) {
    if (isRefusal(error) && error.code === 'not_found') throw unknown.domain(name);
    throw error;
  }
  return print(found);
}
