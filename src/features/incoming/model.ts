import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Keyring } from '../../base/seal.ts';
import type { Authentication } from '../../mail/authentication/index.ts';
import type { ReadMail } from '../../mail/mime/index.ts';
import type { Resolve } from '../domains/index.ts';
import type { Endpoint, WebhookWorld } from '../webhooks/index.ts';
import type { RouteFormat } from './kinds.ts';

/** Where claims of inbound domains are kept. */
export const inboundDomains = { table: 'inbound_domains' } as const;

export type IncomingWorld = {
  readonly db: Database;
  readonly clock: Clock;
  readonly ring: Keyring;
  readonly resolve: Resolve;
  /** Of proofs: a "no" that was kept does not count. */
  readonly resolveAnew: Resolve;
  /** LETTERSHOP_MAIL_DOMAIN. */
  readonly mailDomain: string;
  /** Ours, in Received and Authentication-Results. */
  readonly hostname: string;
  readonly messageBytesMax: number;
};

/** A provider's own way to word a mail; the route's own authentication comes beside its headers. */
export type MailWording = {
  readonly body: (
    mail: IncomingMail,
    content: { readonly read: ReadMail | null; readonly bytes: Buffer },
  ) => string;
  /** What is sent to see whether the endpoint answers. */
  readonly testBody: string;
  /** Of one request to the endpoint; `secret` is null of what only tests it. */
  readonly headers: (request: {
    readonly url: string;
    readonly secret: string | null;
    readonly body: string;
  }) => Readonly<Record<string, string>>;
};

export type MailWordings = Readonly<Record<Exclude<RouteFormat, 'native'>, MailWording>>;

/** With what makes requests to tenants' endpoints. */
export type RouteWorld = IncomingWorld &
  Pick<WebhookWorld, 'network' | 'poster'> & { readonly mailWordings: MailWordings };

export type InboundRoute = Endpoint & {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly domainId: string;
  readonly domain: string;
  readonly name: string;
  readonly format: RouteFormat;
  /** Of what stands before the @, lower case; a star for anything. */
  readonly pattern: string;
  readonly status: 'active' | 'paused';
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

export type RouteHealth = {
  /** In a row. */
  readonly failures: number;
  readonly failingSince: Date | null;
  /** Not before: the next try of any of its mail. */
  readonly nextAt: Date | null;
  readonly lastFailure: string;
  readonly lastFailureAt: Date | null;
  readonly lastTakenAt: Date | null;
};

export type RouteWithHealth = { readonly route: InboundRoute; readonly health: RouteHealth };

export const mailStates = ['waiting', 'handed_over', 'given_up'] as const;
export type MailState = (typeof mailStates)[number];

/** One mail for one recipient, without its content. */
export type IncomingMail = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly id: string;
  readonly contentId: string;
  readonly domainId: string;
  readonly routeId: string;
  readonly recipient: string;
  readonly mailFrom: string;
  readonly remoteAddress: string;
  readonly helo: string;
  /** The From field, as text. */
  readonly from: string;
  readonly subject: string;
  readonly sizeBytes: number;
  /** A machine wrote it: whoever answers it may answer for ever. */
  readonly isAutomatic: boolean;
  readonly receivedAt: Date;
  /** Null until it was looked at. */
  readonly authentication: Authentication | null;
  readonly state: MailState;
  readonly isReplay: boolean;
  readonly attempts: number;
  readonly dueAt: Date;
  /** Since when the endpoint refuses this mail, and not mail. */
  readonly refusedSince: Date | null;
  readonly lastTriedAt: Date | null;
  readonly lastStatus: number | null;
  readonly lastError: string;
  readonly finishedAt: Date | null;
};

/** A mail as it came to the listener, or was handed in by its own tenant. */
export type Arriving = {
  readonly mailFrom: string;
  readonly recipients: readonly string[];
  readonly bytes: Buffer;
  readonly remoteAddress: string;
  readonly helo: string;
  /** RFC 3848. */
  readonly protocol: string;
};
