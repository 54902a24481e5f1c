/** Bodies that are not collected: their media types, their size, and how long a body may take to come. */
import { Readable, Transform } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { BodyStream, RawBody } from '../base/route.ts';
import { refuse } from '../features/refusals/index.ts';
import { rejectClient } from './connections.ts';
import { invalidInput } from './input.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body is read as it comes, for as long as the server lets any request take. */
    isStream?: boolean;
  }
}

/** The scope then takes these media types and nothing else; bytes come as they are, at the pace of who reads them. */
export function takeRawBodies(scope: FastifyInstance, { types, sizeBytesMax }: RawBody): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser([...types], (request, payload, done) => {
    try {
      refuseEncoded(request);
      if (Number(request.headers['content-length'] ?? 0) > sizeBytesMax) throw tooLarge();
      done(null, hasBody(request) ? bounded(payload, sizeBytesMax) : undefined);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

/** Throws `request.invalid` when no body came. */
export function rawStreamOf(request: FastifyRequest): BodyStream {
  if (!(request.body instanceof Readable))
    throw invalidInput([{ field: 'body', rule: 'required', message: 'is missing' }]);
  const type = (request.headers['content-type'] ?? '').split(';')[0] ?? '';
  return { type: type.trim().toLowerCase(), bytes: request.body };
}

/** No compressed bodies, so no body grows after its limit was checked. */
export function refuseEncoded({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw refuse('request.unsupported_type', { message: 'The body must not be compressed' });
}

function tooLarge(): Error {
  return refuse('request.too_large', { message: 'The body is too large' });
}

/** Breaks when more comes than announced is allowed, or when the request is cut. */
function bounded(
  payload: NodeJS.ReadableStream & { readonly complete?: boolean },
  sizeBytesMax: number,
): Readable {
  let bytes = 0;
  const stream = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length;
      if (bytes > sizeBytesMax) done(tooLarge());
      else done(null, chunk);
    },
  });
  // Who reads it gets the error; when nobody does any more, there is nobody to tell.
  stream.on('error', () => undefined);
  payload.on('error', (error: Error) => stream.destroy(error));
  payload.on('close', () => {
    if (payload.complete === false) stream.destroy(new Error('the connection was closed'));
  });
  return payload.pipe(stream);
}

/** A body that is to be collected must have come by then, as the server's own bound is that of streams. */
export function boundBodies(app: FastifyInstance, requestMs: number): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (hasBody(request) && request.routeOptions.config.isStream !== true) boundBody(request, requestMs);
    done();
  });
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function boundBody({ raw }: FastifyRequest, requestMs: number): void {
  const timer = setTimeout(() => {
    const error = Object.assign(new Error('request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    if (!raw.complete && !raw.socket.destroyed) rejectClient(error, raw.socket);
  }, requestMs);
  timer.unref();
  const stop = (): void => clearTimeout(timer);
  raw.once('end', stop);
  raw.once('close', stop);
}
