/** Named fields of metadata (contract, 4.12): the account's, for all its subaccounts. Searching needs no index of theirs. */
import { isRefusal } from '../../features/refusals/index.ts';
import { pages } from './caller.ts';
import type { MandrillCall, MandrillCaller } from './caller.ts';
import { flat, neededText, text } from './fields.ts';
import type { Body } from './fields.ts';
import { tell, unknown } from './words.ts';

const name = 'group_id';
const view = { view_template: '<a href="https://shop.test/g/{{value}}">{{value}}</a>' };

export const metadataCalls: readonly MandrillCall[] = [
  { call: 'metadata/list', example: {}, run: list },
  { call: 'metadata/add', example: { name, ...view }, run: add },
  { call: 'metadata/update', example: { name, ...view }, run: update },
  { call: 'metadata/delete', example: { name }, run: remove },
];

type Field = { readonly id: string; readonly name: string; readonly viewTemplate: string };

function print({ name: of, viewTemplate }: Field, state: 'active' | 'delete' = 'active'): unknown {
  return { name: of, state, view_template: viewTemplate };
}

async function all({ world, all: asking }: MandrillCaller): Promise<readonly Field[]> {
  return pages<Field>(world, asking, 'GET /metadata-fields', {});
}

async function list(caller: MandrillCaller): Promise<unknown> {
  return (await all(caller)).map((each) => print(each));
}

function nameIn(body: Body): string {
  const given = neededText(body, 'name', 64);
  if (!/^[\w.-]+$/.test(given))
    throw flat('name', 'Please enter letters, digits, underscores, dots or dashes');
  return given;
}

async function add(caller: MandrillCaller, body: Body): Promise<unknown> {
  const { world, all: asking } = caller;
  const wanted = { name: nameIn(body), viewTemplate: text(body, 'view_template', 1024) ?? '' };
  try {
    return print(await world.native.call<Field>(asking, 'POST /metadata-fields', { body: wanted }));
  } catch (error) {
    if (isRefusal(error) && error.code === 'limit.reached')
      throw tell(422, 23, 'Metadata_FieldLimit', error.message);
    if (isRefusal(error) && error.code === 'conflict.exists')
      throw flat('name', `A metadata field with name ${wanted.name} already exists`);
    throw error;
  }
}

/** Those of others are unknown to who may only see them, when they are changed. */
async function found(caller: MandrillCaller, body: Body): Promise<Field> {
  const wanted = neededText(body, 'name', 64);
  const field = (await all(caller)).findLast((each) => each.name === wanted);
  if (field === undefined) throw unknown.metadataField(wanted);
  return field;
}

async function changed<T>(body: Body, change: Promise<T>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    if (isRefusal(error) && error.code === 'not_found') throw unknown.metadataField(String(body['name']));
    throw error;
  }
}

async function update(caller: MandrillCaller, body: Body): Promise<unknown> {
  const viewTemplate = text(body, 'view_template', 1024);
  if (viewTemplate === null) throw flat('view_template', 'Please enter a value');
  const { id } = await found(caller, body);
  const input = { params: { id }, body: { viewTemplate } };
  const call = caller.world.native.call<Field>(caller.all, 'PATCH /metadata-fields/:id', input);
  return print(await changed(body, call));
}

async function remove(caller: MandrillCaller, body: Body): Promise<unknown> {
  const field = await found(caller, body);
  const input = { params: { id: field.id } };
  await changed(body, caller.world.native.answer(caller.all, 'DELETE /metadata-fields/:id', input));
  return print(field, 'delete');
}
