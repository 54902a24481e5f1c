/** What an OpenID provider says of itself and of people (OpenID Connect Core 1.0, Discovery 1.0). */
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import type { GuardedRequest } from '../../base/guarded-request.ts';

export type OidcSettings = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
};

/** Who somebody is to the provider. */
export type Identity = {
  readonly subject: string;
  readonly email: string;
  readonly isEmailVerified: boolean;
  readonly name: string;
};

type Endpoints = { readonly authorization: URL; readonly token: URL; readonly keys: URL };

/** Refused by the provider, or an answer that proves nothing. */
export class OidcFault extends Error {
  override readonly name = 'OidcFault';
}

const algorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'];

export class OidcProvider {
  readonly #settings: OidcSettings;
  readonly #request: GuardedRequest;
  #endpoints: Promise<Endpoints> | null = null;

  constructor(settings: OidcSettings, request: GuardedRequest) {
    this.#settings = settings;
    this.#request = request;
  }

  /** Where a browser is sent to. `verifier` comes back to the provider with the code (RFC 7636). */
  async authorizationUrl(ask: {
    readonly redirectUri: string;
    readonly state: string;
    readonly nonce: string;
    readonly challenge: string;
  }): Promise<string> {
    const url = new URL((await this.#discover()).authorization);
    const query = {
      response_type: 'code',
      client_id: this.#settings.clientId,
      redirect_uri: ask.redirectUri,
      scope: 'openid email profile',
      state: ask.state,
      nonce: ask.nonce,
      code_challenge: ask.challenge,
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url.href;
  }

  /** Changes the code for what the provider has signed; throws an OidcFault unless it is for us and for this login. */
  async identify(given: {
    readonly code: string;
    readonly redirectUri: string;
    readonly verifier: string;
    readonly nonce: string;
  }): Promise<Identity> {
    const { token, keys } = await this.#discover();
    const { issuer, clientId, clientSecret } = this.#settings;
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      code: given.code,
      redirect_uri: given.redirectUri,
      code_verifier: given.verifier,
    });
    const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`);
    const answer = await this.#json(token, {
      method: 'POST',
      body: form.toString(),
      headers: {
        authorization: `Basic ${basic.toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
    });
    const idToken = textOf(answer, 'id_token');
    const jwks = createLocalJWKSet((await this.#json(keys)) as unknown as JSONWebKeySet);
    const { payload } = await jwtVerify(idToken, jwks, { issuer, audience: clientId, algorithms }).catch(
      (error: unknown) => {
        throw new OidcFault(`the ID token is not valid: ${error instanceof Error ? error.message : ''}`);
      },
    );
    if (payload['nonce'] !== given.nonce) throw new OidcFault('the ID token is of another login');
    const subject = textOf(payload, 'sub');
    if (subject === '') throw new OidcFault('the ID token names nobody');
    return {
      subject,
      email: textOf(payload, 'email').toLowerCase(),
      isEmailVerified: payload['email_verified'] === true,
      name: textOf(payload, 'name'),
    };
  }

  /** Asked once; a failure is asked again. */
  #discover(): Promise<Endpoints> {
    const asked = (this.#endpoints ??= this.#readConfiguration());
    asked.catch(() => {
      if (this.#endpoints === asked) this.#endpoints = null;
    });
    return asked;
  }

  async #readConfiguration(): Promise<Endpoints> {
    const { issuer } = this.#settings;
    const answer = await this.#json(new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`));
    // Discovery 4.3: else one provider could speak for another.
    if (answer['issuer'] !== issuer)
      throw new OidcFault('the provider calls itself otherwise than the setting');
    const endpoint = (name: string): URL => {
      const text = textOf(answer, name);
      const url = URL.canParse(text) ? new URL(text) : null;
      const isSafe = url?.protocol === 'https:' || url?.protocol === new URL(issuer).protocol;
      if (url === null || !isSafe) throw new OidcFault(`the provider has no safe ${name}`);
      return url;
    };
    return {
      authorization: endpoint('authorization_endpoint'),
      token: endpoint('token_endpoint'),
      keys: endpoint('jwks_uri'),
    };
  }

  async #json(
    url: URL,
    more: Omit<Parameters<GuardedRequest>[0], 'url'> = { method: 'GET' },
  ): Promise<Record<string, unknown>> {
    const { status, body } = await this.#request({ url, ...more }).catch((error: unknown) => {
      throw new OidcFault(`the provider does not answer: ${error instanceof Error ? error.message : ''}`);
    });
    if (status !== 200) throw new OidcFault(`the provider answers ${status}`);
    try {
      const value: unknown = JSON.parse(body);
      if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
    } catch {
      // Said below, like any other text that is no object.
    }
    throw new OidcFault('the provider answers something else than JSON');
  }
}

function textOf(from: Readonly<Record<string, unknown>>, name: string): string {
  const value = from[name];
  return typeof value === 'string' ? value : '';
}
