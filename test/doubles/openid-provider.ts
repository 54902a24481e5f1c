/** An OpenID provider on loopback: discovery, keys and tokens; who logs in there, the test says. */
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export type Claims = Readonly<Record<string, unknown>>;

export class OpenIdProvider implements AsyncDisposable {
  readonly clientId = 'lettershop';
  readonly clientSecret = 'a secret between the two';
  /** Tampering: claims that the next ID tokens have instead. */
  lies: Claims = {};
  /** Tampering: the issuer that discovery tells. */
  calledOtherwise: string | null = null;
  tokensAsked = 0;
  readonly #codes = new Map<
    string,
    { claims: Claims; nonce: string; challenge: string; redirectUri: string }
  >();
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  readonly #keys = generateKeyPair('ES256', { extractable: true });

  async start(): Promise<this> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return this;
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What a browser does there: somebody logs in; the address that it is sent back to. */
  logIn(authorizationUrl: string, claims: Claims): string {
    const { searchParams } = new URL(authorizationUrl);
    const code = randomBytes(16).toString('hex');
    const redirectUri = searchParams.get('redirect_uri') ?? '';
    this.#codes.set(code, {
      claims,
      redirectUri,
      nonce: searchParams.get('nonce') ?? '',
      challenge: searchParams.get('code_challenge') ?? '',
    });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', searchParams.get('state') ?? '');
    return back.pathname + back.search;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { issuer } = this;
    if (request.url === '/.well-known/openid-configuration')
      return json(response, 200, {
        issuer: this.calledOtherwise ?? issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
      });
    if (request.url === '/token') return this.#token(request, response);
    if (request.url !== '/keys') return json(response, 404, {});
    const jwk = await exportJWK((await this.#keys).publicKey);
    return json(response, 200, { keys: [{ ...jwk, kid: '1', alg: 'ES256', use: 'sig' }] });
  }

  async #token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.tokensAsked += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const basic = Buffer.from(`${this.clientId}:${encodeURIComponent(this.clientSecret)}`).toString('base64');
    const given = this.#codes.get(form.get('code') ?? '');
    this.#codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isRight =
      request.headers.authorization === `Basic ${basic}` &&
      given?.challenge === challenge &&
      given.redirectUri === form.get('redirect_uri');
    if (!isRight) return json(response, 400, { error: 'invalid_grant' });
    const token = await new SignJWT({
      iss: this.issuer,
      aud: this.clientId,
      nonce: given.nonce,
      exp: Math.floor(Date.now() / 1000) + 300,
      ...given.claims,
      ...this.lies,
    })
      .setProtectedHeader({ alg: 'ES256', kid: '1' })
      .sign((await this.#keys).privateKey);
    return json(response, 200, { id_token: token, access_token: 'x', token_type: 'Bearer' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
