/** Whether a key may be used now, and how an SMTP user name is to be understood: pure. */
import { addressList } from '../../base/address-list.ts';
import { tenantIdPattern } from '../../base/route.ts';
import type { LoginKey } from '../keys/index.ts';
import type { RefusalCode } from '../refusals/index.ts';
import type { Target } from '../users/index.ts';

/** Null when it may. A dead credential looks like one that never was. */
export function loginProblem(key: LoginKey, now: number, remoteAddress: string): RefusalCode | null {
  if (key.status !== 'active') return 'auth.failed';
  if (key.expiresAt !== null && key.expiresAt.getTime() <= now) return 'auth.failed';
  if (!key.canRead) return 'auth.failed';
  if (key.allowedAddresses.length > 0 && !addressList(key.allowedAddresses)(remoteAddress))
    return 'auth.address_not_allowed';
  return null;
}

export type { Target } from '../users/index.ts';

const tenantId = new RegExp(`^${tenantIdPattern}$`);

/** `17` or `external:client-1`; null when it is neither. */
export function parseTarget(text: string): Target | null {
  if (tenantId.test(text)) return { id: Number(text) };
  const externalId = /^external:(.{1,255})$/s.exec(text)?.[1];
  return externalId === undefined ? null : { externalId };
}

/** Whose control headers an SMTP login obeys. */
export type SmtpDialect = 'sparkpost' | 'native' | 'mailjet' | 'mandrill';

export type SmtpLogin = {
  readonly dialect: SmtpDialect;
  /** Which key the secret must be of; null: whichever it is of. */
  readonly publicId: string | null;
  readonly actingFor: string | null;
};

/** Who logs in as this speaks so, whether or not the login is right. */
export function dialectOf(user: string): SmtpDialect {
  return readSmtpUser(user).dialect;
}

/** The order of design section 4, "SMTP login". */
export function readSmtpUser(user: string): SmtpLogin {
  // Whatever else begins so names a subaccount that is not found: never the whole account by mistake.
  const sparkpost = /^SMTP_Injection(?::(?:X-MSYS-SUBACCOUNT=)?(.*))?$/is.exec(user);
  if (sparkpost !== null) return { dialect: 'sparkpost', publicId: null, actingFor: sparkpost[1] ?? null };
  if (user.startsWith('su_')) return { dialect: 'native', publicId: user, actingFor: null };
  if (user.startsWith('lk_')) return { dialect: 'mailjet', publicId: user, actingFor: null };
  const native = /^lettershop(?::(.*))?$/is.exec(user);
  if (native !== null) return { dialect: 'native', publicId: null, actingFor: native[1] ?? null };
  return { dialect: 'mandrill', publicId: null, actingFor: null };
}
