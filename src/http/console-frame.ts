/**
 * The page in which a tenant's HTML is shown: no origin, no scripts but the six lines here, which put what the console
 * hands over into one more frame that has neither. Pictures from elsewhere only when they were asked for.
 */
import { createHash } from 'node:crypto';

const script = `addEventListener('message', (event) => {
  if (event.source !== parent || typeof event.data?.html !== 'string') return;
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', '');
  frame.srcdoc = event.data.html;
  document.body.replaceChildren(frame);
});`;
const style =
  'html,body,iframe{margin:0;padding:0;border:0;width:100%;height:100%;display:block;background:#fff}';

const scriptHash = createHash('sha256').update(script).digest('base64');

export const frameDocument = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Mail</title><style>${style}</style></head><body><script>${script}</script></body></html>`;

/** Styles of the mail are its own; nothing of it runs, is fetched from elsewhere, or leaves by a form. */
export function framePolicy(hasPictures: boolean, frameAncestors: string): string {
  const pictures = hasPictures ? 'data: https: http:' : 'data:';
  return [
    "default-src 'none'",
    `script-src 'sha256-${scriptHash}'`,
    "style-src 'unsafe-inline'",
    `img-src ${pictures}`,
    "form-action 'none'",
    "base-uri 'none'",
    `frame-ancestors ${frameAncestors}`,
    'sandbox allow-scripts',
  ].join('; ');
}

export const canvasDocument =
  '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Design</title></head><body></body></html>';

/**
 * The designer draws a template in it from outside: it has the console's origin, and no script of anybody runs in it, not even
 * one that found its way in. Nothing is fetched for it.
 */
export function canvasPolicy(frameAncestors: string): string {
  return [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    'img-src data:',
    "form-action 'none'",
    "base-uri 'none'",
    `frame-ancestors ${frameAncestors}`,
    'sandbox allow-same-origin',
  ].join('; ');
}
