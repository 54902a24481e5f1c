import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { ask, copiesOf, failure, makeSubaccount, sdk, transmit } from './sparkpost-calls.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

const head = (copy: string): string => copy.slice(0, copy.indexOf('\r\n\r\n'));

test('the language writes names, addresses and values of headers, and data adds none', async () => {
  const evil = 'Eve\r\nBcc: eve@evil.test';
  const sent = await transmit(world, {
    recipients: [
      {
        address: 'ann@ok.test',
        substitution_data: { firm: 'Kite, Inc. "K"', desk: 'desk@x.test', plan: 'pro' },
      },
      {
        address: 'eve@ok.test',
        substitution_data: { firm: evil, desk: 'a@x.test, b@evil.test', plan: evil },
      },
      { address: 'bob@ok.test', substitution_data: { firm: '', plan: 'Grüße' } },
    ],
    content: {
      from: "{{firm or 'Shop'}} <{{box}}@lettershop.test>",
      reply_to: '"Desk of {{firm}}" <{{desk}}>',
      subject: 's',
      text: 'x',
      headers: { 'X-Plan': '{{plan}}', 'X-Kept': 'as it is' },
    },
    substitution_data: { box: 'hi' },
  });
  const states = await world.ok<{ items: { to: string; id: string; state: string }[] }>(
    'GET',
    `/messages?submission=${sent.id}`,
  );
  const idOf = (name: string): string => states.items.find(({ to }) => to === `${name}@ok.test`)?.id ?? '';
  // Two addresses in one place are none.
  await world.settled(idOf('eve'), ['failed']);
  const copyOf = async (name: string): Promise<string> => {
    await world.settled(idOf(name), ['delivered']);
    return head(await world.ok<string>('GET', `/messages/${idOf(name)}/content`));
  };
  const ann = await copyOf('ann');
  assert.match(ann, /^From: "Kite, Inc\. \\"K\\"" <hi@lettershop\.test>\r$/m);
  assert.match(ann, /^Reply-To: "Desk of Kite, Inc\. \\"K\\"" <desk@x\.test>\r$/m);
  assert.match(ann, /^X-Plan: pro\r$/m);
  assert.match(ann, /^X-Kept: as it is\r$/m);
  const bob = await copyOf('bob');
  assert.match(bob, /^From: (?:Shop <)?hi@lettershop\.test>?\r$/m);
  assert.doesNotMatch(bob, /^Reply-To:/m);
  assert.match(bob, /^X-Plan: =\?utf-8\?/im);
});

test('a line end in data stays within its field', async () => {
  const sent = await transmit(world, {
    recipients: [{ address: 'in@ok.test', substitution_data: { v: 'a\r\nBcc: eve@evil.test\r\n\r\nbody' } }],
    content: { from: '{{v}} <hi@lettershop.test>', subject: 's', text: 'x', headers: { 'X-V': '{{v}}' } },
  });
  const copy = head((await copiesOf(world, sent.id)).get('in@ok.test') ?? '');
  assert.match(copy, /^X-V: a +Bcc: eve@evil\.test +body\r$/m);
  assert.doesNotMatch(copy, /^Bcc:/m);
});

test('braces stay where nothing is to be substituted, but not in headers', async () => {
  const sent = await transmit(world, {
    recipients: [{ address: 'raw@ok.test', substitution_data: { n: 'Ann' } }],
    content: {
      from: 'hi@lettershop.test',
      subject: '{{n}}',
      text: 'see {{n}} {{{n}}} https://x.test/?a={{n}}',
      headers: { 'X-N': '{{n}}' },
    },
    options: { perform_substitutions: false },
  });
  const copy = (await copiesOf(world, sent.id)).get('raw@ok.test') ?? '';
  assert.match(copy, /^X-N: Ann\r$/m);
  assert.match(copy, /^Subject: \{\{n\}\}\r$/m);
  assert.match(copy, /see \{\{n\}\} \{\{\{n\}\}\} https:\/\/x\.test\/\?a=(?:\{|=7B){2}n\}\}/);
});

test('the address of from is what it comes to for each recipient, and is proven for each', async () => {
  const client = sdk(world).transmissions;
  const said = { from: '{{who}}@{{where}}', subject: 's', text: 'x' };
  const ours = { where: 'lettershop.test' };
  const to = (who: string, data: object = ours): object => ({
    address: `${who}@ok.test`,
    substitution_data: { who, ...data },
  });
  const sent = await transmit(world, { recipients: [to('a'), to('b'), to('a')], content: said });
  const copies = await copiesOf(world, sent.id);
  assert.match(copies.get('a@ok.test') ?? '', /^From: a@lettershop\.test\r$/m);
  assert.match(copies.get('b@ok.test') ?? '', /^From: b@lettershop\.test\r$/m);
  const { items } = await world.ok<{ items: { from: string; to: string }[] }>(
    'GET',
    `/messages?submission=${sent.id}`,
  );
  for (const { from, to: recipient } of items)
    assert.equal(from, recipient.replace('ok.test', 'lettershop.test'));
  const foreign = await failure(
    client.send({ recipients: [to('a'), to('b', { where: 'other.test' })], content: said }),
  );
  assert.deepEqual([foreign[0], foreign[1][0]?.code], [400, '7001']);
});

test('a template keeps description, options and headers, and a call falls back to them', async () => {
  const { templates } = sdk(world);
  const content = {
    from: { email: 'hi@lettershop.test', name: '{{firm}}' },
    reply_to: '{{desk}}@lettershop.test',
    subject: 's',
    text: 'x',
    headers: { 'X-Firm': '{{firm}}' },
  };
  const options = { transactional: true, open_tracking: false, click_tracking: true };
  await templates.create({ id: 'kept', description: 'For orders', published: true, options, content });
  const shown = (await templates.get('kept')).results;
  assert.partialDeepStrictEqual(shown, { description: 'For orders', options, content });
  await templates.update('kept', { description: 'Other', options: { open_tracking: true } });
  assert.partialDeepStrictEqual((await templates.get('kept')).results, {
    description: 'Other',
    options: { ...options, open_tracking: true },
    content,
  });
  await templates.update('kept', { published: true });
  const preview = await templates.preview('kept', { substitution_data: { firm: 'Kite', desk: 'help' } });
  assert.deepEqual(preview.results, {
    from: { email: 'hi@lettershop.test', name: 'Kite' },
    reply_to: 'help@lettershop.test',
    headers: { 'X-Firm': 'Kite' },
    subject: 's',
    text: 'x',
  });
  // What stops mail in bulk tells one lane from the other.
  const stopped = { recipients: [{ recipient: 'ann@ok.test', type: 'non_transactional' }] };
  const sending = async (more: object): Promise<string> => {
    const sent = await transmit(world, {
      recipients: [{ address: 'ann@ok.test', substitution_data: { firm: 'Kite', desk: 'help' } }],
      content: { template_id: 'kept' },
      ...more,
    });
    return sent.id;
  };
  await ask(world, 'PUT', '/api/v1/suppression-list', { body: stopped });
  const copy = head((await copiesOf(world, await sending({}))).get('ann@ok.test') ?? '');
  assert.match(copy, /^From: Kite <hi@lettershop\.test>\r$/m);
  assert.match(copy, /^Reply-To: help@lettershop\.test\r$/m);
  assert.match(copy, /^X-Firm: Kite\r$/m);
  const submission = await sending({ options: { transactional: false } });
  const { items } = await world.ok<{ items: { state: string }[] }>(
    'GET',
    `/messages?submission=${submission}`,
  );
  assert.deepEqual(
    items.map(({ state }) => state),
    ['suppressed'],
  );
  await ask(world, 'DELETE', '/api/v1/suppression-list/ann@ok.test');
});

test('a call overrides who a template is from, and says where its links lead', async () => {
  const client = sdk(world);
  const content = { from: 'hi@lettershop.test', subject: 's', text: 'x' };
  await client.templates.create({ id: 'mine', published: true, content });
  const recipients = [{ address: 'ann@ok.test' }];
  const mail = { recipients, content: { template_id: 'mine' } };
  const override = {
    from: 'Other <other@lettershop.test>',
    reply_to: 'r@x.test',
    list_id: 'news.lettershop.test',
  };
  const sent = await transmit(world, { ...mail, override });
  const copy = head((await copiesOf(world, sent.id)).get('ann@ok.test') ?? '');
  assert.match(copy, /^From: Other <other@lettershop\.test>\r$/m);
  assert.match(copy, /^Reply-To: r@x\.test\r$/m);
  assert.match(copy, /^List-Id: <news\.lettershop\.test>\r$/im);
  const inline = { recipients, content: { ...content, headers: { 'LIST-ID': '<old.lettershop.test>' } } };
  const again = await transmit(world, { ...inline, override });
  const other = head((await copiesOf(world, again.id)).get('ann@ok.test') ?? '');
  assert.deepEqual(other.match(/^List-Id: .*$/gim), ['List-Id: <news.lettershop.test>']);
  const refused = async (more: object): Promise<unknown> => {
    const [status, [first]] = await failure(client.transmissions.send({ ...mail, ...more }));
    return [status, first?.code];
  };
  assert.deepEqual(await refused({ override: { from: '{{x}}@lettershop.test' } }), [422, '1300']);
  assert.deepEqual(await refused({ override: { from: 'a@other.test' } }), [400, '7001']);
  assert.deepEqual(await refused({ tracking_domain: 'nobody.test' }), [400, '2009']);
  const track = async (domain: string, more: object = {}): Promise<void> => {
    const made = await ask(world, 'POST', '/api/v1/tracking-domains', { body: { domain }, ...more });
    assert.equal(made.status, 200, made.text);
  };
  await track('click.unproven.test');
  assert.deepEqual(await refused({ tracking_domain: 'click.unproven.test' }), [400, '2010']);
  await track('click.theirs.test', { key: (await makeSubaccount(world, 'tracks')).key });
  assert.deepEqual(await refused({ tracking_domain: 'click.theirs.test' }), [400, '2009']);
  assert.deepEqual(await refused({ options: { dkim_key: 'second' } }), [400, '1100']);
});
