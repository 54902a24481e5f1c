/** Doors that hang beside the native API on the same port: dialects, tracking, console. They own their bytes. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../base/log.ts';
import { problemOf, problemType } from './problem.ts';
import { remoteAddressOf } from './request-facts.ts';
import { securityHeaders } from './security-headers.ts';

export type PageFacts = { readonly id: string; readonly remoteAddress: string };

/**
 * Answers every method on `prefix` and all below it ('/': whatever nobody else answers). The body is unread: limits,
 * parsing and errors are the page's own; what it throws is a 500 with our request id. No header of ours is set but
 * the request's id, and on an error those of every answer.
 */
export type Page = {
  readonly prefix: string;
  readonly handle: (request: IncomingMessage, response: ServerResponse, facts: PageFacts) => Promise<void>;
};

export function mountPages(app: FastifyInstance, pages: readonly Page[], log: Log): void {
  for (const page of pages) {
    const base = page.prefix === '/' ? '' : page.prefix;
    void app.register(async (inner) => {
      inner.removeAllContentTypeParsers();
      inner.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));
      for (const url of base === '' ? ['/*'] : [base, `${base}/*`]) {
        inner.all(url, async (request, reply) => {
          reply.hijack();
          await run(page, request, reply, log);
        });
      }
    });
  }
}

async function run(page: Page, request: FastifyRequest, reply: FastifyReply, log: Log): Promise<void> {
  const response = reply.raw;
  const facts = { id: request.id, remoteAddress: remoteAddressOf(request) };
  response.setHeader('lettershop-request-id', request.id);
  try {
    await page.handle(request.raw, response, facts);
  } catch (error) {
    const { problem, headers, isBug } = problemOf(error, request.id);
    if (isBug) log.error({ requestId: request.id, page: page.prefix, error }, 'a page failed');
    if (response.headersSent) response.destroy();
    else {
      response.writeHead(problem.status, { ...securityHeaders, ...headers, 'content-type': problemType });
      response.end(JSON.stringify(problem));
    }
  }
}
