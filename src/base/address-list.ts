import { BlockList, isIP, isIPv6 } from 'node:net';

/** `10.0.0.0/8`, `::1`: an address or a CIDR; null when it is neither. `bits` is the family's all for an address. */
export function parseCidr(
  text: string,
): { readonly address: string; readonly bits: number; readonly family: 4 | 6 } | null {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (rest.length > 0 || (family !== 4 && family !== 6)) return null;
  const bitsMax = family === 6 ? 128 : 32;
  if (bits === undefined) return { address, bits: bitsMax, family };
  return /^\d{1,3}$/.test(bits) && Number(bits) <= bitsMax ? { address, bits: Number(bits), family } : null;
}

/** Whether an address lies in one of the networks; v4-mapped addresses count as what they carry. Broken CIDRs match nothing. */
export function addressList(cidrs: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const parsed = parseCidr(cidr);
    if (parsed !== null) list.addSubnet(parsed.address, parsed.bits, parsed.family === 6 ? 'ipv6' : 'ipv4');
  }
  return (address) => {
    const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
    return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  };
}

/** True when every address of `inner` is one of `outer`'s; false when either is broken. */
export function containsCidr(outer: string, inner: string): boolean {
  const [wide, narrow] = [parseCidr(outer), parseCidr(inner)];
  if (wide === null || narrow === null || wide.family !== narrow.family || wide.bits > narrow.bits)
    return false;
  return addressList([outer])(narrow.address);
}
