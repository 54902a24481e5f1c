import { addressList, parseCidr } from '../base/address-list.ts';
import { StartFault } from '../base/start-fault.ts';

/** Who may log in without TLS: loopback, and what LETTERSHOP_SMTP_CLEAR_AUTH_FROM lists. */
export function clearAuthRule(cidrs: readonly string[]): (address: string) => boolean {
  const broken = cidrs.find((cidr) => parseCidr(cidr) === null);
  if (broken !== undefined)
    throw new StartFault(`LETTERSHOP_SMTP_CLEAR_AUTH_FROM: "${broken}" is not a CIDR`);
  return addressList(['127.0.0.0/8', '::1', ...cidrs]);
}
