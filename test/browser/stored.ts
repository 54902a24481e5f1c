/**
 * Text that would be markup if anything took it for that, in each place of the console that a tenant or a stranger writes to.
 * Every text begins with the name of its place, so that a page can be asked whether it shows it at all.
 */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { SmtpSink } from '../doubles/smtp-sink.ts';
import type { Misbehaviour, Occasion } from '../doubles/smtp-sink.ts';
import { WebhookReceiver } from '../doubles/webhook-receiver.ts';
import type { Settled } from '../world.ts';
import { startBase } from './ground.ts';
import type { Base } from './ground.ts';
import { handIn, inboundDomain, inboundRoute } from './inbound.ts';

/** At most 100 characters, which nearly all of the places take. */
export function evil(place: string): string {
  return `${place}"'><img src=x onerror=top.ran=1><script>top.ran=1</script><a href=javascript:top.ran=1>`;
}

/** At most 60 of them. */
function evilShort(place: string): string {
  return `${place}"'><img src=x onerror=top.ran=1><svg onload=top.ran=1>`;
}

/** Where to look, which places' texts stand there, and what is clicked before they do. */
export type Shown = {
  readonly path: string;
  readonly places: readonly string[];
  readonly click?: readonly string[];
};

export class Stored implements AsyncDisposable {
  readonly base: Base;
  readonly shown: Shown[] = [];
  readonly #sink: SmtpSink;
  readonly #receiver: WebhookReceiver;

  private constructor(base: Base, sink: SmtpSink, receiver: WebhookReceiver) {
    this.base = base;
    this.#sink = sink;
    this.#receiver = receiver;
  }

  static async start(): Promise<Stored> {
    const sink = await SmtpSink.start({ behave });
    const receiver = await WebhookReceiver.start();
    receiver.react = () => (response) =>
      response
        .writeHead(500, { 'content-type': 'text/html', 'x-said': evil('answer-header') })
        .end(evil('answer'));
    const base = await startBase({
      LETTERSHOP_OUTBOUND: 'relay',
      LETTERSHOP_RELAY_URL: `smtp://127.0.0.1:${sink.port}`,
      LETTERSHOP_TRACKING_URL: 'http://track.lettershop.test',
    });
    const stored = new Stored(base, sink, receiver);
    await stored.#fill();
    return stored;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.base.world[Symbol.asyncDispose]();
    await this.base.dns[Symbol.asyncDispose]();
    await this.#receiver[Symbol.asyncDispose]();
    await this.#sink[Symbol.asyncDispose]();
  }

  #see(path: string, places: readonly string[], ...click: string[]): void {
    this.shown.push({ path, places, click });
  }

  #make<T = { readonly id: string }>(path: string, body: unknown): Promise<T> {
    return this.base.boss.ok<T>('POST', path, { body });
  }

  async #fill(): Promise<void> {
    await this.base.boss.ok('PATCH', '/account', { body: { logRequests: true } });
    await this.#tenants();
    await this.#messages();
    await this.#written();
    await this.#refused();
    await this.#watched();
    await this.#endpoints();
    await this.#received();
    await this.#callers();
    this.#see('/audit', []);
    this.#see('/events', ['subject']);
  }

  async #tenants(): Promise<void> {
    const { boss } = this.base;
    const body = { name: evil('subaccount'), externalId: evil('external'), notes: evil('notes') };
    const { id } = await this.#make<{ id: number }>('/subaccounts', body);
    await boss.ok('PATCH', `/subaccounts/${id}`, { body: { status: 'paused', reason: evil('paused') } });
    await this.#make(`/subaccounts/${id}/reputation/raise`, { step: 'review', reason: evil('step') });
    await boss.ok('PUT', '/brand', {
      body: { name: evilShort('brand'), color: '#1d4ed8', supportAddress: null },
    });
    this.#see('/', ['brand']);
    this.#see('/subaccounts', ['subaccount']);
    this.#see(`/subaccounts/${id}`, ['subaccount', 'external', 'notes', 'paused']);
    this.#see('/reputation', ['subaccount']);
    this.#see(`/reputation/${id}`, ['step']);
    this.#see('/brand', ['brand']);
  }

  /** Refused, put off and delivered: what the other side said stands in the timeline. */
  async #messages(): Promise<void> {
    const { world } = this.base;
    const ends = [
      ['hard', 'bounced'],
      ['soft', 'deferred'],
      ['final', 'bounced'],
      ['fine', 'delivered'],
    ] as const;
    const html = `<p>Dear reader</p>${evil('html')}<script>top.ran=1</script><a href="https://shop.example/?q=1">x</a>`;
    for (const [who, state] of ends) {
      const [id = ''] = await world.send(`${who}@inbox.test`, {
        from: { email: 'a@lettershop.test', name: evil('from') },
        subject: evil('subject'),
        html,
        tags: [evil('tag')],
        campaign: evil('campaign'),
        metadata: { note: evil('metadata') },
        tracking: { opens: true, initialOpens: true, clicks: true },
      });
      await world.settled(id, [state]);
      if (state === 'delivered') await this.#engage(id);
      const reply = state === 'delivered' ? ['taken'] : [`reply-${who}`];
      this.#see(`/messages/${id}`, ['subject', 'metadata', 'tag', ...reply]);
    }
    await world.send('later@inbox.test', {
      subject: evil('later'),
      tags: [evil('tag')],
      sendAt: new Date(Date.now() + 86_400_000).toISOString(),
    });
    this.#see('/messages', ['subject', 'later']);
    this.#see('/queue', []);
    this.#see('/figures?by=tag', ['tag']);
    await this.#make('/suspensions', { kind: 'tag', value: evil('tag'), reason: evil('suspension') });
    this.#see('/suspensions', ['tag', 'suspension']);
  }

  /** A stranger opens the mail and clicks, with a browser that calls itself what it likes. */
  async #engage(id: string): Promise<void> {
    const { world } = this.base;
    const kept = this.#sink.kept.find(({ to }) => to === 'fine@inbox.test');
    const mail = (kept?.bytes.toString() ?? '').replaceAll('=\r\n', '').replaceAll('=3D', '=');
    const links = [...new Set(mail.match(/http:\/\/track\.lettershop\.test\/[^"\s<>]+/g) ?? [])];
    assert.ok(links.length >= 2, mail);
    for (const link of links) await ask(world.program.doors.httpPort, link, evil('agent'));
    await world.program.tracker.engagements.idle();
    await world.until(
      () => world.ok<Settled>('GET', `/messages/${id}`),
      ({ timeline }) => timeline.some(({ kind }) => kind === 'message.clicked'),
    );
    this.#see(`/messages/${id}`, ['agent']);
  }

  async #written(): Promise<void> {
    const { boss } = this.base;
    const source = { subject: evil('t-subject'), html: evil('t-html'), text: evil('t-text') };
    const named = { name: evil('template'), slug: 'evil', labels: [evil('label')] };
    const template = await this.#make('/templates', { ...named, ...source });
    const snippet = await this.#make('/snippets', { name: evil('snippet'), html: evil('s-html'), text: 'x' });
    this.#see('/templates', ['template']);
    this.#see(`/templates/${template.id}`, ['template']);
    this.#see('/snippets', ['snippet']);
    this.#see(`/snippets/${snippet.id}`, ['snippet']);
    const { list } = await this.#make<{ list: { id: string } }>('/lists', {
      name: evil('list'),
      slug: 'evil',
      description: evil('description'),
      recipients: [
        {
          address: 'm@inbox.test',
          name: evil('member'),
          tags: [evil('m-tag')],
          data: { city: evil('m-data') },
        },
      ],
    });
    this.#see('/lists', ['list']);
    this.#see(`/lists/${list.id}`, ['list', 'description', 'member']);
    await this.#make('/senders', { email: 's@evil.example', name: evil('sender'), note: evil('s-note') });
    this.#see('/senders', ['sender']);
    const key = await this.#make('/keys', { name: evil('key'), grants: ['messages:read'] });
    const user = await this.#make('/smtp-users', { name: evil('smtp-user') });
    this.#see('/keys', ['key']);
    this.#see(`/keys/${key.id}`, ['key']);
    this.#see(`/smtp-users/${user.id}`, ['smtp-user']);
    await boss.ok('POST', '/invitations', {
      body: { email: 'i@inbox.test', role: 'reporting', note: evil('invitation') },
    });
    this.#see('/people', ['brand']);
  }

  async #refused(): Promise<void> {
    const entries = [{ address: 'gone@inbox.test', reason: evil('reason') }];
    await this.#make('/suppressions', { entries });
    const quoted = `"${evil('line').replaceAll('"', '""')}"`;
    const csv = `address,reason\r\nread@inbox.test,${quoted.replace('line', 'imported')}\r\n${quoted},x\r\n`;
    const answer = await fetch(`${this.base.world.url}/api/v1/suppressions/imports`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer ls_testtesttesttesttesttesttesttest',
        'content-type': 'text/csv',
      },
      body: csv,
    });
    assert.equal(answer.status, 200, await answer.text());
    this.#see('/suppressions', ['reason', 'imported']);
    this.#see('/suppressions', [], 'Import', 'Report');
  }

  async #watched(): Promise<void> {
    const alert = await this.#make('/alerts', {
      name: evil('alert'),
      measure: 'bounce_rate',
      threshold: 0.05,
      volumeMin: 200,
      target: { kind: 'webhook', to: `${this.#receiver.url}?q=${encodeURIComponent(evil('target'))}` },
    });
    await this.base.boss.api('POST', `/alerts/${alert.id}/test`);
    const query = { step: 'day', tag: [evil('tag')] };
    const report = await this.#make('/reports', {
      name: evil('report'),
      query,
      period: 'this_month',
      share: 'use',
    });
    await this.#make('/pools', { name: 'evil' });
    this.#see('/alerts', ['alert']);
    this.#see(`/alerts/${alert.id}`, ['alert']);
    this.#see('/reports', ['report']);
    this.#see(`/reports/${report.id}`, ['report']);
  }

  /** What a tenant's program answers is the tenant's text too. */
  async #endpoints(): Promise<void> {
    const { boss, world } = this.base;
    const url = `${this.#receiver.url}?q=${encodeURIComponent(evil('url'))}`;
    const { id } = await this.#make('/webhooks', {
      name: evil('webhook'),
      url,
      kinds: ['message.delivered'],
    });
    await boss.ok('POST', `/webhooks/${id}/test`);
    await world.send('hooked@inbox.test', { subject: evil('hooked') });
    await world.until(
      () => boss.ok<{ items: unknown[] }>('GET', `/webhooks/${id}/deliveries?isTaken=false`),
      ({ items }) => items.length > 0,
    );
    this.#see('/webhooks', ['webhook']);
    this.#see(`/webhooks/${id}?taken=false`, ['answer'], 'Look');
  }

  async #received(): Promise<void> {
    const domain = await inboundDomain(this.base, 'in.evil.example');
    const made = { pattern: '*', url: this.#receiver.url, name: evil('route') };
    const route = await inboundRoute(this.base, domain, made);
    const boundary = 'edge-of-parts';
    const raw = [
      `From: "${evil('i-from').replaceAll('"', '\\"')}" <ada@sender.example>`,
      'To: help@in.evil.example',
      `Subject: ${evil('i-subject')}`,
      'MIME-Version: 1.0',
      `Content-Type: multipart/mixed; boundary=${boundary}`,
      '',
      `--${boundary}`,
      'Content-Type: text/html; charset=utf-8',
      '',
      `<p>Hello</p>${evil('i-html')}<script>top.ran=1</script>`,
      `--${boundary}`,
      'Content-Type: text/html',
      `Content-Disposition: attachment; filename="${evil('file').replaceAll('"', '\\"')}.html"`,
      '',
      evil('attachment'),
      `--${boundary}--`,
      '',
    ].join('\r\n');
    const mail = await handIn(this.base, 'help@in.evil.example', raw);
    await this.base.world.until(
      () => this.base.boss.ok<{ attempts: number }>('GET', `/inbound-mails/${mail.id}`),
      ({ attempts }) => attempts > 0,
    );
    this.#see('/inbound-mails', ['i-subject']);
    this.#see(`/inbound-mails/${mail.id}`, ['i-subject', 'file']);
    this.#see('/inbound-routes', ['route']);
    this.#see(`/inbound-routes/${route.id}`, ['route']);
    this.#see('/inbound-domains', ['brand']);
    this.#see(`/inbound-domains/${domain.id}`, ['brand']);
  }

  /** Programs that call, and people who log in, with names that they choose. */
  async #callers(): Promise<void> {
    const { boss, world } = this.base;
    const headers = { 'user-agent': evil('caller') };
    const called = await world.api('POST', '/lists', { headers, body: { name: evil('sent'), slug: '!' } });
    assert.equal(called.status, 400);
    const requestId = called.headers.get('lettershop-request-id') ?? '';
    const { items } = await world.until(
      () => boss.ok<{ items: { id: string }[] }>('GET', `/logs?requestId=${requestId}`),
      (found) => found.items.length > 0,
    );
    this.#see('/logs', []);
    this.#see(`/logs/${items[0]?.id}`, ['caller', 'sent']);
    await boss.request('POST', '/api/auth/sign-in/email', {
      body: { email: 'owner@lettershop.test', password: 'correct horse battery staple' },
      headers,
    });
    this.#see('/profile', ['caller']);
  }
}

/** The local part says what goes wrong; the text is the other side's to choose. */
function behave({ phase, recipient }: Occasion): Misbehaviour | undefined {
  const who = recipient.split('@')[0];
  if (phase === 'rcpt' && who === 'hard') return { reply: `550 5.1.1 ${evil('reply-hard')}` };
  if (phase === 'rcpt' && who === 'soft') return { reply: `451 4.7.1 ${evil('reply-soft')}` };
  if (phase === 'final' && who === 'final') return { reply: `554 5.7.1 ${evil('reply-final')}` };
  return phase === 'final' && who === 'fine' ? { reply: `250 2.0.0 ${evil('taken')}` } : undefined;
}

function ask(port: number, link: string, userAgent: string): Promise<void> {
  const { host, pathname, search } = new URL(link);
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port,
        path: pathname + search,
        headers: { host, 'user-agent': userAgent },
      },
      (response) => response.resume().on('end', resolve),
    );
    asking.on('error', reject).end();
  });
}
