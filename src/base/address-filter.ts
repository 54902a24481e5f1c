/**
 * Which addresses may be connected to on a tenant's behalf (contract smtp-and-standards 10.5): public ones, and what the
 * operator allows (LETTERSHOP_NET_ALLOW). Addresses inside addresses (v4-mapped, NAT64, 6to4, Teredo) count as both.
 */
import ipaddr from 'ipaddr.js';
import { StartFault } from './start-fault.ts';

export type Judged = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export type AddressFilter = { readonly check: (address: string) => Judged };

type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

export function makeAddressFilter({ allow }: { allow: readonly string[] }): AddressFilter {
  const allowed = allow.map((cidr): Network => {
    try {
      return ipaddr.parseCIDR(cidr);
    } catch {
      throw new StartFault(`LETTERSHOP_NET_ALLOW: "${cidr}" is not a CIDR such as 10.0.0.0/8`);
    }
  });
  return { check: (address) => judge(address, allowed) };
}

function judge(text: string, allowed: readonly Network[]): Judged {
  if (!ipaddr.isValid(text)) return { ok: false, reason: 'not an IP address' };
  const address = ipaddr.parse(text);
  const inner = address.kind() === 'ipv6' ? embedded(address as ipaddr.IPv6) : null;
  if (isAllowed(address, allowed) || (inner !== null && isAllowed(inner, allowed))) return { ok: true };
  if (inner !== null) return judgeRange(inner, 'carries a ');
  return judgeRange(address, '');
}

function judgeRange(address: ipaddr.IPv4 | ipaddr.IPv6, prefix: string): Judged {
  const range = address.range();
  if (range === 'unicast') return { ok: true };
  return { ok: false, reason: `${prefix}${range} address, not a public one` };
}

function isAllowed(address: ipaddr.IPv4 | ipaddr.IPv6, allowed: readonly Network[]): boolean {
  return allowed.some(
    ([network, bits]) => network.kind() === address.kind() && address.match([network, bits] as never),
  );
}

/** The IPv4 address inside a v4-mapped, NAT64 (64:ff9b::/96), 6to4 (2002::/16) or Teredo (2001::/32) address. */
function embedded(address: ipaddr.IPv6): ipaddr.IPv4 | null {
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  const bytes = address.toByteArray();
  const at = (from: number, flip = 0): ipaddr.IPv4 =>
    new ipaddr.IPv4(bytes.slice(from, from + 4).map((byte) => byte ^ flip));
  const [first = 0, second = 0, third = 0, fourth = 0] = address.parts;
  if (first === 0x64 && second === 0xff9b) return at(12);
  if (first === 0x2002) return at(2);
  if (first === 0x2001 && second === 0 && third + fourth >= 0) return at(12, 255);
  return null;
}
