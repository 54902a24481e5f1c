/** How our own mail looks: pure. */
import type { NoticeContent } from '../outbox/index.ts';

export function noticeText({ paragraphs, action }: NoticeContent): string {
  const parts = action === undefined ? paragraphs : [...paragraphs, `${action.label}:\n${action.url}`];
  return `${parts.join('\n\n')}\n`;
}

export function noticeHtml({ paragraphs, action, html }: NoticeContent): string {
  if (html !== undefined) return html;
  const body = paragraphs.map((text) => `<p>${escape(text).replaceAll('\n', '<br>')}</p>`).join('\n');
  const button =
    action === undefined
      ? ''
      : `<p><a href="${escape(action.url)}" style="display:inline-block;padding:10px 18px;border-radius:6px;` +
        `background:#1f4fd8;color:#ffffff;text-decoration:none">${escape(action.label)}</a></p>`;
  return (
    '<!doctype html><html><body style="font-family:system-ui,sans-serif;font-size:15px;line-height:1.5;' +
    `max-width:560px;margin:24px auto;padding:0 16px">\n${body}\n${button}\n</body></html>`
  );
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
