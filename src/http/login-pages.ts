/** Forms without scripts around `/api/auth`, until the console exists: log in, reset, accept an invitation. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuseCrossSite } from './credential.ts';
import { readBody } from './login-door.ts';
import type { LoginDoor } from './login-door.ts';
import type { PageFacts } from './pages.ts';
import { html, sendHtml } from './status-html.ts';

export type LoginPagesWorld = {
  readonly door: LoginDoor;
  /** Somebody has logged in: what was printed for the first login may go. */
  readonly onLogin: () => Promise<void>;
};

type Visit = {
  readonly world: LoginPagesWorld;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly facts: PageFacts;
};

/** False: the path is not one of these. */
export async function loginPage(visit: Visit, path: string): Promise<boolean> {
  const found = /^\/(login|reset|invitation|logout)(?:\/([\w-]{1,100}))?$/.exec(path);
  if (found === null) return false;
  const [, noun = '', token = ''] = found;
  const isPost = visit.request.method === 'POST';
  if (isPost) refuseCrossSite(visit.request.headers);
  const form = isPost ? new URLSearchParams(await readBody(visit.request, formType)) : null;
  await answers[noun]?.(visit, token, form);
  return answers[noun] !== undefined;
}

const formType = 'application/x-www-form-urlencoded';
const notLinked = html`<p role="alert">
  The provider did not log you in: it must know your address as verified, and the address must have access
  here.
</p>`;
type Answer = (visit: Visit, token: string, form: URLSearchParams | null) => Promise<void>;

const answers: Readonly<Record<string, Answer>> = {
  login: (visit, token, form) => {
    if (token === 'code') return secondStep(visit, form);
    if (token === 'refused') return show(visit, 403, 'Log in', notLinked + loginForm());
    if (token !== '') return byLink(visit, token, form);
    return form === null ? show(visit, 200, 'Log in', loginForm()) : byPassword(visit, form);
  },
  reset: (visit, token, form) => (token === '' ? askReset(visit, form) : setPassword(visit, token, form)),
  invitation,
  logout: async (visit, _token, form) => {
    if (form === null) return home(visit, []);
    const answer = await ask(visit, '/sign-out', {});
    return home(visit, answer.headers.getSetCookie());
  },
};

function ask({ world, request, facts }: Visit, path: string, body: object): Promise<Response> {
  return world.door.call(path, body, { headers: request.headers, remoteAddress: facts.remoteAddress });
}

export function loginForm(): string {
  return html`<form method="post" action="/login">
      <p>
        <label>Address <input name="email" type="email" autocomplete="username" required /></label>
      </p>
      <p>
        <label
          >Password <input name="password" type="password" autocomplete="current-password" required
        /></label>
      </p>
      <button>Log in</button>
    </form>
    <p><a href="/reset">Set a new password</a></p>`;
}

const codeForm = html`<form method="post" action="/login/code">
  <p>
    <label>Code <input name="code" autocomplete="one-time-code" required /></label>
  </p>
  <button>Go on</button>
  <p>Of your authenticator, or one of your backup codes.</p>
</form>`;

async function byPassword(visit: Visit, form: URLSearchParams): Promise<void> {
  const credentials = { email: form.get('email') ?? '', password: form.get('password') ?? '' };
  const answer = await ask(visit, '/sign-in/email', credentials);
  if (!answer.ok) return fail(visit, answer, loginForm());
  const { twoFactorRedirect } = (await answer.json()) as { twoFactorRedirect?: boolean };
  const cookies = answer.headers.getSetCookie();
  if (twoFactorRedirect === true) {
    visit.response.setHeader('set-cookie', cookies);
    return show(visit, 200, 'Log in', codeForm);
  }
  await visit.world.onLogin();
  return home(visit, cookies);
}

async function secondStep(visit: Visit, form: URLSearchParams | null): Promise<void> {
  if (form === null) return show(visit, 200, 'Log in', codeForm);
  const code = (form.get('code') ?? '').trim();
  const path = /^\d{6}$/.test(code) ? '/two-factor/verify-totp' : '/two-factor/verify-backup-code';
  const answer = await ask(visit, path, { code });
  if (!answer.ok) return fail(visit, answer, codeForm);
  await visit.world.onLogin();
  return home(visit, answer.headers.getSetCookie());
}

/** A GET only asks: a link scanner must not use the link up. */
async function byLink(visit: Visit, token: string, form: URLSearchParams | null): Promise<void> {
  if (form === null) {
    const body = html`<form method="post" action="/login/${token}">
      <p>This link works once.</p>
      <button>Log in</button>
    </form>`;
    return show(visit, 200, 'Log in', body);
  }
  const answer = await ask(visit, '/login-link', { token });
  if (!answer.ok) {
    const body = html`<p>
      This link was used or is too old. Make another: <code>npm run lettershop -- login-link</code>
    </p>`;
    return show(visit, 404, 'Log in', body);
  }
  await visit.world.onLogin();
  return home(visit, answer.headers.getSetCookie());
}

async function askReset(visit: Visit, form: URLSearchParams | null): Promise<void> {
  if (form === null) {
    const body = html`<form method="post" action="/reset">
      <p>
        <label>Address <input name="email" type="email" autocomplete="username" required /></label>
      </p>
      <button>Mail me a link</button>
    </form>`;
    return show(visit, 200, 'Set a new password', body);
  }
  const answer = await ask(visit, '/request-password-reset', { email: form.get('email') ?? '' });
  if (answer.status === 429) return fail(visit, answer, '');
  return show(
    visit,
    200,
    'Set a new password',
    html`<p>If this address has a login, a mail with a link is on its way.</p>`,
  );
}

async function setPassword(visit: Visit, token: string, form: URLSearchParams | null): Promise<void> {
  const body = html`<form method="post" action="/reset/${token}">
    <p>
      <label
        >New password <input name="password" type="password" autocomplete="new-password" required
      /></label>
    </p>
    <button>Set it</button>
  </form>`;
  if (form === null) return show(visit, 200, 'Set a new password', body);
  const answer = await ask(visit, '/reset-password', { token, newPassword: form.get('password') ?? '' });
  if (!answer.ok) return fail(visit, answer, body);
  return show(visit, 200, 'Log in', html`<p>Your new password is set.</p>` + loginForm());
}

async function invitation(visit: Visit, token: string, form: URLSearchParams | null): Promise<void> {
  const read = await ask(visit, '/invitation/read', { token });
  if (!read.ok) return fail(visit, read, '');
  const offer = (await read.json()) as { email: string; accountName: string; needsPassword: boolean };
  const fresh = html`<p>
      <label>Your name <input name="name" autocomplete="name" /></label>
    </p>
    <p>
      <label>Password <input name="password" type="password" autocomplete="new-password" required /></label>
    </p>`;
  const body =
    html`<p>The account <b>${offer.accountName}</b> invites <b>${offer.email}</b>.</p>
      <form method="post" action="/invitation/${token}">` +
    `${offer.needsPassword ? fresh : ''}<button>Accept</button></form>`;
  if (form === null) return show(visit, 200, 'Invitation', body);
  const password = form.get('password') ?? '';
  const answer = await ask(visit, '/invitation/accept', { token, name: form.get('name') ?? '', password });
  if (!answer.ok) return fail(visit, answer, body);
  if (!offer.needsPassword)
    return show(
      visit,
      200,
      'Invitation',
      html`<p>You are in.</p>
        <p><a href="/">Go on</a></p>`,
    );
  const login = await ask(visit, '/sign-in/email', { email: offer.email, password });
  return home(visit, login.headers.getSetCookie());
}

async function fail(visit: Visit, answer: Response, body: string): Promise<void> {
  const { message = 'This did not work' } = (await answer.json().catch(() => ({}))) as { message?: string };
  return show(visit, answer.status, 'Not yet', html`<p role="alert">${message}</p>` + body);
}

function show({ response }: Visit, status: number, title: string, body: string): Promise<void> {
  sendHtml(response, status, title, body);
  return Promise.resolve();
}

function home({ response }: Visit, cookies: readonly string[]): Promise<void> {
  response.writeHead(303, { location: '/', ...(cookies.length === 0 ? {} : { 'set-cookie': [...cookies] }) });
  response.end();
  return Promise.resolve();
}
