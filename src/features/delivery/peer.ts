/** The server's side of a handshake: asked for by name, and what it showed, for policies to judge. */
import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { Peer } from '../transport/index.ts';

const chainMax = 10;

/** TLS 1.2 or newer (RFC 8461 4.2, RFC 9325), with the name that the server is known by, unless that is an address. */
export function beginTls(
  socket: Socket,
  { serverName, verifyCertificate }: { readonly serverName: string; readonly verifyCertificate: boolean },
): TLSSocket {
  const isName = !/^[\d.]+$|:/.test(serverName);
  return connect({
    socket,
    rejectUnauthorized: verifyCertificate,
    minVersion: 'TLSv1.2',
    ...(isName ? { servername: serverName } : {}),
  });
}

/** The error of a certificate that no authority vouches for is a code here, whatever its type says. */
export function peerOf(socket: TLSSocket): Peer {
  const chain: X509Certificate[] = [];
  let at = socket.getPeerX509Certificate();
  while (at !== undefined && chain.length < chainMax) {
    chain.push(at);
    const issuer: X509Certificate | undefined = at.issuerCertificate;
    at = issuer === undefined || issuer.fingerprint256 === at.fingerprint256 ? undefined : issuer;
  }
  return { problem: socket.authorized ? null : String(socket.authorizationError), chain };
}
