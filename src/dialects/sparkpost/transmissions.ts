/** Transmissions (contract, section 5): one call, a mail for each of its recipients. */
import type { Answer } from '../../base/route.ts';
import { isRefusal } from '../../features/refusals/index.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import {
  bodyOf,
  classic,
  everything,
  instantOf,
  invalidFormat,
  isObject,
  missing,
  read,
  tooLong,
} from './fields.ts';
import type { Fields } from './fields.ts';
import { poolsOf } from './pools.ts';
import { bounceDomainOf, objectOf, readRecipient } from './recipients.ts';
import type { NativeMailbox, Recipient } from './recipients.ts';
import { contentOf, messageBytesMax, noSuch, sizeOf, textOf } from './transmission-content.ts';
import { heldRoutes } from './held-transmissions.ts';
import { isTemplateId } from './templates.ts';
import { tell } from './words.ts';
import type { SparkpostError } from './words.ts';

const path = '/api/v1/transmissions';
const metadataBytesMax = 10_000;
const substitutionBytesMax = 100_000;
const dayMs = 86_400_000;

const exampleContent = { from: 'hi@lettershop.test', subject: 'Hello', text: 'Hello {{name}}' };

export function transmissionRoutes(): readonly SparkpostRoute[] {
  return [
    {
      method: 'POST',
      path,
      grant: 'messages:send',
      bodyLimitBytes: messageBytesMax * 2,
      example: { body: { recipients: [{ address: 'ann@ok.test' }], content: exampleContent } },
      run: send,
    },
    ...heldRoutes(),
  ];
}

async function send(caller: SparkpostCaller, { query, body }: Call): Promise<Answer> {
  const shown = errorsShown(query['num_rcpt_errors']);
  const fields = bodyOf(body);
  const { recipients } = fields;
  const content = read(fields, 'content', 'json object');
  if (content === undefined) throw missing('content object or template_id required');
  if (isObject(recipients) && typeof recipients['list_id'] === 'string')
    return sendToList(caller, fields, content, recipients['list_id']);
  if (!Array.isArray(recipients) || recipients.length === 0) throw missing('recipients or list_id required');
  const { shows, ...said } = await contentOf(fields, content);
  const mail = resolvedLate({ ...said, ...(await optionsOf(caller, fields)) });
  await checkDraft(caller, mail);
  const read_ = recipients.map(readRecipient);
  const good = read_.filter((each): each is Recipient => 'to' in each);
  const bad = read_.filter((each): each is SparkpostError => 'message' in each);
  if (good.length === 0)
    throw tell(400, { message: 'At least one valid recipient is required', code: '5002' });
  const made = await accept(caller, { ...mail, ...sharedOf(fields, good, shows) });
  return {
    status: 200,
    body: {
      ...(bad.length === 0
        ? {}
        : { errors: [{ message: 'transmission created, but with validation errors', code: '2000' }] }),
      results: {
        ...(bad.length === 0 ? {} : { rcpt_to_errors: bad.slice(0, shown) }),
        total_rejected_recipients: bad.length,
        total_accepted_recipients: good.length,
        id: made.id,
      },
    },
  };
}

/** To those who are in the list now: the primary account's, which no subaccount has. */
async function sendToList(
  caller: SparkpostCaller,
  fields: Fields,
  content: Fields,
  id: string,
): Promise<Answer> {
  const unknown = noSuch(`Recipient list '${id}' does not exist`);
  if (caller.primaryId !== Number(caller.one.scope.subaccountId) || !isTemplateId(id)) throw unknown;
  const { shows: _shows, ...said } = await contentOf(fields, content);
  const mail = resolvedLate({ ...said, ...(await optionsOf(caller, fields)) });
  await checkDraft(caller, mail);
  const { recipients: _none, ...shared } = sharedOf(fields, []);
  const { id: made, messages } = await accept(caller, { ...mail, ...shared, list: { slug: id } }, unknown);
  const results = {
    total_rejected_recipients: 0,
    total_accepted_recipients: messages.length,
    id: made,
  };
  return { status: 200, body: { results } };
}

function errorsShown(text: string | undefined): number {
  if (text === undefined) return Number.MAX_SAFE_INTEGER;
  if (!/^\d{1,9}$/.test(text))
    throw classic(400, '1200', 'invalid params', "param 'num_rcpt_errors' must be an integer");
  return Number(text);
}

/** What is said for all, and each recipient's own; `shown` in the To field of who says nothing else. */
function sharedOf(
  fields: Fields,
  recipients: readonly Recipient[],
  shown: readonly NativeMailbox[] = [],
): Fields {
  const metadata = read(fields, 'metadata', 'json object') ?? {};
  const substitution = read(fields, 'substitution_data', 'json object') ?? {};
  if (sizeOf(metadata) > metadataBytesMax)
    throw classic(
      422,
      '2007',
      'Metadata too large',
      `Transmission-level metadata must be less than ${metadataBytesMax} bytes`,
    );
  if (sizeOf(substitution) > substitutionBytesMax)
    throw classic(
      422,
      '2002',
      'Substitution data too large',
      `Transmission-level substitution data must be less than ${substitutionBytesMax} bytes`,
    );
  return {
    metadata,
    data: { ...metadata, ...substitution },
    recipients: recipients.map(({ to, shows, metadata: own, data, tags, bounceDomain }) => ({
      to,
      ...(shows.length + shown.length === 0 ? {} : { shown: shows.length === 0 ? shown : shows }),
      ...(Object.keys(own).length === 0 ? {} : { metadata: own }),
      ...(tags.length === 0 ? {} : { tags }),
      ...(bounceDomain === null ? {} : { bounceDomain }),
      data,
    })),
  };
}

/** What is published later reaches mail that waits for its time. */
function resolvedLate(mail: Fields): Fields {
  const { template, sendAt } = mail;
  if (!isObject(template) || sendAt === undefined) return mail;
  return { ...mail, template: { ...template, resolve: 'departure' } };
}

/** Natively what is published is the draft as well, until it is changed. */
async function checkDraft({ world, one }: SparkpostCaller, { template }: Fields): Promise<void> {
  if (!isObject(template) || template['version'] !== 'draft') return;
  const { slug } = template;
  type Versions = { readonly draftVersion: number; readonly publishedVersion: number | null };
  const [found] = await everything<Versions>(world.native, one, 'GET /templates', { slug });
  if (found === undefined || found.draftVersion !== found.publishedVersion) return;
  throw classic(
    422,
    '2004',
    'No draft template available, but published version exists',
    `no draft version of template '${textOf(slug)}'`,
  );
}

async function optionsOf(caller: SparkpostCaller, fields: Fields): Promise<Fields> {
  const options = read(fields, 'options', 'json object') ?? {};
  const campaign = read(fields, 'campaign_id', 'string');
  const description = read(fields, 'description', 'string');
  if (campaign !== undefined && Buffer.byteLength(campaign) > 64)
    throw tooLong('campaign_id', Buffer.byteLength(campaign), 64);
  if (description !== undefined && Buffer.byteLength(description) > 1024)
    throw tooLong('description', Buffer.byteLength(description), 1024);
  const dkimKey = read(options, 'dkim_key', 'string', 'options.dkim_key');
  // Each domain has the keys that it was proven with: there are none to choose from.
  if (dkimKey !== undefined && dkimKey !== 'default')
    throw classic(400, '1100', `Invalid DKIM key ID '${dkimKey}' for sending domain`);
  if (options['sandbox'] === true) throw noSandbox(objectOf(fields['content']));
  const isTransactional = read(options, 'transactional', 'bool', 'options.transactional');
  const pool = read(options, 'ip_pool', 'string', 'options.ip_pool');
  const sendAt = startOf(read(options, 'start_time', 'string', 'options.start_time'), caller.world.now());
  return {
    ...(isTransactional === undefined ? {} : { lane: isTransactional ? 'transactional' : 'bulk' }),
    ...unsaid,
    overQuota: 'refuse',
    ...(campaign === undefined || campaign === '' ? {} : { campaign }),
    ...(sendAt === null ? {} : { sendAt }),
    ...(pool === undefined || pool === '' ? {} : { pool: await knownPool(caller, pool) }),
    ...trackingOf(options, read(fields, 'tracking_domain', 'string')),
    ...returnPathOf(read(fields, 'return_path', 'string')),
  };
}

function returnPathOf(given: string | undefined): Fields {
  const bounceDomain = bounceDomainOf(given);
  if (bounceDomain === false) throw invalidFormat("return_path isn't a valid email format.");
  return bounceDomain === null ? {} : { bounceDomain };
}

/** Where neither call, template nor account says it. Others are as the native ones: nothing. */
const unsaid = {
  defaultLane: 'bulk',
  defaultTracking: { opens: true, initialOpens: true, clicks: true },
} as const;

/** There is none: nothing of it may be sent. */
function noSandbox({ template_id: template }: Fields): Error {
  const isOther = template !== undefined && template !== 'my-first-email';
  if (isOther) return tell(422, { message: 'Invalid Template ID (sandbox)', code: '2106' });
  return tell(420, { message: 'Exceed Sending Limit (sandbox)', code: '2103' });
}

/** What is left out is as template, domain, subaccount and account say. */
function trackingOf(options: Fields, domain: string | undefined): Fields {
  const of = (name: string, ours: string): Fields => {
    const value = read(options, name, 'bool', `options.${name}`);
    return value === undefined ? {} : { [ours]: value };
  };
  const tracking = {
    ...of('open_tracking', 'opens'),
    ...of('initial_open', 'initialOpens'),
    ...of('click_tracking', 'clicks'),
    ...(domain === undefined || domain === '' ? {} : { domain }),
  };
  return { ...of('inline_css', 'inlineCss'), ...(Object.keys(tracking).length === 0 ? {} : { tracking }) };
}

/** Null: now. At most three days ahead. */
function startOf(text: string | undefined, now: number): string | null {
  if (text === undefined || text === 'now') return null;
  const at = instantOf(text);
  if (at === null) throw invalidFormat('Error parsing scheduled start_time');
  if (Date.parse(at) > now + 3 * dayMs) throw invalidFormat('start_time must be at most 3 days ahead');
  return at;
}

/** Case does not count. Whether it may be used, accept decides. */
async function knownPool(caller: SparkpostCaller, name: string): Promise<string> {
  if (!caller.isPrimary) return name;
  const found = (await poolsOf(caller)).find((pool) => pool.name.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw invalidFormat(`IP Pool '${name}' does not exist`);
  return found.name;
}

type Accepted = { readonly id: string; readonly messages: readonly unknown[] };

/** Refusals that name what SparkPost has a word of its own for. */
async function accept(caller: SparkpostCaller, mail: Fields, noList?: Error): Promise<Accepted> {
  try {
    return await caller.world.native.call<Accepted>(caller.one, 'POST /messages', { body: mail });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const { template } = mail;
    if (noList !== undefined && error.code === 'not_found' && template === undefined) throw noList;
    if (isObject(template) && error.code === 'not_found')
      throw noSuch(`template '${textOf(template['slug'])}' does not exist`);
    if (isObject(template) && error.code === 'conflict.state')
      throw classic(
        422,
        '2005',
        'No published template available, but draft version exists',
        `no published version of template '${textOf(template['slug'])}'`,
      );
    if (error.code === 'sender.domain_unproven')
      throw classic(400, '7001', 'Invalid domain', 'Unconfigured or unverified sending domain.');
    const field = error.details.errors?.[0];
    if (field?.field.endsWith('bounceDomain') === true)
      throw classic(400, '7001', 'Invalid domain', 'Unconfigured or unverified bounce domain.');
    if (field?.field === 'tracking.domain' && field.rule === 'proven')
      throw classic(400, '2010', 'Unverified tracking domain.');
    if (field?.field === 'tracking.domain')
      throw classic(400, '2009', 'Unconfigured or unverified tracking domain.');
    if (field?.field === 'pool') throw invalidFormat(`IP Pool '${textOf(mail['pool'])}' does not exist`);
    if (field?.field.startsWith('headers.') === true)
      throw classic(
        422,
        '3002',
        'Invalid header',
        `Error while validating header ${field.field.slice(8)}: ${field.rule === 'name' ? 'Invalid header name' : field.message}`,
      );
    throw error;
  }
}
