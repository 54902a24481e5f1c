import type { EventKind } from '../events/index.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Format } from './kinds.ts';

export const authKinds = ['none', 'basic', 'bearer', 'header', 'headers', 'oauth2'] as const;
/** What the endpoint wants besides the signature; the secret part is sealed at rest and never shown again. */
export type Auth =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'header'; readonly name: string; readonly value: string }
  | { readonly kind: 'headers'; readonly headers: Readonly<Record<string, string>> }
  /** `body` as a form, to where tokens are given out. */
  | { readonly kind: 'oauth2'; readonly url: string; readonly body: Readonly<Record<string, string>> };

export type Webhook = {
  readonly id: string;
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  /** 'account': of the account's keys and people, invisible to any subaccount's. */
  readonly reach: 'account' | 'subaccount';
  /** Whose events it is told of: all of the account's when null. */
  readonly onlySubaccountId: SubaccountId | null;
  /** Whose events it is not told of, when it is told of all of the account. */
  readonly exceptSubaccounts: readonly SubaccountId[];
  readonly name: string;
  readonly url: string;
  readonly kinds: readonly EventKind[] | null;
  readonly format: Format;
  /** What its format calls what it tells of; null: everything of its kinds. */
  readonly names: readonly string[] | null;
  /** Events per request at most. */
  readonly batchMax: number;
  readonly status: 'active' | 'paused';
  readonly authKind: Auth['kind'];
  /** The user of basic, the name of header, the names of headers with commas between, the address of
   * tokens; empty otherwise. */
  readonly authName: string;
  readonly oldSecretUntil: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** With what only the sender and a rotation need. */
export type SealedWebhook = Webhook & {
  readonly sealedAuth: Buffer | null;
  readonly sealedSecret: Buffer;
  readonly sealedOldSecret: Buffer | null;
};

/** closed: all is well; open: it fails and is probed; stopped: given up, goes on when its owner says so. */
export type Breaker = 'closed' | 'open' | 'stopped';

/** Where requests go, and what they carry besides their body: of webhooks, and of others who tell a tenant's endpoint. */
export type Endpoint = Pick<
  SealedWebhook,
  | 'id'
  | 'url'
  | 'authKind'
  | 'authName'
  | 'sealedAuth'
  | 'sealedSecret'
  | 'sealedOldSecret'
  | 'oldSecretUntil'
>;

/** How far it is. Numbers are per webhook, from 1, without gaps. */
export type Progress = {
  readonly lastN: number;
  readonly sentN: number;
  readonly breaker: Breaker;
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly nextAt: Date;
  readonly replayId: string | null;
};

/** What came of one request. */
export type Outcome =
  | { readonly kind: 'taken'; readonly status: number; readonly ms: number }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly ms: number;
      readonly retryAfterMs: number | null;
    }
  | { readonly kind: 'unreachable'; readonly error: string; readonly ms: number };

export type DeliveryKind = 'live' | 'probe' | 'replay' | 'test';
