/**
 * OAuth 2 client credentials (RFC 6749 4.4): a token is asked for when there is none, when its time is over, and once more
 * when an endpoint does not take it. Kept in memory, per node; the tokens' endpoint is reached as every address of a tenant.
 */
import type { Keyring } from '../../base/seal.ts';
import type { Endpoint } from './model.ts';
import type { Answer, Post } from './post.ts';
import { sealedText } from './secrets.ts';

/** How the error of a request begins whose token could not be had. */
export const tokenFault = 'no token:';

type Credentials = { readonly url: string; readonly body: Readonly<Record<string, string>> };
type Token = { readonly sealed: Buffer; readonly text: string; readonly untilMs: number };

const usualSeconds = 3600;
/** Asked for again before it ends. */
const spareSeconds = 30;
const answerBytesMax = 65_536;
const keptMax = 10_000;

export class Tokens {
  readonly #post: Post;
  readonly #kept = new Map<string, Token>();

  constructor(post: Post) {
    this.#post = post;
  }

  /** The request with the webhook's token on it; a 400 or 401 is answered with a new one, once. */
  async send(
    ring: Keyring,
    webhook: Pick<Endpoint, 'id' | 'url' | 'authKind' | 'sealedAuth'>,
    request: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
    signal: AbortSignal,
  ): Promise<Answer> {
    const { sealedAuth: sealed, url } = webhook;
    if (webhook.authKind !== 'oauth2' || sealed === null)
      return this.#post(url, request.headers, request.body, signal);
    const credentials = JSON.parse(sealedText(ring, webhook.id, sealed)) as Credentials;
    const kept = this.#kept.get(webhook.id);
    const isKept = kept !== undefined && kept.sealed.equals(sealed) && kept.untilMs > performance.now();
    let token = isKept ? kept.text : await this.#ask(webhook.id, sealed, credentials, signal);
    for (let tries = isKept ? 2 : 1; ; tries--) {
      if (typeof token !== 'string') return token;
      const headers = { ...request.headers, authorization: `Bearer ${token}` };
      const answer = await this.#post(url, headers, request.body, signal);
      const { outcome } = answer;
      const isDenied = outcome.kind === 'refused' && (outcome.status === 400 || outcome.status === 401);
      if (!isDenied || tries === 1) return answer;
      token = await this.#ask(webhook.id, sealed, credentials, signal);
    }
  }

  /** The token; or what the request came to for want of one. */
  async #ask(
    id: string,
    sealed: Buffer,
    { url, body }: Credentials,
    signal: AbortSignal,
  ): Promise<string | Answer> {
    const form = new URLSearchParams({ grant_type: 'client_credentials', ...body }).toString();
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      'user-agent': 'Lettershop-Webhooks',
    };
    const answer = await this.#post(url, headers, form, signal, answerBytesMax);
    const { outcome } = answer;
    const none = (why: string): Answer => ({
      outcome: { kind: 'unreachable', error: `${tokenFault} ${why}`, ms: outcome.ms },
      headers: '',
      body: '',
    });
    this.#kept.delete(id);
    if (outcome.kind === 'unreachable') return none(outcome.error);
    if (outcome.kind === 'refused') return none(`the token endpoint answered ${outcome.status}`);
    const told = read(answer.body);
    if (told === null) return none('the answer of the token endpoint holds no access_token');
    const seconds = Math.max(0, told.seconds - spareSeconds);
    this.#kept.set(id, { sealed, text: told.text, untilMs: performance.now() + seconds * 1000 });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= keptMax) break;
      this.#kept.delete(oldest);
    }
    return told.text;
  }
}

/** RFC 6749 5.1 and 6750 2.1. */
function read(body: string): { readonly text: string; readonly seconds: number } | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !('access_token' in value)) return null;
  const { access_token: text, expires_in: seconds } = value as Readonly<Record<string, unknown>>;
  if (typeof text !== 'string' || !/^[\x21-\x7e]{1,8192}$/.test(text)) return null;
  const life = Number(seconds ?? usualSeconds);
  return { text, seconds: Number.isFinite(life) ? life : usualSeconds };
}
