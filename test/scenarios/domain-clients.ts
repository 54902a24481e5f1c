/** Domains of tests that send directly: their records in the zone of a DNS double, and their proof. */
import assert from 'node:assert/strict';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { SmtpSink } from '../doubles/smtp-sink.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

export type ProvenDomain = {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly isDefaultBounce: boolean;
  readonly takesBounces: boolean;
  readonly records: readonly {
    readonly purpose: string;
    readonly type: string;
    readonly name: string;
    readonly value: string;
  }[];
};

export type DirectGround = AsyncDisposable & {
  readonly world: World;
  readonly sink: SmtpSink;
  readonly dns: DnsServerDouble;
};

/** A program that sends directly, by a DNS double, to a sink where mail to `ok.test` and to these domains arrives. */
export async function openDirectGround(domains: readonly string[] = []): Promise<DirectGround> {
  const sink = await SmtpSink.start({});
  const mx = { MX: [[10, 'mx.ok.test']] } as const;
  const dns = await DnsServerDouble.start({
    ...Object.fromEntries(['ok.test', ...domains].map((name) => [name, mx])),
    'mx.ok.test': { A: ['127.0.0.1'] },
  });
  const world = await startWorld({
    LETTERSHOP_OUTBOUND: 'direct',
    LETTERSHOP_DNS_SERVERS: dns.address,
    LETTERSHOP_MX_PORT: String(sink.port),
    LETTERSHOP_NET_ALLOW: '127.0.0.0/8',
  });
  return {
    world,
    sink,
    dns,
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]();
      await dns[Symbol.asyncDispose]();
      await sink[Symbol.asyncDispose]();
    },
  };
}

/** Publishes records of these purposes, in place of those that were there. */
export function publish(dns: DnsServerDouble, { records }: ProvenDomain, purposes: readonly string[]): void {
  for (const { purpose, type, name, value } of records)
    if (purposes.includes(purpose)) dns.zone[name] = type === 'CNAME' ? { CNAME: value } : { TXT: [value] };
}

/** Made, published and looked at; without its bounce host unless `takesBounces`. */
export async function makeProven(
  { world, dns }: { readonly world: World; readonly dns: DnsServerDouble },
  name: string,
  {
    secret,
    share = 'none',
    takesBounces = true,
  }: { readonly secret?: string; readonly share?: 'none' | 'use'; readonly takesBounces?: boolean } = {},
): Promise<ProvenDomain> {
  const given = secret === undefined ? {} : { secret };
  const made = await world.ok<ProvenDomain>('POST', '/domains', { ...given, body: { name, share } });
  publish(dns, made, ['ownership', 'dkim', ...(takesBounces ? ['return_path'] : [])]);
  const checked = await world.ok<ProvenDomain>('POST', `/domains/${made.id}/check`, given);
  assert.deepEqual([checked.state, checked.takesBounces], ['proven', takesBounces]);
  return checked;
}

/** d= of the valid signatures of a mail, each once; a signature that is not valid is `domain: why`. */
export async function signersOf(dns: DnsServerDouble, bytes: Buffer): Promise<readonly string[]> {
  const { results } = await dkimVerify(bytes, {
    resolver: async (name: string) => {
      const found = dns.zone[name];
      return typeof found === 'object' && found.TXT !== undefined ? found.TXT.map((value) => [value]) : [];
    },
  });
  const told = results.map(({ signingDomain, status }) =>
    status.result === 'pass' ? String(signingDomain) : `${String(signingDomain)}: ${status.result}`,
  );
  return [...new Set(told)];
}
