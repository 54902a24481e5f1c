import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { ask, content, copiesOf, failure, makeSubaccount, sdk, transmit } from './sparkpost-calls.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

test('each recipient gets a mail of its own, written with the data of all and its own', async () => {
  const sent = await transmit(world, {
    recipients: [
      { address: { email: 'ann@ok.test', name: 'Ann A.' }, substitution_data: { name: 'Ann' } },
      { address: 'Bob <bob@ok.test>', metadata: { plan: 'pro' } },
      { address: 'ann@ok.test' },
    ],
    content: {
      ...content,
      html: '<p>{{name}} {{plan}} {{{raw}}}</p>',
      reply_to: 'Desk <desk@x.test>',
      headers: { 'X-Mine': 'yes', Subject: 'no' },
    },
    metadata: { plan: 'free', name: 'nobody' },
    substitution_data: { name: 'all', raw: '<b>' },
    options: { transactional: true, start_time: 'now' },
  });
  assert.match(sent.id, /^\d{15,19}$/);
  assert.deepEqual([sent.total_accepted_recipients, sent.total_rejected_recipients], [3, 0]);
  const copies = await copiesOf(world, sent.id);
  const bob = copies.get('bob@ok.test') ?? '';
  assert.match(bob, /^To: Bob <bob@ok.test>\r$/m);
  assert.match(bob, /^From: Shop <hi@lettershop.test>\r$/m);
  assert.match(bob, /^Reply-To: Desk <desk@x.test>\r$/m);
  assert.match(bob, /^X-Mine: yes\r$/m);
  assert.match(bob, /^Subject: Hello\r$/m);
  assert.match(bob, /<p>all pro <b><\/p>/);
  assert.match(bob, /Hello all/);
  // No dedupe: the same address twice is two mails.
  const { items } = await world.ok<{ items: unknown[] }>('GET', `/messages?submission=${sent.id}`);
  assert.equal(items.length, 3);
});

test('cc and bcc are recipients that show the primary one', async () => {
  const sent = await sdk(world).transmissions.send({
    content: { ...content },
    recipients: [{ address: { email: 'to@ok.test', name: 'To' } }],
    cc: [{ address: 'cc@ok.test' }],
    bcc: [{ address: 'bcc@ok.test' }],
  });
  const copies = await copiesOf(world, (sent.results as { id: string }).id);
  assert.deepEqual([...copies.keys()].toSorted(), ['bcc@ok.test', 'cc@ok.test', 'to@ok.test']);
  for (const name of ['cc', 'bcc', 'to']) {
    const copy = copies.get(`${name}@ok.test`) ?? '';
    assert.match(copy, /^To: .*<?to@ok\.test>?\r$/m, name);
    assert.match(copy, /^Cc: .*cc@ok\.test/m, name);
    assert.doesNotMatch(copy, /bcc@ok\.test/, name);
  }
});

test('files and inline images come with the mail', async () => {
  const data = Buffer.from('file').toString('base64');
  const sent = await transmit(world, {
    recipients: [{ address: 'files@ok.test' }],
    content: {
      ...content,
      html: '<img src="cid:logo">',
      attachments: [{ name: 'a.txt', type: 'text/plain; charset=utf-8', data }],
      inline_images: [{ name: 'logo', type: 'image/png', data }],
    },
  });
  const copy = (await copiesOf(world, sent.id)).get('files@ok.test') ?? '';
  assert.match(copy, /filename="?a\.txt"?/);
  assert.match(copy, /Content-ID: <logo>/i);
});

test('some recipients are wrong: the others are sent to, and the errors are told', async () => {
  const client = sdk(world).transmissions;
  const recipients = [{ address: 'good@ok.test' }, { name: 'x' }, { address: 'foo' }];
  const body = (await client.send({ content, recipients }, { num_rcpt_errors: 1 })) as unknown as {
    readonly errors: unknown;
    readonly results: Record<string, unknown>;
  };
  assert.deepEqual(body.errors, [
    { message: 'transmission created, but with validation errors', code: '2000' },
  ]);
  assert.partialDeepStrictEqual(body.results, {
    rcpt_to_errors: [
      {
        message: 'required field is missing',
        description: 'address.email is required for each recipient',
        code: '1400',
      },
    ],
    total_rejected_recipients: 2,
    total_accepted_recipients: 1,
  });
  const none = [400, [{ message: 'At least one valid recipient is required', code: '5002' }]];
  assert.deepEqual(await failure(client.send({ content, recipients: recipients.slice(1) })), none);
  const integer = "param 'num_rcpt_errors' must be an integer";
  assert.deepEqual(await failure(client.send({ content, recipients }, { num_rcpt_errors: 'x' })), [
    400,
    [{ message: 'invalid params', description: integer, code: '1200' }],
  ]);
});

test('what is missing, of the wrong type or does not go together is told with its code', async () => {
  const recipients = [{ address: 'a@ok.test' }];
  const { from, subject, text } = content;
  const cases: readonly (readonly [object, number, string, string | undefined])[] = [
    [{ recipients }, 422, '1400', 'content object or template_id required'],
    [{ content }, 422, '1400', 'recipients or list_id required'],
    [{ recipients, content: { subject, text } }, 422, '1400', 'content.from is a required field'],
    [{ recipients, content: { from, text } }, 422, '1400', 'content.subject is a required field'],
    [
      { recipients, content: { from, subject } },
      422,
      '1400',
      "At least one of 'text' or 'html' needs to exist in 'content'",
    ],
    [
      { recipients, content: { template_id: 't', text } },
      422,
      '1301',
      'Both content object and template_id are specified',
    ],
    [{ recipients, content: { template_id: 'nope' } }, 422, '1603', "template 'nope' does not exist"],
    [{ recipients, content: { ab_test_id: 'x' } }, 422, '1603', "ab_test_id 'x' does not exist"],
    [
      { recipients, content: { email_rfc822: 'x', subject } },
      422,
      '1301',
      'content.email_rfc822 and content.subject are mutually exclusive',
    ],
    [
      { recipients, content, metadata: 'x' },
      422,
      '1300',
      "field 'metadata' is of type 'string', but needs to be of type 'json object'",
    ],
    [
      { recipients, content, campaign_id: 'x'.repeat(65) },
      422,
      '1300',
      "field 'campaign_id' is of length '65', but needs to be of max length '64'",
    ],
    [
      { recipients, content, substitution_data: { x: 'x'.repeat(100_000) } },
      422,
      '2002',
      'Transmission-level substitution data must be less than 100000 bytes',
    ],
    [
      { recipients, content, metadata: { x: 'x'.repeat(10_000) } },
      422,
      '2007',
      'Transmission-level metadata must be less than 10000 bytes',
    ],
    [
      { recipients, content: { ...content, from: 'hi@stranger.test' } },
      400,
      '7001',
      'Unconfigured or unverified sending domain.',
    ],
    [{ recipients, content: { ...content, from: 'hi' } }, 400, '7001', 'No sending domain specified'],
    [
      { recipients, content, options: { ip_pool: 'nowhere' } },
      422,
      '1300',
      "IP Pool 'nowhere' does not exist",
    ],
    [
      { recipients, content, options: { start_time: 'soon' } },
      422,
      '1300',
      'Error parsing scheduled start_time',
    ],
    [{ recipients, content, options: { sandbox: true } }, 420, '2103', undefined],
    [{ recipients, content: { ...content, headers: { 'bad name': 'x' } } }, 422, '3002', undefined],
  ];
  for (const [body, status, code, description] of cases) {
    const [told, errors] = (await failure(sdk(world).transmissions.send(body as never))) as [
      number,
      { code: string; description?: string }[],
    ];
    assert.deepEqual([told, errors[0]?.code], [status, code], JSON.stringify(body).slice(0, 200));
    if (description !== undefined) assert.equal(errors[0]?.description, description);
  }
});

test('faults of inline content fail the messages and not the call', async () => {
  const sent = await transmit(world, {
    recipients: [{ address: 'fault@ok.test' }],
    content: { ...content, text: '{{if' },
  });
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', `/messages?submission=${sent.id}`);
  await world.settled(items[0]?.id ?? '', ['failed']);
});

test('a suppressed recipient is accepted, and nothing is sent', async () => {
  const { id, key } = await makeSubaccount(world, 'suppressing');
  await sdk(world, key).suppressionList.upsert({ recipient: 'no@ok.test', type: 'transactional' });
  await shareDomain();
  const state = async (body: object): Promise<string> => {
    const { id: transmission } = await transmit(
      world,
      { recipients: [{ address: 'no@ok.test' }], ...body },
      { key },
    );
    const path = `/messages?submission=${transmission}`;
    const { items } = await world.ok<{ items: { state: string }[] }>('GET', path);
    return items[0]?.state ?? '';
  };
  assert.equal(await state({ options: { transactional: true } }), 'suppressed');
  assert.notEqual(await state({ options: { transactional: false } }), 'suppressed');
  // The primary account's own list is not asked for a subaccount's mail, nor the other way round.
  const primary = await transmit(world, {
    recipients: [{ address: 'no@ok.test' }],
    options: { transactional: true },
  });
  const { items } = await world.ok<{ items: { state: string }[] }>(
    'GET',
    `/messages?submission=${primary.id}`,
  );
  assert.notEqual(items[0]?.state, 'suppressed');
  assert.ok(id > 0);
});

async function shareDomain(): Promise<void> {
  const { items } = await world.ok<{ items: { id: string; name: string }[] }>('GET', '/domains');
  const domain = items.find(({ name }) => name === 'lettershop.test');
  await world.ok('PATCH', `/domains/${domain?.id}`, { body: { share: 'use' } });
}

test('with the header the account sends in the name of a subaccount; a suspended one sends nothing either way', async () => {
  await shareDomain();
  const { id, key } = await makeSubaccount(world, 'acted for');
  const sent = await transmit(world, { recipients: [{ address: 'acted@ok.test' }] }, { subaccount: id });
  const { items } = await world.ok<{ items: { subaccountId: number }[] }>(
    'GET',
    `/messages?submission=${sent.id}`,
  );
  assert.deepEqual(
    items.map(({ subaccountId }) => subaccountId),
    [id],
  );
  await sdk(world).subaccounts.update(String(id), { status: 'suspended' });
  const body = { content, recipients: [{ address: 'acted@ok.test' }] };
  for (const who of [{ key }, { subaccount: id }])
    await world.until(
      () => ask(world, 'POST', '/api/v1/transmissions', { ...who, body }),
      ({ status }) => status === 403,
    );
});

test('a stored template writes the mail; a draft only when asked for', async () => {
  const client = sdk(world);
  await client.templates.create({ id: 'Ship.it_1', content: { ...content, text: 'Draft for {{name}}' } });
  const recipients = [{ address: 'stored@ok.test', substitution_data: { name: 'Ann' } }];
  const draft = await transmit(world, {
    recipients,
    content: { template_id: 'Ship.it_1', use_draft_template: true },
  });
  assert.match((await copiesOf(world, draft.id)).get('stored@ok.test') ?? '', /Draft for Ann/);
  const [, errors] = (await failure(
    client.transmissions.send({ recipients, content: { template_id: 'Ship.it_1' } }),
  )) as [number, { code: string }[]];
  assert.equal(errors[0]?.code, '2005');
  await client.templates.update('Ship.it_1', { published: true });
  const sent = await transmit(world, {
    recipients,
    content: { template_id: 'Ship.it_1', from: 'x@ignored.test' },
  });
  assert.match(
    (await copiesOf(world, sent.id)).get('stored@ok.test') ?? '',
    /^From: Shop <hi@lettershop\.test>/m,
  );
});

test('inline content shows snippets of who sends', async () => {
  const snippet = { id: 'foot', name: 'Foot', content: { text: 'Kind regards {{name}}' } };
  assert.deepEqual((await ask(world, 'POST', '/api/labs/snippets', { body: snippet })).body, {
    results: { id: 'foot' },
  });
  const text = 'Hello. {{ render_snippet("foot") }}';
  const sent = await transmit(world, {
    recipients: [{ address: 'snip@ok.test' }],
    content: { ...content, text },
    substitution_data: { name: 'Ann' },
  });
  assert.match((await copiesOf(world, sent.id)).get('snip@ok.test') ?? '', /Hello\. Kind regards Ann/);
});

test('scheduled mail is read, listed and taken back by id or by campaign, in the own scope only', async () => {
  await shareDomain();
  const client = sdk(world).transmissions;
  const { id: subaccount } = await makeSubaccount(world, 'campaigns');
  const start = (ms: number): string => new Date(Date.now() + ms).toISOString().replace(/\.\d+Z$/, '+00:00');
  const body = {
    recipients: [{ address: 'later@ok.test' }],
    campaign_id: 'spring',
    options: { start_time: start(3_600_000) },
  };
  const mine = await transmit(world, body);
  const theirs = await transmit(world, body, { subaccount });
  assert.partialDeepStrictEqual((await client.get(mine.id)).results, {
    transmission: {
      id: mine.id,
      state: 'submitted',
      campaign_id: 'spring',
      num_rcpts: 1,
      content: { template_id: 'inline' },
    },
  });
  const listed = (await client.list({ campaign_id: 'spring' })).results as { id: string; state: string }[];
  assert.deepEqual(
    listed.map(({ id, state }) => [id, state]),
    [[mine.id, 'submitted']],
  );
  assert.deepEqual(await failure(client.get(theirs.id)), [
    404,
    [
      {
        message: 'resource not found',
        description: `Resource not found:transmission id ${theirs.id}`,
        code: '1600',
      },
    ],
  ]);
  assert.equal((await ask(world, 'DELETE', '/api/v1/transmissions?campaign_id=spring')).status, 204);
  assert.partialDeepStrictEqual((await client.get(mine.id)).results, { transmission: { state: 'Canceled' } });
  const other = sdk(world, undefined, subaccount).transmissions;
  assert.partialDeepStrictEqual((await other.get(theirs.id)).results, {
    transmission: { state: 'submitted' },
  });
  const told = async (method: string, path: string, who = {}): Promise<unknown> => {
    const { status, body: answer } = await ask(world, method, path, who);
    return [status, (answer as { errors?: { code: string }[] } | null)?.errors?.[0]?.code];
  };
  assert.deepEqual(await told('DELETE', '/api/v1/transmissions'), [400, '1401']);
  assert.deepEqual(await told('DELETE', `/api/v1/transmissions/${theirs.id}`), [404, '1600']);
  assert.deepEqual(await told('DELETE', `/api/v1/transmissions/${theirs.id}`, { subaccount }), [
    204,
    undefined,
  ]);
  const soon = await transmit(world, { ...body, options: { start_time: start(300_000) } });
  assert.deepEqual(await told('DELETE', `/api/v1/transmissions/${soon.id}`), [409, '2003']);
  assert.deepEqual(await told('DELETE', `/api/v1/transmissions/${mine.id}`), [409, '2006']);
  const [status] = (await failure(
    client.send({ ...body, content, options: { start_time: start(4 * 86_400_000) } }),
  )) as number[];
  assert.equal(status, 422);
});

test('scheduled mail is written with what is published when its time has come', async () => {
  const { templates, transmissions } = sdk(world);
  const said = { ...content, text: 'Old for {{name}}' };
  for (const id of ['late', 'late-gone']) await templates.create({ id, content: said, published: true });
  const start = new Date(world.clock.now() + 3_600_000).toISOString().replace(/\.\d+Z$/, '+00:00');
  const recipients = [{ address: 'late-ann@ok.test', substitution_data: { name: 'Ann' } }];
  const send = (template_id: string): Promise<{ id: string }> =>
    transmit(world, { recipients, content: { template_id }, options: { start_time: start } });
  const [sent, gone] = [await send('late'), await send('late-gone')];
  await templates.update(
    'late',
    { content: { ...said, text: 'New for {{name}}' } },
    { update_published: true },
  );
  await templates.delete('late-gone');
  await world.move(3_600_000);
  const stateOf = async (id: string): Promise<unknown> =>
    ((await transmissions.get(id)).results as { transmission: { num_failed_gen: unknown } }).transmission;
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', `/messages?submission=${sent.id}`);
  await world.settled(items[0]?.id ?? '', ['delivered']);
  assert.match((await copiesOf(world, sent.id)).get('late-ann@ok.test') ?? '', /New for Ann/);
  const failed = await world.ok<{ items: { id: string }[] }>('GET', `/messages?submission=${gone.id}`);
  await world.settled(failed.items[0]?.id ?? '', ['failed']);
  assert.partialDeepStrictEqual(await stateOf(gone.id), { num_failed_gen: 1 });
});
