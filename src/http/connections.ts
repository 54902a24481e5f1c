/** Connections as such: how many, requests that are no HTTP, bodies that nobody will read. */
import { STATUS_CODES } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { BlockList, isIP } from 'node:net';
import { randomBytes } from 'node:crypto';
import { problemOf, problemType } from './problem.ts';
import { refuse } from '../features/refusals/index.ts';

type Bounds = {
  readonly trustedProxies: readonly string[];
  readonly connectionsMax?: number;
  readonly connectionsPerAddressMax?: number;
};

/** Connections beyond a bound are closed without a word: an answer to each would be the flood's own work. */
export function boundConnections(server: Server, bounds: Bounds): void {
  if (bounds.connectionsMax !== undefined) server.maxConnections = bounds.connectionsMax;
  const most = bounds.connectionsPerAddressMax;
  if (most === undefined) return;
  const proxies = addressList(bounds.trustedProxies);
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    if (isOf(proxies, address)) return;
    const count = (open.get(address) ?? 0) + 1;
    if (count > most) {
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
  });
}

export function addressList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0) continue;
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** IPv4 addresses count in their IPv6 form as well. */
export function isOf(list: BlockList, address = ''): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Asked before the server's own answer; true when it answers by itself. */
export type Front = (request: IncomingMessage, response: ServerResponse) => boolean;

export function putBefore(server: Server, front: Front): void {
  const own = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (front(request, response)) return;
    for (const listener of own) Reflect.apply(listener, server, [request, response]);
  });
}

/** `Expect: 100-continue` (RFC 9110 10.1.1): whoever asks first is not told to send what no route takes. */
export function boundExpectations(server: Server, bodyLimitBytes: number): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    const length = Number(request.headers['content-length'] ?? 0);
    if (length <= bodyLimitBytes) response.writeContinue();
    server.emit('request', request, response);
  });
}

const leftoverBytesMax = 1024 * 1024;
const leftoverMs = 2_000;
const leftoverCheckMs = 25;

/**
 * After a reply to a request whose body is still coming: closing at once resets the connection and may throw the reply
 * away before the caller has read it. What comes is discarded for a while, then the connection is cut. Looks at the
 * socket's count, as node:http gives no events for a body that it discards itself.
 */
export function letGo(request: IncomingMessage): void {
  const { socket } = request;
  const bytesMax = socket.bytesRead + leftoverBytesMax;
  const checksMax = leftoverMs / leftoverCheckMs;
  let checks = 0;
  const timer = setInterval(() => {
    checks += 1;
    if (socket.destroyed || request.complete) clearInterval(timer);
    else if (checks >= checksMax || socket.bytesRead > bytesMax) socket.destroy();
  }, leftoverCheckMs).unref();
  request.unpipe();
  request.resume();
}

/** What node:http could not read as a request: answered in our error shape by hand, then cut. */
export function rejectClient(error: Error, socket: Socket): void {
  const id = `req_${randomBytes(9).toString('hex')}`;
  const known = problemOf(error, id);
  const answer = known.isBug ? problemOf(refuse('request.invalid'), id) : known;
  if (!socket.writable || ('code' in error && error.code === 'ECONNRESET')) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(answer.problem);
  const { status } = answer.problem;
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
      `Content-Type: ${problemType}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      `Lettershop-Request-Id: ${id}`,
      'X-Content-Type-Options: nosniff',
      'Cache-Control: no-store',
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
    () => socket.destroy(),
  );
}
