import type { PolicyFacts, StsPolicy, Tlsa, TlsResult } from '../../mail/transport/index.ts';

/** What a session with one host must meet. `facts` is the same as reports quote it. */
export type HostPolicy =
  | { readonly kind: 'none'; readonly facts: PolicyFacts }
  | {
      readonly kind: 'sts';
      readonly mode: 'enforce' | 'testing';
      /** In testing a host that the policy does not list is spoken to. */
      readonly isListed: boolean;
      readonly facts: PolicyFacts;
    }
  /** TLSA records that came by DNSSEC; without usable ones TLS is demanded and no certificate (RFC 7672 2.2). */
  | { readonly kind: 'dane'; readonly records: readonly Tlsa[]; readonly facts: PolicyFacts };

export type HostTransport = {
  readonly policy: HostPolicy;
  /** Names that a certificate below a DANE trust anchor may be for (RFC 7672 3.2.2). */
  readonly names: readonly string[];
  /** Nobody could have put the host's name in between: by DNSSEC, or by the MTA-STS policy (RFC 8689 4.2.1). */
  readonly isNameProven: boolean;
};

/** A mail host as routing found it. */
export type FoundHost = {
  readonly name: string;
  /** Its MX record came by DNSSEC. */
  readonly isMxProven: boolean;
  /** Its addresses did, too: then TLSA records count, under these names, the first that has some. */
  readonly tlsaNames: readonly string[];
};

/** How one session with a host, or the attempt at one, met the policy. */
export type HostTry = {
  readonly mx: string;
  readonly address: string;
  readonly policy: PolicyFacts;
  readonly result: TlsResult;
  readonly detail: string;
};

/** The same order as the hosts: what each must meet, or why it is not spoken to. */
export type JudgedHost =
  | { readonly ok: true; readonly transport: HostTransport }
  | { readonly ok: false; readonly label: string; readonly why: string; readonly failed: HostTry };

export type StsInForce = {
  readonly domain: string;
  readonly id: string;
  readonly policy: StsPolicy;
  readonly fetchedAt: number;
  readonly expiresAt: number;
};
