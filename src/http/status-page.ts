/**
 * The plain page at `/` until the console exists: login, what is going on, captured mail. Static HTML without
 * scripts; a tenant's mail is shown as text only. The session is the cookie that the API knows as well.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Database } from '../base/database/database.ts';
import { onlySubaccount } from '../base/scope.ts';
import type { Scope } from '../base/scope.ts';
import { decodeWords } from '../mail/headers/index.ts';
import type { Access } from '../features/access/index.ts';
import { findCapture, listCaptures } from '../features/captures/index.ts';
import type { CaptureRow } from '../features/captures/index.ts';
import { countStates, listMessages } from '../features/messages/index.ts';
import type { MessageRow } from '../features/messages/index.ts';
import { isRefusal } from '../features/refusals/index.ts';
import type { Page, PageFacts } from './pages.ts';
import { readCredential } from './credential.ts';
import { loginForm, loginPage } from './login-pages.ts';
import type { LoginPagesWorld } from './login-pages.ts';
import { escapeHtml, html, sendHtml } from './status-html.ts';

export type StatusWorld = LoginPagesWorld & {
  readonly db: Database;
  readonly access: Pick<Access, 'authenticate'>;
  readonly outbound: string;
};

const shownMax = 50;

export function statusPages(world: StatusWorld): readonly Page[] {
  return [{ prefix: '/', handle: (request, response, facts) => handle(world, request, response, facts) }];
}

async function handle(
  world: StatusWorld,
  request: IncomingMessage,
  response: ServerResponse,
  facts: PageFacts,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (await loginPage({ world, request, response, facts }, path)) return undefined;
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return sendHtml(response, 405, 'Not here', html`<p>Only reading is possible here.</p>`);
  const scope = await scopeOf(world, request, facts);
  if (scope === null) return sendHtml(response, path === '/' ? 200 : 404, 'Lettershop', welcome());
  if (path === '/') return overview(world, response, scope);
  const capture = /^\/captures\/(\d{1,16})$/.exec(path)?.[1];
  if (capture !== undefined) return showCapture(world, response, scope, capture);
  return sendHtml(response, 404, 'Not found', html`<p>There is no such page.</p>`);
}

async function scopeOf(
  world: StatusWorld,
  request: IncomingMessage,
  facts: PageFacts,
): Promise<Scope | null> {
  try {
    const credential = readCredential(request.headers, request.method ?? 'GET');
    return credential === null
      ? null
      : await world.access.authenticate(credential, {
          remoteAddress: facts.remoteAddress,
          requestId: 'status-page',
        });
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

function welcome(): string {
  return (
    html`<p>Lettershop is running.</p>` +
    loginForm() +
    html`<p>
        For the first login there is a link that the start has printed; make another:
        <code>npm run lettershop -- login-link</code>
      </p>
      <p><a href="/api/v1/reference">API reference</a></p>`
  );
}

async function overview(world: StatusWorld, response: ServerResponse, scope: Scope): Promise<void> {
  const messages = scope.grants.has('messages:read') ? await messageSection(world, scope) : '';
  const captures = scope.grants.has('messages:content') ? await captureSection(world, scope) : '';
  sendHtml(
    response,
    200,
    'Lettershop',
    html`<p>Outgoing mail: <b>${world.outbound}</b> · <a href="/api/v1/reference">API reference</a></p>` +
      `${messages}${captures}<form method="post" action="/logout"><button>Log out</button></form>`,
  );
}

async function messageSection({ db }: StatusWorld, scope: Scope): Promise<string> {
  const subaccountId = onlySubaccount(scope.reach);
  const all = { before: null, state: null, recipient: null, submissionId: null, tag: null };
  const seen = await db.scoped(scope, async (tx) => ({
    states: await countStates(tx, subaccountId),
    messages: await listMessages(tx, { ...all, subaccountId, limit: shownMax }),
  }));
  const counts = seen.states
    .map(({ state, messages }) => html`<li><b>${String(messages)}</b> ${state}</li>`)
    .join('');
  return `<h2>Messages</h2><ul class="counts">${counts === '' ? '<li>none yet</li>' : counts}</ul>${messageTable(seen.messages)}`;
}

async function captureSection({ db }: StatusWorld, scope: Scope): Promise<string> {
  const page = { subaccountId: onlySubaccount(scope.reach), before: null, limit: shownMax, messageId: null };
  return `<h2>Captured mail</h2>${captureTable(await db.scoped(scope, (tx) => listCaptures(tx, page)))}`;
}

function messageTable(messages: readonly MessageRow[]): string {
  if (messages.length === 0) return '';
  const rows = messages.map(
    (message) =>
      html`<tr>
        <td>${message.recipient}</td>
        <td>${message.subject}</td>
        <td>${message.state}</td>
        <td>${String(message.subaccountId)}</td>
        <td>${when(message.stateAt)}</td>
      </tr>`,
  );
  return `<div class="wide"><table><thead><tr><th>To</th><th>Subject</th><th>State</th><th>Subaccount</th><th>Since (UTC)</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function captureTable(captures: readonly CaptureRow[]): string {
  if (captures.length === 0) return '<p>The built-in mailbox is empty.</p>';
  const rows = captures.map((capture) => {
    const subject = decodeWords(capture.subject);
    return html`<tr>
      <td>${capture.recipient}</td>
      <td><a href="/captures/${capture.id}">${subject === '' ? '(no subject)' : subject}</a></td>
      <td>${String(capture.sizeBytes)}</td>
      <td>${when(capture.at)}</td>
    </tr>`;
  });
  return `<div class="wide"><table><thead><tr><th>To</th><th>Subject</th><th>Bytes</th><th>At (UTC)</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

async function showCapture(
  world: StatusWorld,
  response: ServerResponse,
  scope: Scope,
  id: string,
): Promise<void> {
  const maySee = scope.grants.has('messages:content');
  const capture = maySee ? await world.db.scoped(scope, (tx) => findCapture(tx, id)) : null;
  if (capture === null) return sendHtml(response, 404, 'Not found', html`<p>There is no such mail.</p>`);
  const text = capture.content.subarray(0, 262_144).toString('utf8');
  const cut =
    capture.content.length > 262_144 ? html`<p>Shown are the first 256 KiB; the rest by the API.</p>` : '';
  const facts = html`<p>
    From <code>${capture.mailFrom}</code> to <code>${capture.recipient}</code>, ${String(capture.sizeBytes)}
    bytes, ${when(capture.at)} UTC
  </p>`;
  sendHtml(
    response,
    200,
    decodeWords(capture.subject),
    `${facts}<pre>${escapeHtml(text)}</pre>${cut}<p><a href="/">Back</a></p>`,
  );
  return undefined;
}

function when(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', ' ');
}
