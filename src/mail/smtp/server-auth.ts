/** AUTH PLAIN (RFC 4616) and LOGIN as exchanges: pure. */

export type AuthStep =
  | { readonly kind: 'challenge'; readonly text: string }
  | { readonly kind: 'failed'; readonly enhanced: string; readonly text: string }
  | { readonly kind: 'credentials'; readonly user: string; readonly secret: string };

const loginPrompts = { user: 'VXNlcm5hbWU6', secret: 'UGFzc3dvcmQ6' } as const;

export class AuthExchange {
  readonly mechanism: 'PLAIN' | 'LOGIN';
  #user: string | null = null;

  constructor(mechanism: 'PLAIN' | 'LOGIN') {
    this.mechanism = mechanism;
  }

  /** What the client is asked first. */
  challenge(): string {
    return this.mechanism === 'LOGIN' ? loginPrompts.user : '';
  }

  step(line: string): AuthStep {
    if (line === '*') return { kind: 'failed', enhanced: '5.7.0', text: 'cancelled' };
    const bytes = decode(line);
    if (bytes === null) return { kind: 'failed', enhanced: '5.5.2', text: 'that is not base64' };
    if (this.mechanism === 'PLAIN') return plain(bytes);
    if (this.#user === null) {
      this.#user = bytes.toString('utf8');
      return { kind: 'challenge', text: loginPrompts.secret };
    }
    return { kind: 'credentials', user: this.#user, secret: bytes.toString('utf8') };
  }
}

function decode(text: string): Buffer | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  return Buffer.from(text, 'base64');
}

/** [authzid] NUL authcid NUL passwd; acting for another identity is not offered. */
function plain(bytes: Buffer): AuthStep {
  const [, user, secret, ...more] = bytes.toString('utf8').split('\0');
  if (user === undefined || secret === undefined || more.length > 0) {
    return { kind: 'failed', enhanced: '5.5.2', text: 'that is not a PLAIN response' };
  }
  return { kind: 'credentials', user, secret };
}
