/** The one-time login link (first start, `lettershop login-link`) as a way to log in like the others. */
import type { BetterAuthPlugin } from 'better-auth';
import { APIError, createAuthEndpoint, freshSessionMiddleware } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { hashSecret } from '../../base/secrets.ts';
import type { LinkHost } from './link-host.ts';
import type { LoginPlace } from './place.ts';
import { hashPassword, passwordLengthMax, passwordLengthMin } from './password.ts';
import { insertPassword, takeLink } from './sql.ts';

/** `POST /login-link {token}`: uses the link up and opens a session. */
export function linkPlugin({ db, clock }: { db: Database; clock: Clock }): BetterAuthPlugin {
  return {
    id: 'login-link',
    endpoints: {
      loginLink: createAuthEndpoint('/login-link', { method: 'POST' }, async (ctx) => {
        const token = textOf(ctx.body, 'token');
        const userId = await takeLink(db.engine, hashSecret(token), new Date(clock.now()));
        const user = userId === null ? null : await ctx.context.internalAdapter.findUserById(userId);
        if (user === null)
          throw new APIError('UNAUTHORIZED', { message: 'This link was used or is too old' });
        const session = await ctx.context.internalAdapter.createSession(user.id);
        await setSessionCookie(ctx, { session, user });
        return ctx.json({ done: true });
      }),
    },
  };
}

type PasswordWorld = {
  readonly db: Database;
  readonly place: LoginPlace;
  readonly linkHost: (host: string, userId: string) => Promise<LinkHost | null>;
};

/**
 * `POST /set-password {newPassword}`: for who has logged in within the hour and has none yet; who has one changes it. A password
 * is good everywhere: at a brand's host only for whom a link to set one would lead there, too.
 */
export function passwordPlugin({ db, place, linkHost }: PasswordWorld): BetterAuthPlugin {
  return {
    id: 'set-password',
    endpoints: {
      setFirstPassword: createAuthEndpoint(
        '/set-password',
        { method: 'POST', use: [freshSessionMiddleware] },
        async (ctx) => {
          const password = textOf(ctx.body, 'newPassword');
          if (password.length < passwordLengthMin || password.length > passwordLengthMax)
            throw new APIError('BAD_REQUEST', {
              message: `The password must have ${passwordLengthMin} to ${passwordLengthMax} characters`,
            });
          const userId = ctx.context.session.user.id;
          if (place.host !== null && (await linkHost(place.host, userId)) === null)
            throw new APIError('FORBIDDEN', {
              message: 'You also work elsewhere: set your password there, or by a mail with a link',
            });
          const hash = await hashPassword(password);
          const isFirst = await db.asEngine((tx) => insertPassword(tx, userId, hash));
          if (!isFirst) throw new APIError('CONFLICT', { message: 'There is a password already: change it' });
          return ctx.json({ done: true });
        },
      ),
    },
  };
}

/** A text of a body that nobody has checked yet; empty when there is none. */
export function textOf(body: unknown, name: string): string {
  const value =
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' && value.length <= 1000 ? value : '';
}
