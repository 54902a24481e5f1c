/**
 * Where a mail with a secret link may lead: whoever serves a host sees the links that lead to it. The Host header of a
 * request says only which host was asked at; whether it is anybody's, and whose people may be led there, is decided by what
 * is proven and by what the reader of the mail belongs to.
 */

/** Of a tenant: its links begin so, and its mails bear its name. */
export type LinkHost = { readonly url: string; readonly name: string };

/** The same address at another host: scheme, port and path in front of us are those of the installation. */
export function atHost(publicUrl: string, host: string): string {
  const url = new URL(publicUrl);
  url.hostname = host;
  return url.href.replace(/\/+$/, '');
}
