/**
 * The page behind the link of a mail to a domain's administrator, without login: a GET only shows what is asked, so that a
 * link scanner agrees to nothing; the button's POST does, to the address of the page. Without scripts.
 */
import { confirmProofLink, readProofLink } from '../features/domains/index.ts';
import type { ConnectWorld } from '../features/domains/index.ts';
import type { Page } from './pages.ts';
import { html, sendHtml } from './status-html.ts';

const prefix = '/domain-proof';

export function domainProofPages(world: ConnectWorld): readonly Page[] {
  const handle: Page['handle'] = async (request, response) => {
    const { method } = request;
    // The token stands in the address of this page: no link may carry it away.
    response.setHeader('x-robots-tag', 'noindex');
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST')
      return sendHtml(response, 405, 'Not here', html`<p>This page is read and confirmed, nothing else.</p>`);
    const path = (request.url ?? '').split('?')[0] ?? '';
    const token = /^\/domain-proof\/([\w.-]{1,200})$/.exec(path)?.[1] ?? '';
    const found = await (method === 'POST' ? confirmProofLink : readProofLink)(world, token);
    if (found === null)
      return sendHtml(response, 404, 'Not found', html`<p>This link is not known, or too old.</p>`);
    const { domain, accountName, isProven } = found;
    if (isProven)
      return sendHtml(
        response,
        200,
        'Thank you',
        html`<p><b>${accountName}</b> may use <b>${domain}</b> once its DKIM record is there.</p>`,
      );
    return sendHtml(
      response,
      200,
      'Mail in the name of your domain?',
      html`<p><b>${accountName}</b> asks to send mail in the name of <b>${domain}</b>.</p>
        <p>
          Agree only if you administer this domain and know what this is about. If not, just close this page.
        </p>
        <form method="post"><button>I agree</button></form>`,
    );
  };
  return [{ prefix, handle }];
}
