import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { sql } from 'kysely';
import PostalMime from 'postal-mime';
import { stsText, TransportGround } from './transport-ground.ts';

test('the day after, each domain gets one report, by mail of our own and by HTTPS, and none names a tenant', async () => {
  await using ground = await TransportGround.start([
    'mta-sts.daily.test',
    'mta-sts.reports.test',
    'reports.test',
  ]);
  const { world, dns, sink, host, ca } = ground;
  // It would hold any other mail: a report must not fail by what it reports (RFC 8460 3).
  ground.publish('reports.test', ca.issue({ names: ['elsewhere.test'] }));
  ground.announce('reports.test', stsText('enforce', 'mx.reports.test'));
  dns.zone['reports.test'] = { MX: [[10, 'mx.reports.test']], A: ['127.0.0.1'] };
  ground.publishOwn('daily.test');
  ground.announce('daily.test', stsText('enforce', '*.daily.test'));
  dns.zone['_smtp._tls.daily.test'] = {
    TXT: ['v=TLSRPTv1; rua=mailto:tls@reports.test,https://reports.test/tls'],
  };
  host.answers['reports.test/tls'] = { status: 201 };
  await world.move(86_400_000);
  const day = new Date(world.clock.now()).toISOString().slice(0, 10);
  assert.equal((await ground.deliver('secret-person@daily.test')).state, 'deferred');
  const { engine } = world.database.db;
  await world.until(
    () => sql`select from tls_sessions where domain = 'daily.test' and day = ${day}::date`.execute(engine),
    ({ rows }) => rows.length > 0,
  );
  const second = await world.another();
  await world.move(86_400_000 + 5 * 3_600_000);
  await world.until(
    () =>
      sql`select from tls_reports where domain = 'daily.test' and day = ${day}::date and state = 'sent'`.execute(
        engine,
      ),
    ({ rows }) => rows.length > 0,
  );
  const subject = 'Report Domain: daily.test';
  const mails = await world.until(
    () =>
      Promise.resolve(
        sink.kept.filter(({ bytes }) => {
          const text = bytes.toString('latin1');
          return text.includes(subject) && text.includes(`<${day}.daily.test@`);
        }),
      ),
    ({ length }) => length > 0,
  );
  assert.deepEqual([mails.length, host.posted.filter(({ path }) => path === '/tls').length >= 1], [1, true]);
  const [mail] = mails;
  assert.ok(mail !== undefined);
  assert.equal(mail.to, 'tls@reports.test');
  const parsed = await PostalMime.parse(mail.bytes);
  const field = (name: string): string | undefined => parsed.headers.find(({ key }) => key === name)?.value;
  assert.match(field('content-type') ?? '', /^multipart\/report; report-type="?tlsrpt"?/);
  assert.match(field('dkim-signature') ?? '', /d=mail\.lettershop\.test/);
  assert.deepEqual(
    [field('tls-report-domain'), field('tls-report-submitter')],
    ['daily.test', 'mail.lettershop.test'],
  );
  const attached = parsed.attachments.find(({ mimeType }) => mimeType === 'application/tlsrpt+gzip');
  const report: unknown = JSON.parse(
    gunzipSync(Buffer.from(attached?.content as ArrayBuffer)).toString('utf8'),
  );
  assert.deepEqual(report, {
    'organization-name': 'mail.lettershop.test',
    'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
    'contact-info': 'tls-reports@mail.lettershop.test',
    'report-id': `${day}.daily.test@mail.lettershop.test`,
    policies: [
      {
        policy: {
          'policy-type': 'sts',
          'policy-string': ['version: STSv1', 'mode: enforce', 'mx: *.daily.test', 'max_age: 86400'],
          'policy-domain': 'daily.test',
          'mx-host': ['*.daily.test'],
        },
        summary: { 'total-successful-session-count': 0, 'total-failure-session-count': 1 },
        'failure-details': [
          {
            'result-type': 'certificate-not-trusted',
            'receiving-mx-hostname': 'mx.daily.test',
            'receiving-ip': '127.0.0.1',
            'failed-session-count': 1,
            'failure-reason-code': 'DEPTH_ZERO_SELF_SIGNED_CERT',
          },
        ],
      },
    ],
  });
  const posted = host.posted.map(({ type, body }) => [type, JSON.parse(gunzipSync(body).toString('utf8'))]);
  const same = posted.filter(([, body]) => (body as { 'report-id': string })['report-id'].startsWith(day));
  assert.deepEqual(same, [['application/tlsrpt+gzip', report]]);
  await second.stop();
});
