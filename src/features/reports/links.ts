/**
 * Links to a report for people without a login: signed, for one report, one tag or all that it shows, until an instant. A
 * deleted report ends its links.
 */
import type { Keyring } from '../../base/seal.ts';

const purpose = 'report link';

export type ReportLink = {
  readonly reportId: string;
  /** Milliseconds. */
  readonly expiresAt: number;
  /** Narrows the report to mail with this tag. */
  readonly tag: string | null;
};

export function makeLink(ring: Keyring, { reportId, expiresAt, tag }: ReportLink): string {
  const tagText = tag === null ? '' : Buffer.from(tag).toString('base64url');
  const data = `${reportId}.${Math.floor(expiresAt / 1000)}.${tagText}`;
  return `${data}.${ring.mac(purpose, data).toString('base64url')}`;
}

/** Null for everything that was not made here, was changed, or is too old. */
export function readLink(ring: Keyring, token: string, now: number): ReportLink | null {
  const [, data = '', reportId = '', seconds = '', tagText = '', mac = ''] =
    /^((\d{1,16})\.(\d{1,12})\.([\w-]{0,700}))\.([\w-]{43})$/.exec(token) ?? [];
  if (data === '' || !ring.verifyMac(purpose, data, Buffer.from(mac, 'base64url'))) return null;
  const expiresAt = Number(seconds) * 1000;
  if (expiresAt <= now) return null;
  return { reportId, expiresAt, tag: tagText === '' ? null : Buffer.from(tagText, 'base64url').toString() };
}
