/** AUTH towards a smarthost (RFC 4954): PLAIN, else LOGIN, never in clear beyond this machine. */
import type { Reply } from '../../mail/reply.ts';
import type { Capabilities } from '../../mail/smtp/reply-parser.ts';
import { Broken } from './broken.ts';

export type LoginWay = {
  readonly isSecure: boolean;
  readonly remoteAddress: string | undefined;
  readonly offered: Capabilities;
  readonly command: (line: string) => Promise<Reply>;
};

/** The server's last reply: 235 when it lets us in. */
export async function login(
  { user, secret }: { readonly user: string; readonly secret: string },
  { isSecure, remoteAddress, offered, command }: LoginWay,
): Promise<Reply> {
  if (!isSecure && remoteAddress?.startsWith('127.') !== true && remoteAddress !== '::1')
    throw new Broken('tls', 'the login is not sent without TLS');
  if (offered.auth.includes('PLAIN'))
    return command(`AUTH PLAIN ${Buffer.from(`\0${user}\0${secret}`).toString('base64')}`);
  const start = await command('AUTH LOGIN');
  if (start.code !== 334) return start;
  const next = await command(Buffer.from(user).toString('base64'));
  if (next.code !== 334) return next;
  return command(Buffer.from(secret).toString('base64'));
}
