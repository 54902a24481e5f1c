/** Recipient lists (contract, section 6): of the primary account only. */
import type { Answer } from '../../base/route.ts';
import { isRefusal } from '../../features/refusals/index.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { bodyOf, classic, everything, invalidFormat, missing, read, tooLong } from './fields.ts';
import type { Fields } from './fields.ts';
import { readRecipient } from './recipients.ts';
import type { Recipient } from './recipients.ts';
import { isTemplateId } from './templates.ts';
import { tell } from './words.ts';
import type { SparkpostError } from './words.ts';

type NativeList = {
  readonly id: string;
  readonly subaccountId: number;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: Fields;
  readonly recipients: number;
};
type NativeRecipient = {
  readonly address: string;
  readonly name: string;
  readonly data: Fields;
  readonly metadata: Fields;
  readonly tags: readonly string[];
};

const path = '/api/v1/recipient-lists';
const params = { id: 'beta' };
const bodyLimitBytes = 50_331_648;

export function listRoutes(): readonly SparkpostRoute[] {
  const base = { isPrimaryOnly: true, bodyLimitBytes } as const;
  const view = { ...base, method: 'GET', grant: 'lists:read' } as const;
  const manage = { ...base, grant: 'lists:write' } as const;
  const body = { id: 'beta', recipients: [{ address: 'ann@ok.test' }] };
  return [
    { ...view, path, example: {}, run: list },
    { ...view, path: `${path}/:id`, example: { params }, run: get },
    { ...manage, method: 'POST', path, example: { body }, run: create },
    {
      ...manage,
      method: 'PUT',
      path: `${path}/:id`,
      example: { params, body: { name: 'Beta' } },
      run: change,
    },
    { ...manage, method: 'DELETE', path: `${path}/:id`, example: { params }, run: remove },
    ...(['PUT', 'DELETE'] as const).map((method) => ({
      ...manage,
      method,
      path,
      example: {},
      run: () =>
        Promise.reject(
          classic(400, '1101', 'invalid uri', `${method} requires a recipient list id in the URI`),
        ),
    })),
  ];
}

const noList = (id: string): Error =>
  classic(404, '1600', 'resource not found', `List '${id}' does not exist`);

async function find({ world, one }: SparkpostCaller, id: string): Promise<NativeList> {
  if (!isTemplateId(id)) throw noList(id);
  const found = await everything<NativeList>(world.native, one, 'GET /lists', { slug: id });
  const [first] = found;
  if (first === undefined) throw noList(id);
  return first;
}

function print({ slug, name, description, attributes, recipients }: NativeList) {
  return { id: slug, name, description, attributes, total_accepted_recipients: recipients };
}

async function list({ world, one }: SparkpostCaller): Promise<Answer> {
  const found = await everything<NativeList>(world.native, one, 'GET /lists');
  return { status: 200, body: { results: found.map(print) } };
}

async function get(caller: SparkpostCaller, { params: { id = '' }, query }: Call): Promise<Answer> {
  const found = await find(caller, id);
  if (query['show_recipients'] !== 'true') return { status: 200, body: { results: print(found) } };
  const { native } = caller.world;
  const named = { params: { id: found.id } };
  const shown = await everything<NativeRecipient>(
    native,
    caller.one,
    'GET /lists/:id/recipients',
    {},
    Number.MAX_SAFE_INTEGER,
    named.params,
  );
  const recipients = shown.map(({ address: email, name, data, metadata, tags }) => ({
    address: { email, ...(name === '' ? {} : { name }) },
    metadata,
    substitution_data: data,
    tags,
  }));
  return { status: 200, body: { results: { ...print(found), recipients } } };
}

type Split = { readonly good: readonly Fields[]; readonly bad: readonly SparkpostError[] };

/** The address's own data is what the list keeps: what follows from the address is added when it is sent to. */
function split(given: readonly unknown[]): Split {
  const all = given.map(readRecipient);
  const good = all.filter((each): each is Recipient => 'to' in each);
  return {
    good: good.map(({ to, tags, metadata, substitution }) => ({
      address: to.email,
      ...(to.name === undefined ? {} : { name: to.name }),
      data: substitution,
      metadata,
      tags,
    })),
    bad: all.filter((each): each is SparkpostError => 'message' in each),
  };
}

type Report = {
  readonly added: number;
  readonly changed: number;
  readonly bad: number;
  readonly badLines: readonly { readonly field: string; readonly message: string }[];
};

function totals({ good, bad }: Split, report: Report, shown: number) {
  const told: SparkpostError[] = [
    ...bad,
    ...report.badLines.map(({ field, message }) => ({
      message: 'invalid data format/type',
      description: `${field} ${message}`,
      code: '1300',
    })),
  ];
  const results = {
    ...(told.length === 0 ? {} : { rcpt_to_errors: told.slice(0, shown) }),
    total_rejected_recipients: bad.length + report.bad,
    total_accepted_recipients: good.length - report.bad,
  };
  const errors =
    told.length === 0 ? {} : { errors: [{ message: 'List created with validation errors', code: '5000' }] };
  return { errors, results };
}

function errorsShown({ num_rcpt_errors: text }: Call['query']): number {
  if (text === undefined) return Number.MAX_SAFE_INTEGER;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw classic(400, '1200', 'invalid params', "param 'num_rcpt_errors' must be an integer");
}

function aboutOf(fields: Fields): Fields {
  const [name, description] = [read(fields, 'name', 'string'), read(fields, 'description', 'string')];
  const attributes = read(fields, 'attributes', 'json object');
  if (name !== undefined && name.length > 64) throw tooLong('name', name.length, 64);
  if (description !== undefined && description.length > 1024)
    throw tooLong('description', description.length, 1024);
  return {
    ...(name === undefined || name === '' ? {} : { name }),
    ...(description === undefined ? {} : { description: description.replaceAll(/\s*[\r\n]+\s*/g, ' ') }),
    ...(attributes === undefined ? {} : { attributes: textsOf(attributes) }),
  };
}

/** Nothing reads them: what is no text is kept as JSON. */
function textsOf(attributes: Fields): Fields {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

async function create(caller: SparkpostCaller, { body, query }: Call): Promise<Answer> {
  const fields = bodyOf(body);
  const shown = errorsShown(query);
  const id = read(fields, 'id', 'string') ?? String(caller.world.now());
  const recipients = read(fields, 'recipients', 'json array');
  if (!isTemplateId(id) || /^(?:rcptlist_|_)/.test(id))
    throw invalidFormat(`field 'id' must have at most 64 letters, digits, underscores, dots or dashes`);
  if (recipients === undefined) throw missing('recipients is a required field');
  const parted = split(recipients);
  const nobody = tell(400, { message: 'At least one valid recipient is required', code: '5002' });
  if (parted.good.length === 0) throw nobody;
  const { native } = caller.world;
  const { report } = await native
    .call<{ readonly report: Report }>(caller.one, 'POST /lists', {
      body: { name: id, ...aboutOf(fields), slug: id, recipients: parted.good },
    })
    .catch((error: unknown) => {
      if (isRefusal(error) && error.code === 'conflict.exists')
        throw classic(400, '5001', 'List already exists', `List '${id}' already exists`);
      throw error;
    });
  const { errors, results } = totals(parted, report, shown);
  const name = read(fields, 'name', 'string') ?? id;
  return { status: 200, body: { ...errors, results: { ...results, id, name } } };
}

async function change(caller: SparkpostCaller, { params: { id = '' }, body, query }: Call): Promise<Answer> {
  const fields = bodyOf(body);
  const shown = errorsShown(query);
  const found = await find(caller, id);
  if (fields['id'] !== undefined && fields['id'] !== id)
    throw invalidFormat(`field 'id' must be the one of the path: '${id}'`);
  const recipients = read(fields, 'recipients', 'json array');
  const about = aboutOf(fields);
  const { native } = caller.world;
  const named = { params: { id: found.id } };
  if (Object.keys(about).length > 0)
    await native.call(caller.one, 'PATCH /lists/:id', { ...named, body: about });
  const results = { id, name: read(fields, 'name', 'string') ?? found.name };
  if (recipients === undefined) return { status: 200, body: { results } };
  const parted = split(recipients);
  if (parted.good.length === 0)
    throw tell(400, { message: 'At least one valid recipient is required', code: '5002' });
  const report = await native.call<Report>(caller.one, 'POST /lists/:id/recipients', {
    ...named,
    body: { recipients: parted.good, mode: 'replace' },
  });
  const told = totals(parted, report, shown);
  return { status: 200, body: { ...told.errors, results: { ...told.results, ...results } } };
}

async function remove(caller: SparkpostCaller, { params: { id = '' } }: Call): Promise<Answer> {
  const found = await find(caller, id);
  await caller.world.native.call(caller.one, 'DELETE /lists/:id', { params: { id: found.id } });
  return { status: 200, body: {} };
}
