/**
 * The page behind the link of a confirmation mail, without login: a GET only shows what is asked, so that a link scanner agrees
 * to nothing; the button's POST does, to the address of the page. Without scripts; no text of a tenant but the account's name and the address, escaped.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { confirmLink, readLink } from '../features/senders/index.ts';
import type { LinkState, SenderWorld } from '../features/senders/index.ts';
import type { Page } from './pages.ts';
import { html, sendHtml } from './status-html.ts';

const prefix = '/sender-proof';

export function senderPages(world: SenderWorld): readonly Page[] {
  return [{ prefix, handle: (request, response) => handle(world, request, response) }];
}

async function handle(world: SenderWorld, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '').split('?')[0] ?? '';
  const token = /^\/sender-proof\/([\w-]{43})$/.exec(path)?.[1] ?? null;
  // The token stands in the address of this page: no link may carry it away.
  response.setHeader('x-robots-tag', 'noindex');
  const { method } = request;
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST')
    return sendHtml(response, 405, 'Not here', html`<p>This page is read and confirmed, nothing else.</p>`);
  const say = method === 'POST' ? confirmLink : readLink;
  const state = token === null ? null : await say(world, token);
  return state === null ? unknown(response) : show(response, state);
}

function unknown(response: ServerResponse): void {
  const body = html`<p>
    This link is not known. A newer mail may have replaced it: use the link in that one.
  </p>`;
  sendHtml(response, 404, 'Not found', body);
}

function show(response: ServerResponse, { state, email, accountName }: LinkState): void {
  switch (state) {
    case 'asks':
      return sendHtml(
        response,
        200,
        'Mail in your name?',
        html`<p><b>${accountName}</b> asks to send mail that shows <b>${email}</b> as its sender.</p>
          <p>Agree only if you know what this is about. If not, just close this page.</p>
          <form method="post"><button>I agree</button></form>`,
      );
    case 'proven':
      return sendHtml(
        response,
        200,
        'Thank you',
        html`<p><b>${accountName}</b> may now send mail as <b>${email}</b>. You can close this page.</p>`,
      );
    case 'expired':
      return sendHtml(
        response,
        410,
        'Too late',
        html`<p>This link is too old. Ask ${accountName} for a new mail.</p>`,
      );
  }
}
