/**
 * The file behind a link to an export, without login: a ZIP archive that is made while it is read, so that a slow reader
 * costs a page of rows. Its address is the secret: no cache keeps it.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { zipFile } from '../base/zip.ts';
import { openExport } from '../features/exports/index.ts';
import type { ExportWorld } from '../features/exports/index.ts';
import type { Page } from './pages.ts';
import { html, sendHtml } from './status-html.ts';

/** Files on their way at once. */
const placesMax = 16;

export function exportPages(world: ExportWorld): readonly Page[] {
  let busy = 0;
  const handle: Page['handle'] = async (request, response) => {
    response.setHeader('x-robots-tag', 'noindex');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return sendHtml(response, 405, 'Not here', html`<p>Only reading is possible here.</p>`);
    const path = (request.url ?? '').split('?')[0] ?? '';
    const token = /^\/export\/([\w.-]{1,200})$/.exec(path)?.[1] ?? '';
    const opened = await openExport(world, token);
    if (opened === null)
      return sendHtml(response, 404, 'Not found', html`<p>This link is not known, or too old.</p>`);
    if (busy >= placesMax) {
      response.setHeader('retry-after', '30');
      return sendHtml(response, 503, 'Later', html`<p>Many files are on their way; try again soon.</p>`);
    }
    const { fileName, madeAt, lines } = opened;
    response.writeHead(200, {
      'content-type': 'application/zip',
      'content-disposition': `attachment; filename="${fileName.replace(/\.\w+$/, '.zip')}"`,
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    busy += 1;
    try {
      await pipeline(Readable.from(zipFile(fileName, madeAt, lines())), response);
    } catch (error) {
      // Whoever hung up hears no more.
      if (!response.destroyed || (error as { code?: string }).code !== 'ERR_STREAM_PREMATURE_CLOSE')
        throw error;
    } finally {
      busy -= 1;
    }
  };
  return [{ prefix: '/export', handle }];
}
