import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { ask, content, makeSubaccount } from './sparkpost-calls.ts';
import type { Asked } from './sparkpost-calls.ts';
import {
  classicRows,
  mail,
  missing,
  plainRows,
  template,
  to,
  transmissions,
} from './sparkpost-refusal-rows.ts';
import type { Error } from './sparkpost-refusal-rows.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

const later = new Date(Date.now() + 300_000).toISOString();

async function said(call: string, asked: Asked): Promise<unknown> {
  const [method = '', path = ''] = call.split(' ');
  const { status, text } = await ask(world, method, path, asked);
  return [status, text === '' ? null : JSON.parse(text)];
}

async function makeWhatIsThere(): Promise<void> {
  const made = async (path: string, body: unknown): Promise<void> => {
    const told = await ask(world, 'POST', path, { body });
    assert.equal(told.status, 200, told.text);
  };
  await made('/api/v1/templates', template);
  await made('/api/v1/templates', { ...template, id: 'live', published: true });
  await made('/api/v1/recipient-lists', { id: 'list', recipients: to });
  await made('/api/v1/sending-domains', { domain: 'twice.example.com' });
  await made('/api/v1/tracking-domains', { domain: 'click.example.com' });
}

test('each row of the table of refusals has its status and body to the letter, in both families', async () => {
  await makeWhatIsThere();
  const wrong: unknown[] = [];
  for (const [what, call, body, status, ...errors] of [...classicRows, ...plainRows]) {
    const got = await said(call, body === undefined ? {} : { body });
    const wanted = [status, { errors }];
    if (!isDeepStrictEqual(got, wanted)) wrong.push({ what, call, got, wanted });
  }
  assert.deepEqual(wrong, []);
});

test('faults of a template are 3000 with part and line; what is partly wrong succeeds with 2000 and 5000', async () => {
  const broken = { id: 'broken', name: 'b', content: { ...content, html: 'a\n{{if x}}' } };
  const [status, told] = (await said('POST /api/v1/templates', { body: broken })) as [
    number,
    { errors: Error[] },
  ];
  const [{ description, ...rest } = {}] = told.errors;
  assert.deepEqual(
    [status, rest],
    [
      422,
      {
        message: 'substitution language syntax error in template content',
        code: '3000',
        part: 'html',
        line: 2,
      },
    ],
  );
  assert.match(String(description), /^Error while compiling part html: line 2: ./);
  const recipients = [...to, {}];
  const fault = missing('address.email is required for each recipient');
  type Partly = { readonly errors: unknown; readonly results: Error };
  for (const [call, code, message] of [
    [transmissions, '2000', 'transmission created, but with validation errors'],
    ['POST /api/v1/recipient-lists', '5000', 'List created with validation errors'],
  ] as const) {
    const [ok, { errors, results }] = (await said(call, { body: { id: 'partly', recipients, content } })) as [
      number,
      Partly,
    ];
    assert.deepEqual([ok, errors], [200, [{ message, code }]]);
    assert.deepEqual(
      [results['rcpt_to_errors'], results['total_rejected_recipients'], results['total_accepted_recipients']],
      [[fault], 1, 1],
    );
  }
});

test('too late to cancel is 2003 before the start and 2006 after it', async () => {
  const sent = async (options: object): Promise<string> => {
    const told = await ask(world, 'POST', '/api/v1/transmissions', { body: mail({ options }) });
    return (told.body as { results: { id: string } }).results.id;
  };
  const [soon, gone] = [await sent({ start_time: later }), await sent({})];
  const codeOf = async (id: string): Promise<unknown> => {
    const [status, told] = (await said(`DELETE /api/v1/transmissions/${id}`, {})) as [
      number,
      { errors: Error[] },
    ];
    return [status, told.errors[0]?.['code'], told.errors[0]?.['message']];
  };
  assert.deepEqual(await codeOf(soon), [409, '2003', 'too close to generation time to delete transmission']);
  assert.deepEqual(await codeOf(gone), [
    409,
    '2006',
    'transmission database record is in an invalid state for deletion',
  ]);
});

test('strangers, keys without the grant, bodies that are none: each in its words', async () => {
  const { key } = await makeSubaccount(world, 'without', ['transmissions/view']);
  const unauthorized = [401, { errors: [{ message: 'Unauthorized.' }] }];
  const forbidden = [403, { errors: [{ message: 'Forbidden.' }] }];
  assert.deepEqual(await said('GET /api/v1/templates', { key: 'f'.repeat(40) }), unauthorized);
  assert.deepEqual(await said(transmissions, { key, body: mail({}) }), forbidden);
  assert.deepEqual(await said('GET /api/v1/metrics/deliverability', { key }), forbidden);
  const post = async (by: string, type: string, body: string): Promise<unknown> => {
    const answer = await fetch(`${world.url}/sparkpost/api/v1/transmissions`, {
      method: 'POST',
      headers: { authorization: by, 'content-type': type },
      body,
    });
    const { errors } = (await answer.json()) as { errors: Error[] };
    return [answer.status, errors[0]?.['message'], errors[0]?.['code']];
  };
  const owner = await makeSubaccount(world, 'with');
  assert.deepEqual(await post(key, 'application/json', '{}'), [403, 'Forbidden.', undefined]);
  assert.deepEqual(await post(owner.key, 'application/json', '{'), [422, 'invalid data format/type', '1300']);
  assert.deepEqual(await post(owner.key, 'text/plain', '{}'), [415, 'unsupported media type', '1700']);
});
