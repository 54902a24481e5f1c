/** Shows each answered request of somebody who was let in to the log of requests, after its reply has left. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SeenRequest } from '../features/logs/index.ts';
import { remoteAddressOf } from './request-facts.ts';

export type ObserveRequest = (seen: SeenRequest) => void;

declare module 'fastify' {
  interface FastifyRequest {
    /** What is sent, by reference; a stream is not touched. */
    sent: unknown;
  }
}

/** The bodies are held by reference until the reply has left: a request that nobody wants logged pays nothing more. */
export function observeRequests(app: FastifyInstance, observe: ObserveRequest): void {
  app.decorateRequest('sent', null);
  app.addHook('onSend', (request, _reply, payload, done) => {
    if (request.scope !== null) request.sent = payload;
    done(null, payload);
  });
  app.addHook('onResponse', (request, reply, done) => {
    if (request.scope !== null) observe({ ...seenOf(request, reply), scope: request.scope });
    done();
  });
}

function seenOf(request: FastifyRequest, reply: FastifyReply): Omit<SeenRequest, 'scope'> {
  return {
    requestId: request.id,
    method: request.method,
    pattern: request.routeOptions.url ?? '',
    url: request.originalUrl,
    status: reply.statusCode,
    ms: reply.elapsedTime,
    remoteAddress: remoteAddressOf(request),
    userAgent: request.raw.headers['user-agent'] ?? '',
    body: request.body instanceof Readable ? undefined : request.body,
    reply: replyOf(reply, request.sent),
  };
}

function replyOf(reply: FastifyReply, sent: unknown): SeenRequest['reply'] {
  const contentType = String(reply.getHeader('content-type') ?? '');
  if (typeof sent !== 'string' && !Buffer.isBuffer(sent)) {
    const isStream = typeof sent === 'object' && sent !== null;
    return { contentType: isStream ? contentType : '', sizeBytes: null, json: null };
  }
  return {
    contentType,
    sizeBytes: Buffer.byteLength(sent),
    json: /^application\/(?:[\w.-]+\+)?json\b/.test(contentType) ? sent : null,
  };
}
