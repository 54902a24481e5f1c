import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import make from '@mailchimp/mailchimp_transactional';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';
import { Sdk } from './mandrill-client.ts';

let world: World;
let sdk: Sdk;
before(async () => {
  world = await startWorld();
  sdk = new Sdk(world);
  await sdk.call('subaccounts.add', { id: 'cust-9', name: 'Nine Ltd' });
  await sdk.call('templates.add', { name: 'order', code: '<p>x</p>' });
});
after(() => world[Symbol.asyncDispose]());

type Fields = Readonly<Record<string, unknown>>;
type Told = {
  readonly status: string;
  readonly code: number;
  readonly name: string;
  readonly message: string;
};

async function post(call: string, body: string, type = 'application/json'): Promise<readonly [number, Told]> {
  const answer = await fetch(`${world.url}/mandrill/api/1.0/${call}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
  });
  assert.match(answer.headers.get('content-type') ?? '', /application\/json/);
  return [answer.status, (await answer.json()) as Told];
}

const message = { from_email: 'news@lettershop.test', to: [{ email: 'ann@inbox.test' }], text: 'x' };
const nobody = '0c5d1f0a9b3e4c7d8e6f7a8b9c0d1e2f';
const invalid = (text: string): readonly [number, number, string, string] => [
  422,
  -2,
  'ValidationError',
  `Validation error: ${text}`,
];

/** Call, body, then status, code, name and message. */
const refusals: readonly (readonly [string, Fields, readonly [number, number, string, string]])[] = [
  ['users/ping', { key: 'wrong' }, [401, -1, 'Invalid_Key', 'Invalid API key']],
  ['users/ping', { key: '' }, [422, -1, 'ValidationError', 'You must specify a key value']],
  ['users/ping', { key: null }, [422, -1, 'ValidationError', 'You must specify a key value']],
  ['users/pong', {}, [404, -1, 'GeneralError', 'Unknown method']],
  ['subaccounts/info', { id: 'x' }, [404, 12, 'Unknown_Subaccount', "No subaccount exists with the id 'x'"]],
  ['subaccounts/info', {}, invalid('{"id":"Please enter a value"}')],
  ['subaccounts/add', { id: 'cust-9' }, invalid('{"id":"A subaccount with id cust-9 already exists"}')],
  [
    'messages/send',
    { message: { ...message, subaccount: 'x' } },
    [404, 12, 'Unknown_Subaccount', "No subaccount exists with the id 'x'"],
  ],
  ['messages/send', {}, invalid('{"message":"Please enter a value"}')],
  [
    'messages/send',
    { message: { ...message, from_email: 'a@b@c' } },
    invalid('{"message":{"from_email":"An email address must contain a single @"}}'),
  ],
  [
    'messages/send',
    { message: { ...message, to: 'a' } },
    invalid('{"message":{"to":"Please enter an array"}}'),
  ],
  ['messages/send', { message, send_at: 'soon' }, invalid('{"send_at":"Please enter a valid date\\/time"}')],
  [
    'messages/send-template',
    { template_name: 'x', template_content: [], message },
    [404, 5, 'Unknown_Template', 'No such template "x"'],
  ],
  [
    'messages/info',
    { id: nobody },
    [404, 11, 'Unknown_Message', `No message exists with the id '${nobody}'`],
  ],
  [
    'messages/cancel-scheduled',
    { id: nobody },
    [404, 11, 'Unknown_Message', `No message exists with the id '${nobody}'`],
  ],
  [
    'mctemplates/info',
    { mc_template_id: 7 },
    [404, 11, 'Unknown_Message', "No message exists with the id '7'"],
  ],
  ['templates/info', { name: 'x' }, [404, 5, 'Unknown_Template', 'No such template "x"']],
  [
    'templates/add',
    { name: 'order' },
    [422, 6, 'Invalid_Template', 'A template with name "order" already exists'],
  ],
  ['webhooks/info', { id: 4 }, [404, 3, 'Unknown_Webhook', 'Unknown hook ID 4']],
  ['webhooks/add', { url: 'nowhere' }, invalid('{"url":"That is not a valid URL"}')],
  [
    'rejects/delete',
    { email: 'x@y.test' },
    [404, 4, 'Invalid_Reject', 'The address "x@y.test" is not on the denylist'],
  ],
  ['rejects/add', { email: 'x' }, invalid('{"email":"An email address must contain a single @"}')],
  ['senders/info', { address: 'a@b.test' }, [404, 2, 'Unknown_Sender', 'No such sender "a@b.test"']],
  ['senders/delete-domain', { domain: 'd.test' }, [404, 8, 'Unknown_Domain', 'No such domain "d.test"']],
  [
    'senders/delete-domain',
    { domain: 'lettershop.test' },
    [403, 28, 'Invalid_Verified_Domain', 'The domain "lettershop.test" is verified and cannot be deleted'],
  ],
  ['tags/info', { tag: 'x' }, [400, 1, 'Invalid_Tag_Name', 'no such tag "x"']],
  [
    'urls/check-tracking-domain',
    { domain: 'd.test' },
    [404, 21, 'Unknown_TrackingDomain', "No tracking domain exists with the name 'd.test'"],
  ],
  ['metadata/delete', { name: 'x' }, [404, 24, 'Unknown_MetadataField', 'Invalid metadata field name: x']],
  ['exports/info', { id: 'x' }, [404, 9, 'Unknown_Export', 'Unknown Export: x']],
];

test('each error that can come up has its status, code, name and message, over HTTP', async () => {
  for (const [call, body, [status, code, name, text]] of refusals) {
    for (const suffix of ['', '.json']) {
      const [seen, told] = await post(`${call}${suffix}`, JSON.stringify({ key: testKey.secret, ...body }));
      assert.deepEqual([seen, told], [status, { status: 'error', code, name, message: text }], call);
    }
  }
});

test('what is no JSON object has no key, a form has its own, other formats are said not to be there', async () => {
  for (const body of ['', '{', '[]', '"x"', 'null', '7'])
    assert.equal((await post('users/ping', body))[1].message, 'You must specify a key value', body);
  const form = await post(
    'subaccounts/info',
    `key=${testKey.secret}&id=x`,
    'application/x-www-form-urlencoded',
  );
  assert.equal(form[1].name, 'Unknown_Subaccount');
  const [status, told] = await post('users/ping.xml', JSON.stringify({ key: testKey.secret }));
  assert.deepEqual([status, told.name], [406, 'GeneralError']);
});

test('the official SDK resolves every failure with an Error that holds the answer, and never takes one for success', async () => {
  const client = make(testKey.secret);
  client.basePath = `${world.url}/mandrill/api/1.3`;
  type Calls = Readonly<Record<string, Readonly<Record<string, (body: Fields) => Promise<unknown>>>>>;
  const calls = client as unknown as Calls;
  type Failure = Error & {
    readonly isAxiosError?: boolean;
    readonly response?: { readonly status: number; readonly data: Told };
  };
  const names = {
    'send-template': 'sendTemplate',
    'cancel-scheduled': 'cancelScheduled',
    'delete-domain': 'deleteDomain',
    'check-tracking-domain': 'checkTrackingDomain',
  };
  let tried = 0;
  for (const [call, body, [status, code, name]] of refusals) {
    const [namespace = '', method = ''] = call.split('/');
    const run = calls[namespace]?.[names[method as keyof typeof names] ?? method];
    // The SDK has no method for what is not there, and puts its own key over another.
    if (run === undefined || 'key' in body) continue;
    const failed = (await run.call(calls[namespace], { ...body })) as Failure;
    assert.ok(failed instanceof Error && failed.isAxiosError === true, call);
    assert.deepEqual(
      [
        failed.response?.status,
        failed.response?.data.status,
        failed.response?.data.code,
        failed.response?.data.name,
      ],
      [status, 'error', code, name],
      call,
    );
    tried += 1;
  }
  assert.ok(tried > 20, `${tried} calls`);
  const stranger = make('wrong');
  stranger.basePath = client.basePath;
  const refused = (await (stranger as unknown as Calls)['users']?.['ping']?.({})) as Failure;
  assert.deepEqual([refused.response?.status, refused.response?.data.name], [401, 'Invalid_Key']);
  assert.equal(await calls['users']?.['ping']?.({}), 'PONG!');
});

test('the official SDK resolves with an Error without an answer when nobody listens', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  await new Promise((resolve) => server.close(resolve));
  const client = make(testKey.secret);
  client.basePath = `http://127.0.0.1:${port}/mandrill/api/1.3`;
  const users = (client as unknown as Record<string, Record<string, (body: Fields) => Promise<unknown>>>)[
    'users'
  ];
  const failed = (await users?.['ping']?.({})) as Error & {
    readonly response?: unknown;
    readonly code?: string;
  };
  assert.ok(failed instanceof Error);
  assert.deepEqual([failed.response, failed.code], [undefined, 'ECONNREFUSED']);
});
