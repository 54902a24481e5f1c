/** How a mail looks to those who receive it: parsed as far as it can be, with its bytes where it cannot. */
import { resultsField } from '../../mail/authentication/index.ts';
import { readMail } from '../../mail/mime/index.ts';
import type { ReadMail } from '../../mail/mime/index.ts';
import { authHeaders, sealedText, standardHeaders } from '../webhooks/index.ts';
import type { IncomingMail, InboundRoute, RouteWorld } from './model.ts';

/** A mail with its bytes as they are read: the results of our own look before what was stored. */
export function wholeOf({ authentication }: IncomingMail, stored: Buffer, hostname: string): Buffer {
  if (authentication === null) return stored;
  return Buffer.concat([Buffer.from(resultsField(authentication, hostname), 'latin1'), stored]);
}

/** Null when nothing of it can be made out: then its bytes have to do. */
export async function parsed(bytes: Buffer): Promise<ReadMail | null> {
  try {
    return await readMail(bytes);
  } catch {
    return null;
  }
}

export type ParsedJson = {
  readonly subject: string;
  readonly from: { readonly email: string; readonly name: string } | null;
  readonly to: readonly { readonly email: string; readonly name: string }[];
  readonly cc: readonly { readonly email: string; readonly name: string }[];
  readonly replyTo: readonly { readonly email: string; readonly name: string }[];
  readonly headers: readonly (readonly [string, string])[];
  readonly text: string | null;
  readonly html: string | null;
  readonly attachments: readonly {
    readonly name: string;
    readonly type: string;
    readonly contentId: string | null;
    readonly sizeBytes: number;
    /** In base64. */
    readonly content: string;
  }[];
};

export function parsedJson(mail: ReadMail | null): ParsedJson | null {
  if (mail === null) return null;
  const { subject, from, to, cc, replyTo, text, html } = mail;
  return {
    subject,
    from,
    to,
    cc,
    replyTo,
    headers: mail.headers,
    text,
    html,
    attachments: mail.parts.map(({ name, type, contentId, bytes }) => {
      return { name, type, contentId, sizeBytes: bytes.length, content: bytes.toString('base64') };
    }),
  };
}

type Request = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** As the route's provider words and signs it, with the route's own authentication. */
function foreignHeaders(
  { ring, mailWordings }: RouteWorld,
  route: InboundRoute & { readonly format: Exclude<InboundRoute['format'], 'native'> },
  { body, isTest }: { readonly body: string; readonly isTest: boolean },
): Readonly<Record<string, string>> {
  const secret = isTest ? null : sealedText(ring, route.id, route.sealedSecret);
  return {
    'user-agent': 'Lettershop-Inbound',
    ...mailWordings[route.format].headers({ url: route.url, secret, body }),
    ...authHeaders(ring, route),
  };
}

function isForeign(
  route: InboundRoute,
): route is InboundRoute & { readonly format: Exclude<InboundRoute['format'], 'native'> } {
  return route.format !== 'native';
}

/** One mail as the format of its route words it. */
export async function requestFor(
  world: RouteWorld,
  route: InboundRoute,
  mail: IncomingMail,
  bytes: Buffer,
): Promise<Request> {
  const { ring, mailWordings, clock } = world;
  const read = await parsed(bytes);
  if (isForeign(route)) {
    const body = mailWordings[route.format].body(mail, { read, bytes });
    return { body, headers: foreignHeaders(world, route, { body, isTest: false }) };
  }
  const body = nativeBody(mail, read, bytes);
  return { body, headers: standardHeaders(ring, route, { id: `in_${mail.id}`, body, now: clock.now() }) };
}

/** What is sent to see whether the endpoint answers. */
export function testRequest(world: RouteWorld, route: InboundRoute, requestId: string): Request {
  const { ring, mailWordings, clock } = world;
  if (isForeign(route)) {
    const body = mailWordings[route.format].testBody;
    return { body, headers: foreignHeaders(world, route, { body, isTest: true }) };
  }
  const body = testBody(route.id, clock.now());
  return {
    body,
    headers: standardHeaders(ring, route, { id: `in_test_${requestId}`, body, now: clock.now() }),
  };
}

function nativeBody(mail: IncomingMail, found: ReadMail | null, bytes: Buffer): string {
  const read = parsedJson(found);
  return JSON.stringify({
    kind: 'inbound.mail',
    id: mail.id,
    inboundRouteId: mail.routeId,
    inboundDomainId: mail.domainId,
    subaccountId: mail.subaccountId,
    receivedAt: mail.receivedAt.toISOString(),
    recipient: mail.recipient,
    mailFrom: mail.mailFrom,
    remoteAddress: mail.remoteAddress,
    helo: mail.helo,
    isAutomatic: mail.isAutomatic,
    isReplay: mail.isReplay,
    attempt: mail.attempts,
    sizeBytes: mail.sizeBytes,
    authentication: mail.authentication,
    mail: read,
    // Only where it cannot be read otherwise: every mail has its bytes at `GET /inbound-mails/:id/content`.
    raw: read === null ? bytes.toString('base64') : null,
  });
}

function testBody(routeId: string, now: number): string {
  return JSON.stringify({
    kind: 'inbound.test',
    inboundRouteId: routeId,
    at: new Date(now).toISOString(),
    isTest: true,
  });
}
