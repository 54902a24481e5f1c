/** HTML as text, escaped by default: `html` escapes every value that is put into it. */
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => entities[char] ?? char);
}

export function html(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return parts.map((part, at) => part + (at < values.length ? escapeHtml(values[at] ?? '') : '')).join('');
}

const style = `
:root { color-scheme: light dark; --ink: #1d2129; --paper: #fbfbf9; --line: #d8d9d4; --soft: #5c6470; --accent: #0b5f8a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7e8ea; --paper: #15181c; --line: #333940; --soft: #9aa3ad; --accent: #6fc0ea; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 1.5rem 1rem 3rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.5rem; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
a { color: var(--accent); }
code, pre { font-family: ui-monospace, monospace; font-size: .875rem; }
pre { padding: 1rem; border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
.counts { list-style: none; display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; padding: 0; }
button { font: inherit; padding: .45rem 1rem; border: 1px solid var(--line); border-radius: 6px; background: var(--accent); color: var(--paper); cursor: pointer; }
form { margin-top: 1.5rem; }
input { font: inherit; display: block; width: 100%; max-width: 24rem; padding: .4rem .6rem; border: 1px solid var(--line); border-radius: 6px; background: transparent; color: inherit; }
`;
const styleHash = createHash('sha256').update(style).digest('base64');

/** A whole page, and the hash of its style for the content security policy. */
function htmlDocument(title: string, body: string): { readonly document: string; readonly style: string } {
  const name = escapeHtml(title === '' ? 'Lettershop' : title);
  const document =
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${name}</title>` +
    `<meta name="viewport" content="width=device-width, initial-scale=1"><style>${style}</style></head>` +
    `<body><h1>${name}</h1><main>${body}</main></body></html>`;
  return { document, style: styleHash };
}

/** Sends a page of ours: no script, no frame, nothing from elsewhere, in no cache. */
export function sendHtml(response: ServerResponse, status: number, title: string, body: string): void {
  const { document, style } = htmlDocument(title, body);
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${style}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
  });
  response.end(document);
}
