import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { bring, complaint, plainMail } from '../doubles/reports.ts';
import { startWorld } from '../world.ts';
import type { Settled, World } from '../world.ts';

/** Complaints that find their mail by what RFC 9477 adds to it, and by a Message-ID that only a reader can know. */
let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

const feedback = 'fbl@bounce.lettershop.test';

type Arrived = {
  readonly id: string;
  readonly to: string;
  readonly bytes: Buffer;
  readonly header: string;
  readonly secret: string | undefined;
};

async function arrived(to: string, more: Record<string, unknown> = {}, secret?: string): Promise<Arrived> {
  const body = {
    from: { email: 'a@lettershop.test' },
    subject: 'Hello',
    text: 'Hi.',
    to: [{ email: to }],
    ...more,
  };
  const given = secret === undefined ? {} : { secret };
  const { messages } = await world.ok<{ messages: { id: string; to: string }[] }>('POST', '/messages', {
    body,
    ...given,
  });
  const id = messages.find((each) => each.to === to)?.id ?? '';
  const { items } = await world.until(
    () => world.ok<{ items: { id: string }[] }>('GET', `/captures?message=${id}`, given),
    (page) => page.items.length > 0,
  );
  const { body: text } = await world.api('GET', `/captures/${items[0]?.id}/content`, given);
  const bytes = Buffer.from(String(text));
  return { id, to, bytes, header: String(text).split('\r\n\r\n')[0] ?? '', secret };
}

function field({ header }: Arrived, name: string): string | null {
  return new RegExp(`^${name}: ([^\r\n]*)`, 'im').exec(header)?.[1] ?? null;
}

async function switchOn(value = true): Promise<void> {
  await world.ok('PATCH', '/account', { body: { feedbackHeaders: value } });
  await world.program.delivery.standing.refresh();
}

async function complaintsOf({ id, secret }: Arrived): Promise<number> {
  const given = secret === undefined ? {} : { secret };
  const { timeline } = await world.ok<Settled>('GET', `/messages/${id}`, given);
  return timeline.filter(({ kind }) => kind === 'message.complained').length;
}

/** Another last character of what comes before the @. */
const forged = (text: string): string => text.replace(/.(?=@|>|$)/, (last) => (last === 'a' ? 'b' : 'a'));

const otherTo = 'To: redacted';

test('mail carries no feedback headers until the account wants them; then both are signed, once, in every format', async () => {
  const before = await arrived('off@inbox.test');
  assert.deepEqual([field(before, 'CFBL-Address'), field(before, 'CFBL-Feedback-ID')], [null, null]);
  await switchOn();
  const alone = await arrived('on@inbox.test');
  const separate = await arrived('own@inbox.test', {
    to: undefined,
    recipients: [{ to: { email: 'own@inbox.test' } }],
  });
  const records = await world.ok<{ items: { records: { name: string; value: string }[] }[] }>(
    'GET',
    '/domains',
  );
  const all = records.items.flatMap((item) => item.records);
  for (const each of [alone, separate]) {
    assert.equal(field(each, 'CFBL-Address'), 'fbl@bounce.lettershop.test; report=arf');
    assert.equal(field(each, 'CFBL-Feedback-ID'), field(each, 'X-Lettershop-Mark'));
    const { results } = await dkimVerify(each.bytes, {
      resolver: (name: string) =>
        Promise.resolve([[all.find((record) => record.name === name)?.value ?? '']]),
    });
    assert.deepEqual(
      results.map(({ status }) => status.result),
      ['pass', 'pass'],
    );
    const signed = [...each.header.matchAll(/\sh=([^;]*);/g)].map(([, names]) =>
      (names ?? '').replaceAll(/\s/g, '').split(':'),
    );
    assert.equal(signed.length, 2);
    for (const names of signed)
      assert.ok(names.includes('cfbl-address') && names.includes('cfbl-feedback-id'));
  }
  const { body } = await world.api('GET', `/messages/${separate.id}/content`);
  assert.ok(
    String(body).includes(`Message-ID: ${field(separate, 'Message-ID')}`),
    'the content view shows what left',
  );
});

test('a mail that says itself where complaints go keeps its words', async () => {
  const own = await arrived('itself@inbox.test', {
    headers: { 'CFBL-Address': 'loops@lettershop.test; report=arf' },
  });
  assert.deepEqual(
    [...own.header.matchAll(/^CFBL-.*$/gim)].map(([line]) => line.trim()),
    ['CFBL-Address: loops@lettershop.test; report=arf'],
  );
});

test('a complaint that kept the feedback id alone, or the Message-ID alone, finds its copy, however it was forwarded', async () => {
  const ways: Record<string, (mail: Arrived) => string> = {
    id: (mail) => complaint([`CFBL-Feedback-ID: ${field(mail, 'CFBL-Feedback-ID')}`, otherTo]),
    'folded id': (mail) => complaint([`CFBL-Feedback-ID:\r\n ${field(mail, 'CFBL-Feedback-ID')}`, otherTo]),
    'message id': (mail) => complaint([`Message-ID: ${field(mail, 'Message-ID')}`, otherTo]),
    'no report part': (mail) => complaint([`Message-ID: ${field(mail, 'Message-ID')}`, otherTo], null),
    'quoted words': (mail) =>
      plainMail('angry@recv.test', 'Fwd: spam').replace(
        'Hello.',
        `> CFBL-Feedback-ID: ${field(mail, 'CFBL-Feedback-ID')}`,
      ),
  };
  for (const [way, write] of Object.entries(ways)) {
    const to = `${way.replaceAll(' ', '-')}@inbox.test`;
    const shared = await arrived(to);
    const separate = await arrived(`own-${to}`, {
      to: undefined,
      recipients: [{ to: { email: `own-${to}` } }],
    });
    for (const mail of [shared, separate]) {
      assert.match(await bring(world.inboundPort, feedback, write(mail), 'reports@recv.test'), /^250 /);
      await bring(world.inboundPort, feedback, write(mail), 'reports@recv.test');
      assert.equal(await complaintsOf(mail), 1, `${way}: ${mail.to}`);
    }
  }
});

test('a Message-ID that several copies share finds the recipient that the complaint names, and nobody without one', async () => {
  const to = [{ email: 'one@inbox.test' }, { email: 'redacted@recv.test' }];
  const first = await arrived('one@inbox.test', { to });
  const redacted = complaint([`Message-ID: ${field(first, 'Message-ID')}`]);
  await bring(world.inboundPort, feedback, redacted.replace('redacted@recv.test', 'nobody@recv.test'));
  assert.equal(await complaintsOf(first), 0);
  await bring(world.inboundPort, feedback, redacted.replace('redacted@recv.test', 'ONE@inbox.test'));
  assert.equal(await complaintsOf(first), 1);
});

test('forged ids change nothing, and an id of one tenant never touches the mail of another', async () => {
  const mail = await arrived('innocent@inbox.test');
  const made = await world.ok<{ key: { secret: string } }>('POST', '/subaccounts', {
    body: { name: 'B', key: { name: 'B' } },
  });
  const theirs = await arrived('innocent@inbox.test', {}, made.key.secret);
  const id = field(mail, 'CFBL-Feedback-ID') ?? '';
  const messageId = field(mail, 'Message-ID') ?? '';
  assert.match(messageId, /^<s\+/);
  for (const header of [
    `CFBL-Feedback-ID: ${forged(id)}`,
    `CFBL-Feedback-ID: ${id.replace(/^b/, 's')}`,
    `Message-ID: ${forged(messageId)}`,
    `Message-ID: ${messageId.replace('<s+', '<b+')}`,
    `Message-ID: <${mail.id}@lettershop.test>`,
  ])
    assert.match(await bring(world.inboundPort, feedback, complaint([header, `To: ${mail.to}`])), /^250 /);
  assert.deepEqual([await complaintsOf(mail), await complaintsOf(theirs)], [0, 0]);
  const own = field(theirs, 'CFBL-Feedback-ID');
  await bring(
    world.inboundPort,
    feedback,
    complaint([`CFBL-Feedback-ID: ${own}`, `Message-ID: ${messageId}`]),
  );
  assert.deepEqual(
    [await complaintsOf(mail), await complaintsOf(theirs)],
    [0, 1],
    'the copy that is named counts',
  );
  await bring(world.inboundPort, feedback, complaint([`Message-ID: ${field(theirs, 'Message-ID')}`]));
  assert.equal(await complaintsOf(mail), 0);
});

test('switched off, new mail carries them no more', async () => {
  await switchOn(false);
  const { feedbackHeaders } = await world.ok<{ feedbackHeaders: boolean }>('GET', '/account');
  const mail = await arrived('off-again@inbox.test');
  assert.deepEqual([feedbackHeaders, field(mail, 'CFBL-Address')], [false, null]);
  assert.doesNotMatch(field(mail, 'Message-ID') ?? '', /^<s\+/);
});
