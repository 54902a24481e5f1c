/** Inbound domains, their routes and what came for them, as browser tests and pictures show them. */
import type { Base } from './ground.ts';

type Headers = Record<string, string>;
export type Domain = { readonly id: string; readonly record: { readonly value: string } };
export type Route = { readonly id: string; readonly secret: string };
export type Mail = { readonly id: string; readonly state: string };

/** Added, or found when another test did it already. */
export async function inboundDomain(it: Base, name: string, headers: Headers = {}): Promise<Domain> {
  const { items } = await it.boss.ok<{ items: (Domain & { name: string })[] }>(
    'GET',
    '/inbound-domains?limit=500',
    { headers },
  );
  const found = items.find((each) => each.name === name);
  return found ?? it.boss.ok<Domain>('POST', '/inbound-domains', { headers, body: { name } });
}

export function inboundRoute(it: Base, domain: Domain, more: Record<string, unknown>): Promise<Route> {
  return it.boss.ok<Route>('POST', '/inbound-routes', { body: { inboundDomainId: domain.id, ...more } });
}

const edge = 'edge-of-parts';

/** One with text, HTML and an attachment, as bytes. */
export function rawMail(to: string, subject: string, html: string): string {
  return [
    'From: Ada Reader <ada@sender.example>',
    `To: ${to}`,
    `Subject: ${subject}`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary=${edge}`,
    '',
    `--${edge}`,
    `Content-Type: multipart/alternative; boundary=in-${edge}`,
    '',
    `--in-${edge}`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Where is my order?',
    `--in-${edge}`,
    'Content-Type: text/html; charset=utf-8',
    '',
    html,
    `--in-${edge}--`,
    `--${edge}`,
    'Content-Type: application/pdf; name="order.pdf"',
    'Content-Disposition: attachment; filename="order.pdf"',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('the order').toString('base64'),
    `--${edge}--`,
    '',
  ].join('\r\n');
}

export async function handIn(it: Base, to: string, raw: string, headers: Headers = {}): Promise<Mail> {
  const body = { raw, to: [to], mailFrom: 'ada@sender.example', helo: 'mx.sender.example' };
  const { items } = await it.boss.ok<{ items: Mail[] }>('POST', '/inbound-mails', { headers, body });
  const [mail] = items;
  if (mail === undefined) throw new Error(`no route takes ${to}`);
  return mail;
}

/** A domain with a route that is paused, and a mail that waits for it. */
export async function receivedMail(
  it: Base,
  name: string,
): Promise<{ readonly domain: Domain; readonly route: Route; readonly mail: Mail }> {
  const domain = await inboundDomain(it, name);
  const url = 'https://127.0.0.1/mail';
  const route = await inboundRoute(it, domain, { pattern: 'help', url, name: 'Help desk', status: 'paused' });
  const raw = rawMail(`help@${name}`, 'Where is my order?', '<h1>Hello</h1><p>Where is my order?</p>');
  return { domain, route, mail: await handIn(it, `help@${name}`, raw) };
}
