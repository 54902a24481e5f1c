/**
 * The page behind a link to a report, without login and without scripts: a table, and the same as CSV. Its address is the
 * secret: no link may carry it away, no cache keeps it.
 */
import type { ServerResponse } from 'node:http';
import { answerCsv } from '../features/metrics/index.ts';
import type { Opened, ReportWorld } from '../features/reports/index.ts';
import { openLink } from '../features/reports/index.ts';
import type { Page } from './pages.ts';
import { html, sendHtml } from './status-html.ts';

const prefix = '/report';

export function reportPages(world: ReportWorld): readonly Page[] {
  const handle: Page['handle'] = async (request, response) => {
    response.setHeader('x-robots-tag', 'noindex');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return sendHtml(response, 405, 'Not here', html`<p>Only reading is possible here.</p>`);
    const path = (request.url ?? '').split('?')[0] ?? '';
    const [, token = '', csv] = /^\/report\/([\w.-]{1,900}?)(\/csv)?$/.exec(path) ?? [];
    const opened = await openLink(world, token);
    if (opened === null)
      return sendHtml(response, 404, 'Not found', html`<p>This link is not known, or too old.</p>`);
    return csv === undefined ? table(response, opened, token) : download(response, opened);
  };
  return [{ prefix, handle }];
}

function download(response: ServerResponse, { answer }: Opened): void {
  response.writeHead(200, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename="report.csv"',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  response.end(answerCsv(answer));
}

const percent = (share: number | null): string => (share === null ? '' : `${(share * 100).toFixed(2)} %`);

function table(response: ServerResponse, { report, tag, answer }: Opened, token: string): void {
  const { period, rows, total } = answer;
  const day = (ms: number): string =>
    new Intl.DateTimeFormat('sv-SE', { timeZone: period.timeZone }).format(ms);
  const row = (name: string, { accepted, delivered, rates }: typeof total): string =>
    html`<tr>
      <td>${name}</td>
      <td>${String(accepted)}</td>
      <td>${String(delivered)}</td>
      <td>${percent(rates.delivery)}</td>
      <td>${percent(rates.bounce)}</td>
      <td>${percent(rates.complaint)}</td>
      <td>${percent(rates.open)}</td>
      <td>${percent(rates.click)}</td>
      <td>${percent(rates.engagement)}</td>
    </tr>`;
  const names = rows.map(({ at, value, isOther, figures }) => {
    const what = isOther ? '(other)' : (value ?? (at === null ? '(none)' : ''));
    return row(`${at === null ? '' : day(at.getTime())} ${what}`.trim(), figures);
  });
  const head = html`<p>
      ${day(period.from)} to ${day(period.until - 1)}
      (${period.timeZone})${tag === null ? '' : `, tag ${tag}`}
    </p>
    <p><a href="${prefix}/${token}/csv">Download as CSV</a></p>`;
  const columns = ['', 'Accepted', 'Delivered', '', 'Bounced', 'Complained', 'Opened', 'Clicked', 'Engaged'];
  const titles = columns.map((title) => html`<th>${title}</th>`).join('');
  sendHtml(
    response,
    200,
    report.name,
    `${head}<div class="wide"><table><tr>${titles}</tr>${names.join('')}${row('All', total)}</table></div>`,
  );
}
